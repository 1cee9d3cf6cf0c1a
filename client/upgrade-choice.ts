/** Which upgrade a command is about: named by its flags, or the only one there is. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { imageUpgradeId, rollbackId } from '../workflows/image-upgrade.messages.ts';
import { CommandError } from './exit.ts';
import { withTemporal, type TemporalClient } from './temporal.ts';
import { requireWorker } from './workers.ts';

export interface ChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly bundle?: string;
  readonly rollbackRun?: boolean;
}

export const addChoiceFlags = (command: Command): Command =>
  command
    .optionsGroup('Which upgrade:')
    .option('--account <id>', 'the AWS account of the upgrade')
    .option('--region <name>', 'its Region')
    .option('--bundle <id>', 'its bundle; none of the three: the only upgrade that runs, or the last that ran')
    .option('--rollback-run', 'the run that rebuilds its WorkSpaces onto the previous image')
    .optionsGroup('Options:');

/** A run, and what it is asked with. */
export interface Chosen extends TemporalClient {
  readonly workflowId: string;
}

/** Finds the run, and makes sure that a worker can answer for it. @param running one that has ended will not do */
export async function withUpgrade(
  flags: ChoiceFlags,
  use: (chosen: Chosen) => Promise<void>,
  { running = false } = {},
): Promise<void> {
  const named = namedUpgrade(flags);
  await withTemporal(async ({ client, place }) => {
    const id = named ?? (await onlyUpgrade(client, running));
    await requireWorker(client);
    await use({ client, place, workflowId: flags.rollbackRun ? rollbackId(id) : id });
  });
}

/** The id of the run that the flags name; null: they name none. */
function namedUpgrade({ account, region, bundle }: ChoiceFlags): string | null {
  if (account && region && bundle) return imageUpgradeId({ account, region }, bundle);
  if (account === undefined && region === undefined && bundle === undefined) return null;
  throw new CommandError('usage', 'give --account, --region and --bundle, or none of them');
}

/** The id of the only upgrade that runs, else of the last one. */
async function onlyUpgrade(client: Client, running: boolean): Promise<string> {
  const open = await find(client, 'WorkflowType = "imageUpgrade" AND ExecutionStatus = "Running"');
  if (open.length > 1) {
    const choices = open.map((id) => `  ${flagsOf(id)}`).join('\n');
    throw new CommandError('usage', `more than one upgrade runs: give the flags of one\n${choices}`);
  }
  const [only] = open.length > 0 || running ? open : await find(client, 'WorkflowType = "imageUpgrade"');
  if (only) return only;
  throw new CommandError(
    'notFound',
    running ? 'no upgrade runs' : 'there is no upgrade: start one with `holdfast upgrade start`',
  );
}

/** `image-upgrade/<account>/<region>/<bundle>` as the flags that name it. */
export function flagsOf(workflowId: string): string {
  const [, account, region, bundle] = workflowId.split('/');
  return `--account ${account} --region ${region} --bundle ${bundle}${isRollback(workflowId) ? ' --rollback-run' : ''}`;
}

const isRollback = (workflowId: string): boolean => workflowId === rollbackId(workflowId.split('/', 4).join('/'));

/** Ids, the last begun first; at most a few, more are of no use here. Each rollback belongs to one of them. */
async function find(client: Client, query: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 20 })) {
    if (!isRollback(workflowId)) ids.add(workflowId);
    if (ids.size === 20) break;
  }
  return [...ids];
}
