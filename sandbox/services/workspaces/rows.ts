/** The rows of the embedded WorkSpaces service: plain data, times in virtual milliseconds since the epoch. */
import type { Call } from '../../service.ts';
import type { Table } from '../../store.ts';

/** An account's Region in a world: all that a function needs which is no API call. */
export type Place = Pick<Call, 'world' | 'account' | 'region'>;

export type State =
  | 'PENDING'
  | 'AVAILABLE'
  | 'IMPAIRED'
  | 'UNHEALTHY'
  | 'REBOOTING'
  | 'STARTING'
  | 'REBUILDING'
  | 'RESTORING'
  | 'MAINTENANCE'
  | 'ADMIN_MAINTENANCE'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'SUSPENDED'
  | 'UPDATING'
  | 'STOPPING'
  | 'STOPPED'
  | 'ERROR';

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A WorkSpace is in this state from `at` on. What is left out stays as it was; an error belongs to its state only. */
export interface Transition {
  readonly at: number;
  readonly state: State;
  readonly ipAddress?: string;
  /** The image on the root volume: no API shows it. */
  readonly rootImageId?: string;
  /** The user volume was made from its snapshot of then: no API shows it. */
  readonly userDataOf?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Snapshots are made at `first` and every interval after it, while the epoch lasts. A rebuild begins a new one. */
export interface SnapshotEpoch {
  readonly from: number;
  readonly first: number;
  to: number | null;
}

/** What really happened, for tests: no API shows it. */
export interface RebuildCall {
  readonly at: number;
  /** `ignored`: AWS accepted the call, and nothing came of it. */
  readonly effect: 'begun' | 'ignored' | 'refused';
  readonly code?: string;
}
export interface Rebuild {
  readonly calledAt: number;
  readonly from: number;
  /** Null: never ends. */
  readonly to: number | null;
  /** What the bundle carried at the call. */
  readonly imageId: string;
  readonly end: State | null;
}

/** One begun by MigrateWorkspace, kept with its source. */
export interface Migration {
  readonly calledAt: number;
  readonly from: number;
  /** Null: never ends. */
  readonly to: number | null;
  readonly bundleId: string;
  readonly targetId: string;
  /** `failed`: the source is as it was, and the target's id leads nowhere. */
  readonly end: 'moved' | 'failed' | null;
}

export interface Hardware {
  readonly computeType: string;
  readonly rootVolumeGib: number;
  readonly userVolumeGib: number;
}

/** Something that was accepted for a WorkSpace and takes time; its state shows it from `from` on. */
export type Job = {
  readonly calledAt: number;
  readonly from: number;
  /** Null: never ends. */
  readonly to: number | null;
} & (
  | { readonly kind: 'image'; readonly imageId: string }
  | { readonly kind: 'restore'; readonly snapshotAt: number; readonly failed: boolean }
  | {
      readonly kind: 'modification';
      readonly resource: 'ROOT_VOLUME' | 'USER_VOLUME' | 'COMPUTE_TYPE';
      readonly change: Partial<Hardware>;
      readonly failed: boolean;
    }
  | { readonly kind: 'termination' }
);

export interface Desktop {
  readonly workspaceId: string;
  readonly directoryId: string;
  readonly bundleId: string;
  readonly userName: string;
  readonly computerName: string;
  readonly subnetId: string;
  /** AWS's name, such as WINDOWS_SERVER_2022. */
  readonly operatingSystem: string;
  readonly createdAt: number;
  /** Everything random about this WorkSpace is drawn from it. */
  readonly seed: number;
  runningMode: 'ALWAYS_ON' | 'AUTO_STOP' | 'MANUAL';
  /** With AUTO_STOP: it stops when nobody was connected for so long. */
  autoStopMinutes: number;
  /** When it became AUTO_STOP; absent: when it was made. */
  autoStopSince?: number;
  /** What it was made with; null: what its bundle has. */
  readonly hardware: Hardware | null;
  /** Lives on through rebuilds, restores and migrations, and ends with a termination: no API shows it. */
  readonly userVolumeId: string;
  /** Its volumes are encrypted under this key; null: not encrypted. */
  readonly volumeEncryptionKey: string | null;
  /** The only one of its volumes that is encrypted; absent: both are. */
  readonly encryptedVolume?: 'root' | 'user';
  /** The other half of a Multi-Region pair; `type` says what the *other* one is. */
  readonly related: {
    readonly workspaceId: string;
    readonly region: string;
    readonly type: 'PRIMARY' | 'STANDBY';
  } | null;
  /** In order of time; transitions under way have their end here already. */
  log: Transition[];
  /** AWS's own maintenance, shown instead of AVAILABLE or STOPPED. */
  maintenance: Span[];
  /** When its user was, is and will be connected. */
  connections: Span[];
  /** The connection is not checked any more since then; null: checked every few minutes. */
  connectionCheckStopped: number | null;
  snapshotEpochs: SnapshotEpoch[];
  /** A snapshot comes so much earlier or later than its time, at most. */
  snapshotJitterSeconds: number;
  /** No snapshots are made in these. */
  snapshotPauses: Span[];
  /** How its rebuilds go; what is left out is drawn from the settings. */
  rebuildPlan: { minutes?: number; end?: 'stuck' | 'fail'; code?: string; message?: string };
  rebuildCalls: RebuildCall[];
  rebuilds: Rebuild[];
  /** How its migrations go, as `rebuildPlan`. */
  migrationPlan: { minutes?: number; end?: 'stuck' | 'fail' };
  migrations: Migration[];
  /** Images made of it, restores, modifications and its termination, in order of their calls. */
  jobs: Job[];
}

/** When an image or a bundle is there. */
interface Made {
  readonly createdAt: number;
  /** It is PENDING until then, and in its `state` afterwards; null: for ever. Absent: it was made before. */
  readonly pendingUntil?: number | null;
  /** It stays in the table for reads of the past. */
  deletedAt?: number;
}

export interface Bundle extends Made {
  readonly bundleId: string;
  readonly name: string;
  readonly description: string;
  /** An account id, or `AMAZON`. */
  readonly owner: string;
  state: 'AVAILABLE' | 'PENDING' | 'ERROR';
  readonly computeType: string;
  readonly rootVolumeGib: number;
  readonly userVolumeGib: number;
  /** Which image it carries since when, in order of time; each change is an update of the bundle. */
  images: { readonly at: number; readonly imageId: string }[];
}

export interface Image extends Made {
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  /** AWS shows no more of the system than this. */
  readonly operatingSystem: 'WINDOWS' | 'LINUX';
  /** Windows under the customer's own licence, on hardware of its own. @default false */
  readonly byol?: boolean;
  state: 'AVAILABLE' | 'PENDING' | 'ERROR';
  readonly owner: string;
  /** No API shows it; a bundle's root volume cannot be smaller. */
  readonly rootVolumeGib: number;
  /** The WorkSpace that it was made of: no API shows it. */
  readonly madeOf?: string;
  /** Accounts that may copy it. */
  sharedWith?: string[];
  readonly error?: ImageError;
}

export interface ImageError {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly code: string; readonly message: string }[];
}

export interface Directory {
  readonly directoryId: string;
  readonly name: string;
  readonly alias: string;
  readonly subnetIds: string[];
  readonly createdAt: number;
  state: 'REGISTERED' | 'REGISTERING' | 'DEREGISTERING' | 'DEREGISTERED' | 'ERROR';
  /** Of the directory itself, as Directory Service has it; absent: Active. */
  stage?: 'Active' | 'Impaired' | 'Inoperable' | 'Creating' | 'Deleting' | 'Failed';
  /** Whether users may rebuild their WorkSpaces by themselves. */
  usersMayRebuild: boolean;
  /** The names of its users; absent: every name is one. */
  users?: readonly string[];
}

export interface Pool {
  readonly poolId: string;
  readonly name: string;
  readonly bundleId: string;
  readonly directoryId: string;
  readonly createdAt: number;
  state: 'CREATING' | 'DELETING' | 'RUNNING' | 'STARTING' | 'STOPPED' | 'STOPPING' | 'UPDATING';
}

const table = <Row>(place: Place, name: string): Table<Row> =>
  place.world.store.table<Row>(place.account, place.region, name);

export const desktops = (place: Place): Table<Desktop> => table(place, 'workspaces.desktops');
export const bundles = (place: Place): Table<Bundle> => table(place, 'workspaces.bundles');
export const images = (place: Place): Table<Image> => table(place, 'workspaces.images');
export const directories = (place: Place): Table<Directory> => table(place, 'workspaces.directories');
export const pools = (place: Place): Table<Pool> => table(place, 'workspaces.pools');
