/** Many WorkSpaces looked at one after another by one activity: a call an attempt, so that the queue's rate holds. */
import { activityInfo, ApplicationFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import { DescribeWorkspaceSnapshotsCommand } from '@aws-sdk/client-workspaces';
import { newest } from '../domain/snapshots.ts';
import type { Target } from '../domain/target.ts';
import { call, failureType } from './failure.ts';
import type { WorkspacesDeps } from './workspaces.ts';

export interface SnapshotSeen {
  readonly workspaceId: string;
  /** The newest one that a rebuild can use; null: none. */
  readonly snapshot: string | null;
  /** AWS does not know the WorkSpace any more. */
  readonly gone: boolean;
}

export const createSnapshotLooksActivities = ({ workspacesFor }: WorkspacesDeps) => ({
  /**
   * Reads the newest snapshot of each, one call an attempt; what was seen so far is in the heartbeat. Reads only, so that
   * an attempt that is lost is made again. @iam workspaces:DescribeWorkspaceSnapshots
   */
  async describeNewestSnapshots(input: {
    readonly target: Target;
    readonly workspaceIds: readonly string[];
  }): Promise<readonly SnapshotSeen[]> {
    const { target, workspaceIds } = input;
    const seen = (activityInfo().heartbeatDetails as readonly SnapshotSeen[] | undefined) ?? [];
    const workspaceId = workspaceIds[seen.length];
    if (workspaceId === undefined) return seen;
    const context = { target, action: 'workspaces:DescribeWorkspaceSnapshots', resource: workspaceId };
    const snapshots = await call(context, async () => {
      try {
        const command = new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: workspaceId });
        const output = await workspacesFor(target).send(command, { abortSignal: cancellationSignal() });
        return (output.RebuildSnapshots ?? []).flatMap(({ SnapshotTime: time }) => (time ? [time.toISOString()] : []));
      } catch (error) {
        if (failureType(error) === 'NotFound') return null;
        throw error;
      }
    });
    const now = [...seen, { workspaceId, snapshot: newest(snapshots ?? []), gone: snapshots === null }];
    if (now.length === workspaceIds.length) return now;
    heartbeat(now);
    throw ApplicationFailure.create({
      type: 'StillPending',
      message: `${workspaceIds.length - now.length} WorkSpaces are still to be looked at`,
      nextRetryDelay: 1,
      category: 'BENIGN',
    });
  },
});
