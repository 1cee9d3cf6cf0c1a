/** Amazon WorkSpaces: what a sweep reads of bundles, and the tag that it takes off. One call each, see `workspaces.ts`. */
import {
  DeleteTagsCommand,
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import type { RestoreBundle } from '../domain/sweep.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';
import type { WorkspacesDeps } from './workspaces.ts';

export const createSweepsActivities = ({ workspacesFor }: WorkspacesDeps) => ({
  /** Reads up to 25 bundles; unknown ones are absent. @iam workspaces:DescribeWorkspaceBundles */
  async describeBundles(input: {
    readonly target: Target;
    readonly bundleIds: readonly string[];
  }): Promise<{ readonly at: string; readonly found: Omit<RestoreBundle, 'tags' | 'usedBy'>[] }> {
    const { target, bundleIds } = input;
    return await call({ target, action: 'workspaces:DescribeWorkspaceBundles' }, async () => {
      const command = new DescribeWorkspaceBundlesCommand({ BundleIds: [...bundleIds] });
      const output = await workspacesFor(target).send(command, untilCancelled());
      const found = (output.Bundles ?? []).map((bundle) => ({
        bundleId: bundle.BundleId ?? '',
        name: bundle.Name ?? '',
        state: bundle.State ?? 'AVAILABLE',
        imageId: bundle.ImageId ?? null,
        createdAt: bundle.CreationTime?.toISOString() ?? '',
      }));
      return { at: awsTime(output), found };
    });
  },

  /** Reads who is on a bundle: its first 25 WorkSpaces, which tells whether there are any. @iam workspaces:DescribeWorkspaces */
  async bundleUsers(input: {
    readonly target: Target;
    readonly bundleId: string;
  }): Promise<{ readonly workspaceIds: string[] }> {
    const { target, bundleId } = input;
    return await call({ target, action: 'workspaces:DescribeWorkspaces', resource: bundleId }, async () => {
      const output = await workspacesFor(target).send(
        new DescribeWorkspacesCommand({ BundleId: bundleId }),
        untilCancelled(),
      );
      return { workspaceIds: (output.Workspaces ?? []).flatMap(({ WorkspaceId: id }) => id ?? []) };
    });
  },

  /** Takes a tag off an image; one that is not there is as good. @iam workspaces:DeleteTags */
  async untagImage(input: { readonly target: Target; readonly imageId: string; readonly key: string }): Promise<void> {
    const { target, imageId, key } = input;
    await call({ target, action: 'workspaces:DeleteTags', resource: imageId }, async () => {
      await workspacesFor(target).send(
        new DeleteTagsCommand({ ResourceId: imageId, TagKeys: [key] }),
        untilCancelled(),
      );
    });
  },
});
