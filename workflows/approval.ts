/** Nothing is changed before a person has approved the plan by its hash. */
import { condition, sleep } from '@temporalio/workflow';
import { imageChanged } from '../domain/plan-limits.ts';
import type { Problem } from '../domain/upgrade-plan.ts';
import { workspacesCalls } from './activities.ts';
import { troubleOf } from './failures.ts';
import { enter, tellOperators, type Run } from './upgrade-run.ts';

/** Null: approved, and the bundle carries what it did; or aborted meanwhile. */
export async function awaitApproval(run: Run): Promise<Problem | null> {
  const { input, state } = run;
  const hash = state.plan?.hash ?? '';
  const expiresAt = new Date(Date.parse(state.now) + input.approval.expiresMinutes * 60_000).toISOString();
  state.approvalExpiresAt = expiresAt;
  enter(run, 'awaitingApproval');
  const { eligible = 0, later = 0 } = state.plan?.counts ?? {};
  await tellOperators(
    run,
    `Upgrade of ${input.bundleId} waits for approval`,
    `Plan ${hash} would upgrade ${eligible + later} WorkSpaces. Approve it until ${expiresAt} with: holdfast upgrade approve ${hash}`,
  );
  const isDecided = (): boolean => state.approved !== null || state.aborted !== null;
  const decided = await condition(isDecided, input.approval.expiresMinutes * 60_000);
  state.approvalExpiresAt = null;
  if (decided) return await lookAgain(run);
  const message = `nobody approved plan ${hash} within ${input.approval.expiresMinutes} minutes: start it again, and approve it in time`;
  return { code: 'approval', message };
}

/**
 * Days may have passed: the WorkSpaces wait for their snapshots from now on, and somebody may have set the bundle to another
 * image, which going back to the one before would undo. What the bundle carries must be known before it is set.
 */
async function lookAgain({ input, state }: Run): Promise<Problem | null> {
  const { target, bundleId } = input;
  const planned = state.plan?.previousImageId ?? null;
  for (;;) {
    try {
      const { at, bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
      state.now = at;
      return state.aborted ? null : imageChanged(bundleId, { planned, present: bundle?.imageId ?? null });
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return state.aborted ? null : { code: 'bundle', message: trouble.message };
    }
    await sleep('1 minute');
  }
}
