/** Reservations of scarce numbers, kept by one workflow each: see `limits.ts` of the domain. */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { EXCHANGE_LEASE, limitId, type LeaseAnswer, type LeaseRequest } from '../domain/limits.ts';
import { TASK_QUEUE, type Target } from '../domain/target.ts';
import { calling, notRunning, type RunsDeps } from './runs.ts';

interface LeaseInput {
  readonly target: Target;
  readonly name: string;
  /** Null: none, which gives back or only looks. */
  readonly units: number | null;
}

export const createLimitsActivities = ({ client }: RunsDeps) => ({
  /**
   * Has so many units reserved for the workflow that asks. Repeating it changes nothing: it keeps its place. Others
   * that do not run any more lose theirs.
   */
  async exchangeLease(input: LeaseInput): Promise<LeaseAnswer> {
    const holder = activityInfo().workflowExecution?.workflowId;
    if (!holder) throw ApplicationFailure.nonRetryable('leases are held by workflows', 'InvalidInput');
    const { units } = input;
    return await calling('exchange a lease', async () => {
      const answer = await exchange(client, input, { holder, units, evict: [] });
      const dead = await notRunning(client, answer.holders);
      if (dead.length === 0) return answer;
      return await exchange(client, input, { holder, units, evict: dead });
    });
  },
});

async function exchange(client: Client, { target, name }: LeaseInput, request: LeaseRequest): Promise<LeaseAnswer> {
  return await client.workflow.executeUpdateWithStart<Workflow, LeaseAnswer, [LeaseRequest]>(EXCHANGE_LEASE, {
    args: [request],
    startWorkflowOperation: new WithStartWorkflowOperation('limit', {
      workflowId: limitId(target, name),
      taskQueue: TASK_QUEUE,
      args: [{ leases: [] }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `who reserves how many ${name}`,
    }),
  });
}
