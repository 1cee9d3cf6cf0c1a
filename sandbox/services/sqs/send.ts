/** SendMessage, by itself and in batches. */
import { createHash } from 'node:crypto';
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { uuidFrom } from '../uuid.ts';
import { secondsOf } from './attributes.ts';
import { eachEntry } from './batch.ts';
import type { Entry } from './batch.ts';
import type { MessageAttribute } from './messages.ts';
import { messages, putMessage } from './messages.ts';
import type { Queue } from './queues.ts';
import { queueOf } from './queues.ts';

interface MessageInput {
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Readonly<Record<string, AttributeInput>>;
}

interface AttributeInput {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

const MOST_ATTRIBUTES = 10;
const MOST_DELAY_SECONDS = 900;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

function send(queue: Queue, input: MessageInput, call: Call): object {
  const { MessageBody: body, DelaySeconds = secondsOf(queue, 'DelaySeconds'), MessageAttributes = {} } = input;
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, value]) => [name, attributeOf(name, value)]),
  );
  checkMessage(queue, body, DelaySeconds, attributes);
  const table = messages(call.world, queue);
  const number = `${queue.arn}/${call.now}/${table.size}/${call.requestId}`;
  const id = uuidFrom(call.world.random(`sqs/${number}/${createHash('md5').update(body).digest('hex')}`));
  putMessage(table, {
    id,
    body,
    attributes,
    senderId: call.account,
    sentAt: call.now,
    visibleAt: call.now + DelaySeconds * 1000,
    receiveCount: 0,
    firstReceivedAt: null,
    receipt: null,
    deadLetterOf: null,
  });
  return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: md5OfAttributes(attributes) };
}

function checkMessage(
  queue: Queue,
  body: string,
  delaySeconds: number,
  attributes: Readonly<Record<string, MessageAttribute>>,
): void {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(body)) {
    throw new AwsError('InvalidMessageContents', 'Invalid characters found in the message body.');
  }
  if (Object.keys(attributes).length > MOST_ATTRIBUTES) {
    throw invalid(`Number of message attributes [${Object.keys(attributes).length}] exceeds the allowed maximum [10].`);
  }
  const most = secondsOf(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) + sizeOf(attributes) > most) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
  }
  if (delaySeconds < 0 || delaySeconds > MOST_DELAY_SECONDS) {
    throw invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
}

function attributeOf(name: string, { DataType, StringValue, BinaryValue }: AttributeInput): MessageAttribute {
  if (!/^(String|Number|Binary)(\..+)?$/.test(DataType)) {
    throw invalid(
      `The type of message attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (StringValue !== undefined && StringValue !== '') return { DataType, StringValue };
  if (BinaryValue !== undefined) return { DataType, binary: Buffer.from(BinaryValue).toString('base64') };
  throw invalid(`Message attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
}

const bytesOf = ({ StringValue, binary }: MessageAttribute): Buffer =>
  StringValue === undefined ? Buffer.from(binary ?? '', 'base64') : Buffer.from(StringValue);

const sizeOf = (attributes: Readonly<Record<string, MessageAttribute>>): number =>
  Object.entries(attributes)
    .map(([name, value]) => Buffer.byteLength(name) + value.DataType.length + bytesOf(value).length)
    .reduce((sum, size) => sum + size, 0);

export const md5 = (body: string): string => createHash('md5').update(body).digest('hex');

/** As AWS documents it: name, type and value of each by name, with their lengths, and a byte for the kind of value. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const value = attributes[name] as MessageAttribute;
    add(Buffer.from(name));
    add(Buffer.from(value.DataType));
    hash.update(Buffer.from([value.StringValue === undefined ? 2 : 1]));
    add(bytesOf(value));
  }
  return hash.digest('hex');
}

const sendMessage: Operation = ({ QueueUrl, ...message }: MessageInput & { QueueUrl: string }, call) =>
  send(queueOf(call, QueueUrl, 'SendMessage'), message, call);

const sendMessageBatch: Operation = (
  { QueueUrl, Entries }: { QueueUrl: string; Entries: readonly (Entry & MessageInput)[] },
  call,
) => {
  const queue = queueOf(call, QueueUrl, 'SendMessage');
  return eachEntry(Entries, (entry) => send(queue, entry, call));
};

export const sendOperations: Readonly<Record<string, Operation>> = {
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
};
