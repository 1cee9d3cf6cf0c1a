/** What the watchdog and scheduled runs ask of Temporal: how schedules stand, and that a run be ended in order. */
import { activityInfo } from '@temporalio/activity';
import {
  ScheduleNotFoundError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { alive } from './alive.ts';
import { sightOf, type Look, type ScheduleSight } from '../domain/schedule-sight.ts';
import { isOurs, scheduleIdOf, WATCHDOG } from '../domain/schedules.ts';

export interface SchedulesDeps {
  readonly client: Client;
}

export const createSchedulesActivities = ({ client }: SchedulesDeps) => ({
  /**
   * Reads all schedules of ours but the watchdog's own. Changes nothing. A new one may be missing from Temporal's list for
   * a moment, so those that are known are asked for by their ids.
   */
  async describeSchedules(input: {
    readonly known: readonly string[];
  }): Promise<{ readonly sights: readonly ScheduleSight[] }> {
    return await alive(async () => {
      const ids = new Set(input.known);
      for await (const { scheduleId, memo } of client.schedule.list())
        if (isOurs(scheduleId, memo)) ids.add(scheduleId);
      ids.delete(scheduleIdOf(WATCHDOG));
      const sights: ScheduleSight[] = [];
      for (const id of ids) sights.push(...(await describe(client, id)));
      return { sights };
    });
  },

  /**
   * Has a run end in order, and does not wait for its end. One that is over is as good, as is one that refuses because it
   * is ending already. Repeated, it is told once.
   */
  async abortRun(input: { readonly workflowId: string; readonly by: string; readonly reason: string }): Promise<void> {
    const { workflowId, by, reason } = input;
    try {
      await client.workflow.getHandle(workflowId).executeUpdate('abort', {
        args: [{ by, reason }],
        updateId: `${activityInfo().workflowExecution?.runId ?? ''}/${activityInfo().activityId}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError)) throw error;
    }
  },
});

/** None where it is gone, or not ours after all. */
async function describe(client: Client, scheduleId: string): Promise<ScheduleSight[]> {
  try {
    const about = await client.schedule.getHandle(scheduleId).describe();
    return isOurs(scheduleId, about.memo) ? [await sightOf(about, lookWith(client))] : [];
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return [];
    throw error;
  }
}

const lookWith =
  (client: Client): Look =>
  async (workflowId, runId) => {
    try {
      const { status, searchAttributes } = await client.workflow.getHandle(workflowId, runId).describe();
      return { status: status.name, outcome: (searchAttributes['HoldfastOutcome']?.[0] as string | undefined) ?? null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  };
