/** Plans and begins restores: the workflow id is the lock, so that one WorkSpace is restored once at a time. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import type { RestorePlan } from '../domain/restore-plan.ts';
import { restoreAttributesOf } from '../domain/search-attributes.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { imageRestoreId, imageRestorePlanId } from '../workflows/image-restore.messages.ts';
import { begin, refuseWhileItRuns, type Begun, type Running } from './begin.ts';
import { onInterrupt } from './interrupt.ts';
import { restoreFlagsOf } from './restore-choice.ts';

/** Has a worker make the plan; an interrupted command has it stop. */
export async function makeRestorePlan(client: Client, input: ImageRestoreInput): Promise<RestorePlan> {
  const handle = await client.workflow.start<(input: ImageRestoreInput) => Promise<RestorePlan>>('imageRestorePlan', {
    workflowId: `${imageRestorePlanId(input.target, input.workspaceId)}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: restoreAttributesOf(input) as Record<string, string[]>,
  });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    return await handle.result();
  } finally {
    forget();
  }
}

const idOf = ({ target, workspaceId }: ImageRestoreInput): string => imageRestoreId(target, workspaceId);

const running = (workflowId: string): Running => ({
  what: 'a restore of this WorkSpace',
  look: `holdfast restore status ${restoreFlagsOf(workflowId)}`,
});

export async function beginRestore(client: Client, input: ImageRestoreInput): Promise<Begun> {
  const workflowId = idOf(input);
  const summary = `${input.workspaceId} by ${input.strategy}`;
  const about = { type: 'imageRestore', workflowId, input, searchAttributes: restoreAttributesOf(input), summary };
  return await begin(client, about, running(workflowId));
}

export async function refuseIfRestoring(client: Client, input: ImageRestoreInput): Promise<void> {
  const workflowId = idOf(input);
  await refuseWhileItRuns(client, workflowId, running(workflowId));
}
