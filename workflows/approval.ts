/** Nothing is changed before a person has approved the plan by its hash. */
import { condition, sleep } from '@temporalio/workflow';
import type { Problem } from '../domain/upgrade-plan.ts';
import { workspacesCalls } from './activities.ts';
import { troubleOf } from './failures.ts';
import { enter, tellOperators, type Run } from './upgrade-run.ts';

/** Null: approved, or aborted meanwhile. */
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
  if (decided) {
    await lookAtTheTime(run);
    return null;
  }
  const message = `nobody approved plan ${hash} within ${input.approval.expiresMinutes} minutes: start it again, and approve it in time`;
  return { code: 'approval', message };
}

/** Hours may have passed: the WorkSpaces wait for their snapshots from now on. */
async function lookAtTheTime({ input, state }: Run): Promise<void> {
  const { target, bundleId } = input;
  for (;;) {
    try {
      state.now = (await workspacesCalls(target).describeBundle({ target, bundleId })).at;
      return;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return;
    }
    await sleep('1 minute');
  }
}
