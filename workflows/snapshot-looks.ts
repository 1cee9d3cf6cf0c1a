/** The newest snapshot of every WorkSpace of a plan. */
import { leftOut, withSnapshot } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { newest } from '../domain/snapshots.ts';
import type { PlanRow } from '../domain/upgrade-plan.ts';
import { workspacesCalls } from './activities.ts';
import { Lane } from './batches.ts';
import { troubleOf } from './failures.ts';

/** One call each; so many at once keep the limited queue busy. */
const LOOKS_AT_ONCE = 5;

export async function lookAtSnapshots(
  input: ImageUpgradeInput,
  at: string,
  rows: readonly PlanRow[],
): Promise<PlanRow[]> {
  const { target } = input;
  const deadline = Date.parse(at) + input.waitTimeoutMinutes * 60_000;
  const lane = new Lane(LOOKS_AT_ONCE);
  return await Promise.all(
    rows.map(async (row) => {
      if (row.verdict === 'skipped') return row;
      const look = () => workspacesCalls(target).describeSnapshots({ target, workspaceId: row.workspaceId });
      try {
        const { snapshots } = await lane.pass(look);
        return withSnapshot(row, newest(snapshots), deadline);
      } catch (error) {
        if (troubleOf(error)?.type !== 'NotFound') throw error;
        return leftOut(row, { code: 'gone' });
      }
    }),
  );
}
