/** The queue of AWS Backup's events in the sandbox, sweeps, and what became of recovery points in the end. */
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { WorkflowNotFoundError } from '@temporalio/client';
import { custodyReconcileId, type CustodyReconcileOptions } from '../../domain/custody-reconcile.ts';
import type { CustodySweepResult } from '../../domain/custody-sweep.ts';
import { custodyId, type CustodyPolicy, type CustodyResult } from '../../domain/custody.ts';
import { dayOf, indexKey } from '../../domain/evidence-keys.ts';
import type { IndexEntry } from '../../domain/evidence.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { indexText } from '../../report/evidence-index.ts';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Point } from '../../sandbox/services/backup/rows.ts';
import type { IntakeOptions } from '../../worker/intake.ts';
import type { custodyReconcile } from '../../workflows/custody-reconcile.ts';
import { SOURCE, type CustodyRig } from './custody.ts';
import { waitUntil } from './upgrade.ts';

const { queueName, deadLetterQueueName } = BACKUP_WORLD;

const urlOf = (sandbox: Sandbox, name: string): string => `${sandbox.endpoint}/${SOURCE.account}/${name}`;

/** Events of the source account's queue go to custodies of that policy. */
export const intakeOf =
  (...policies: readonly CustodyPolicy[]) =>
  (sandbox: Sandbox): IntakeOptions => ({
    queues: [
      {
        target: SOURCE,
        url: urlOf(sandbox, queueName),
        deadLetterUrl: urlOf(sandbox, deadLetterQueueName),
      },
    ],
    policies,
  });

async function withSqs<T>(use: (sqs: SQSClient) => Promise<T>): Promise<T> {
  const sqs = new SQSClient({ region: SOURCE.region });
  try {
    return await use(sqs);
  } finally {
    sqs.destroy();
  }
}

export async function sendEvent(rig: CustodyRig, body: string): Promise<void> {
  await withSqs(async (sqs) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(rig.sandbox, queueName), MessageBody: body }));
  });
}

/** The body and the reason of what is in the dead-letter queue. */
export async function deadLetters(rig: CustodyRig): Promise<{ readonly body: string; readonly reason: string }[]> {
  const QueueUrl = urlOf(rig.sandbox, deadLetterQueueName);
  const { Messages = [] } = await withSqs((sqs) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] })),
  );
  return Messages.map(({ Body = '', MessageAttributes }) => ({
    body: Body,
    reason: MessageAttributes?.['HoldfastReason']?.StringValue ?? '',
  }));
}

/** Nothing is left in the queue, neither visible nor in a worker's hands. */
export async function untilQueueIsEmpty(rig: CustodyRig): Promise<void> {
  const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
  const ask = new GetQueueAttributesCommand({ QueueUrl: urlOf(rig.sandbox, queueName), AttributeNames });
  await waitUntil('the queue is empty', async () => {
    const { Attributes = {} } = await withSqs((sqs) => sqs.send(ask));
    return Object.values(Attributes).every((count) => count === '0');
  });
}

export async function reconcile(
  rig: CustodyRig,
  policy: CustodyPolicy,
  full = false,
  options: CustodyReconcileOptions = {},
): Promise<CustodySweepResult> {
  return await rig.client.workflow.execute<typeof custodyReconcile>('custodyReconcile', {
    workflowId: custodyReconcileId(policy.name),
    taskQueue: TASK_QUEUE,
    args: [{ policy, full }, null, options],
  });
}

/** What became of a point, when its custody has come to its end; it may not have begun yet. */
export async function endOf(rig: CustodyRig, arn: string): Promise<CustodyResult> {
  const handle = rig.client.workflow.getHandle(custodyId(arn));
  await waitUntil(`a custody of ${arn} is there`, async () => {
    try {
      await handle.describe();
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  });
  return (await handle.result()) as CustodyResult;
}

/** The index has it as settled, and Temporal knows nothing of it, as long after its end. */
export async function settleLongAgo(policy: CustodyPolicy, point: Point): Promise<void> {
  const { target, place } = policy.evidence;
  const day = { vault: { ...SOURCE, vault: point.vault }, day: dayOf(new Date(point.createdAt).toISOString()) };
  const s3 = new S3Client({ region: target.region });
  const object = { Bucket: place.bucket, Key: indexKey(place.prefix, day), Body: indexText(day, [keptEntry(point)]) };
  await s3.send(new PutObjectCommand(object));
  s3.destroy();
}

/** What the index says of a point whose custody kept it. */
export const keptEntry = ({ arn, resourceArn, resourceType, createdAt }: Point): IndexEntry => ({
  pointArn: arn,
  resourceArn,
  resourceType,
  createdAt: new Date(createdAt).toISOString(),
  outcome: 'kept',
  reason: 'all copies are verified',
  closedAt: new Date(createdAt).toISOString(),
  rule: 'nightly',
  legs: [],
  deleteAtBefore: null,
  deleteAtAfter: null,
  evidence: null,
  policySha256: '',
});

export async function isKnown(rig: CustodyRig, arn: string): Promise<boolean> {
  try {
    await rig.client.workflow.getHandle(custodyId(arn)).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
