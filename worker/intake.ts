/**
 * The events of AWS Backup, from queues to custodies. An event is a hint that begins a custody or has one look sooner; the
 * reconciler finds what events did not tell. What cannot be told to Temporal now, or asked of the index in S3, stays in its
 * queue.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SendMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { Client } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { Consumer } from 'sqs-consumer';
import { hintCustody, tellCustody } from '../activities/custody-starts.ts';
import type { SettledPoints } from '../activities/evidence-index.ts';
import type { IntakeQueue } from '../config/config.ts';
import { parseBackupEvent, type BackupEvent } from '../domain/backup-events.ts';
import { isUsable, type CustodyHint, type CustodyPolicy } from '../domain/custody.ts';
import { isPlaceOf } from '../domain/custody-overlap.ts';
import { policySha256 } from '../domain/evidence.ts';
import type { Target } from '../domain/target.ts';

export interface IntakeOptions {
  readonly queues: readonly IntakeQueue[];
  /** They lie apart: one at the most may have a rule for a point. */
  readonly policies: readonly CustodyPolicy[];
}

export interface IntakeDeps extends IntakeOptions {
  readonly client: Client;
  readonly sqsFor: (target: Target) => SQSClient;
  readonly settledPoints: SettledPoints;
  /** Virtual seconds in a real one, beside the sandbox: its queues go by its clock. */
  readonly speed: number;
}

export interface Intake {
  /** Takes no more messages, and lets those in hand come to their end. */
  stop(): Promise<void>;
}

/** @iam sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:SendMessage s3:GetObject s3:ListBucket kms:Decrypt */
export function startIntake(deps: IntakeDeps): Intake {
  const readers = deps.queues.map((queue) => startReading(deps, queue));
  return {
    async stop() {
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}

/** SQS's most. */
const BATCH = 10;
/** A message that was not handled comes again after so many seconds. */
const HIDDEN_SECONDS = 60;
const MOST_HIDDEN_SECONDS = 12 * 3600;

function startReading(deps: IntakeDeps, queue: IntakeQueue): Intake {
  const rest = restAfterTrouble();
  const inHand = batchInHand();
  const consumer = Consumer.create({
    queueUrl: queue.url,
    sqs: deps.sqsFor(queue.target),
    batchSize: BATCH,
    waitTimeSeconds: 20,
    visibilityTimeout: Math.min(HIDDEN_SECONDS * deps.speed, MOST_HIDDEN_SECONDS),
    heartbeatInterval: HIDDEN_SECONDS / 3,
    preReceiveMessageCallback: rest.over,
    handleMessageBatch: async (messages) => {
      const handled = await handleAll(deps, queue, messages);
      rest.heard(handled.length > 0);
      return handled;
    },
  });
  consumer.on('message_received', inHand.begin);
  consumer.on('response_processed', inHand.end);
  consumer.on('empty', () => rest.heard(true));
  consumer.on('error', (error) => {
    if (!consumer.status.isRunning) return;
    rest.heard(false);
    log().warn('the intake queue could not be read', { queue: queue.url, error });
  });
  consumer.start();
  return {
    async stop() {
      // A poll that waits for messages is given up; messages in hand are brought to their end, and deleted.
      consumer.stop({ abort: !inHand.isAny() });
      rest.end();
      await inHand.ended();
    },
  };
}

const log = () => Runtime.instance().logger;

const MOST_REST = 60_000;

/**
 * While Temporal or S3 does not answer, messages are left in the queue: each time that one is received counts, and what is
 * received too often goes to SQS's dead-letter queue.
 */
function restAfterTrouble() {
  const ended = new AbortController();
  let failures = 0;
  return {
    heard(well: boolean): void {
      failures = well ? 0 : failures + 1;
    },
    over: async (): Promise<void> => {
      if (failures === 0) return;
      const milliseconds = Math.min(MOST_REST, 500 * 2 ** failures);
      await delay(milliseconds, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
    },
    end(): void {
      ended.abort();
    },
  };
}

function batchInHand() {
  let done: PromiseWithResolvers<void> | undefined;
  return {
    begin: (): void => {
      done ??= Promise.withResolvers();
    },
    end: (): void => {
      done?.resolve();
      done = undefined;
    },
    isAny: (): boolean => done !== undefined,
    ended: async (): Promise<void> => await done?.promise,
  };
}

/** Milliseconds. One that does not is tried again with the message. */
const TEMPORAL_ANSWERS_WITHIN = 30_000;

/** `nobodyToTell`: no custody of that point runs, as of a copy, whose second hop the queue of copies follows itself. */
type Handled = 'told' | 'nobodyToTell' | 'settled' | 'ignored' | 'malformed' | 'left';

/** @returns those that are done with; the others come again */
async function handleAll(deps: IntakeDeps, queue: IntakeQueue, messages: readonly Message[]): Promise<Message[]> {
  const results = await Promise.all(
    messages.map(async (message): Promise<Handled> => {
      try {
        return await deps.client.withDeadline(Date.now() + TEMPORAL_ANSWERS_WITHIN, () => handle(deps, queue, message));
      } catch (error) {
        log().warn('an event could not be handled, and is left in its queue', { queue: queue.url, error });
        return 'left';
      }
    }),
  );
  const counts = Object.entries(Object.groupBy(results, (result) => result)).map(([result, all]) => [
    result,
    all.length,
  ]);
  log().info('took events of AWS Backup', { queue: queue.url, ...(Object.fromEntries(counts) as object) });
  const handled = messages.filter((_, index) => results[index] !== 'left');
  // One that was received twice at once is deleted once: SQS refuses a whole batch for it.
  return [...new Map(handled.map((message) => [message.MessageId, message])).values()];
}

async function handle(deps: IntakeDeps, queue: IntakeQueue, message: Message): Promise<Handled> {
  const event = parseBackupEvent(message.Body ?? '');
  switch (event.kind) {
    case 'point':
      return await tellPoint(deps, event);
    case 'copyJob':
      // Where no custody runs, it has ended, or begins with the point's own event or the next sweep.
      return told(await hintCustody(deps.client, event.source.arn, event.hint));
    case 'ignored':
      log().debug('an event is ignored', { queue: queue.url, why: event.why });
      return 'ignored';
    case 'malformed':
      return await refuse(deps, queue, message, event.why);
  }
}

type PointEvent = Extract<BackupEvent, { kind: 'point' }>;

async function tellPoint({ client, policies, settledPoints }: IntakeDeps, event: PointEvent): Promise<Handled> {
  const { ref, createdAt, state } = event;
  const policy = policies.find((each) => isPlaceOf(each, ref));
  if (!policy) return 'ignored';
  // One that expires or is partial matters to its custody, and begins none.
  if (!isUsable(state)) return told(await hintCustody(client, ref.arn, hintOf(state)));
  const points = createdAt.map((day) => ({ ref, createdAt: day }));
  const ask = { evidence: policy.evidence, points, policySha256: policySha256(policy) };
  const { settled, unread } = await settledPoints(ask);
  if (settled.length > 0) return 'settled';
  if (unread[0]) throw new Error(unread[0].why);
  await tellCustody(client, { point: ref, policy, begunBy: 'event' }, hintOf(state));
  return 'told';
}

const told = (was: boolean): Handled => (was ? 'told' : 'nobodyToTell');

const hintOf = (state: string): CustodyHint => ({
  kind: 'point',
  copyJobId: null,
  state,
  destinationVaultArn: null,
  copyArn: null,
  message: null,
});

/** SQS takes so many characters for an attribute without counting them against much. */
const MOST_REASON = 500;

/** Into the dead-letter queue with the reason: left in its own, it would come again and again. */
async function refuse(deps: IntakeDeps, queue: IntakeQueue, message: Message, why: string): Promise<Handled> {
  log().warn('a message is no event of AWS Backup', { queue: queue.url, messageId: message.MessageId, why });
  const reason = { DataType: 'String', StringValue: printable(why).slice(0, MOST_REASON) };
  await deps.sqsFor(queue.target).send(
    new SendMessageCommand({
      QueueUrl: queue.deadLetterUrl,
      // SQS takes no empty body.
      MessageBody: message.Body || '(empty)',
      MessageAttributes: { HoldfastReason: reason },
    }),
  );
  return 'malformed';
}

/** SQS refuses characters that XML has not. */
const printable = (text: string): string => text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/gu, '�');
