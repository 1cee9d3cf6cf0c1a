/** An update of a run from the command line: what it is told, by whom, and what comes of it. */
import { hostname, userInfo } from 'node:os';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { CommandError } from './exit.ts';

interface Said<Answer, Request> {
  readonly workflowId: string;
  readonly update: UpdateDefinition<Answer, [Request]>;
  readonly request: Request;
  /** What ends the command when nothing is known by that id. */
  readonly unknown: (workflowId: string) => CommandError;
}

export async function sayTo<Answer, Request>(
  client: Client,
  { workflowId, update, request, unknown }: Said<Answer, Request>,
): Promise<Answer> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await handle.executeUpdate(update, { args: [request] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError('failed', error.cause?.message ?? error.message, { cause: error });
    }
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const about = await handle.describe().catch(() => null);
    if (about === null) throw unknown(workflowId);
    throw new CommandError('notFound', `${workflowId} does not run any more (${about.status.name.toLowerCase()})`);
  }
}

/** Who sits before this command, as far as this machine knows. */
export function person(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user that it has no name for.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}
