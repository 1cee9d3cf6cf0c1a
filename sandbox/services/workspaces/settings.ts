/** What AWS does not document, or documents as a range: one row per account and Region that tests change. */
import type { Place, State } from './rows.ts';

export interface WorkSpacesSettings {
  /** For so long a new WorkSpace is not shown, though its id is known. */
  readonly unseenSeconds: number;
  /** From an accepted call until the state shows it: least and most. */
  readonly lagSeconds: readonly [number, number];
  /** AWS documents no duration. */
  readonly rebuildMinutes: readonly [number, number];
  /** What a WorkSpace that was STOPPED is after its rebuild. */
  readonly stoppedAfterRebuild: 'AVAILABLE' | 'STOPPED';
  /** Up to an hour, as AWS documents. */
  readonly migrateMinutes: readonly [number, number];
  /** What the source of a migration shows while it lasts; null: what it was, as if nothing happened. */
  readonly migratingState: State | null;
  /** How long a WorkSpace is TERMINATING. */
  readonly terminateMinutes: readonly [number, number];
  readonly startSeconds: readonly [number, number];
  readonly stopSeconds: readonly [number, number];
  readonly rebootMinutes: readonly [number, number];
  readonly snapshotHours: number;
  /** How many of the newest snapshots are listed. */
  readonly snapshotsListed: number;
  readonly snapshotsWhenStopped: boolean;
  readonly snapshotAfterRebuildMinutes: number;
  readonly connectionCheckMinutes: number;
  /** Images that the account may have in the Region: AWS grants more when asked. */
  readonly imageQuota: number;
  /** WorkSpaces likewise. AWS begins with 1; an account with a fleet has asked already. */
  readonly workspaceQuota: number;
  /** Up to 45, as AWS documents. */
  readonly imageMinutes: readonly [number, number];
  /** AWS models no error for the deletion of an image that is not there. */
  readonly unknownImageDeletion: 'accepted' | 'ResourceNotFoundException' | 'InvalidResourceStateException';
  /** How long a new bundle is PENDING. */
  readonly bundlePendingSeconds: readonly [number, number];
  /** Up to 20, as AWS documents. */
  readonly createMinutes: readonly [number, number];
  /** When a second WorkSpace of a user is refused: before all else, once the user was looked for, or when all else is right. */
  readonly existsSeen: 'first' | 'afterUser' | 'last';
  /** With an encrypted root volume: up to an hour. */
  readonly createEncryptedMinutes: readonly [number, number];
  /** AWS documents no duration. */
  readonly restoreMinutes: readonly [number, number];
  /** Up to an hour, as AWS documents. */
  readonly modifyMinutes: readonly [number, number];
  /** From creation or the last change until volumes or the compute type can be changed. */
  readonly modifyAgainHours: number;
  /** The codes of `FailedRequests`, and of WorkSpaces and images in ERROR; AWS documents few of them. */
  readonly codes: {
    readonly notFound: string;
    readonly wrongState: string;
    readonly wrongRunningMode: string;
    readonly noSnapshot: string;
    readonly standby: string;
    readonly keyUnusable: string;
    readonly rebuildFailed: string;
    readonly imageFailed: string;
    readonly createFailed: string;
    readonly terminateFailed: string;
    readonly restoreFailed: string;
    readonly noDirectory: string;
    readonly noUser: string;
    readonly exists: string;
    readonly noBundle: string;
    readonly bundleUnavailable: string;
    readonly volumes: string;
  };
}

const DEFAULTS: WorkSpacesSettings = {
  unseenSeconds: 20,
  lagSeconds: [2, 6],
  rebuildMinutes: [20, 60],
  stoppedAfterRebuild: 'AVAILABLE',
  migrateMinutes: [20, 60],
  migratingState: null,
  terminateMinutes: [2, 5],
  startSeconds: [30, 90],
  stopSeconds: [30, 90],
  rebootMinutes: [2, 5],
  snapshotHours: 12,
  snapshotsListed: 1,
  snapshotsWhenStopped: true,
  snapshotAfterRebuildMinutes: 30,
  connectionCheckMinutes: 5,
  imageQuota: 40,
  workspaceQuota: 100_000,
  imageMinutes: [10, 45],
  unknownImageDeletion: 'ResourceNotFoundException',
  bundlePendingSeconds: [10, 40],
  createMinutes: [10, 20],
  existsSeen: 'afterUser',
  createEncryptedMinutes: [20, 60],
  restoreMinutes: [20, 60],
  modifyMinutes: [20, 60],
  modifyAgainHours: 6,
  codes: {
    notFound: 'ResourceNotFound.Workspace',
    wrongState: 'InvalidResourceState.Workspace',
    wrongRunningMode: 'OperationNotSupported.RunningMode',
    noSnapshot: 'ResourceUnavailable.Snapshot',
    standby: 'OperationNotSupported.StandbyWorkspace',
    keyUnusable: 'KmsKeyNotUsable.Workspace',
    rebuildFailed: 'InternalError.Rebuild',
    imageFailed: 'ImageCreationFailed',
    createFailed: 'InternalError.Create',
    terminateFailed: 'InternalError.Terminate',
    restoreFailed: 'InternalError.Restore',
    noDirectory: 'ResourceNotFound.Directory',
    noUser: 'InvalidUserConfiguration.Workspace',
    exists: 'ResourceExists.WorkSpace',
    noBundle: 'ResourceNotFound.Bundle',
    bundleUnavailable: 'ResourceUnavailable.Bundle',
    volumes: 'InvalidParameterValue.WorkspaceProperties',
  },
};

const table = (place: Place) =>
  place.world.store.table<Partial<WorkSpacesSettings>>(place.account, place.region, 'workspaces.settings');

export function settingsOf(place: Place): WorkSpacesSettings {
  const changed = table(place).get('settings');
  return changed ? { ...DEFAULTS, ...changed } : DEFAULTS;
}

/** Changes some settings from now on; what is under way already stays as it was drawn. */
export function changeSettings(place: Place, changes: Partial<WorkSpacesSettings>): void {
  table(place).set('settings', { ...table(place).get('settings'), ...changes });
}
