/** Which restore a command is about: named by its flags, or the only one there is. */
import type { Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { Command } from 'commander';
import { imageRestoreId } from '../workflows/image-restore.messages.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { CommandError } from './exit.ts';
import { print, printJson } from './output.ts';
import { person, sayTo } from './say-to-run.ts';
import { withTemporal, type TemporalClient } from './temporal.ts';
import { requireWorker } from './workers.ts';

export interface RestoreChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly workspace?: string;
}

export const addRestoreChoiceFlags = (command: Command): Command =>
  command
    .optionsGroup('Which restore:')
    .option('--account <id>', 'the AWS account of the WorkSpace')
    .option('--region <name>', 'its Region')
    .option('--workspace <id>', 'its id as the restore was started with; none of the three: the only one, or the last')
    .optionsGroup('Options:');

export interface ChosenRestore extends TemporalClient {
  readonly workflowId: string;
}

/** @param running one that has ended will not do */
export async function withRestore(
  flags: RestoreChoiceFlags,
  use: (chosen: ChosenRestore) => Promise<void>,
  { running = false } = {},
): Promise<void> {
  const named = namedRestore(flags);
  await withTemporal(async ({ client, place }) => {
    const workflowId = named ?? (await onlyRestore(client, running));
    await requireWorker(client);
    await use({ client, place, workflowId });
  });
}

function namedRestore({ account, region, workspace }: RestoreChoiceFlags): string | null {
  if (account && region && workspace) return imageRestoreId({ account, region }, workspace);
  if (account === undefined && region === undefined && workspace === undefined) return null;
  throw new CommandError('usage', 'give --account, --region and --workspace, or none of them');
}

async function onlyRestore(client: Client, running: boolean): Promise<string> {
  const open = await find(client, 'WorkflowType = "imageRestore" AND ExecutionStatus = "Running"');
  if (open.length > 1) {
    const choices = open.map((id) => `  ${restoreFlagsOf(id)}`).join('\n');
    throw new CommandError('usage', `more than one restore runs: give the flags of one\n${choices}`);
  }
  const [only] = open.length > 0 || running ? open : await find(client, 'WorkflowType = "imageRestore"');
  if (only) return only;
  const none = running ? 'no restore runs' : 'there is no restore: start one with `holdfast restore start`';
  throw new CommandError('notFound', none);
}

/** `image-restore/<account>/<region>/<WorkSpace>` as the flags that name it. */
export function restoreFlagsOf(workflowId: string): string {
  const [, account, region, workspace] = workflowId.split('/');
  return `--account ${account} --region ${region} --workspace ${workspace}`;
}

const MOST = 20;

async function find(client: Client, query: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query, pageSize: MOST })) {
    ids.add(workflowId);
    if (ids.size === MOST) break;
  }
  return [...ids];
}

export interface RestoreSteeringFlags extends RestoreChoiceFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

/** @param example what follows `holdfast restore ` */
export const restoreSteeringCommand = (restore: Command, name: string, example: string): Command =>
  addRestoreChoiceFlags(restore.command(name))
    .option('--reason <text>', 'why; it is kept in the report')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `\nExample:\n  holdfast restore ${example}\n\nEnds with 0, or with 1 when the restore refuses it: nothing was changed then.`,
    );

/** Has the run do one thing, and tells its answer. */
export async function steerRestore<Request extends By>(
  flags: RestoreSteeringFlags,
  update: UpdateDefinition<SteeringAnswer, [Request]>,
  requestOf: (workspaceId: string) => Omit<Request, keyof By>,
): Promise<void> {
  await withRestore(
    flags,
    async ({ client, workflowId }) => {
      const about = requestOf(workflowId.split('/')[3] ?? '');
      const request = { ...about, by: person(), reason: flags.reason ?? null } as unknown as Request;
      const answer = await sayTo(client, { workflowId, update, request, unknown: restoreNotFound });
      if (flags.json) printJson({ workflowId, ...answer });
      else
        print(
          `${workflowId}\n${answer.answer}\nFollow it with:  holdfast restore status ${restoreFlagsOf(workflowId)}`,
        );
    },
    { running: true },
  );
}

export const restoreNotFound = (workflowId: string): CommandError =>
  new CommandError(
    'notFound',
    `no restore is known as ${workflowId}: check --account, --region and --workspace; Temporal forgets runs that ended ` +
      'longer ago than the namespace keeps them',
  );
