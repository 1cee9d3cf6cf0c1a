/** What a preflight says of a rig's fleet, without anything being changed. */
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import type { PlanRow, PlanSummary } from '../../domain/upgrade-plan.ts';
import type { imageUpgradePlan } from '../../workflows/image-upgrade-plan.ts';
import { imageUpgradePlanId, planRowsQuery } from '../../workflows/image-upgrade.messages.ts';
import { upgradeInput, type Rig } from './upgrade.ts';

export interface Plan {
  readonly summary: PlanSummary;
  readonly rows: readonly PlanRow[];
}

export async function planOf(rig: Rig, input: ImageUpgradeInput = upgradeInput()): Promise<Plan> {
  const handle = await rig.client.workflow.start<typeof imageUpgradePlan>('imageUpgradePlan', {
    workflowId: imageUpgradePlanId(input.target, input.bundleId),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
  const summary = await handle.result();
  const page = await handle.query(planRowsQuery, { offset: 0, limit: 1000 });
  return { summary, rows: page.rows };
}
