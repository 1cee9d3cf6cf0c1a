/** `holdfast upgrade start`: shows the plan, asks, and begins. */
import { setTimeout as sleep } from 'node:timers/promises';
import confirm from '@inquirer/confirm';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import type { PlanSummary, SavedPlan } from '../../domain/upgrade-plan.ts';
import {
  statusQuery,
  type ImageUpgradeResult,
  type ImageUpgradeStatus,
} from '../../workflows/image-upgrade.messages.ts';
import { CommandError } from '../exit.ts';
import { followUpgrade } from '../live.ts';
import { print, printJson, progress, say } from '../output.ts';
import { planSummaryText, planTroubleText } from '../plan-text.ts';
import { readPlan, refuseIfChanged } from '../saved-plan.ts';
import { uiLink, withTemporal, type TemporalClient } from '../temporal.ts';
import { beginUpgrade, refuseIfRunning } from '../upgrade-begin.ts';
import { addUpgradeFlags, type UpgradeFlags } from '../upgrade-flags.ts';
import { flagsOf } from '../upgrade-choice.ts';
import { failureOf, hasFailed, runFailed } from '../upgrade-failure.ts';
import { upgradeInput } from '../upgrade-input.ts';
import { overPolicy } from '../upgrade-policy.ts';
import { resultText, throwByOutcome } from '../upgrade-result.ts';
import { requireWorker } from '../workers.ts';
import { makePlan } from './upgrade-plan.ts';

interface Flags extends UpgradeFlags {
  /** A file. */
  readonly plan?: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addUpgradeStart(upgrade: Command): void {
  addUpgradeFlags(upgrade.command('start'))
    .description('show the plan, ask, and upgrade')
    .option(
      '--plan <file>',
      'run this plan, which `upgrade plan --save` wrote; refuse when the fleet no longer matches it',
    )
    .option('--yes', 'do not ask; for scripts')
    .option('--wait', 'follow it to its end')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags, command: Command) => {
      const saved = flags.plan === undefined ? null : readPlan(flags.plan);
      if (saved) refuseOtherFlags(command, BESIDE_PLAN);
      const input = saved
        ? { ...saved.input, approval: approvalOf(saved) }
        : upgradeInput(flags, await overPolicy(flags, command));
      if (!flags.yes && !process.stdin.isTTY) {
        throw new CommandError(
          'usage',
          'there is no terminal to ask on: look at `holdfast upgrade plan` and give --yes to start without a question',
        );
      }
      await withTemporal(async (temporal) => await start(temporal, { input, saved }, flags));
    });
}

const EXAMPLE = `
Example:
  holdfast upgrade start --account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001 --image wsi-0fleet0002 \\
    --tag Env=Prod --report-bucket holdfast-reports --notify-seconds 600
  holdfast upgrade start --plan monday.json --yes

Ends with 0 once it has begun, or when there is no WorkSpace to upgrade; with 1 when it is refused, fails, or the
question is answered with no. With --wait: 0 when every WorkSpace was rebuilt, 3 when some were not. --wait goes on while
the run is paused, holds, is blocked or waits for approval, and says so.`;

/** The run refuses another plan by itself too, should the fleet change between this command's look and its own. */
const approvalOf = ({ input, hash }: SavedPlan): ImageUpgradeInput['approval'] => ({
  ...input.approval,
  planHash: hash,
});

const BESIDE_PLAN = ['plan', 'yes', 'wait', 'json'];

/** @param beside options, by name, that may go with --plan */
export function refuseOtherFlags(command: Command, beside: readonly string[]): void {
  const others = command.options.filter(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' && !beside.includes(option.attributeName()),
  );
  if (others.length === 0) return;
  const names = others.map(({ long }) => long).join(', ');
  throw new CommandError(
    'usage',
    `--plan holds all parameters of the upgrade: leave out ${names}, or make another plan`,
  );
}

interface Wanted {
  readonly input: ImageUpgradeInput;
  readonly saved: SavedPlan | null;
}

async function start({ client, place }: TemporalClient, { input, saved }: Wanted, flags: Flags): Promise<void> {
  await requireWorker(client, input.target);
  await refuseIfRunning(client, input);
  if (!flags.yes || saved) {
    const plan = await look(client, { input, saved });
    if (isWorth(plan) && !flags.yes) await ask(plan);
    if (!isWorth(plan)) {
      say(NOTHING_TO_DO);
      if (flags.json) printJson({ workflowId: null, runId: null, link: null, plan });
      return;
    }
  }
  const { workflowId, runId } = await beginUpgrade(client, input);
  const link = uiLink(place, workflowId, runId);
  if (!flags.json) print(`Started ${workflowId}${link ? `\n  ${link}` : ''}`);
  if (!flags.wait) {
    const { phase, plan } = await untilChecked(client, workflowId, runId);
    if (flags.json) printJson({ workflowId, runId, link, plan });
    if (phase === 'refused') {
      if (plan) say(planSummaryText(input, plan));
      throw new CommandError('failed', 'the upgrade was refused: see the problems');
    }
    if (phase === 'awaitingApproval')
      say(`It waits for:  holdfast upgrade approve ${plan?.hash ?? ''} ${flagsOf(workflowId)}`);
    if (!flags.json) print(`Follow it with:  holdfast upgrade status --watch ${flagsOf(workflowId)}`);
    return;
  }
  await followUpgrade(client, workflowId, { stream: process.stderr });
  const result = (await client.workflow
    .getHandle(workflowId, runId, { firstExecutionRunId: runId })
    .result()) as ImageUpgradeResult;
  if (flags.json) printJson({ workflowId, runId, link, result });
  else print(resultText(input, result));
  throwByOutcome(result);
}

const NOTHING_TO_DO = 'there is no WorkSpace to upgrade: nothing was started';
const isWorth = ({ counts }: PlanSummary): boolean => counts.eligible + counts.later > 0;

/** Shows what would be done; ends the command when it would be refused, or is not what was saved. */
async function look(client: Client, { input, saved }: Wanted): Promise<PlanSummary> {
  progress('Reading the fleet; nothing is changed yet');
  const plan = await makePlan(client, saved?.input ?? input);
  const { summary, rows } = plan;
  say(`${[planTroubleText(rows), planSummaryText(input, summary)].filter(Boolean).join('\n\n')}\n`);
  if (summary.problems.length > 0) throw new CommandError('failed', 'this upgrade would be refused: see the problems');
  if (saved) refuseIfChanged(saved, plan);
  return summary;
}

/** Ends the command unless the answer is yes. */
async function ask({ counts }: PlanSummary): Promise<void> {
  const message = `Upgrade ${counts.eligible + counts.later} WorkSpaces?`;
  if (!(await confirm({ message, default: false }, { output: process.stderr }))) {
    throw new CommandError('failed', 'not started, nothing was changed');
  }
}

/** The run looks at everything once more before it changes anything: until then it may still be refused. */
async function untilChecked(client: Client, workflowId: string, runId: string): Promise<ImageUpgradeStatus> {
  const handle = client.workflow.getHandle(workflowId);
  // A run that fails before it has checked everything tells that phase for ever, or gives no answer.
  const throwIfFailed = async (): Promise<void> => {
    const { status } = await handle.describe();
    if (hasFailed(status.name)) throw runFailed(workflowId, status.name, await failureOf(client, workflowId, runId));
  };
  for (;;) {
    const status = await handle.query(statusQuery).catch(async (error: unknown) => {
      await throwIfFailed();
      throw error;
    });
    await throwIfFailed();
    if (status.phase !== 'preflight') return status;
    await sleep(500);
  }
}
