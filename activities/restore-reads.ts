/** Amazon WorkSpaces: what a restore has to know. One call each, see `workspaces.ts`. */
import {
  DescribeTagsCommand,
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceDirectoriesCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspacesCommand,
  DescribeWorkspaceSnapshotsCommand,
  type Snapshot,
  type Workspace,
  type WorkspaceBundle,
  type WorkspaceImage,
} from '@aws-sdk/client-workspaces';
import type { OwnBundle, RestoreDesktop, RestoreImage } from '../domain/restore-facts.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';
import type { WorkspacesDeps } from './workspaces.ts';

const toDesktop = (workspace: Workspace): RestoreDesktop => ({
  workspaceId: workspace.WorkspaceId ?? '',
  state: workspace.State ?? 'UNKNOWN',
  errorCode: workspace.ErrorCode ?? null,
  bundleId: workspace.BundleId ?? '',
  directoryId: workspace.DirectoryId ?? '',
  userName: workspace.UserName ?? '',
  computerName: workspace.ComputerName ?? '',
  ipAddress: workspace.IpAddress ?? null,
  operatingSystem: workspace.WorkspaceProperties?.OperatingSystemName ?? null,
  paired: (workspace.RelatedWorkspaces?.length ?? 0) + (workspace.StandbyWorkspacesProperties?.length ?? 0) > 0,
  encryption: {
    root: workspace.RootVolumeEncryptionEnabled ?? false,
    user: workspace.UserVolumeEncryptionEnabled ?? false,
    keyId: workspace.VolumeEncryptionKey ?? null,
  },
  settings: settingsOf(workspace),
  modifying: modificationOf(workspace),
});

const settingsOf = ({ WorkspaceProperties: properties }: Workspace): RestoreDesktop['settings'] => ({
  runningMode: properties?.RunningMode ?? null,
  autoStopMinutes: properties?.RunningModeAutoStopTimeoutInMinutes ?? null,
  computeType: properties?.ComputeTypeName ?? null,
  rootGib: properties?.RootVolumeSizeGib ?? null,
  userGib: properties?.UserVolumeSizeGib ?? null,
  protocols: properties?.Protocols ?? [],
});

/** A modification that failed is over. */
function modificationOf({ ModificationStates: states = [] }: Workspace): string | null {
  const under = states.filter(({ State }) => State === 'UPDATE_INITIATED' || State === 'UPDATE_IN_PROGRESS');
  return under.length === 0 ? null : under.map(({ Resource, State }) => `${Resource} ${State}`).join(', ');
}

const toImage = (image: WorkspaceImage): RestoreImage => ({
  imageId: image.ImageId ?? '',
  name: image.Name ?? '',
  state: image.State ?? 'UNKNOWN',
  ownerAccount: image.OwnerAccountId ?? null,
  operatingSystem: image.OperatingSystem?.Type ?? null,
  byol: image.RequiredTenancy === 'DEDICATED',
  createdAt: image.Created?.toISOString() ?? null,
});

const gib = (capacity: string | undefined): number | null => (capacity === undefined ? null : Number(capacity));

export const toOwnBundle = (bundle: WorkspaceBundle): OwnBundle => ({
  bundleId: bundle.BundleId ?? '',
  name: bundle.Name ?? '',
  state: bundle.State ?? 'AVAILABLE',
  imageId: bundle.ImageId ?? null,
  computeType: bundle.ComputeType?.Name ?? null,
  rootGib: gib(bundle.RootStorage?.Capacity),
  userGib: gib(bundle.UserStorage?.Capacity),
});

const times = (snapshots: readonly Snapshot[] = []): string[] =>
  snapshots.flatMap(({ SnapshotTime: time }) => (time ? [time.toISOString()] : []));

export const restoreReads = (workspacesFor: WorkspacesDeps['workspacesFor']) => ({
  ...desktopReads(workspacesFor),
  ...placeReads(workspacesFor),
});

function desktopReads(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads one WorkSpace with its settings; null: AWS does not know it (yet). @iam workspaces:DescribeWorkspaces */
    async describeInFull(input: { readonly target: Target; readonly workspaceId: string }): Promise<{
      readonly at: string;
      readonly desktop: RestoreDesktop | null;
    }> {
      const { target, workspaceId } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaces', resource: workspaceId }, async () => {
        const command = new DescribeWorkspacesCommand({ WorkspaceIds: [workspaceId] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const found = output.Workspaces?.[0];
        return { at: awsTime(output), desktop: found ? toDesktop(found) : null };
      });
    },

    /** Reads the times of the snapshots of the user volume, and of those of both volumes. @iam workspaces:DescribeWorkspaceSnapshots */
    async describeRestorePoints(input: { readonly target: Target; readonly workspaceId: string }): Promise<{
      readonly at: string;
      readonly userSnapshots: readonly string[];
      readonly bothSnapshots: readonly string[];
    }> {
      const { target, workspaceId } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceSnapshots', resource: workspaceId };
      return await call(context, async () => {
        const command = new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: workspaceId });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const { RebuildSnapshots, RestoreSnapshots } = output;
        return { at: awsTime(output), userSnapshots: times(RebuildSnapshots), bothSnapshots: times(RestoreSnapshots) };
      });
    },

    /** Reads the tags of one WorkSpace, image or bundle, as AWS has them now. @iam workspaces:DescribeTags */
    async describeTags(input: {
      readonly target: Target;
      readonly resourceId: string;
    }): Promise<Record<string, string>> {
      const { target, resourceId } = input;
      return await call({ target, action: 'workspaces:DescribeTags', resource: resourceId }, async () => {
        const output = await workspacesFor(target).send(
          new DescribeTagsCommand({ ResourceId: resourceId }),
          untilCancelled(),
        );
        return Object.fromEntries((output.TagList ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
      });
    },
  };
}

function placeReads(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads one image; null: AWS does not know it. @iam workspaces:DescribeWorkspaceImages */
    async describeImageInFull(input: {
      readonly target: Target;
      readonly imageId: string;
    }): Promise<RestoreImage | null> {
      const { target, imageId } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceImages', resource: imageId }, async () => {
        const command = new DescribeWorkspaceImagesCommand({ ImageIds: [imageId] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const found = output.Images?.find((each) => each.ImageId === imageId);
        return found ? toImage(found) : null;
      });
    },

    /** Reads a page of the account's own bundles. @iam workspaces:DescribeWorkspaceBundles */
    async describeOwnBundles(input: { readonly target: Target; readonly nextToken: string | null }): Promise<{
      readonly bundles: readonly OwnBundle[];
      readonly nextToken: string | null;
    }> {
      const { target, nextToken } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceBundles' }, async () => {
        const command = new DescribeWorkspaceBundlesCommand(nextToken ? { NextToken: nextToken } : {});
        const output = await workspacesFor(target).send(command, untilCancelled());
        // Without an owner AWS lists the account's own and those shared with it.
        const own = (output.Bundles ?? []).filter(({ Owner }) => Owner === undefined || Owner === target.account);
        return { bundles: own.map(toOwnBundle), nextToken: output.NextToken ?? null };
      });
    },

    /** Reads the state of a directory; null: it is not registered. @iam workspaces:DescribeWorkspaceDirectories */
    async describeDirectoryState(input: { readonly target: Target; readonly directoryId: string }): Promise<{
      readonly state: string;
    } | null> {
      const { target, directoryId } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceDirectories', resource: directoryId };
      return await call(context, async () => {
        const command = new DescribeWorkspaceDirectoriesCommand({ DirectoryIds: [directoryId] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const found = output.Directories?.find((each) => each.DirectoryId === directoryId);
        return found ? { state: found.State ?? 'UNKNOWN' } : null;
      });
    },
  };
}
