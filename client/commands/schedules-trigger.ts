/** `holdfast schedules trigger`: starts now what a schedule starts, by its own overlap policy. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Command } from 'commander';
import { scheduleNameOf } from '../../domain/schedules.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { ourSchedule } from '../schedules/server.ts';
import { uiLink, withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

/** The server starts it within a moment, or has put it behind one that runs. */
const STARTS_WITHIN = 10_000;

export function addSchedulesTrigger(schedules: Command): void {
  schedules
    .command('trigger <name>')
    .description('start now what this schedule starts, also while it is paused')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (name: string, { json }: { readonly json?: boolean }) => {
      await withTemporal(async ({ client, place }) => {
        const schedule = await ourSchedule(client, name);
        await requireWorker(client);
        refuseIfRunning(schedule);
        const started = await trigger(client, schedule);
        const link = started && uiLink(place, started.workflowId, started.runId);
        if (json)
          printJson({ scheduleId: schedule.scheduleId, ...(started ?? { workflowId: null, runId: null }), link });
        else if (started) print(`Started ${started.workflowId}${link ? `\n  ${link}` : ''}`);
        else print('It begins when the run before it has ended: see `holdfast schedules list`');
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules trigger nightly-golden

Ends with 0 once it was started, or waits behind one that runs (overlap bufferOne, bufferAll, cancelOther); with 11 when
one runs already and the schedule skips then.`;

function refuseIfRunning({ scheduleId, policies, info }: ScheduleDescription): void {
  const [running] = info.runningActions;
  if (policies.overlap !== 'SKIP' || running === undefined) return;
  throw new CommandError(
    'alreadyRunning',
    `${scheduleNameOf(scheduleId)} has a run under way, and skips others meanwhile: ${running.workflow.workflowId}`,
  );
}

/** Null: it waits for its turn. */
async function trigger(client: Client, schedule: ScheduleDescription) {
  const handle = client.schedule.getHandle(schedule.scheduleId);
  // Temporal's own way is to start it beside whatever runs, and then not to count it as running.
  await handle.trigger(schedule.policies.overlap);
  const until = performance.now() + STARTS_WITHIN;
  const before = schedule.info.numActionsTaken;
  while (performance.now() < until) {
    const { info } = await handle.describe();
    const newest = info.recentActions.at(-1)?.action.workflow;
    if (info.numActionsTaken > before && newest)
      return { workflowId: newest.workflowId, runId: newest.firstExecutionRunId };
    await sleep(100);
  }
  return null;
}
