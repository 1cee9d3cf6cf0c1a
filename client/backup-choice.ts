/** Which image backup a command is about: named by its flags, or the only one there is. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { imageBackupId } from '../workflows/image-backup.messages.ts';
import { CommandError } from './exit.ts';
import { withTemporal, type TemporalClient } from './temporal.ts';
import { requireWorker } from './workers.ts';

export interface BackupChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly policy?: string;
}

export const addBackupChoice = (command: Command): Command =>
  command
    .optionsGroup('Which backup:')
    .option('--account <id>', 'the AWS account of the backup')
    .option('--region <name>', 'its Region')
    .option('--policy <name>', 'its policy; none of the three: the only backup that runs, or the last that ran')
    .optionsGroup('Options:');

export interface ChosenBackup extends TemporalClient {
  readonly workflowId: string;
}

/** Finds the run, and makes sure that a worker can answer for it. @param running one that has ended will not do */
export async function withBackup(
  flags: BackupChoiceFlags,
  use: (chosen: ChosenBackup) => Promise<void>,
  { running = false } = {},
): Promise<void> {
  const named = namedBackup(flags);
  await withTemporal(async ({ client, place }) => {
    const workflowId = named ?? (await onlyBackup(client, running));
    await requireWorker(client);
    await use({ client, place, workflowId });
  });
}

function namedBackup({ account, region, policy }: BackupChoiceFlags): string | null {
  if (account && region && policy) return imageBackupId({ account, region }, policy);
  if (account === undefined && region === undefined && policy === undefined) return null;
  throw new CommandError('usage', 'give --account, --region and --policy, or none of them');
}

async function onlyBackup(client: Client, running: boolean): Promise<string> {
  const open = await find(client, 'WorkflowType = "imageBackup" AND ExecutionStatus = "Running"');
  if (open.length > 1) {
    const choices = open.map((id) => `  ${backupFlagsOf(id)}`).join('\n');
    throw new CommandError('usage', `more than one backup runs: give the flags of one\n${choices}`);
  }
  const [only] = open.length > 0 || running ? open : await find(client, 'WorkflowType = "imageBackup"');
  if (only) return only;
  throw new CommandError(
    'notFound',
    running ? 'no backup runs' : 'there is no backup: start one with `holdfast backup start`',
  );
}

/** `image-backup/<account>/<region>/<policy>` as the flags that name it. */
export function backupFlagsOf(workflowId: string): string {
  const [, account, region, policy] = workflowId.split('/');
  return `--account ${account} --region ${region} --policy ${policy}`;
}

export const backupNotFound = (workflowId: string): CommandError =>
  new CommandError(
    'notFound',
    `no backup is known as ${workflowId}: check --account, --region and --policy; Temporal forgets runs that ended ` +
      'longer ago than the namespace keeps them',
  );

/** Ids, the last begun first; at most a few, more are of no use here. */
async function find(client: Client, query: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 20 })) {
    ids.add(workflowId);
    if (ids.size === 20) break;
  }
  return [...ids];
}
