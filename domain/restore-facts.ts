/** What a restore is judged by: all as AWS showed it, plain data. */

export interface RestoreDesktop {
  readonly workspaceId: string;
  readonly state: string;
  readonly errorCode: string | null;
  readonly bundleId: string;
  readonly directoryId: string;
  readonly userName: string;
  readonly computerName: string;
  readonly ipAddress: string | null;
  /** AWS's name, such as WINDOWS_SERVER_2022; null: AWS does not say. */
  readonly operatingSystem: string | null;
  /** Part of a Multi-Region pair. */
  readonly paired: boolean;
  readonly encryption: { readonly root: boolean; readonly user: boolean; readonly keyId: string | null };
  readonly settings: DesktopSettings;
  /** Its compute type or volumes are being changed: AWS's words, such as `COMPUTE_TYPE UPDATE_IN_PROGRESS`. */
  readonly modifying: string | null;
}

/** What is put back on a WorkSpace that takes another one's place; null: AWS does not say. */
export interface DesktopSettings {
  readonly runningMode: string | null;
  /** With AUTO_STOP. */
  readonly autoStopMinutes: number | null;
  readonly computeType: string | null;
  readonly rootGib: number | null;
  readonly userGib: number | null;
  readonly protocols: readonly string[];
}

export interface RestoreImage {
  readonly imageId: string;
  readonly name: string;
  readonly state: string;
  readonly ownerAccount: string | null;
  readonly operatingSystem: string | null;
  readonly byol: boolean;
  readonly createdAt: string | null;
}

/** A custom bundle of the account. */
export interface OwnBundle {
  readonly bundleId: string;
  readonly name: string;
  readonly state: string;
  readonly imageId: string | null;
  readonly computeType: string | null;
  readonly rootGib: number | null;
  readonly userGib: number | null;
}

/** Null: AWS does not know it, or it was not needed. */
export interface RestoreFacts {
  /** AWS's time of the last look. */
  readonly at: string;
  readonly desktop: RestoreDesktop | null;
  /** Those of the WorkSpace. */
  readonly tags: Readonly<Record<string, string>>;
  readonly image: RestoreImage | null;
  /** The image of the bundle that the WorkSpace is on: its licence is the WorkSpace's; null: not ours to see. */
  readonly presentImage: RestoreImage | null;
  readonly directory: {
    /** As WorkSpaces has it: `REGISTERED`. */
    readonly state: string;
    /** As Directory Service has it: `Active`; null: it is none of Directory Service's. */
    readonly stage: string | null;
  } | null;
  /** WorkSpaces that the other user has in the directory, but for the canary; null: there is no other user. */
  readonly ofOtherUser: readonly string[] | null;
  /** Times of the snapshots of the user volume, and of those of both volumes. */
  readonly userSnapshots: readonly string[];
  readonly bothSnapshots: readonly string[];
  /** Of the key of encrypted volumes, as DescribeKey gives it; null: not encrypted. */
  readonly keyState: string | null;
  /** Custom bundles of the account, the one that was made for this restore not among them. */
  readonly ownBundles: number;
  /** The images that the Region has and may have, for a last image; the quota is null where AWS does not tell it. */
  readonly images: { readonly count: number; readonly quota: number | null } | null;
  /** What was made for this restore, as it is now; null: nothing yet. */
  readonly made: {
    readonly bundle: OwnBundle | null;
    /** The canary's state; null: there is none to be. */
    readonly canaryState: string | null;
  } | null;
  /** What stands in the way of the report or of telling operators, a sentence each. */
  readonly surroundings: readonly string[];
}
