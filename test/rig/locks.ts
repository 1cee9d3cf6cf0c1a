/** Another operation that holds the locks of some WorkSpaces. */
import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import { TASK_QUEUE } from '../../domain/target.ts';
import { workspaceLocksId } from '../../domain/workspace-locks.ts';
import { exchangeLocksUpdate, locksQuery } from '../../workflows/workspace-locks.messages.ts';
import type { workspaceLocks } from '../../workflows/workspace-locks.ts';
import { target, type Rig } from './upgrade.ts';

export interface Holder {
  readonly id: string;
  release(): Promise<void>;
  /** It ends without having given anything back. */
  die(): Promise<void>;
}

export async function holdLocks(rig: Rig, workspaceIds: readonly string[]): Promise<Holder> {
  const id = `another-operation/${randomUUID()}`;
  // Any workflow that stays open will do: this one does as long as it believes that something is held.
  const alive = await rig.client.workflow.start<typeof workspaceLocks>('workspaceLocks', {
    workflowId: id,
    taskQueue: TASK_QUEUE,
    args: [{ held: { nothing: 'nobody' } }],
  });
  const exchange = async (acquire: readonly string[], release: readonly string[]): Promise<void> => {
    await rig.client.workflow.executeUpdateWithStart(exchangeLocksUpdate, {
      args: [{ holder: id, acquire, release, evict: [] }],
      startWorkflowOperation: new WithStartWorkflowOperation<typeof workspaceLocks>('workspaceLocks', {
        workflowId: workspaceLocksId(target),
        taskQueue: TASK_QUEUE,
        args: [{ held: {} }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  };
  await exchange(workspaceIds, []);
  return {
    id,
    release: async () => await exchange([], workspaceIds),
    die: async () => void (await alive.terminate('it died')),
  };
}

/** Who holds what: workflow id by WorkSpace id. */
export async function locksHeld(rig: Rig): Promise<Readonly<Record<string, string>>> {
  const locks = rig.client.workflow.getHandle(workspaceLocksId(target));
  try {
    // One that was terminated is another test's.
    return (await locks.describe()).status.name === 'TERMINATED' ? {} : await locks.query(locksQuery);
  } catch (error) {
    // Nobody has asked for any yet.
    if (error instanceof WorkflowNotFoundError) return {};
    throw error;
  }
}
