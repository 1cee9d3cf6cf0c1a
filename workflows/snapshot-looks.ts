/** The newest snapshot of every WorkSpace of a plan. */
import { isGoing, leftOut, withSnapshot } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { PlanRow } from '../domain/upgrade-plan.ts';
import { snapshotLooks } from './activities.ts';
import { Lane } from './batches.ts';
import { chunks } from './fleet-reading.ts';

/** So many at once keep the limited queue busy. */
const LOOKS_AT_ONCE = 5;
/** An activity each for ten thousand WorkSpaces would make a history too long: where there are more, one looks at several. */
const MOST_ACTIVITIES = 500;

export async function lookAtSnapshots(
  input: ImageUpgradeInput,
  at: string,
  rows: readonly PlanRow[],
): Promise<PlanRow[]> {
  const { target } = input;
  const deadline = Date.parse(at) + input.waitTimeoutMinutes * 60_000;
  const ids = rows.filter(isGoing).map(({ workspaceId }) => workspaceId);
  const size = Math.max(1, Math.ceil(ids.length / MOST_ACTIVITIES));
  const lane = new Lane(LOOKS_AT_ONCE);
  const seen = await Promise.all(
    chunks(ids, size).map((workspaceIds) =>
      lane.pass(() => snapshotLooks(target).describeNewestSnapshots({ target, workspaceIds })),
    ),
  );
  const looks = new Map(seen.flat().map((look) => [look.workspaceId, look]));
  return rows.map((row) => {
    const look = looks.get(row.workspaceId);
    if (!look) return row;
    return look.gone ? leftOut(row, { code: 'gone' }) : withSnapshot(row, look.snapshot, deadline);
  });
}
