/** Begins runs whose workflow id is their lock: a second one of the same thing is refused. */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TASK_QUEUE } from '../domain/target.ts';
import { CommandError } from './exit.ts';

/** What Temporal takes, with room to spare. */
const SUMMARY_LENGTH = 200;

export interface Begun {
  readonly workflowId: string;
  /** Of the first run, which others may follow by continue-as-new. */
  readonly runId: string;
}

interface Beginning<I> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: I;
  readonly searchAttributes: object;
  readonly summary: string;
}

/** What is refused while a run goes on: in words, and the command that shows it. */
export interface Running {
  readonly what: string;
  readonly look: string;
}

export async function begin<I>(client: Client, beginning: Beginning<I>, running: Running): Promise<Begun> {
  const { type, workflowId, input, searchAttributes, summary } = beginning;
  try {
    const handle = await client.workflow.start<(input: I) => Promise<unknown>>(type, {
      workflowId,
      workflowIdConflictPolicy: 'FAIL',
      taskQueue: TASK_QUEUE,
      args: [input],
      searchAttributes: searchAttributes as Record<string, string[]>,
      staticSummary: summary.slice(0, SUMMARY_LENGTH),
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw alreadyRunning(workflowId, running);
    throw error;
  }
}

/** The same refusal as `begin`'s, before anybody is asked anything. */
export async function refuseWhileItRuns(client: Client, workflowId: string, running: Running): Promise<void> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') throw alreadyRunning(workflowId, running);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const alreadyRunning = (workflowId: string, { what, look }: Running): CommandError =>
  new CommandError('alreadyRunning', `${what} is running already: ${workflowId}\nlook at it with \`${look}\``);
