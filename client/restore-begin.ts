/** Plans and begins restores: the workflow id is the lock, so that one WorkSpace is restored once at a time. */
import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import type { RestorePlan } from '../domain/restore-plan.ts';
import { restoreAttributesOf } from '../domain/search-attributes.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { imageRestoreId, imageRestorePlanId, type ImageRestoreResult } from '../workflows/image-restore.messages.ts';
import { CommandError } from './exit.ts';
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

export interface BegunRestore {
  readonly workflowId: string;
  readonly runId: string;
}

export async function beginRestore(client: Client, input: ImageRestoreInput): Promise<BegunRestore> {
  const workflowId = imageRestoreId(input.target, input.workspaceId);
  try {
    const handle = await client.workflow.start<(input: ImageRestoreInput) => Promise<ImageRestoreResult>>(
      'imageRestore',
      {
        workflowId,
        workflowIdConflictPolicy: 'FAIL',
        taskQueue: TASK_QUEUE,
        args: [input],
        searchAttributes: restoreAttributesOf(input) as Record<string, string[]>,
        staticSummary: `${input.workspaceId} by ${input.strategy}`,
      },
    );
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw alreadyRunning(workflowId);
    throw error;
  }
}

/** The same refusal as `beginRestore`'s, before anybody is asked anything. */
export async function refuseIfRestoring(client: Client, { target, workspaceId }: ImageRestoreInput): Promise<void> {
  const workflowId = imageRestoreId(target, workspaceId);
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') throw alreadyRunning(workflowId);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const alreadyRunning = (workflowId: string): CommandError =>
  new CommandError(
    'alreadyRunning',
    `a restore of this WorkSpace is running already: ${workflowId}\n` +
      `look at it with \`holdfast restore status ${restoreFlagsOf(workflowId)}\``,
  );
