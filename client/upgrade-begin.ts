/** Begins an upgrade: its workflow id is the lock, so that one bundle is upgraded once at a time. */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { selectionText } from '../domain/selection.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { imageUpgradeId, type ImageUpgradeResult } from '../workflows/image-upgrade.messages.ts';
import { CommandError } from './exit.ts';
import { flagsOf } from './upgrade-choice.ts';

export interface Begun {
  readonly workflowId: string;
  /** Of the first run, which others may follow by continue-as-new. */
  readonly runId: string;
}

/** What Temporal takes, with room to spare. */
const SUMMARY_LENGTH = 200;

type UpgradeWorkflow = (input: ImageUpgradeInput) => Promise<ImageUpgradeResult>;

export async function beginUpgrade(client: Client, input: ImageUpgradeInput): Promise<Begun> {
  const workflowId = imageUpgradeId(input.target, input.bundleId);
  try {
    const handle = await client.workflow.start<UpgradeWorkflow>('imageUpgrade', {
      workflowId,
      workflowIdConflictPolicy: 'FAIL',
      taskQueue: TASK_QUEUE,
      args: [input],
      searchAttributes: searchAttributesOf(input) as Record<string, string[]>,
      staticSummary: `${input.bundleId} to ${input.imageId}, ${selectionText(input.selection)}`.slice(
        0,
        SUMMARY_LENGTH,
      ),
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw alreadyRunning(workflowId);
    throw error;
  }
}

/** The same refusal as `beginUpgrade`'s, before anybody is asked anything. */
export async function refuseIfRunning(client: Client, input: ImageUpgradeInput): Promise<void> {
  const workflowId = imageUpgradeId(input.target, input.bundleId);
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
    `an upgrade of this bundle is running already: ${workflowId}\n` +
      `look at it with \`holdfast upgrade status ${flagsOf(workflowId)}\``,
  );
