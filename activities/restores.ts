/** Amazon WorkSpaces: what a restore does. One call each, see `workspaces.ts`. */
import {
  CreateTagsCommand,
  CreateWorkspaceBundleCommand,
  CreateWorkspacesCommand,
  DeleteWorkspaceBundleCommand,
  ModifyWorkspacePropertiesCommand,
  RestoreWorkspaceCommand,
  TerminateWorkspacesCommand,
  type Compute,
  type Protocol,
  type RunningMode,
  type Tag,
  type WorkspaceProperties,
  type WorkspaceRequest,
} from '@aws-sdk/client-workspaces';
import type { DesktopSettings, OwnBundle, RestoreDesktop } from '../domain/restore-facts.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { awsErrorCode, call, failureType } from './failure.ts';
import { restoreReads, toOwnBundle } from './restore-reads.ts';
import { failureReplyOf, itemReply, type RebuildReply, type WorkspacesDeps } from './workspaces.ts';

/** As `RebuildReply`; the id of the WorkSpace that AWS began to make. */
export type CreateReply =
  | { readonly reply: 'accepted'; readonly at: string; readonly id: string }
  | Exclude<RebuildReply, { readonly reply: 'accepted' }>;

/** A WorkSpace to be made in the likeness of another. */
export interface NewDesktop {
  readonly directoryId: string;
  readonly userName: string;
  readonly bundleId: string;
  readonly encryption: RestoreDesktop['encryption'];
  readonly settings: Pick<DesktopSettings, 'runningMode' | 'autoStopMinutes' | 'protocols'>;
  readonly tags: Readonly<Record<string, string>>;
}

/** AWS takes none of its own. */
const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).flatMap(([Key, Value]) => (Key.startsWith('aws:') ? [] : [{ Key, Value }]));

const runningModeOf = (settings: NewDesktop['settings']): WorkspaceProperties => ({
  ...(settings.runningMode === null ? {} : { RunningMode: settings.runningMode as RunningMode }),
  ...(settings.runningMode === 'AUTO_STOP' && settings.autoStopMinutes !== null
    ? { RunningModeAutoStopTimeoutInMinutes: settings.autoStopMinutes }
    : {}),
});

/** AWS shows its protocol by its present name, and takes it by the earlier one. */
const asTaken = (protocol: string): Protocol => (protocol === 'DCV' ? 'WSP' : (protocol as Protocol));

function requestOf({ directoryId, userName, bundleId, encryption, settings, tags }: NewDesktop): WorkspaceRequest {
  const { root, user, keyId } = encryption;
  const protocols = settings.protocols.map(asTaken);
  return {
    DirectoryId: directoryId,
    UserName: userName,
    BundleId: bundleId,
    RootVolumeEncryptionEnabled: root,
    UserVolumeEncryptionEnabled: user,
    ...((root || user) && keyId !== null ? { VolumeEncryptionKey: keyId } : {}),
    WorkspaceProperties: { ...runningModeOf(settings), ...(protocols.length > 0 ? { Protocols: protocols } : {}) },
    Tags: toTags(tags),
  };
}

export const createRestoresActivities = ({ workspacesFor }: WorkspacesDeps) => ({
  ...restoreReads(workspacesFor),
  ...bundleEffects(workspacesFor),
  ...desktopEffects(workspacesFor),
  ...settingEffects(workspacesFor),
});

function bundleEffects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /**
     * Makes a bundle of an image; null: there is one of that name already. AWS has one bundle of a name, so that repeating
     * makes no second one. @iam workspaces:CreateWorkspaceBundle workspaces:CreateTags
     */
    async createBundle(input: {
      readonly target: Target;
      readonly name: string;
      readonly description: string;
      readonly imageId: string;
      readonly settings: DesktopSettings;
      readonly tags: Readonly<Record<string, string>>;
    }): Promise<OwnBundle | null> {
      const { target, name, description, imageId, settings, tags } = input;
      return await call({ target, action: 'workspaces:CreateWorkspaceBundle', resource: name }, async () => {
        const command = new CreateWorkspaceBundleCommand({
          BundleName: name,
          BundleDescription: description,
          ImageId: imageId,
          ComputeType: { Name: settings.computeType as Compute },
          RootStorage: { Capacity: String(settings.rootGib) },
          UserStorage: { Capacity: String(settings.userGib) },
          Tags: toTags(tags),
        });
        try {
          const { WorkspaceBundle: bundle } = await workspacesFor(target).send(command, untilCancelled());
          return bundle ? toOwnBundle(bundle) : null;
        } catch (error) {
          if (awsErrorCode(error) === 'ResourceAlreadyExistsException') return null;
          throw error;
        }
      });
    },

    /** Deletes a bundle that no WorkSpace uses; one that is gone is as good. @iam workspaces:DeleteWorkspaceBundle */
    async deleteBundle(input: { readonly target: Target; readonly bundleId: string }): Promise<void> {
      const { target, bundleId } = input;
      await call({ target, action: 'workspaces:DeleteWorkspaceBundle', resource: bundleId }, async () => {
        try {
          await workspacesFor(target).send(new DeleteWorkspaceBundleCommand({ BundleId: bundleId }), untilCancelled());
        } catch (error) {
          if (failureType(error) !== 'NotFound') throw error;
        }
      });
    },
  };
}

function desktopEffects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /**
     * Makes a WorkSpace. AWS has no token for it; a user has one WorkSpace in a directory, so that a second call is refused
     * with `ResourceExists.WorkSpace` where the first one worked. Never retried by Temporal or the SDK.
     * @iam workspaces:CreateWorkspaces workspaces:CreateTags
     */
    async createWorkspace(input: { readonly target: Target; readonly like: NewDesktop }): Promise<CreateReply> {
      const { target, like } = input;
      try {
        const output = await workspacesFor(target).send(
          new CreateWorkspacesCommand({ Workspaces: [requestOf(like)] }),
          untilCancelled(),
        );
        const reply = itemReply(output);
        if (reply.reply === 'refused') return reply;
        return { ...reply, id: output.PendingRequests?.[0]?.WorkspaceId ?? '' };
      } catch (error) {
        return failureReplyOf(error);
      }
    },

    /**
     * Terminates a WorkSpace: its volumes are destroyed. Repeating it changes nothing: what is TERMINATING stays so.
     * Not retried by itself, as each time it must still be wanted. @iam workspaces:TerminateWorkspaces
     */
    async terminateWorkspace(input: { readonly target: Target; readonly workspaceId: string }): Promise<RebuildReply> {
      const { target, workspaceId } = input;
      try {
        const command = new TerminateWorkspacesCommand({ TerminateWorkspaceRequests: [{ WorkspaceId: workspaceId }] });
        const output = await workspacesFor(target).send(command, untilCancelled());
        return itemReply(output);
      } catch (error) {
        return failureReplyOf(error);
      }
    },

    /**
     * Sets both volumes back to their last snapshot. NOT safe to repeat: AWS has no token for it, and a second call destroys
     * what the user did since. Never retried by Temporal or the SDK. @iam workspaces:RestoreWorkspace
     */
    async restoreWorkspace(input: { readonly target: Target; readonly workspaceId: string }): Promise<RebuildReply> {
      const { target, workspaceId } = input;
      try {
        const command = new RestoreWorkspaceCommand({ WorkspaceId: workspaceId });
        return { reply: 'accepted', at: awsTime(await workspacesFor(target).send(command, untilCancelled())) };
      } catch (error) {
        return failureReplyOf(error);
      }
    },
  };
}

function settingEffects(workspacesFor: WorkspacesDeps['workspacesFor']) {
  return {
    /** Sets the running mode; the same one again changes nothing. @iam workspaces:ModifyWorkspaceProperties */
    async setRunningMode(input: {
      readonly target: Target;
      readonly workspaceId: string;
      readonly settings: NewDesktop['settings'];
    }): Promise<void> {
      const { target, workspaceId, settings } = input;
      const context = { target, action: 'workspaces:ModifyWorkspaceProperties', resource: workspaceId };
      await call(context, async () => {
        const WorkspaceProperties = runningModeOf(settings);
        const command = new ModifyWorkspacePropertiesCommand({ WorkspaceId: workspaceId, WorkspaceProperties });
        await workspacesFor(target).send(command, untilCancelled());
      });
    },

    /** Sets the compute type; the same one again changes nothing. @iam workspaces:ModifyWorkspaceProperties */
    async setComputeType(input: {
      readonly target: Target;
      readonly workspaceId: string;
      readonly computeType: string;
    }): Promise<void> {
      const { target, workspaceId, computeType } = input;
      const context = { target, action: 'workspaces:ModifyWorkspaceProperties', resource: workspaceId };
      await call(context, async () => {
        const WorkspaceProperties = { ComputeTypeName: computeType as Compute };
        const command = new ModifyWorkspacePropertiesCommand({ WorkspaceId: workspaceId, WorkspaceProperties });
        await workspacesFor(target).send(command, untilCancelled());
      });
    },

    /** Tags a WorkSpace, image or bundle; the same tags again change nothing. @iam workspaces:CreateTags */
    async putTags(input: {
      readonly target: Target;
      readonly resourceId: string;
      readonly tags: Readonly<Record<string, string>>;
    }): Promise<void> {
      const { target, resourceId, tags } = input;
      await call({ target, action: 'workspaces:CreateTags', resource: resourceId }, async () => {
        const command = new CreateTagsCommand({ ResourceId: resourceId, Tags: toTags(tags) });
        await workspacesFor(target).send(command, untilCancelled());
      });
    },
  };
}
