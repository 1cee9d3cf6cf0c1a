/** What the watchdog and scheduled runs ask of Temporal: how schedules stand, and that a run be ended in order. */
import { activityInfo } from '@temporalio/activity';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { alive } from './alive.ts';
import { listScheduleIds, readable, UNREADABLE } from '../domain/schedule-reads.ts';
import { sightOf, type Look, type ScheduleSight } from '../domain/schedule-sight.ts';
import { fileNameOf, isOurs, isWatchdog } from '../domain/schedules.ts';

export interface SchedulesDeps {
  readonly client: Client;
}

export const createSchedulesActivities = ({ client }: SchedulesDeps) => ({
  /**
   * Reads all schedules that were applied from a file of that name, but watchdogs. Changes nothing. A new one may be
   * missing from Temporal's list for a moment, so those that are known are asked for by their ids.
   */
  async describeSchedules(input: {
    readonly known: readonly string[];
    readonly file: string | null;
  }): Promise<{ readonly sights: readonly ScheduleSight[] }> {
    return await alive(async () => {
      const { prefixed } = await listScheduleIds(client);
      const sights: ScheduleSight[] = [];
      for (const id of new Set([...input.known, ...prefixed]))
        if (!isWatchdog(id)) sights.push(...(await describe(client, id, input.file)));
      return { sights };
    });
  },

  /** Whether that run was there, and did not come too late. Changes nothing. */
  async hasRun(input: { readonly workflowId: string }): Promise<{ readonly hasRun: boolean }> {
    const run = await lookWith(client)(input.workflowId);
    return { hasRun: run !== null && run.outcome !== 'tooLate' };
  },

  /**
   * Has a run end in order, and does not wait for its end. One that is over is as good, as is one that refuses because it
   * is ending already. Repeated, it is told once, and never a later run of the same id.
   */
  async abortRun(input: {
    readonly workflowId: string;
    readonly firstExecutionRunId: string;
    readonly by: string;
    readonly reason: string;
  }): Promise<void> {
    const { workflowId, firstExecutionRunId, by, reason } = input;
    try {
      await client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId }).executeUpdate('abort', {
        args: [{ by, reason }],
        updateId: `${activityInfo().workflowExecution?.runId ?? ''}/${activityInfo().activityId}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError)) throw error;
    }
  },
});

/** None where it is gone, or of others. */
async function describe(client: Client, scheduleId: string, file: string | null): Promise<ScheduleSight[]> {
  const about = await readable(() => client.schedule.getHandle(scheduleId).describe());
  if (about === null || about === UNREADABLE) return [];
  const isOfFile = isOurs(scheduleId, about.memo) && fileNameOf(about.memo) === file;
  return isOfFile ? [await sightOf(about, lookWith(client))] : [];
}

const lookWith =
  (client: Client) =>
  async (workflowId: string, runId?: string): ReturnType<Look> => {
    try {
      const { status, searchAttributes } = await client.workflow.getHandle(workflowId, runId).describe();
      return { status: status.name, outcome: (searchAttributes['HoldfastOutcome']?.[0] as string | undefined) ?? null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  };
