/** ReceiveMessage: long polling, visibility, and what goes to the dead-letter queue. */
import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../../service.ts';
import type { Call, Operation, World } from '../../service.ts';
import { redriveOf, secondsOf } from './attributes.ts';
import { deliverEvents } from '../eventbridge.ts';
import type { Message, MessageAttribute } from './messages.ts';
import { hideUntil, messages, nextVisible, putMessage } from './messages.ts';
import type { Queue } from './queues.ts';
import { queueOf, queueOfArn } from './queues.ts';
import { receiptHandle } from './receipts.ts';
import { md5, md5OfAttributes } from './send.ts';

interface ReceiveMessageInput {
  readonly QueueUrl: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

const MOST_MESSAGES = 10;
const MOST_WAIT_SECONDS = 20;
/** A poll at a high speed would be over at once and come again at once: this is how long one lasts in real time. */
const REAL_WAIT_MS = { least: 100, most: 1000 };
const LOOK_AGAIN_MS = 20;

const receiveMessage: Operation = async (input: ReceiveMessageInput, call) => {
  const { QueueUrl, MaxNumberOfMessages: most = 1 } = input;
  if (most < 1 || most > MOST_MESSAGES) throw outOfRange('MaxNumberOfMessages', most, 'Must be between 1 and 10');
  const queue = queueOf(call, QueueUrl, 'ReceiveMessage');
  const waitSeconds = input.WaitTimeSeconds ?? secondsOf(queue, 'ReceiveMessageWaitTimeSeconds');
  if (waitSeconds < 0 || waitSeconds > MOST_WAIT_SECONDS) {
    throw outOfRange('WaitTimeSeconds', waitSeconds, 'Must be >= 0 and <= 20');
  }
  const hiddenSeconds = input.VisibilityTimeout ?? secondsOf(queue, 'VisibilityTimeout');
  const received = await firstOf(() => take(call, queue, most, hiddenSeconds), waitSeconds, call.world);
  const shown = received.map((message) => messageShown(message, input));
  return { Messages: shown.length > 0 ? shown : undefined };
};

const outOfRange = (name: string, value: number, rule: string): AwsError =>
  new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: ${rule}, if provided.`,
  );

/** What there is as soon as there is something; nothing when the wait is over. */
async function firstOf(look: () => Message[], waitSeconds: number, world: World): Promise<Message[]> {
  const { least, most } = REAL_WAIT_MS;
  const waitMs = Math.min(most, Math.max(least, (waitSeconds * 1000) / world.clock.speed));
  const until = performance.now() + (waitSeconds === 0 ? 0 : waitMs);
  for (;;) {
    const found = look();
    const left = until - performance.now();
    if (found.length > 0 || left <= 0 || world.closing.aborted) return found;
    await delay(Math.min(LOOK_AGAIN_MS, left), undefined, { signal: world.closing }).catch(() => undefined);
  }
}

function take({ world, account }: Call, queue: Queue, most: number, hiddenSeconds: number): Message[] {
  deliverEvents(world, queue);
  const now = world.clock.now();
  const table = messages(world, queue);
  const taken: Message[] = [];
  while (taken.length < most) {
    const message = nextVisible(table, now);
    if (!message) break;
    if (message.sentAt + secondsOf(queue, 'MessageRetentionPeriod') * 1000 <= now) table.delete(message.id);
    else if (!isDeadLetter(world, queue, message, now)) taken.push(message);
  }
  for (const message of taken) {
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receipt = receiptHandle(queue, message, account);
    hideUntil(table, message, now + hiddenSeconds * 1000);
  }
  return taken;
}

/** Moves what was received often enough to the queue for dead letters, where there is one. */
function isDeadLetter(world: World, queue: Queue, message: Message, now: number): boolean {
  const redrive = redriveOf(queue);
  const target = redrive && queueOfArn(world, redrive.deadLetterTargetArn);
  if (!redrive || !target || message.receiveCount < redrive.maxReceiveCount) return false;
  messages(world, queue).delete(message.id);
  putMessage(messages(world, target), { ...message, visibleAt: now, receipt: null, deadLetterOf: queue.arn });
  return true;
}

function messageShown(message: Message, input: ReceiveMessageInput): object {
  const { MessageAttributeNames: names = [] } = input;
  const asked = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => asked.includes('All') || asked.includes(name),
  );
  const attributes = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => isAsked(name, names)));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: system.length > 0 ? Object.fromEntries(system) : undefined,
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MessageAttributes: Object.keys(attributes).length > 0 ? shownAttributes(attributes) : undefined,
  };
}

function systemAttributes(message: Message): Readonly<Record<string, string>> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? ''),
    ...(message.deadLetterOf === null ? {} : { DeadLetterQueueSourceArn: message.deadLetterOf }),
  };
}

/** `All`, `.*`, a name, or a beginning such as `holdfast.*`. */
const isAsked = (name: string, names: readonly string[]): boolean =>
  names.some(
    (asked) => asked === 'All' || asked === name || (asked.endsWith('.*') && name.startsWith(asked.slice(0, -2))),
  );

const shownAttributes = (attributes: Readonly<Record<string, MessageAttribute>>): object =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, binary }]) => [
      name,
      { DataType, StringValue, BinaryValue: binary === undefined ? undefined : Buffer.from(binary, 'base64') },
    ]),
  );

export const receiveOperations: Readonly<Record<string, Operation>> = { ReceiveMessage: receiveMessage };
