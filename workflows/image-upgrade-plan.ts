/** What an upgrade would do: read-only, nothing is changed. Its rows can be asked for by page, also after its end. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { PlanRow, PlanSummary } from '../domain/upgrade-plan.ts';
import { preflight } from './image-upgrade-preflight.ts';
import { planRowsQuery } from './image-upgrade.messages.ts';
import { validInput } from './input.ts';

export async function imageUpgradePlan(raw: ImageUpgradeInput): Promise<PlanSummary> {
  let rows: readonly PlanRow[] = [];
  setHandler(planRowsQuery, ({ offset, limit }) => ({ rows: rows.slice(offset, offset + limit), of: rows.length }));
  setCurrentDetails('Reading the fleet; nothing is changed');
  const plan = await preflight(validInput(raw), { plan: true });
  rows = plan.rows;
  const { counts, problems } = plan.summary;
  setCurrentDetails(
    `${counts.eligible + counts.later} of ${counts.selected} WorkSpaces would be upgraded, ${problems.length} problems`,
  );
  return plan.summary;
}
