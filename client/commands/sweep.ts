/** `holdfast sweep`: what Holdfast made in AWS and nobody needs any more. */
import { randomUUID } from 'node:crypto';
import confirm from '@inquirer/confirm';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import { TASK_QUEUE, targetName, type Target } from '../../domain/target.ts';
import {
  sweepId,
  sweepPlanId,
  type SweepInput,
  type SweepResult,
  type SweptItem,
} from '../../workflows/sweep.messages.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, say } from '../output.ts';
import { parseTarget, type TargetFlag } from '../target-flag.ts';
import { withTemporal } from '../temporal.ts';
import { plural, table } from '../text.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly target: readonly TargetFlag[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addSweep(program: Command): void {
  const sweep = program.command('sweep').description('delete what Holdfast made in AWS and nobody needs any more');
  withFlags(sweep.command('plan'))
    .description('show what Holdfast made, and why each stays or goes; changes nothing')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const target = targetOf(flags);
      await withTemporal(async ({ client }) => {
        await requireWorker(client, target);
        const plan = await look(client, target);
        if (flags.json) printJson({ sweep: plan });
        else print(planText(plan.items));
      });
    });
  withFlags(sweep.command('start'))
    .description('show the plan, ask, and delete')
    .option('--yes', 'do not ask; for scripts')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => await start(targetOf(flags), flags));
}

const withFlags = (command: Command): Command =>
  command
    .requiredOption(
      '--target <account/region>',
      'the account and Region, such as 111122223333/eu-central-1',
      parseTarget,
    )
    .option('--json', 'one JSON document on stdout');

const EXAMPLE = `
Example:
  holdfast sweep plan --target 111122223333/eu-central-1
  holdfast sweep start --target 111122223333/eu-central-1

What goes: bundles that restores made, once no WorkSpace uses them and their run is over, then images that only those
used; and failed images. Never what has no tags of Holdfast’s, nor what carries holdfast:keep. That tag itself goes from a
backup that was restored from, once no bundle uses it: retention decides on it again. What a run made that this Temporal
namespace does not know stays until it is 30 days old.

start ends with 0 when all that should go is gone, and with 3 when some of it is not.`;

function targetOf({ target }: Flags): Target {
  const [first, ...others] = target;
  if (!first || others.length > 0) throw new CommandError('usage', 'give one --target');
  return { account: first.account, region: first.region };
}

type Sweep = (input: SweepInput) => Promise<SweepResult>;

async function look(client: Client, target: Target): Promise<SweepResult> {
  return await run(client, `${sweepPlanId(target)}/${randomUUID().slice(0, 8)}`, { target, ids: null });
}

async function run(client: Client, workflowId: string, input: SweepInput): Promise<SweepResult> {
  const handle = await client.workflow.start<Sweep>('sweep', { workflowId, taskQueue: TASK_QUEUE, args: [input] });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    return await handle.result();
  } finally {
    forget();
  }
}

async function start(target: Target, flags: Flags): Promise<void> {
  if (!flags.yes && !process.stdin.isTTY) {
    throw new CommandError(
      'usage',
      'there is no terminal to ask on: look at `holdfast sweep plan` and give --yes to delete without a question',
    );
  }
  await withTemporal(async ({ client }) => {
    await requireWorker(client, target);
    const { items } = await look(client, target);
    const ids = items.filter(({ goes }) => goes).map(({ id }) => id);
    if (ids.length > 0 && !flags.yes) {
      say(planText(items));
      const question = `Delete ${plural(ids.length, 'resource')} in ${targetName(target)} for good?`;
      if (!(await confirm({ message: question, default: false })))
        throw new CommandError('failed', 'nothing was deleted');
    }
    const swept = ids.length === 0 ? { items } : await sweepNow(client, { target, ids });
    if (flags.json) printJson({ sweep: swept });
    else print(ids.length === 0 ? planText(items) : sweptText(swept.items));
    const left = swept.items.filter(({ id, outcome }) => ids.includes(id) && !['deleted', 'gone'].includes(outcome));
    if (left.length > 0) throw new CommandError('partlyFailed', `${plural(left.length, 'resource')} stayed: see why`);
  });
}

async function sweepNow(client: Client, input: SweepInput): Promise<SweepResult> {
  try {
    return await run(client, sweepId(input.target), input);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new CommandError(
      'alreadyRunning',
      `another sweep of ${targetName(input.target)} runs: wait until it has ended`,
    );
  }
}

function planText(items: readonly SweptItem[]): string {
  if (items.length === 0) return 'There is nothing of Holdfast’s to sweep.';
  const going = items.filter(({ goes }) => goes).length;
  const rows = items.map(({ kind, id, name, goes, reasons }) => [
    kind,
    id,
    name,
    goes ? 'delete' : 'keep',
    reasons.join('; '),
  ]);
  return `${table(['what', 'id', 'name', 'verdict', 'why'], rows)}\n\n${going} of ${items.length} would be deleted.`;
}

function sweptText(items: readonly SweptItem[]): string {
  const rows = items.map(({ kind, id, name, outcome, reasons }) => [kind, id, name, outcome, reasons.join('; ')]);
  const deleted = items.filter(({ outcome }) => outcome === 'deleted').length;
  return `${table(['what', 'id', 'name', 'outcome', 'why'], rows)}\n\n${deleted} of ${items.length} were deleted.`;
}
