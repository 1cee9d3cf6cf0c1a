/** `holdfast schedules trigger`: starts now what a schedule starts, by its own overlap policy. */
import { setTimeout as sleep } from 'node:timers/promises';
import confirm from '@inquirer/confirm';
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
    .option('--yes', 'do not ask whether a run that is under way may be aborted; for scripts')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (name: string, { yes, json }: { readonly yes?: boolean; readonly json?: boolean }) => {
      await withTemporal(async ({ client, place }) => {
        const schedule = await ourSchedule(client, name);
        await requireWorker(client);
        refuseIfRunning(schedule);
        if (!yes) await askIfAborting(schedule);
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

Ends with 0 once it was started, or waits behind one that runs (overlap bufferOne, bufferAll); with 11 when one runs
already and the schedule skips then. With overlap cancelOther the run that is under way is aborted: it asks before.`;

function refuseIfRunning({ scheduleId, policies, info }: ScheduleDescription): void {
  const [running] = info.runningActions;
  if (policies.overlap !== 'SKIP' || running === undefined) return;
  throw new CommandError(
    'alreadyRunning',
    `${scheduleNameOf(scheduleId)} has a run under way, and skips others meanwhile: ${running.workflow.workflowId}`,
  );
}

/** With cancelOther the run that is under way is the price of this one. */
async function askIfAborting({ scheduleId, policies, info }: ScheduleDescription): Promise<void> {
  const [running] = info.runningActions;
  if (policies.overlap !== 'CANCEL_OTHER' || running === undefined) return;
  const what = `this aborts ${running.workflow.workflowId}, as the overlap of ${scheduleNameOf(scheduleId)} is cancelOther`;
  if (!process.stdin.isTTY)
    throw new CommandError('usage', `${what}, and there is no terminal to ask on: give --yes to do so`);
  if (!(await confirm({ message: `${what}. Go on?`, default: false }, { output: process.stderr })))
    throw new CommandError('failed', 'not triggered');
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
