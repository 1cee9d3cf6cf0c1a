/** Which custodies a command is about. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { custodyId, pointOfCustody, type CustodyHealth } from '../domain/custody.ts';
import { custodyStatusQuery, type CustodyStatus } from '../workflows/custody.messages.ts';
import { noAnswer } from './errors.ts';
import { CommandError } from './exit.ts';
import { readRun, type ReadRun } from './read-run.ts';

export const HEALTHS = ['ok', 'retrying', 'blocked', 'overdue'] as const satisfies readonly CustodyHealth[];

export interface CustodyFilter {
  readonly health?: CustodyHealth;
  readonly account?: string;
  readonly region?: string;
  /** ARN. */
  readonly resource?: string;
  /** Those that have ended, too. */
  readonly ended?: boolean;
}

/** In Temporal's own language, which has no way to escape a quote: no value of AWS's has one. */
export function custodyQuery({ health, account, region, resource, ended }: CustodyFilter): string {
  const wanted = {
    HoldfastHealth: health,
    HoldfastAccount: account,
    HoldfastRegion: region,
    HoldfastResource: resource,
  };
  const parts = Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} = "${value.replaceAll('"', '')}"`],
  );
  const running = ended ? [] : ['ExecutionStatus = "Running"'];
  return ['WorkflowType = "custody"', ...running, ...parts].join(' AND ');
}

/** So many are asked at once. */
const AT_ONCE = 20;

/** Each in its place in the list, so many at once. */
export async function forEach<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(use))));
  }
  return results;
}

/** All of them, without asking them anything. */
export async function custodyArns(client: Client, filter: CustodyFilter): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: custodyQuery(filter) })) ids.add(workflowId);
  return [...ids].map(pointOfCustody);
}

export interface CustodyLine {
  readonly pointArn: string;
  readonly execution: string;
  readonly health: string;
  readonly phase: string;
  /** Null: it gives no answer at present. */
  readonly status: CustodyStatus | null;
}

/** The newest first. @param vault of this one only: its name is in no search attribute, so each is asked */
export async function listCustodies(
  client: Client,
  filter: CustodyFilter,
  { vault, limit }: { readonly vault?: string; readonly limit: number },
): Promise<CustodyLine[]> {
  const lines: CustodyLine[] = [];
  let block: CustodyLine[] = [];
  const take = async (): Promise<void> => {
    lines.push(...(await forEach(block, async (line) => ({ ...line, status: await statusOf(client, line.pointArn) }))));
    block = [];
  };
  const left = (): CustodyLine[] =>
    lines.filter(({ status }) => vault === undefined || status?.input.point.vault === vault);
  const seen = new Set<string>();
  for await (const { workflowId, status, searchAttributes } of client.workflow.list({ query: custodyQuery(filter) })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    const of = (name: string): string => String(searchAttributes[name]?.[0] ?? '');
    const about = { execution: status.name, health: of('HoldfastHealth'), phase: of('HoldfastPhase') };
    block.push({ pointArn: pointOfCustody(workflowId), ...about, status: null });
    if (block.length === AT_ONCE || (vault === undefined && lines.length + block.length === limit)) await take();
    if (left().length >= limit) break;
  }
  await take();
  return left().slice(0, limit);
}

async function statusOf(client: Client, pointArn: string): Promise<CustodyStatus | null> {
  try {
    return await client.workflow.getHandle(custodyId(pointArn)).query(custodyStatusQuery);
  } catch (error) {
    // One may be forgotten between the list and the question.
    if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return null;
    throw error;
  }
}

export const custodyNotFound = (workflowId: string): CommandError =>
  new CommandError(
    'notFound',
    `no custody is known of ${pointOfCustody(workflowId)}: check the ARN; of one that Temporal has forgotten, ` +
      '`holdfast custody show --policy <name>` reads what was written down',
  );

export const readCustody = async (client: Client, pointArn: string): Promise<ReadRun<CustodyStatus>> =>
  await readRun(client, custodyId(pointArn), custodyStatusQuery, custodyNotFound);

/** What looks like a recovery point: it stands in the id of its custody. */
export function pointArnOf(value: string): string {
  if (/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$/.test(value)) return value;
  throw new CommandError(
    'usage',
    `${JSON.stringify(value)} is no ARN of a recovery point: give one that begins with arn:aws:`,
  );
}
