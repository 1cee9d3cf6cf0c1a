/** `holdfast schedules list`: each schedule, its next and last run, and what the watchdog has found. */
import { WorkflowNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import type { Command } from 'commander';
import { sightOf, type Look } from '../../domain/schedule-sight.ts';
import type { WatchdogResult } from '../../domain/schedule-watch.ts';
import { isWatchdog, scheduleNameOf } from '../../domain/schedules.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { readSchedules } from '../schedules/server.ts';
import { listText, type Listed, type WatchdogSight } from '../schedules/text.ts';
import { withTemporal } from '../temporal.ts';

export function addSchedulesList(schedules: Command): void {
  schedules
    .command('list')
    .description('show each schedule, its next and last run, and what was missed')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async ({ json }: { readonly json?: boolean }) => {
      await withTemporal(async ({ client }) => {
        const { ours, foreign, others } = await readSchedules(client);
        const listed = await Promise.all(ours.map((schedule) => listedOf(client, schedule)));
        const watchdogs = await Promise.all(
          ours.filter(({ scheduleId }) => isWatchdog(scheduleId)).map((each) => watchdogSight(client, each)),
        );
        if (json) printJson({ schedules: listed, watchdogs: watchdogs.map(withoutState), foreign, others });
        else print(listText(listed, watchdogs));
        const failing = watchdogs.filter(({ lastBadEnd, isBlind }) => lastBadEnd !== null || isBlind);
        if (failing.length > 0) {
          const names = failing.map(({ name }) => name).join(', ');
          throw new CommandError('failed', `nobody looks after the schedules: see what is said of ${names}`);
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules list

missed: not started within the catch-up window; skipped: the run before was still going; dropped: too many were waiting.
All are counted since the schedule was made. Ends with 1 when the watchdog does not look, or its last run failed.`;

/** For people; the state is for the watchdog's next run. */
const withoutState = ({ result, ...sight }: WatchdogSight): object => ({
  ...sight,
  result: result && { ...result, state: undefined },
});

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

/** Temporal knows of its last ten runs. */
async function watchdogSight(client: Client, schedule: ScheduleDescription): Promise<WatchdogSight> {
  const { scheduleId, spec, info, state } = schedule;
  const look = lookWith(client);
  let lastBadEnd: string | null = null;
  let result: WatchdogResult | null = null;
  for (const { action } of info.recentActions.toReversed()) {
    const { workflowId, firstExecutionRunId } = action.workflow;
    const { status = 'GONE' } = (await look(workflowId, firstExecutionRunId)) ?? {};
    if (status === 'COMPLETED') {
      result = (await client.workflow.getHandle(workflowId, firstExecutionRunId).result()) as WatchdogResult;
      break;
    }
    if (status !== 'RUNNING' && status !== 'GONE') lastBadEnd ??= `${workflowId} ended as ${status.toLowerCase()}`;
  }
  const every = spec.intervals?.[0]?.every ?? 0;
  const since = result === null ? info.createdAt.getTime() : Date.parse(result.lookedAt);
  const isBlind = Date.now() - since > 2 * every;
  return { name: scheduleNameOf(scheduleId), every, paused: state.paused, result, lastBadEnd, isBlind };
}
