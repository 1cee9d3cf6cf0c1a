/** What runs ask of Temporal itself: locks, the schedule that started them, whether another run still lives. */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import {
  ScheduleNotFoundError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { alive } from './alive.ts';
import { STEER_COHORT, type CohortAnswer, type CohortCommand } from '../domain/cohort-steering.ts';
import { TASK_QUEUE, type Target } from '../domain/target.ts';
import type { Workflow } from '@temporalio/common';
import { EXCHANGE_LOCKS, workspaceLocksId, type LockAnswer, type LockExchange } from '../domain/workspace-locks.ts';

export interface RunsDeps {
  readonly client: Client;
}

export const createRunsActivities = ({ client }: RunsDeps) => ({
  /**
   * Gives locks back and takes others, in one message. Repeating it changes nothing: a holder is granted what it holds. The
   * locks of a holder that does not run any more are free.
   */
  async exchangeLocks(input: {
    readonly target: Target;
    readonly release: readonly string[];
    readonly acquire: readonly string[];
  }): Promise<LockAnswer> {
    const holder = activityInfo().workflowExecution?.workflowId;
    if (!holder) throw ApplicationFailure.nonRetryable('locks are held by workflows', 'InvalidInput');
    const { release, acquire } = input;
    const exchange = { holder, release, acquire, evict: [] };
    return await calling('exchange locks', async () => {
      const answer = await exchangeWithStart(client, input.target, exchange);
      const dead = await notRunning(
        client,
        answer.refused.map((each) => each.holder),
      );
      if (dead.length === 0) return answer;
      return await exchangeWithStart(client, input.target, { ...exchange, evict: dead });
    });
  },

  /** Which of these workflows are not running (any more), and which of those are not known here (any more). */
  async endedRuns(input: {
    readonly workflowIds: readonly string[];
  }): Promise<{ readonly ended: string[]; readonly unknown: string[] }> {
    return await calling('describe workflows', async () => await lookAtRuns(client, input.workflowIds));
  },

  /** Has each cohort do it and answer; one that does not run any more does nothing. Doing it twice is the same as once. */
  async steerCohorts(input: {
    readonly cohorts: readonly string[];
    readonly command: CohortCommand;
  }): Promise<{ readonly answers: readonly CohortAnswer[] }> {
    return await alive(async () => {
      // All at once: one that gives no answer must not keep the others from hearing of it.
      const answers = await Promise.all(input.cohorts.map((id) => steerCohort(client, id, input.command)));
      return { answers };
    });
  },

  /** Whether the schedule exists. */
  async scheduleExists(input: { readonly scheduleId: string }): Promise<boolean> {
    try {
      await client.schedule.getHandle(input.scheduleId).describe();
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  },

  /** Deletes the schedule; one that is gone is as good. */
  async deleteSchedule(input: { readonly scheduleId: string }): Promise<void> {
    try {
      await client.schedule.getHandle(input.scheduleId).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  },
});

const ENDED: CohortAnswer = { done: 0, refused: null, ended: true };

async function steerCohort(client: Client, id: string, command: CohortCommand): Promise<CohortAnswer> {
  const handle = client.workflow.getHandle(id);
  return await calling(`steer ${id}`, async () => {
    try {
      return await handle.executeUpdate<CohortAnswer, [CohortCommand]>(STEER_COHORT, {
        args: [command],
        // A repeated attempt is answered as the first one was.
        updateId: `${activityInfo().workflowExecution?.runId ?? ''}/${activityInfo().activityId}`,
      });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return ENDED;
      throw error;
    }
  });
}

/** Temporal is back sooner or later: what it does not answer now is asked again. */
export async function calling<T>(what: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const message = `${what}: ${(error as Error).message}`;
    throw ApplicationFailure.create({ type: 'Unavailable', message, details: [{ code: (error as Error).name }] });
  }
}

async function exchangeWithStart(client: Client, target: Target, exchange: LockExchange): Promise<LockAnswer> {
  return await client.workflow.executeUpdateWithStart<Workflow, LockAnswer, [LockExchange]>(EXCHANGE_LOCKS, {
    args: [exchange],
    startWorkflowOperation: new WithStartWorkflowOperation('workspaceLocks', {
      workflowId: workspaceLocksId(target),
      taskQueue: TASK_QUEUE,
      args: [{ held: {} }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'which WorkSpaces an operation holds, one at a time',
    }),
  });
}

/** Runs of this namespace: one that it has forgotten is over. */
export const notRunning = async (client: Client, workflowIds: readonly string[]): Promise<string[]> =>
  (await lookAtRuns(client, workflowIds)).ended;

async function lookAtRuns(
  client: Client,
  workflowIds: readonly string[],
): Promise<{ readonly ended: string[]; readonly unknown: string[] }> {
  const ended: string[] = [];
  const unknown: string[] = [];
  for (const workflowId of new Set(workflowIds)) {
    try {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'RUNNING' && status.name !== 'CONTINUED_AS_NEW') ended.push(workflowId);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      ended.push(workflowId);
      unknown.push(workflowId);
    }
  }
  return { ended, unknown };
}
