/** Making, finding and setting up queues. */
import { paginate } from '../../pagination.ts';
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { checkAttributes } from './attributes.ts';
import { deliverEvents } from '../eventbridge.ts';
import { messages } from './messages.ts';
import type { Queue } from './queues.ts';
import { findQueue, queueOf, queues, seedQueue, urlOfQueue } from './queues.ts';

const MOST_PER_PAGE = 1000;
const PURGE_AGAIN_MS = 60_000;

type Attributes = Readonly<Record<string, string>>;

interface CreateQueueInput {
  readonly QueueName: string;
  readonly Attributes?: Attributes;
}

const createQueue: Operation = ({ QueueName: name, Attributes: given = {} }: CreateQueueInput, call) => {
  if (!/^[\w-]{1,80}$/.test(name)) {
    const rule = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw new AwsError('InvalidParameterValue', rule);
  }
  checkAttributes(call.world, given);
  const known = queues(call).get(name);
  const differing = known && Object.entries(given).find(([key, value]) => known.attributes[key] !== value);
  if (differing) {
    const what = `A queue already exists with the same name and a different value for attribute ${differing[0]}`;
    throw new AwsError('QueueNameExists', what);
  }
  const { account, region } = call;
  return {
    QueueUrl: urlOfQueue(known ?? seedQueue(call.world, { account, region, name, attributes: given }), call.world),
  };
};

const getQueueUrl: Operation = (
  { QueueName, QueueOwnerAWSAccountId }: { QueueName: string; QueueOwnerAWSAccountId?: string },
  call,
) => ({
  QueueUrl: urlOfQueue(findQueue(call, QueueOwnerAWSAccountId ?? call.account, QueueName, 'GetQueueUrl'), call.world),
});

interface ListQueuesInput {
  readonly QueueNamePrefix?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const listQueues: Operation = ({ NextToken, MaxResults, QueueNamePrefix: prefix = '' }: ListQueuesInput, call) => {
  const page = paginate(
    {
      operation: 'ListQueues',
      items: queues(call)
        .values()
        .filter(({ name }) => name.startsWith(prefix)),
      idOf: ({ name }) => name,
      pageSize: MaxResults ?? MOST_PER_PAGE,
      token: NextToken,
      parameters: { prefix },
      invalidToken: () => new AwsError('InvalidParameterValue', 'Invalid or expired next token.'),
    },
    call,
  );
  return {
    QueueUrls: page.items.map((queue) => urlOfQueue(queue, call.world)),
    // Without a page size AWS lists the first thousand and says nothing of more.
    NextToken: MaxResults === undefined ? undefined : page.nextToken,
  };
};

const getQueueAttributes: Operation = (
  { QueueUrl, AttributeNames = [] }: { QueueUrl: string; AttributeNames?: readonly string[] },
  call,
) => {
  const queue = queueOf(call, QueueUrl, 'GetQueueAttributes');
  const all = { ...queue.attributes, ...computed(queue, call) };
  const asked = Object.entries(all).filter(([name]) => AttributeNames.includes('All') || AttributeNames.includes(name));
  return { Attributes: asked.length > 0 ? Object.fromEntries(asked) : undefined };
};

function computed(queue: Queue, call: Call): Attributes {
  deliverEvents(call.world, queue);
  const hidden = messages(call.world, queue)
    .values()
    .filter(({ visibleAt }) => visibleAt > call.now);
  const inFlight = hidden.filter(({ receipt }) => receipt !== null).length;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(messages(call.world, queue).size - hidden.length),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(hidden.filter((each) => isDelayed(each, call.now)).length),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}

/** What is still to come from a rule is not in the queue yet. */
const isDelayed = ({ receipt, sentAt }: { receipt: string | null; sentAt: number }, now: number): boolean =>
  receipt === null && sentAt <= now;

const setQueueAttributes: Operation = (
  { QueueUrl, Attributes: given }: { QueueUrl: string; Attributes: Attributes },
  call,
) => {
  const queue = queueOf(call, QueueUrl, 'SetQueueAttributes');
  checkAttributes(call.world, given);
  queue.attributes = { ...queue.attributes, ...given };
  queue.modifiedAt = call.now;
  queues(queue.account === call.account ? call : { ...call, account: queue.account }).touch();
  return {};
};

const purgeQueue: Operation = ({ QueueUrl }: { QueueUrl: string }, call) => {
  const queue = queueOf(call, QueueUrl, 'PurgeQueue');
  if (queue.purgedAt !== null && call.now < queue.purgedAt + PURGE_AGAIN_MS) {
    const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
    throw new AwsError('PurgeQueueInProgress', message, 403);
  }
  const table = messages(call.world, queue);
  for (const { id, sentAt } of table.values()) if (sentAt <= call.now) table.delete(id);
  queue.purgedAt = call.now;
  return {};
};

export const queueOperations: Readonly<Record<string, Operation>> = {
  CreateQueue: createQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  PurgeQueue: purgeQueue,
  SetQueueAttributes: setQueueAttributes,
};
