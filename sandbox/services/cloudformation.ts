/** AWS CloudFormation: stacks that are there, are being deleted, and are gone. */
import { AwsError } from '../service.ts';
import type { Call, Operation, Service, World } from '../service.ts';
import { paginate } from '../pagination.ts';
import { uuidFrom } from './uuid.ts';

const PAGE = 100;

export interface Stack {
  readonly stackId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly terminationProtection: boolean;
  /** How long its deletion takes. */
  readonly deleteSeconds: number;
  /** In order of time; a deletion under way has its end here already. */
  log: { readonly at: number; readonly status: string; readonly reason?: string }[];
}

const stacks = (world: World, account: string, region: string) =>
  world.store.table<Stack>(account, region, 'cloudformation.stacks');

export interface StackSeed {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** @default false */
  readonly terminationProtection?: boolean;
  /** @default 90 */
  readonly deleteSeconds?: number;
}

/** Puts a stack that was created completely into an account's Region. */
export function seedStack(world: World, { account, region, name, ...rest }: StackSeed): Stack {
  const now = world.clock.now();
  const uuid = uuidFrom(world.random(`stack/${account}/${region}/${name}`));
  const stack: Stack = {
    stackId: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${uuid}`,
    name,
    createdAt: now,
    terminationProtection: rest.terminationProtection ?? false,
    deleteSeconds: rest.deleteSeconds ?? 90,
    log: [{ at: now, status: 'CREATE_COMPLETE' }],
  };
  stacks(world, account, region).set(stack.stackId, stack);
  return stack;
}

const statusAt = (stack: Stack, at: number) => stack.log.findLast((change) => change.at <= at);

/** By its ARN also when it is deleted, by its name only while it exists. */
function find(call: Call, named: string, at: number): Stack | undefined {
  const table = stacks(call.world, call.account, call.region);
  const exists = (stack: Stack) => stack.createdAt <= at && statusAt(stack, at)?.status !== 'DELETE_COMPLETE';
  return table.get(named) ?? table.values().find((stack) => stack.name === named && exists(stack));
}

// A stack that does not exist is not an error here: deleting it again succeeds.
const deleteStack: Operation = ({ StackName }: { StackName: string }, call) => {
  const stack = find(call, StackName, call.now);
  const status = stack && statusAt(stack, call.now)?.status;
  if (!stack || status === 'DELETE_IN_PROGRESS' || status === 'DELETE_COMPLETE') return {};
  if (stack.terminationProtection) {
    const message = `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`;
    throw new AwsError('ValidationError', message);
  }
  const where = { service: 'cloudformation', operation: 'DeleteStack', input: { StackName } };
  const fault = call.world.faults.take(['stuck', 'fail'], where);
  const at = call.now + stack.deleteSeconds * 1000;
  stack.log.push({ at: call.now, status: 'DELETE_IN_PROGRESS', reason: 'User Initiated' });
  if (fault?.kind === 'fail') stack.log.push({ at, status: 'DELETE_FAILED', reason: fault.message ?? 'Failed' });
  if (!fault) stack.log.push({ at, status: 'DELETE_COMPLETE' });
  stacks(call.world, call.account, call.region).touch();
  return {};
};

function stackShown(stack: Stack, at: number): object {
  const shown = statusAt(stack, at);
  const deletion = stack.log.find((change) => change.status === 'DELETE_IN_PROGRESS' && change.at <= at);
  return {
    StackId: stack.stackId,
    StackName: stack.name,
    CreationTime: new Date(stack.createdAt),
    ...(deletion && { DeletionTime: new Date(deletion.at) }),
    StackStatus: shown?.status,
    ...(shown?.reason && { StackStatusReason: shown.reason }),
    DisableRollback: false,
    EnableTerminationProtection: stack.terminationProtection,
    NotificationARNs: [],
    Tags: [],
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

const describeStacks: Operation = (input: { StackName?: string; NextToken?: string }, call) => {
  const { StackName } = input;
  if (StackName) {
    const stack = find(call, StackName, call.asOf);
    if (!stack) throw new AwsError('ValidationError', `Stack with id ${StackName} does not exist`);
    return { Stacks: [stackShown(stack, call.asOf)] };
  }
  const present = stacks(call.world, call.account, call.region)
    .values()
    .filter((stack) => stack.createdAt <= call.asOf && statusAt(stack, call.asOf)?.status !== 'DELETE_COMPLETE');
  const found = paginate(
    {
      operation: 'DescribeStacks',
      items: present,
      idOf: ({ stackId }) => stackId,
      pageSize: PAGE,
      token: input.NextToken,
      parameters: {},
      invalidToken: () => new AwsError('ValidationError', 'The NextToken is not valid.'),
    },
    call,
  );
  return { Stacks: found.items.map((stack) => stackShown(stack, call.asOf)), NextToken: found.nextToken };
};

export const cloudformation: Service = {
  signingName: 'cloudformation',
  operations: { DeleteStack: deleteStack, DescribeStacks: describeStacks },
};
