/** Whether a worker is there to do what a command asks for: without one, a command would wait for ever. */
import type { Client } from '@temporalio/client';
import { TASK_QUEUE, targetName, workspacesTaskQueue, type Target } from '../domain/target.ts';
import { CommandError } from './exit.ts';

/** Temporal's numbers of the kinds of task. */
const WORKFLOWS = 1;
const ACTIVITIES = 2;

/** A poll takes a minute when there is nothing to do, so one that lives was seen within this. */
const SEEN_WITHIN = 90_000;

/** @param target the account and Region whose WorkSpaces calls are needed; absent: only workflows are asked */
export async function requireWorker(client: Client, target?: Target): Promise<void> {
  const [any, served] = await Promise.all([
    isPolled(client, TASK_QUEUE, WORKFLOWS),
    target ? isPolled(client, workspacesTaskQueue(target), ACTIVITIES) : true,
  ]);
  if (any && served) return;
  const flag = target ? ` --target ${targetName(target)}` : '';
  throw new CommandError(
    'unreachable',
    `no worker ${target && any ? `serves ${targetName(target)}` : 'runs'} (namespace ${client.options.namespace}): ` +
      `start one with \`holdfast worker${flag}\``,
  );
}

async function isPolled(client: Client, name: string, taskQueueType: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => {
    const seen = Number(lastAccessTime?.seconds ?? 0) * 1000;
    return Date.now() - seen < SEEN_WITHIN;
  });
}
