/** What is done with a received message by the handle of its receipt. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { eachEntry } from './batch.ts';
import type { Entry } from './batch.ts';
import type { Message } from './messages.ts';
import { hideUntil, messages } from './messages.ts';
import type { Queue } from './queues.ts';
import { queueOf } from './queues.ts';

const MOST_HIDDEN_SECONDS = 43_200;

/** Each receipt has its own. */
export const receiptHandle = ({ arn }: Queue, { id, receiveCount }: Message, receiver: string): string =>
  Buffer.from(JSON.stringify([arn, id, receiveCount, receiver])).toString('base64');

/** The id of the message that a handle is of. */
function idOf(handle: string, { arn }: Queue): string {
  const [queue, id] = partsOf(handle);
  if (queue === arn && id !== undefined) return id;
  throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
}

function partsOf(handle: string): readonly string[] {
  try {
    return JSON.parse(Buffer.from(handle, 'base64').toString('utf8')) as string[];
  } catch {
    return [];
  }
}

/** Deleting with an older handle than the last one is answered like any deletion, and has no effect. */
function remove({ world }: Call, queue: Queue, handle: string): object {
  const table = messages(world, queue);
  const id = idOf(handle, queue);
  if (table.get(id)?.receipt === handle) table.delete(id);
  return {};
}

function changeVisibility({ world, now }: Call, queue: Queue, handle: string, seconds: number): object {
  if (seconds < 0 || seconds > MOST_HIDDEN_SECONDS) {
    const rule = 'Must be between 0 and 43200';
    const message = `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: ${rule}, if provided.`;
    throw new AwsError('InvalidParameterValue', message);
  }
  const table = messages(world, queue);
  const message = table.get(idOf(handle, queue));
  const words = `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`;
  if (message?.receipt !== handle) throw new AwsError('InvalidParameterValue', words);
  if (message.visibleAt <= now) throw new AwsError('MessageNotInflight', words);
  hideUntil(table, message, now + seconds * 1000);
  return {};
}

interface Handled {
  readonly ReceiptHandle: string;
}

const deleteMessage: Operation = ({ QueueUrl, ReceiptHandle }: Handled & { QueueUrl: string }, call) =>
  remove(call, queueOf(call, QueueUrl, 'DeleteMessage'), ReceiptHandle);

const deleteMessageBatch: Operation = (
  { QueueUrl, Entries }: { QueueUrl: string; Entries: readonly (Entry & Handled)[] },
  call,
) => {
  const queue = queueOf(call, QueueUrl, 'DeleteMessage');
  return eachEntry(Entries, ({ ReceiptHandle }) => remove(call, queue, ReceiptHandle));
};

interface Hidden extends Handled {
  readonly VisibilityTimeout?: number;
}

const changeMessageVisibility: Operation = (input: Hidden & { QueueUrl: string }, call) => {
  const queue = queueOf(call, input.QueueUrl, 'ChangeMessageVisibility');
  return changeVisibility(call, queue, input.ReceiptHandle, input.VisibilityTimeout ?? 0);
};

const changeMessageVisibilityBatch: Operation = (
  { QueueUrl, Entries }: { QueueUrl: string; Entries: readonly (Entry & Hidden)[] },
  call,
) => {
  const queue = queueOf(call, QueueUrl, 'ChangeMessageVisibility');
  return eachEntry(Entries, (entry) =>
    changeVisibility(call, queue, entry.ReceiptHandle, entry.VisibilityTimeout ?? 0),
  );
};

export const receiptOperations: Readonly<Record<string, Operation>> = {
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
};
