/** Amazon WorkSpaces: what stands around a fleet. One call each, see `workspaces.ts`. */
import {
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceDirectoriesCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspacesPoolsCommand,
  type WorkspaceBundle,
} from '@aws-sdk/client-workspaces';
import type { Bundle } from '../domain/rebuild-gate.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';
import type { WorkspacesDeps } from './workspaces.ts';

export interface Image {
  readonly imageId: string;
  readonly state: string;
  readonly operatingSystem: string | null;
  /** Windows under the customer's own licence: AWS runs it on hardware of its own. */
  readonly byol: boolean;
  readonly name: string;
}

export interface Directory {
  readonly directoryId: string;
  readonly usersMayRebuild: boolean;
}

const toBundle = (bundle: WorkspaceBundle): Bundle => ({
  bundleId: bundle.BundleId ?? '',
  name: bundle.Name ?? '',
  state: bundle.State ?? 'AVAILABLE',
  imageId: bundle.ImageId ?? null,
  ownerAccount: bundle.Owner ?? null,
  updatedAt: bundle.LastUpdatedTime?.toISOString() ?? null,
});

export function bundleReads(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads one bundle; null: AWS does not know it. @iam workspaces:DescribeWorkspaceBundles */
    async describeBundle(input: {
      readonly target: Target;
      readonly bundleId: string;
    }): Promise<{ readonly at: string; readonly bundle: Bundle | null }> {
      const { target, bundleId } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceBundles', resource: bundleId };
      return await call(context, async () => {
        const command = new DescribeWorkspaceBundlesCommand({ BundleIds: [bundleId] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        const found = output.Bundles?.find((each) => each.BundleId === bundleId);
        return { at: awsTime(output), bundle: found ? toBundle(found) : null };
      });
    },

    /** Reads images by id; unknown ones are absent. @iam workspaces:DescribeWorkspaceImages */
    async describeImages(input: { readonly target: Target; readonly imageIds: readonly string[] }): Promise<Image[]> {
      const { target, imageIds } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceImages', resource: imageIds.join(', ') };
      return await call(context, async () => {
        const command = new DescribeWorkspaceImagesCommand({ ImageIds: [...imageIds] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return (output.Images ?? []).map((each) => ({
          imageId: each.ImageId ?? '',
          state: each.State ?? 'UNKNOWN',
          operatingSystem: each.OperatingSystem?.Type ?? null,
          byol: each.RequiredTenancy === 'DEDICATED',
          name: each.Name ?? '',
        }));
      });
    },

    /** Reads up to 25 directories. @iam workspaces:DescribeWorkspaceDirectories */
    async describeDirectories(input: {
      readonly target: Target;
      readonly directoryIds: readonly string[];
    }): Promise<Directory[]> {
      const { target, directoryIds } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceDirectories' }, async () => {
        const command = new DescribeWorkspaceDirectoriesCommand({ DirectoryIds: [...directoryIds] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return (output.Directories ?? []).map((each) => ({
          directoryId: each.DirectoryId ?? '',
          usersMayRebuild: each.SelfservicePermissions?.RebuildWorkspace === 'ENABLED',
        }));
      });
    },

    /** Reads a page of the WorkSpaces Pools. @iam workspaces:DescribeWorkspacesPools */
    async describePools(input: {
      readonly target: Target;
      readonly nextToken: string | null;
    }): Promise<{ readonly pools: { poolId: string; bundleId: string }[]; readonly nextToken: string | null }> {
      const { target, nextToken } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspacesPools' }, async () => {
        const command = new DescribeWorkspacesPoolsCommand(nextToken ? { NextToken: nextToken } : {});
        const output = await workspacesFor(target).send(command, untilCancelled());
        const pools = (output.WorkspacesPools ?? []).map((each) => ({
          poolId: each.PoolId ?? '',
          bundleId: each.BundleId ?? '',
        }));
        return { pools, nextToken: output.NextToken ?? null };
      });
    },
  };
}
