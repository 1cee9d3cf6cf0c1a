/** `holdfast schedules list`: each schedule, its next and last run, and what the watchdog has found. */
import { WorkflowNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import type { Command } from 'commander';
import { sightOf, type Look, type ScheduleSight } from '../../domain/schedule-sight.ts';
import type { WatchdogResult } from '../../domain/schedule-watch.ts';
import { scheduleIdOf, scheduleNameOf, WATCHDOG } from '../../domain/schedules.ts';
import { print, printJson } from '../output.ts';
import { readSchedules } from '../schedules/server.ts';
import { listText, type Listed } from '../schedules/text.ts';
import { withTemporal } from '../temporal.ts';

export function addSchedulesList(schedules: Command): void {
  schedules
    .command('list')
    .description('show each schedule, its next and last run, and what was missed')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async ({ json }: { readonly json?: boolean }) => {
      await withTemporal(async ({ client }) => {
        const { ours, foreign } = await readSchedules(client);
        const listed = await Promise.all(ours.map((schedule) => listedOf(client, schedule)));
        const watchdog = await lastWatch(client, listed);
        if (json) printJson({ schedules: listed, watchdog: watchdog && { ...watchdog, state: undefined }, foreign });
        else print(listText(listed, watchdog));
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules list

missed: not started within the catch-up window; skipped: the run before was still going; dropped: too many were waiting.
All are counted since the schedule was made.`;

async function listedOf(client: Client, schedule: ScheduleDescription): Promise<Listed> {
  const sight = await sightOf(schedule, lookWith(client));
  const { scheduleId, action } = schedule;
  return { name: scheduleNameOf(scheduleId), starts: action.staticSummary ?? action.workflowType, ...sight };
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

/** What the watchdog's last run that came to its end has found; null: none has, or Temporal has forgotten it. */
async function lastWatch(client: Client, sights: readonly ScheduleSight[]): Promise<WatchdogResult | null> {
  const runs = sights.find(({ scheduleId }) => scheduleId === scheduleIdOf(WATCHDOG))?.runs ?? [];
  const last = runs.find(({ status }) => status === 'COMPLETED');
  if (!last) return null;
  return (await client.workflow.getHandle(last.workflowId, last.runId).result()) as WatchdogResult;
}
