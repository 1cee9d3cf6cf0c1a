/**
 * Amazon WorkSpaces. Each of these is exactly one call of AWS's API, because the task queue they run on is limited to AWS's
 * rate by tasks.
 */
import { activityInfo, ApplicationFailure, heartbeat } from '@temporalio/activity';
import {
  DescribeWorkspacesCommand,
  DescribeWorkspacesConnectionStatusCommand,
  DescribeWorkspaceSnapshotsCommand,
  CreateTagsCommand,
  MigrateWorkspaceCommand,
  ModifyWorkspaceStateCommand,
  RebuildWorkspacesCommand,
  UpdateWorkspaceBundleCommand,
  type Workspace,
  type WorkSpacesClient,
} from '@aws-sdk/client-workspaces';
import type { Member } from '../domain/eligibility.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { looksEnded, showsEffect } from '../domain/rebuild-end.ts';
import type { Desktop } from '../domain/rebuild-gate.ts';
import type { Connection } from '../domain/snapshots.ts';
import type { Target } from '../domain/target.ts';
import { awsTime, type MetadataBearer } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { bundleReads } from './bundle-reads.ts';
import { awsErrorCode, call, failureType } from './failure.ts';

export interface WorkspacesDeps {
  readonly workspacesFor: (target: Target) => WorkSpacesClient;
}

/** `unclear`: the call may have had its effect or not; after any other answer that is known. */
export type RebuildReply =
  | { readonly reply: 'accepted'; readonly at: string }
  | { readonly reply: 'refused'; readonly code: string; readonly message: string }
  | { readonly reply: 'throttled' }
  | { readonly reply: 'unclear'; readonly code: string };

/** As `RebuildReply`. */
export type MigrateReply =
  | { readonly reply: 'accepted'; readonly at: string; readonly newWorkspaceId: string | null }
  | {
      readonly reply: 'refused';
      /** One of `FAILURES`, or AWS's code. */
      readonly type: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly reply: 'throttled' }
  | { readonly reply: 'unclear'; readonly code: string };

/** WorkSpaces under rebuild as they were before the call: what an effect is told by. */
export type Watched = Pick<Row, 'workspaceId' | 'sawRebuilding' | 'ipBefore' | 'stateBefore'>;

export interface AwaitRebuildsInput {
  readonly target: Target;
  readonly watched: readonly Watched[];
  /** Ids that are looked at along with them; together at most 25. */
  readonly riders: readonly string[];
  readonly delaySeconds: number;
  readonly intervalSeconds: number;
  /** AWS's time. */
  readonly until: string;
}

export interface RebuildsSeen {
  readonly at: string;
  readonly found: readonly Desktop[];
  /** Those that were seen REBUILDING at any look. */
  readonly sawRebuilding: readonly string[];
}

const stillPending = (message: string, seconds: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'StillPending',
    message,
    nextRetryDelay: Math.ceil(seconds * 1000),
    category: 'BENIGN',
  });

const iso = (date: Date | undefined): string | null => (date ? date.toISOString() : null);

const secondsSince = (date: Date | undefined, at: string): number | null =>
  date ? (Date.parse(at) - date.getTime()) / 1000 : null;

const toDesktop = (workspace: Workspace): Desktop => ({
  workspaceId: workspace.WorkspaceId ?? '',
  state: workspace.State ?? 'UNKNOWN',
  bundleId: workspace.BundleId ?? '',
  ipAddress: workspace.IpAddress ?? null,
  errorCode: workspace.ErrorCode ?? null,
});

const toMember = (workspace: Workspace): Member => ({
  workspaceId: workspace.WorkspaceId ?? '',
  state: workspace.State ?? 'UNKNOWN',
  bundleId: workspace.BundleId ?? '',
  computerName: workspace.ComputerName ?? '',
  userName: workspace.UserName ?? '',
  directoryId: workspace.DirectoryId ?? '',
  keyId:
    workspace.RootVolumeEncryptionEnabled || workspace.UserVolumeEncryptionEnabled
      ? (workspace.VolumeEncryptionKey ?? null)
      : null,
  operatingSystem: workspace.WorkspaceProperties?.OperatingSystemName ?? null,
  paired: (workspace.RelatedWorkspaces?.length ?? 0) + (workspace.StandbyWorkspacesProperties?.length ?? 0) > 0,
});

export const createWorkspacesActivities = ({ workspacesFor }: WorkspacesDeps) => ({
  ...reads(workspacesFor),
  ...effects(workspacesFor),
});

function reads(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    ...fleetReads(workspacesFor),
    ...bundleReads(workspacesFor),
  };
}

function fleetReads(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads up to 25 WorkSpaces: those ids, or a page of a bundle's. Ids that AWS does not know are absent. @iam workspaces:DescribeWorkspaces */
    async describeFleet(input: {
      readonly target: Target;
      readonly of:
        { readonly ids: readonly string[] } | { readonly bundleId: string; readonly nextToken: string | null };
    }): Promise<{ readonly at: string; readonly members: Member[]; readonly nextToken: string | null }> {
      const { target, of } = input;
      const which =
        'ids' in of
          ? { WorkspaceIds: [...of.ids] }
          : { BundleId: of.bundleId, ...(of.nextToken ? { NextToken: of.nextToken } : {}) };
      return await call({ target, action: 'workspaces:DescribeWorkspaces' }, async () => {
        const output = await workspacesFor(target).send(new DescribeWorkspacesCommand(which), untilCancelled());
        const members = (output.Workspaces ?? []).map(toMember);
        return { at: awsTime(output), members, nextToken: output.NextToken ?? null };
      });
    },

    /** Reads the states and addresses of up to 25 WorkSpaces. @iam workspaces:DescribeWorkspaces */
    async describeDesktops(input: {
      readonly target: Target;
      readonly ids: readonly string[];
    }): Promise<{ readonly at: string; readonly found: Desktop[] }> {
      const { target, ids } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaces' }, async () => {
        const command = new DescribeWorkspacesCommand({ WorkspaceIds: [...ids] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return { at: awsTime(output), found: (output.Workspaces ?? []).map(toDesktop) };
      });
    },

    /**
     * Looks at WorkSpaces under rebuild, one call an attempt, until one of them has come to an end or `until` has passed.
     * Reads only. What was seen on the way is in the heartbeat, so that a REBUILDING is not forgotten between attempts.
     * @iam workspaces:DescribeWorkspaces
     */
    async awaitRebuilds(input: AwaitRebuildsInput): Promise<RebuildsSeen> {
      const { target, watched, riders, delaySeconds, intervalSeconds, until } = input;
      const saw = new Set((activityInfo().heartbeatDetails as string[] | undefined) ?? []);
      if (activityInfo().attempt === 1 && delaySeconds > 0)
        throw stillPending('the first look is not due', delaySeconds);
      return await call({ target, action: 'workspaces:DescribeWorkspaces' }, async () => {
        const ids = [...watched.map((each) => each.workspaceId), ...riders];
        const command = new DescribeWorkspacesCommand({ WorkspaceIds: ids });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const found = (output.Workspaces ?? []).map(toDesktop);
        for (const each of found) if (each.state === 'REBUILDING') saw.add(each.workspaceId);
        const ended = watched.some((each) => {
          const desktop = found.find(({ workspaceId }) => workspaceId === each.workspaceId);
          const row = { ...each, sawRebuilding: each.sawRebuilding || saw.has(each.workspaceId) };
          return !desktop || (showsEffect(row, desktop) && looksEnded(desktop));
        });
        const at = awsTime(output);
        if (ended || Date.parse(at) >= Date.parse(until)) return { at, found, sawRebuilding: [...saw] };
        heartbeat([...saw]);
        throw stillPending(`${watched.length} WorkSpaces are under rebuild`, intervalSeconds);
      });
    },

    /** Reads the WorkSpaces of one user of a directory. @iam workspaces:DescribeWorkspaces */
    async describeOfUser(input: {
      readonly target: Target;
      readonly directoryId: string;
      readonly userName: string;
    }): Promise<{ readonly at: string; readonly found: Desktop[] }> {
      const { target, directoryId, userName } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaces', resource: userName }, async () => {
        const command = new DescribeWorkspacesCommand({ DirectoryId: directoryId, UserName: userName });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return { at: awsTime(output), found: (output.Workspaces ?? []).map(toDesktop) };
      });
    },

    /** Reads who is connected to up to 25 WorkSpaces. @iam workspaces:DescribeWorkspacesConnectionStatus */
    async describeConnections(input: {
      readonly target: Target;
      readonly ids: readonly string[];
    }): Promise<{ readonly at: string; readonly found: ConnectionOf[] }> {
      const { target, ids } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspacesConnectionStatus' }, async () =>
        readConnections(workspacesFor(target), ids),
      );
    },

    /** Reads the times of the snapshots that a rebuild can use. @iam workspaces:DescribeWorkspaceSnapshots */
    async describeSnapshots(input: {
      readonly target: Target;
      readonly workspaceId: string;
    }): Promise<{ readonly at: string; readonly snapshots: string[] }> {
      const { target, workspaceId } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceSnapshots', resource: workspaceId };
      return await call(context, async () => {
        const command = new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: workspaceId });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const times = (output.RebuildSnapshots ?? []).map((each) => iso(each.SnapshotTime));
        return { at: awsTime(output), snapshots: times.filter((time) => time !== null) };
      });
    },
  };
}

function effects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Sets the bundle to the image; setting it to the image it has changes nothing. @iam workspaces:UpdateWorkspaceBundle */
    async updateBundleImage(input: {
      readonly target: Target;
      readonly bundleId: string;
      readonly imageId: string;
    }): Promise<{ readonly at: string }> {
      const { target, bundleId, imageId } = input;
      const context = { target, action: 'workspaces:UpdateWorkspaceBundle', resource: bundleId };
      return await call(context, async () => {
        const command = new UpdateWorkspaceBundleCommand({ BundleId: bundleId, ImageId: imageId });
        return { at: awsTime(await workspacesFor(target).send(command, untilCancelled())) };
      });
    },

    /**
     * Rebuilds one WorkSpace. NOT safe to repeat: AWS has no token for it, and a second call destroys what the user did
     * since the first. It is never retried by Temporal or the SDK; how it ended is an answer, not an error.
     * @iam workspaces:RebuildWorkspaces
     */
    async rebuildWorkspace(input: { readonly target: Target; readonly workspaceId: string }): Promise<RebuildReply> {
      const { target, workspaceId } = input;
      try {
        const command = new RebuildWorkspacesCommand({ RebuildWorkspaceRequests: [{ WorkspaceId: workspaceId }] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return itemReply(output);
      } catch (error) {
        return failureReplyOf(error);
      }
    },

    /**
     * Migrates one WorkSpace to a bundle. NOT safe to repeat, as `rebuildWorkspace`: AWS has no token for it.
     * @iam workspaces:MigrateWorkspace
     */
    async migrateWorkspace(input: {
      readonly target: Target;
      readonly workspaceId: string;
      readonly bundleId: string;
    }): Promise<MigrateReply> {
      const { target, workspaceId, bundleId } = input;
      try {
        const command = new MigrateWorkspaceCommand({ SourceWorkspaceId: workspaceId, BundleId: bundleId });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return { reply: 'accepted', at: awsTime(output), newWorkspaceId: output.TargetWorkspaceId ?? null };
      } catch (error) {
        const reply = failureReplyOf(error);
        return reply.reply === 'refused' ? { ...reply, type: failureType(error) ?? reply.code } : reply;
      }
    },

    /** Puts a WorkSpace into ADMIN_MAINTENANCE or out of it; where it is already, AWS refuses or changes nothing. @iam workspaces:ModifyWorkspaceState */
    async modifyState(input: {
      readonly target: Target;
      readonly workspaceId: string;
      readonly state: 'ADMIN_MAINTENANCE' | 'AVAILABLE';
    }): Promise<void> {
      const { target, workspaceId, state } = input;
      const context = { target, action: 'workspaces:ModifyWorkspaceState', resource: workspaceId };
      await call(context, async () => {
        const command = new ModifyWorkspaceStateCommand({ WorkspaceId: workspaceId, WorkspaceState: state });
        await workspacesFor(target).send(command, untilCancelled());
      });
    },

    /** Tags an image; the same tag again changes nothing. @iam workspaces:CreateTags */
    async tagImage(input: {
      readonly target: Target;
      readonly imageId: string;
      readonly tag: { readonly key: string; readonly value: string };
    }): Promise<void> {
      const { target, imageId, tag } = input;
      const context = { target, action: 'workspaces:CreateTags', resource: imageId };
      await call(context, async () => {
        const command = new CreateTagsCommand({ ResourceId: imageId, Tags: [{ Key: tag.key, Value: tag.value }] });
        await workspacesFor(target).send(command, untilCancelled());
      });
    },
  };
}

interface ItemOutput extends MetadataBearer {
  readonly FailedRequests?:
    readonly { readonly ErrorCode?: string | undefined; readonly ErrorMessage?: string | undefined }[] | undefined;
}

/** How a request for one WorkSpace ended: AWS refuses by item, at HTTP 200. */
export function itemReply(output: ItemOutput): Extract<RebuildReply, { reply: 'accepted' | 'refused' }> {
  const failed = output.FailedRequests?.[0];
  if (!failed) return { reply: 'accepted', at: awsTime(output) };
  return { reply: 'refused', code: failed.ErrorCode ?? 'Unknown', message: failed.ErrorMessage ?? '' };
}

/** An error of AWS's own below 500 says that nothing happened; anything else leaves it open. */
export function failureReplyOf(error: unknown): Exclude<RebuildReply, { reply: 'accepted' }> {
  const code = awsErrorCode(error);
  const type = failureType(error);
  if (type === 'Throttled') return { reply: 'throttled' };
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  const refused = type === 'AccessDenied' || (type !== 'Unavailable' && status >= 400 && status < 500);
  return refused ? { reply: 'refused', code, message: (error as Error).message } : { reply: 'unclear', code };
}

export type ConnectionOf = Connection & { readonly workspaceId: string };

export async function readConnections(
  client: WorkSpacesClient,
  ids: readonly string[],
): Promise<{ readonly at: string; readonly found: ConnectionOf[] }> {
  const command = new DescribeWorkspacesConnectionStatusCommand({ WorkspaceIds: [...ids] });
  const output = await client.send(command, untilCancelled());
  const at = awsTime(output);
  const found = (output.WorkspacesConnectionStatus ?? []).map((each) => ({
    workspaceId: each.WorkspaceId ?? '',
    state: each.ConnectionState ?? 'UNKNOWN',
    checkAgeSeconds: secondsSince(each.ConnectionStateCheckTimestamp, at),
    lastConnectedAt: iso(each.LastKnownUserConnectionTimestamp),
  }));
  return { at, found };
}
