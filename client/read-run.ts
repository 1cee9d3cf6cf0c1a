/** A run as it stands; also after its end. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import type { CommandError } from './exit.ts';
import { failureOf, hasFailed, runFailed } from './upgrade-failure.ts';

export interface ReadRun<Status> {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, … */
  readonly execution: string;
  /** What the run ended with instead of a result; null: it goes on, or has come to its end. */
  readonly failure: string | null;
  readonly status: Status;
}

/** @param unknown what is said of an id that Temporal does not know */
export async function readRun<Status>(
  client: Client,
  workflowId: string,
  query: QueryDefinition<Status>,
  unknown: (workflowId: string) => CommandError,
): Promise<ReadRun<Status>> {
  const handle = client.workflow.getHandle(workflowId);
  const about = await handle.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) throw unknown(workflowId);
    throw error;
  });
  const execution = about.status.name;
  const failure = hasFailed(execution) ? await failureOf(client, workflowId, about.runId) : null;
  const status = await handle.query(query).catch((error: unknown) => {
    // A run that failed before it could be asked anything has nothing else to tell.
    if (failure !== null) throw runFailed(workflowId, execution, failure);
    throw error;
  });
  return { workflowId, runId: about.runId, execution, failure, status };
}
