/** `holdfast custody copy-back`: brings a copy back to where it is needed. */
import { randomUUID } from 'node:crypto';
import confirm from '@inquirer/confirm';
import type { Client } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import type { CopyBackInput, CopyBackPlan } from '../../domain/copy-back.ts';
import { CUSTODY_DEFAULTS, type VaultRef } from '../../domain/custody.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import {
  abortCopyBackUpdate,
  copyBackId,
  copyBackStatusQuery,
  resumeCopyBackUpdate,
  type CopyBackResult,
  type CopyBackStatus,
} from '../../workflows/custody-copy-back.messages.ts';
import { begin, refuseWhileItRuns } from '../begin.ts';
import { copyBackPlanText, copyBackText } from '../copy-back-text.ts';
import { pointArnOf } from '../custody-choice.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { wholeNumber } from '../number-flag.ts';
import { print, printJson, progress, say } from '../output.ts';
import { readRun } from '../read-run.ts';
import { person, sayTo } from '../say-to-run.ts';
import { uiLink, withTemporal, type TemporalClient } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly account?: string;
  readonly region?: string;
  readonly vault?: string;
  readonly to?: VaultRef;
  readonly deleteAfterDays?: number;
  readonly backupRole: string;
  readonly deadlineHours: number;
  readonly status?: boolean;
  readonly resume?: boolean;
  readonly abort?: boolean;
  readonly wait?: boolean;
  readonly yes?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addCustodyCopyBack(custody: Command): void {
  custody
    .command('copy-back <copy-arn>')
    .description('copy a recovery point back: vault policy, keys and route are checked and shown first')
    .optionsGroup('What is copied, and where to:')
    .option('--account <id>', 'the account of the copy')
    .option('--region <name>', 'its Region')
    .option('--vault <name>', 'its vault')
    .option('--to <account/region/vault>', 'the vault that it is copied to', vaultRef)
    .option(
      '--delete-after-days <n>',
      'counted from the creation of its source; default: as the copy',
      wholeNumber(1, 36_500),
    )
    .option('--backup-role <name>', 'the role that AWS Backup takes', CUSTODY_DEFAULTS.backupRole)
    .option(
      '--deadline-hours <n>',
      'it is overdue after so long',
      wholeNumber(1, 8_760),
      CUSTODY_DEFAULTS.deadlineHours,
    )
    .optionsGroup('One that has begun:')
    .option('--status', 'show how far it is')
    .option('--resume', 'try again what is blocked')
    .option('--abort', 'begin no copy any more')
    .option('--reason <text>', 'why')
    .optionsGroup('Options:')
    .option('--yes', 'do not ask; for scripts')
    .option('--wait', 'wait until it is verified')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (arn: string, flags: Flags) => await copyBack(pointArnOf(arn), flags));
}

const EXAMPLE = `
Example:
  holdfast custody copy-back arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --account 444455556666 \\
    --region eu-central-1 --vault nightly --to 111122223333/eu-central-1/nightly
  holdfast custody copy-back arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --status

Ends with 0 once it has begun, and with --wait when the copy is verified; with 1 when something stands in its way: nothing
was begun then; with 4 when it waits for a person.`;

/** For commander. */
function vaultRef(value: string): VaultRef {
  const [, account, region, vault] = /^(\d{12})\/([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})\/([\w-]{2,50})$/.exec(value) ?? [];
  if (account && region && vault) return { account, region, vault };
  throw new InvalidArgumentError('give <account>/<region>/<vault>, such as 111122223333/eu-central-1/nightly');
}

async function copyBack(pointArn: string, flags: Flags): Promise<void> {
  await withTemporal(async (temporal) => {
    await requireWorker(temporal.client);
    if (flags.status) await status(temporal.client, pointArn, flags);
    else if (flags.resume ?? flags.abort) await steer(temporal.client, pointArn, flags);
    else await start(temporal, inputOf(pointArn, flags), flags);
  });
}

function inputOf(arn: string, flags: Flags): CopyBackInput {
  const { account, region, vault, to, deleteAfterDays, backupRole, deadlineHours } = flags;
  if (!account || !region || !vault || !to) {
    throw new CommandError('usage', 'give --account, --region and --vault of the copy, and --to');
  }
  const lifecycle =
    deleteAfterDays === undefined ? null : { deleteAfterDays, moveToColdStorageAfterDays: null, optInToArchive: false };
  const point = { account, region, vault, arn };
  return { point, to, lifecycle, backupRole, deadlineHours, limits: CUSTODY_DEFAULTS.limits };
}

async function start({ client, place }: TemporalClient, input: CopyBackInput, flags: Flags): Promise<void> {
  const workflowId = copyBackId(input.point.arn);
  const running = { what: 'a copy-back of it', look: `holdfast custody copy-back ${input.point.arn} --status` };
  await refuseWhileItRuns(client, workflowId, running);
  const plan = await planOf(client, input);
  say(copyBackPlanText(input, plan));
  if (!plan.point) throw new CommandError('notFound', 'there is nothing to copy');
  if (plan.obstacles.length > 0) throw new CommandError('failed', 'not begun: see what stands in the way');
  await agree(flags);
  const searchAttributes = attributesOf('copy-back', input.point, input.point.arn);
  const summary = `${input.point.arn} back to ${input.to.account}/${input.to.region}/${input.to.vault}`;
  const { runId } = await begin(
    client,
    { type: 'custodyCopyBack', workflowId, input, searchAttributes, summary },
    running,
  );
  const link = uiLink(place, workflowId, runId);
  if (!flags.wait) {
    if (flags.json) printJson({ workflowId, runId, link });
    else print(`Started ${workflowId}${link ? `\n  ${link}` : ''}\nFollow it with:  ${running.look}`);
    return;
  }
  progress('Copying; it ends when the copy is verified');
  const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  const result = (await handle.result()) as CopyBackResult;
  const { status: ended } = await read(client, workflowId);
  if (flags.json) printJson({ workflowId, runId, link, result });
  else print(copyBackText(ended));
  throwUnlessCopied(ended);
}

async function planOf(client: Client, input: CopyBackInput): Promise<CopyBackPlan> {
  progress('Looking at vault policy, keys and route; nothing is changed');
  const handle = await client.workflow.start<(input: CopyBackInput) => Promise<CopyBackPlan>>('custodyCopyBackPlan', {
    workflowId: `custody-copy-back-plan/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
  });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  return await handle.result().finally(forget);
}

async function agree({ yes }: Flags): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new CommandError('usage', 'there is no terminal to ask on: give --yes to copy without a question');
  }
  if (!(await confirm({ message: 'Copy it?', default: false }))) throw new CommandError('failed', 'nothing was begun');
}

const unknown = (workflowId: string): CommandError =>
  new CommandError('notFound', `no copy-back is known as ${workflowId}: check the ARN`);

const read = async (client: Client, workflowId: string) =>
  await readRun(client, workflowId, copyBackStatusQuery, unknown);

async function status(client: Client, pointArn: string, { json }: Flags): Promise<void> {
  const { workflowId, runId, execution, status: shown } = await read(client, copyBackId(pointArn));
  if (json) printJson({ workflowId, runId, execution, ...shown });
  else print(copyBackText(shown));
  if (shown.outcome !== null) throwUnlessCopied(shown);
  if (shown.leg?.blocked) throw new CommandError('blocked', 'it waits for a person: see what for, then --resume');
}

async function steer(client: Client, pointArn: string, { abort, reason, json }: Flags): Promise<void> {
  const workflowId = copyBackId(pointArn);
  const update = abort ? abortCopyBackUpdate : resumeCopyBackUpdate;
  const request = { by: person(), reason: reason ?? null };
  const { answer } = await sayTo(client, { workflowId, update, request, unknown });
  if (json) printJson({ workflowId, answer });
  else print(`${workflowId}\n${answer}`);
}

function throwUnlessCopied({ outcome }: CopyBackStatus): void {
  if (outcome !== 'copied') throw new CommandError('failed', `it was not copied (${outcome ?? 'under way'})`);
}
