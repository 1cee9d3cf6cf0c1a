/** Why a run ended without coming to its end. */
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { messagesOf } from './errors.ts';
import { CommandError } from './exit.ts';

/** @param execution Temporal's word: RUNNING, COMPLETED, FAILED, … */
export const hasFailed = (execution: string): boolean =>
  ['FAILED', 'TERMINATED', 'CANCELLED', 'TIMED_OUT'].includes(execution);

/** What the run failed with, its causes included; null: it did not fail. Waits for the end of a run that goes on. */
export async function failureOf(client: Client, workflowId: string, runId: string): Promise<string | null> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return null;
  } catch (error) {
    if (error instanceof WorkflowFailedError) return messagesOf(error);
    throw error;
  }
}

export const runFailed = (workflowId: string, execution: string, failure: string | null): CommandError =>
  new CommandError(
    'failed',
    `${workflowId} did not come to its end (${execution.toLowerCase()})${failure ? `: ${failure}` : ''}`,
  );
