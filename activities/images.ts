/** Amazon WorkSpaces: images, and what making one needs. One call each, see `workspaces.ts`. */
import { activityInfo, ApplicationFailure, heartbeat } from '@temporalio/activity';
import {
  CreateWorkspaceImageCommand,
  DeleteWorkspaceImageCommand,
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceImagePermissionsCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspacesCommand,
  DescribeWorkspacesPoolsCommand,
  StartWorkspacesCommand,
  StopWorkspacesCommand,
  type Workspace,
  type WorkspaceImage,
} from '@aws-sdk/client-workspaces';
import type { BackupMember } from '../domain/backup-eligibility.ts';
import { IMAGES_A_CALL } from '../domain/call-sizes.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call, failureType } from './failure.ts';
import { failureReplyOf, itemReply, type WorkspacesDeps } from './workspaces.ts';

/** `unclear`: the call may have had its effect or not; after any other answer that is known. */
export type CreateImageReply =
  | { readonly reply: 'accepted'; readonly at: string; readonly imageId: string }
  | {
      readonly reply: 'refused';
      /** One of `FAILURES`, or AWS's code. */
      readonly type: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly reply: 'throttled' }
  | { readonly reply: 'unclear'; readonly code: string };

/** How a request to start or stop ended; AWS refuses by item, at HTTP 200. */
export type PowerReply =
  | { readonly reply: 'accepted'; readonly at: string }
  | { readonly reply: 'refused'; readonly code: string; readonly message: string };

export interface ImageSeen {
  readonly imageId: string;
  readonly name: string;
  /** AWS's: AVAILABLE, PENDING or ERROR. */
  readonly state: string;
  /** ISO; empty: AWS does not say. */
  readonly createdAt: string;
}

/** An image that is being made, or how that ended. */
export interface ImageState extends ImageSeen {
  /** AWS's codes of what went wrong, the most telling ones. */
  readonly errorCodes: readonly string[];
  readonly errorMessage: string | null;
}

/** Read page by page: a call an attempt, so that the queue's rate holds; what was read so far is in the heartbeat. */
interface Pages<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

const toMember = (workspace: Workspace): BackupMember => ({
  workspaceId: workspace.WorkspaceId ?? '',
  computerName: workspace.ComputerName ?? '',
  userName: workspace.UserName ?? '',
  directoryId: workspace.DirectoryId ?? '',
  state: workspace.State ?? 'UNKNOWN',
  runningMode: workspace.WorkspaceProperties?.RunningMode ?? 'UNKNOWN',
  encrypted: Boolean(workspace.RootVolumeEncryptionEnabled || workspace.UserVolumeEncryptionEnabled),
  modification: modificationOf(workspace),
});

/** One that failed is over, and leaves the WorkSpace as it was. */
function modificationOf({ ModificationStates: states = [] }: Workspace): string | null {
  const [first] = states.filter(({ State: state }) => state !== undefined && state !== 'UPDATE_FAILED');
  return first ? `${first.Resource ?? ''} ${first.State ?? ''}`.trim() : null;
}

const toSeen = (image: WorkspaceImage): ImageSeen => ({
  imageId: image.ImageId ?? '',
  name: image.Name ?? '',
  state: image.State ?? 'UNKNOWN',
  createdAt: image.Created?.toISOString() ?? '',
});

function toState(image: WorkspaceImage): ImageState {
  const details = (image.ErrorDetails ?? []).flatMap(({ ErrorCode: code }) => code ?? []);
  const code = image.ErrorCode ? [image.ErrorCode] : [];
  return {
    ...toSeen(image),
    errorCodes: details.length > 0 ? details : code,
    errorMessage: image.ErrorMessage ?? image.ErrorDetails?.[0]?.ErrorMessage ?? null,
  };
}

export const createImagesActivities = ({ workspacesFor }: WorkspacesDeps) => ({
  ...listings(workspacesFor),
  ...looks(workspacesFor),
  ...imageEffects(workspacesFor),
  ...powerEffects(workspacesFor),
});

const ownImages = (nextToken: string | null): DescribeWorkspaceImagesCommand =>
  new DescribeWorkspaceImagesCommand({
    ImageType: 'OWNED',
    MaxResults: IMAGES_A_CALL,
    ...(nextToken ? { NextToken: nextToken } : {}),
  });

function listings(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads all images that the account owns, a page an attempt. Reads only. @iam workspaces:DescribeWorkspaceImages */
    async listImages(input: {
      readonly target: Target;
    }): Promise<{ readonly at: string; readonly images: readonly ImageSeen[] }> {
      const { target } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceImages' }, async () => {
        const before = readSoFar<ImageSeen>();
        const output = await workspacesFor(target).send(ownImages(before.nextToken), untilCancelled());
        const images = goOn(before, (output.Images ?? []).map(toSeen), output.NextToken ?? null);
        return { at: awsTime(output), images };
      });
    },

    /** Counts the images that the account owns, as `listImages` reads them. @iam workspaces:DescribeWorkspaceImages */
    async countImages(input: { readonly target: Target }): Promise<{ readonly at: string; readonly count: number }> {
      const { target } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceImages' }, async () => {
        const before = readSoFar<number>();
        const output = await workspacesFor(target).send(ownImages(before.nextToken), untilCancelled());
        const counts = goOn(before, [output.Images?.length ?? 0], output.NextToken ?? null);
        return { at: awsTime(output), count: counts.reduce((sum, each) => sum + each, 0) };
      });
    },

    /** Reads which bundles of the account carry which image, a page an attempt. Reads only. @iam workspaces:DescribeWorkspaceBundles */
    async listBundleImages(input: {
      readonly target: Target;
    }): Promise<readonly { readonly bundleId: string; readonly imageId: string }[]> {
      const { target } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceBundles' }, async () => {
        const before = readSoFar<{ bundleId: string; imageId: string }>();
        const output = await workspacesFor(target).send(
          new DescribeWorkspaceBundlesCommand(before.nextToken ? { NextToken: before.nextToken } : {}),
          untilCancelled(),
        );
        const bundles = (output.Bundles ?? []).flatMap(({ BundleId: bundleId, ImageId: imageId }) =>
          bundleId && imageId ? [{ bundleId, imageId }] : [],
        );
        return goOn(before, bundles, output.NextToken ?? null);
      });
    },

    /** Reads the directories of the WorkSpaces Pools, a page an attempt. Reads only. @iam workspaces:DescribeWorkspacesPools */
    async listPoolDirectories(input: { readonly target: Target }): Promise<readonly string[]> {
      const { target } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspacesPools' }, async () => {
        const before = readSoFar<string>();
        const output = await workspacesFor(target).send(
          new DescribeWorkspacesPoolsCommand(before.nextToken ? { NextToken: before.nextToken } : {}),
          untilCancelled(),
        );
        const ids = (output.WorkspacesPools ?? []).flatMap(({ DirectoryId: id }) => id ?? []);
        return goOn(before, ids, output.NextToken ?? null);
      });
    },
  };
}

const readSoFar = <T>(): Pages<T> =>
  (activityInfo().heartbeatDetails as Pages<T> | undefined) ?? { items: [], nextToken: null };

/** All items after the last page; @throws StillPending after any other, so that the next attempt reads the next. */
function goOn<T>(before: Pages<T>, page: readonly T[], nextToken: string | null): readonly T[] {
  const items = [...before.items, ...page];
  if (nextToken === null) return items;
  heartbeat({ items, nextToken } satisfies Pages<T>);
  throw ApplicationFailure.create({
    type: 'StillPending',
    message: `${items.length} were read, and there are more`,
    nextRetryDelay: 1,
    category: 'BENIGN',
  });
}

function looks(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Reads up to 25 WorkSpaces: those ids, or a page of a directory's. Ids that AWS does not know are absent. @iam workspaces:DescribeWorkspaces */
    async describeBackupMembers(input: {
      readonly target: Target;
      readonly of:
        { readonly ids: readonly string[] } | { readonly directoryId: string; readonly nextToken: string | null };
    }): Promise<{ readonly at: string; readonly found: BackupMember[]; readonly nextToken: string | null }> {
      const { target, of } = input;
      const which =
        'ids' in of
          ? { WorkspaceIds: [...of.ids] }
          : { DirectoryId: of.directoryId, ...(of.nextToken ? { NextToken: of.nextToken } : {}) };
      return await call({ target, action: 'workspaces:DescribeWorkspaces' }, async () => {
        const output = await workspacesFor(target).send(new DescribeWorkspacesCommand(which), untilCancelled());
        const found = (output.Workspaces ?? []).map(toMember);
        return { at: awsTime(output), found, nextToken: output.NextToken ?? null };
      });
    },

    /** Reads how far up to 25 images are; unknown ones are absent. @iam workspaces:DescribeWorkspaceImages */
    async lookAtImages(input: {
      readonly target: Target;
      readonly imageIds: readonly string[];
    }): Promise<{ readonly at: string; readonly found: ImageState[] }> {
      const { target, imageIds } = input;
      return await call({ target, action: 'workspaces:DescribeWorkspaceImages' }, async () => {
        const command = new DescribeWorkspaceImagesCommand({ ImageIds: [...imageIds], MaxResults: IMAGES_A_CALL });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return { at: awsTime(output), found: (output.Images ?? []).map(toState) };
      });
    },

    /** Reads with how many accounts an image is shared; null: AWS does not know the image. @iam workspaces:DescribeWorkspaceImagePermissions */
    async imageShares(input: { readonly target: Target; readonly imageId: string }): Promise<{
      readonly at: string | null;
      readonly sharedWith: number | null;
    }> {
      const { target, imageId } = input;
      const context = { target, action: 'workspaces:DescribeWorkspaceImagePermissions', resource: imageId };
      return await call(context, async () => {
        try {
          const command = new DescribeWorkspaceImagePermissionsCommand({ ImageId: imageId });
          const output = await workspacesFor(target).send(command, untilCancelled());
          // One page is enough to know that there are some.
          return { at: awsTime(output), sharedWith: output.ImagePermissions?.length ?? 0 };
        } catch (error) {
          if (failureType(error) === 'NotFound') return { at: null, sharedWith: null };
          throw error;
        }
      });
    },
  };
}

function imageEffects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /**
     * Makes an image of a WorkSpace, which is SUSPENDED meanwhile. AWS has no token for it, but takes a name once only: it
     * is not retried by itself, and after an unclear end the image is looked for by its name. How it ended is an answer,
     * not an error. @iam workspaces:CreateWorkspaceImage workspaces:CreateTags
     */
    async createImage(input: {
      readonly target: Target;
      readonly workspaceId: string;
      readonly name: string;
      readonly description: string;
      readonly tags: Readonly<Record<string, string>>;
    }): Promise<CreateImageReply> {
      const { target, workspaceId, name, description, tags } = input;
      try {
        const command = new CreateWorkspaceImageCommand({
          WorkspaceId: workspaceId,
          Name: name,
          Description: description,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return { reply: 'accepted', at: awsTime(output), imageId: output.ImageId ?? '' };
      } catch (error) {
        const reply = failureReplyOf(error);
        return reply.reply === 'refused' ? { ...reply, type: failureType(error) ?? reply.code } : reply;
      }
    },

    /**
     * Deletes an image for good. One that is gone is as good, so that a repeated call is; AWS refuses one that a bundle
     * uses or that is shared. @iam workspaces:DeleteWorkspaceImage
     */
    async deleteImage(input: {
      readonly target: Target;
      readonly imageId: string;
    }): Promise<{ readonly wasThere: boolean }> {
      const { target, imageId } = input;
      const context = { target, action: 'workspaces:DeleteWorkspaceImage', resource: imageId };
      return await call(context, async () => {
        try {
          await workspacesFor(target).send(new DeleteWorkspaceImageCommand({ ImageId: imageId }), untilCancelled());
          return { wasThere: true };
        } catch (error) {
          // An attempt before this one, whose reply was lost, has deleted it.
          if (failureType(error) === 'NotFound') return { wasThere: activityInfo().attempt > 1 };
          throw error;
        }
      });
    },
  };
}

function powerEffects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Starts a WorkSpace; one that runs or is being started stays so, or AWS refuses. @iam workspaces:StartWorkspaces */
    async startWorkspace(input: { readonly target: Target; readonly workspaceId: string }): Promise<PowerReply> {
      const { target, workspaceId } = input;
      const context = { target, action: 'workspaces:StartWorkspaces', resource: workspaceId };
      return await call(context, async () => {
        const command = new StartWorkspacesCommand({ StartWorkspaceRequests: [{ WorkspaceId: workspaceId }] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return itemReply(output);
      });
    },

    /** Stops a WorkSpace; one that is stopped or being stopped stays so, or AWS refuses. @iam workspaces:StopWorkspaces */
    async stopWorkspace(input: { readonly target: Target; readonly workspaceId: string }): Promise<PowerReply> {
      const { target, workspaceId } = input;
      const context = { target, action: 'workspaces:StopWorkspaces', resource: workspaceId };
      return await call(context, async () => {
        const command = new StopWorkspacesCommand({ StopWorkspaceRequests: [{ WorkspaceId: workspaceId }] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return itemReply(output);
      });
    },
  };
}
