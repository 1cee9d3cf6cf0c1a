/** What an image upgrade is given, and how each WorkSpace can end. */
import { NO_SELECTION, type Selection } from './selection.ts';
import type { Target } from './target.ts';
import { ONE_WAVE, type WavePlan } from './waves.ts';
import type { WindowRule } from './windows.ts';

/** All that a run of `imageUpgrade` needs; `DEFAULTS` holds what may be left out on the command line. */
export interface ImageUpgradeInput {
  readonly target: Target;
  /** The custom bundle that is set to the new image: `wsb-…`. */
  readonly bundleId: string;
  /** The new image: `wsi-…`. */
  readonly imageId: string;
  /** These WorkSpaces are upgraded, if they are on the bundle. */
  readonly selection: Selection;
  /** A plan that would touch more than so many, or more than that share of all WorkSpaces on the bundle, is refused; null: no limit. */
  readonly maxResources: number | null;
  readonly maxResourcesPercent: number | null;
  /** Selected WorkSpaces on another bundle: only listed, or migrated to this one (MigrateWorkspace). */
  readonly otherBundle: 'list' | 'migrate';
  readonly waves: WavePlan;
  /** When the run holds, the bundle keeps the new image instead of going back to its previous one. */
  readonly keepBundle: boolean;
  /** When rebuilds may begin; empty: at any time. */
  readonly windows: readonly WindowRule[];
  /** A WorkSpace that was ready and whose window passed waits for the next one, or is skipped and so reported. */
  readonly windowPassed: 'wait' | 'skip';
  readonly warnings: Warnings;
  readonly connectedUsers: ConnectedUsers;
  /** WorkSpaces whose turn is near are put into ADMIN_MAINTENANCE, where nobody can sign in, until their rebuild. */
  readonly maintenance: boolean;
  /** Operators are told here what needs them: a run that holds, waits for approval, is blocked, or has ended; null: nowhere. */
  readonly operatorTopicArn: string | null;
  readonly approval: Approval;
  /** The smallest distance between two looks at the same WorkSpace. */
  readonly pollSeconds: number;
  /** How long a WorkSpace waits for its snapshot, from the start of the run. */
  readonly waitTimeoutMinutes: number;
  /** How many WorkSpaces are rebuilt at once. */
  readonly maxConcurrent: number;
  /** A newest snapshot this much later than the user's last connection needs no newer one; 0: always wait. */
  readonly quietMarginHours: number;
  /** The most of a user's work, in seconds, that a rebuild may lose; null: no limit. */
  readonly maxDataLossSeconds: number | null;
  /** How long an unclear rebuild call is watched for an effect before it may be made again. */
  readonly settleSeconds: number;
  /** How often WorkSpaces under rebuild are looked at, all in one call for 25. */
  readonly confirmSeconds: number;
  /** A rebuild that has not ended after so long is `rebuildUnconfirmed`. */
  readonly rebuildTimeoutMinutes: number;
  /** Go on although WorkSpaces Pools use the bundle. */
  readonly poolsToo: boolean;
  readonly report: ReportPlace;
  /** What to remove once the run has ended; each null unless asked for. */
  readonly afterwards: { readonly deleteScheduleId: string | null; readonly deleteStackName: string | null };
}

export interface ReportPlace {
  readonly bucket: string;
  /** Ends with `/`, or is empty. */
  readonly prefix: string;
  /** Reports are written with SSE-KMS under this key; null: the bucket's own encryption. */
  readonly kmsKeyArn: string | null;
}

/** What users are told before their WorkSpaces are rebuilt. */
export interface Warnings {
  /** How long before the rebuild, the longest first, each a warning; the first is how long a user has at least. Empty: none. */
  readonly leadSeconds: readonly number[];
  /** With the placeholders {time}, {reason} and {contact}. */
  readonly text: string;
  readonly reason: string;
  readonly contact: string;
  /** A WorkSpace whose first warning did not arrive is not rebuilt. */
  readonly requireDelivery: boolean;
  /** An SNS topic that gets each warning too; null: none. */
  readonly topicArn: string | null;
}

/** What becomes of a WorkSpace whose user is connected when its turn has come. */
export interface ConnectedUsers {
  readonly policy: 'proceed' | 'wait' | 'skip';
  /** `wait`: for the user to disconnect, at most so long, */
  readonly waitMinutes: number;
  /** and then: */
  readonly afterWait: 'proceed' | 'skip';
}

export interface Approval {
  /** The hash of the plan that may run; another plan is refused. Null: any. */
  readonly planHash: string | null;
  /** The run waits for `approve` with its plan's hash. */
  readonly required: boolean;
  /** It is refused when nobody has approved it after so long. */
  readonly expiresMinutes: number;
}

/** The defaults of the old system, but for the wait: its 720 minutes are the snapshot interval itself. */
export const DEFAULTS = {
  selection: NO_SELECTION,
  maxResources: null,
  maxResourcesPercent: null,
  otherBundle: 'list',
  waves: ONE_WAVE,
  keepBundle: false,
  windows: [],
  windowPassed: 'wait',
  warnings: {
    leadSeconds: [],
    text: 'This WorkSpace will be rebuilt in {time} or a little later. Save your work and sign out.',
    reason: '',
    contact: '',
    requireDelivery: false,
    topicArn: null,
  },
  connectedUsers: { policy: 'proceed', waitMinutes: 240, afterWait: 'skip' },
  maintenance: false,
  operatorTopicArn: null,
  approval: { planHash: null, required: false, expiresMinutes: 1440 },
  pollSeconds: 60,
  waitTimeoutMinutes: 900,
  maxConcurrent: 10,
  quietMarginHours: 24,
  maxDataLossSeconds: null,
  settleSeconds: 300,
  confirmSeconds: 240,
  rebuildTimeoutMinutes: 240,
  poolsToo: false,
  reportPrefix: 'workspaces-upgrades/',
} as const;

/** How a WorkSpace ends. Each ends in exactly one of these. */
export const OUTCOMES = [
  /** AWS showed the rebuild and its end. */
  'rebuilt',
  /** It was on another bundle and is on this one now: a new WorkSpace for the same user. */
  'migrated',
  /** AWS refused or failed the rebuild; the reason holds its code. */
  'rebuildFailed',
  /** The call was accepted and its effect was not seen in time. Not called again: a person must look. */
  'rebuildUnconfirmed',
  /** Its snapshot, or a state that allows a rebuild, did not come before the wait timed out. */
  'timedOutWaiting',
  /** Not to be rebuilt; the reason says why. */
  'skipped',
  /** The run was aborted before this WorkSpace's rebuild. */
  'aborted',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a WorkSpace was not rebuilt or ended as it did. `detail` is AWS's code or the value seen. */
export interface Reason {
  readonly code: ReasonCode;
  readonly detail?: string;
}

export const REASONS = {
  otherBundle: 'is on another bundle',
  onRestoreBundle: 'is on the bundle that it was restored with; --other-bundle migrate brings it back to this one',
  standby: 'is part of a Multi-Region standby pair',
  keyNotUsable: 'its volume encryption key cannot be used, a rebuild would leave it unusable',
  noSnapshotStopped: 'is stopped and has no snapshot to rebuild from',
  gone: 'does not exist any more',
  tagGone: 'does not carry the tag any more',
  bundleChanged: 'the bundle does not carry the new image any more, or was changed meanwhile',
  bundleNotAvailable: 'the bundle was not AVAILABLE in time',
  noFreshSnapshot: 'no newer snapshot in time',
  stoppedNoSnapshot: 'no newer snapshot in time; AWS may take none of a stopped WorkSpace',
  notRebuildable: 'did not reach a state that allows a rebuild in time',
  dataLoss: 'more of its user’s work would be lost than allowed: no snapshot was late enough',
  locked: 'another operation held this WorkSpace',
  refused: 'AWS refused the rebuild',
  failed: 'the rebuild ended in a failure',
  errorFromAws: 'AWS answered with an error',
  noEffectSeen: 'the call was accepted, but neither REBUILDING nor a new private IP was seen',
  notEnded: 'the rebuild was seen, but not its end',
  notFollowed: 'the call was accepted, but its effect could not be followed',
  quiet: 'its newest snapshot is later than anything its user did: no newer one was needed',
  lateSnapshot: 'its user has worked since the snapshot: the loss is known',
  abortedByOperator: 'the run was aborted',
  skippedByOperator: 'a person skipped it',
  userConnected: 'its user was connected',
  windowPassed: 'its window passed before its turn came',
  notWarned: 'its user could not be warned',
  cannotMigrate: 'AWS does not migrate such a WorkSpace',
  migrationFailed: 'AWS put it back: the migration did not succeed within an hour',
} as const;
export type ReasonCode = keyof typeof REASONS;
