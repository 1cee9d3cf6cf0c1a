/** Which run a command is about: named by its flags, or the only one there is. */
import type { Client } from '@temporalio/client';
import type { Target } from '../domain/target.ts';
import { CommandError } from './exit.ts';
import { withTemporal, type TemporalClient } from './temporal.ts';
import { requireWorker } from './workers.ts';

/** Runs of one workflow type, whose ids are `<capability>/<account>/<region>/<subject>`. */
export interface RunKind {
  /** The run in words, and the command that starts one: `upgrade`. */
  readonly noun: string;
  readonly workflowType: string;
  /** The flag that names the subject, without its hyphens: `bundle`. */
  readonly flag: string;
  readonly idOf: (target: Target, subject: string) => string;
  /** Runs of the type that belong to others of it, and are never chosen by themselves. @default none */
  readonly belongsToAnother?: (workflowId: string) => boolean;
}

/** The values of the three flags. */
export interface RunName {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly subject: string | undefined;
}

/** A run, and what it is asked with. */
export interface Chosen extends TemporalClient {
  readonly workflowId: string;
}

/** Finds the run, and makes sure that a worker can answer for it. @param running one that has ended will not do */
export async function withRun(
  kind: RunKind,
  name: RunName,
  use: (chosen: Chosen) => Promise<void>,
  { running = false } = {},
): Promise<void> {
  const named = namedRun(kind, name);
  await withTemporal(async ({ client, place }) => {
    const workflowId = named ?? (await onlyRun(client, kind, running));
    await requireWorker(client);
    await use({ client, place, workflowId });
  });
}

/** The id of the run that the flags name; null: they name none. */
function namedRun({ flag, idOf }: RunKind, { account, region, subject }: RunName): string | null {
  if (account && region && subject) return idOf({ account, region }, subject);
  if (account === undefined && region === undefined && subject === undefined) return null;
  throw new CommandError('usage', `give --account, --region and --${flag}, or none of them`);
}

/** The id of the only one that runs, else of the last one. */
async function onlyRun(client: Client, kind: RunKind, running: boolean): Promise<string> {
  const { noun, workflowType } = kind;
  const open = await find(client, kind, `WorkflowType = "${workflowType}" AND ExecutionStatus = "Running"`);
  if (open.length > 1) {
    const choices = open.map((id) => `  ${flagsOfRun(kind, id)}`).join('\n');
    throw new CommandError('usage', `more than one ${noun} runs: give the flags of one\n${choices}`);
  }
  const [only] = open.length > 0 || running ? open : await find(client, kind, `WorkflowType = "${workflowType}"`);
  if (only) return only;
  throw new CommandError(
    'notFound',
    running ? `no ${noun} runs` : `there is no ${noun}: start one with \`holdfast ${noun} start\``,
  );
}

/** More are of no use to anybody who is to choose one. */
const MOST = 20;

/** Ids, the last begun first. */
async function find(client: Client, { belongsToAnother }: RunKind, query: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query, pageSize: MOST })) {
    if (!belongsToAnother?.(workflowId)) ids.add(workflowId);
    if (ids.size === MOST) break;
  }
  return [...ids];
}

/** The id as the flags that name it. */
export function flagsOfRun({ flag }: RunKind, workflowId: string): string {
  const [, account, region, subject] = workflowId.split('/');
  return `--account ${account} --region ${region} --${flag} ${subject}`;
}

export const unknownRun = ({ noun, flag }: RunKind, workflowId: string): CommandError =>
  new CommandError(
    'notFound',
    `no ${noun} is known as ${workflowId}: check --account, --region and --${flag}; Temporal forgets runs that ended ` +
      'longer ago than the namespace keeps them',
  );
