/** Queues: their rows, names and addresses. Standard ones only: a FIFO queue is refused. */
import { policyAllows } from '../../resource-policy.ts';
import { AwsError } from '../../service.ts';
import type { Call, World } from '../../service.ts';
import type { Table } from '../../store.ts';

export interface Queue {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  purgedAt: number | null;
  /** Those that can be set, as strings. */
  attributes: Readonly<Record<string, string>>;
}

type Place = Pick<Call, 'world' | 'account' | 'region'>;

export const queues = ({ world, account, region }: Place): Table<Queue> =>
  world.store.table(account, region, 'sqs.queues');

const DEFAULTS: Readonly<Record<string, string>> = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

export const urlOfQueue = ({ account, name }: Queue, world: World): string => `${world.endpoint}/${account}/${name}`;

export interface QueueSeed {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Puts an empty queue into an account's Region. */
export function seedQueue(world: World, { account, region, name, attributes = {} }: QueueSeed): Queue {
  const now = world.clock.now();
  const arn = `arn:aws:sqs:${region}:${account}:${name}`;
  const given = { ...DEFAULTS, ...attributes };
  const queue = { name, account, region, arn, createdAt: now, modifiedAt: now, purgedAt: null, attributes: given };
  queues({ world, account, region }).set(name, queue);
  return queue;
}

export function queueOfArn(world: World, arn: string): Queue | undefined {
  const [, , , region = '', account = '', name = ''] = arn.split(':');
  return queues({ world, account, region }).get(name);
}

/** The queue of an account's Region that the caller may use; one of another account only where its policy says so. */
export function findQueue(call: Call, account: string, name: string, action: string): Queue {
  const queue = queues({ ...call, account }).get(name);
  if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  if (account === call.account || isLetIn(call, queue, `sqs:${action}`)) return queue;
  throw new AwsError('AccessDenied', `Access to the resource ${urlOfQueue(queue, call.world)} is denied.`, 403);
}

function isLetIn({ account }: Call, { attributes }: Queue, action: string): boolean {
  return policyAllows(attributes['Policy'] || null, { action, account, context: { 'aws:PrincipalAccount': account } });
}

/** The queue of an address; which host it names is of no matter. */
export function queueOf(call: Call, url: string, action: string): Queue {
  const [, account, name] = /\/(\d{12})\/([\w.-]+)$/.exec(url) ?? [];
  if (account === undefined || name === undefined) {
    throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404);
  }
  return findQueue(call, account, name, action);
}
