/** What an image upgrade is given, what it knows of each WorkSpace, and how each WorkSpace can end. */
import type { Target } from './target.ts';

/** All that a run of `imageUpgrade` needs; `DEFAULTS` holds what may be left out on the command line. */
export interface ImageUpgradeInput {
  readonly target: Target;
  /** The custom bundle that is set to the new image: `wsb-…`. */
  readonly bundleId: string;
  /** The new image: `wsi-…`. */
  readonly imageId: string;
  /** WorkSpaces with this tag are upgraded, if they are on the bundle. */
  readonly tag: { readonly key: string; readonly value: string };
  /** How long before its rebuild a user is warned, at least; 0: no warning. */
  readonly notifySeconds: number;
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

/** The defaults of the old system, but for the wait: its 720 minutes are the snapshot interval itself. */
export const DEFAULTS = {
  notifySeconds: 0,
  pollSeconds: 60,
  waitTimeoutMinutes: 900,
  maxConcurrent: 10,
  quietMarginHours: 24,
  maxDataLossSeconds: null,
  settleSeconds: 300,
  confirmSeconds: 210,
  rebuildTimeoutMinutes: 240,
  poolsToo: false,
  reportPrefix: 'workspaces-upgrades/',
} as const;

/** How a WorkSpace ends. Each ends in exactly one of these. */
export const OUTCOMES = [
  /** AWS showed the rebuild and its end. */
  'rebuilt',
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

/** Where a WorkSpace is on its way. */
export const STEPS = [
  /** Its present snapshot is to be read. */
  'baseline',
  /** It waits for a snapshot newer than that. */
  'snapshot',
  /** Its user is to be warned. */
  'warning',
  /** It waits for its turn, and for the end of the warning time. */
  'turn',
  /** It has its turn: a last look at everything that the rebuild depends on. */
  'lastLook',
  /** The rebuild call is being made. */
  'rebuild',
  /** The call's end was unclear: watched for an effect. */
  'settle',
  /** AWS accepted the call: followed to its end. */
  'confirm',
  'done',
] as const;
export type Step = (typeof STEPS)[number];

/** Why a WorkSpace was not rebuilt or ended as it did. `detail` is AWS's code or the value seen. */
export interface Reason {
  readonly code: ReasonCode;
  readonly detail?: string;
}

export const REASONS = {
  otherBundle: 'is on another bundle',
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
} as const;
export type ReasonCode = keyof typeof REASONS;

/** All that is known of one WorkSpace of the run: plain data, from which its way goes on after any restart. */
export interface Row {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly bundleId: string;
  /** SSM registrations of its computer name, the newest first; at most five. */
  readonly instanceIds: readonly string[];
  step: Step;
  /** Its state when last seen. */
  state: string;
  outcome: Outcome | null;
  reason: Reason | null;
  /** Times are AWS's, ISO. The newest rebuild snapshot when the run began; null: none yet. */
  baselineSnapshot: string | null;
  /** It waits for a snapshot later than this one; null: than its baseline. */
  newerThan: string | null;
  /** The snapshot that its rebuild uses. */
  freshSnapshot: string | null;
  /** When AWS is asked for a snapshot next. */
  nextLookAt: string | null;
  /** It is in a state that allows no rebuild; waited for at least until then. */
  stateWaitEndsAt: string | null;
  /** The place in the queue: the time of its snapshot, so that turns go in the order in which snapshots came. */
  readyAt: string | null;
  notified: 'delivered' | 'noAgent' | 'failed' | null;
  /** The rebuild may begin then, not earlier. */
  noticeEndsAt: string | null;
  rebuildRequestedAt: string | null;
  rebuildConfirmedAt: string | null;
  /** REBUILDING was seen since the call. */
  sawRebuilding: boolean;
  /** When it was first seen AVAILABLE or STOPPED with its old IP after REBUILDING: an old reply, or so it came back. */
  settledSeenAt: string | null;
  /** Its state right before the call. */
  stateBefore: string | null;
  /** The private IP before the call: every rebuild gives a new one. */
  ipBefore: string | null;
  /** The bundle's LastUpdatedTime right before the call. */
  bundleUpdatedAt: string | null;
  /** How long before the rebuild its user was last connected after the snapshot: what was lost at most. */
  dataLossWindowSeconds: number | null;
  /** How often the rebuild was called; more than once only after calls that had no effect. */
  rebuildCalls: number;
  /** The holder of its lock, while another operation has it. */
  lockedBy: string | null;
}

/** A row at its first step. */
export function newRow(
  about: Pick<Row, 'workspaceId' | 'computerName' | 'userName' | 'directoryId' | 'bundleId' | 'instanceIds' | 'state'>,
): Row {
  return {
    ...about,
    step: 'baseline',
    outcome: null,
    reason: null,
    baselineSnapshot: null,
    newerThan: null,
    freshSnapshot: null,
    nextLookAt: null,
    stateWaitEndsAt: null,
    readyAt: null,
    notified: null,
    noticeEndsAt: null,
    rebuildRequestedAt: null,
    rebuildConfirmedAt: null,
    sawRebuilding: false,
    settledSeenAt: null,
    stateBefore: null,
    ipBefore: null,
    bundleUpdatedAt: null,
    dataLossWindowSeconds: null,
    rebuildCalls: 0,
    lockedBy: null,
  };
}

/** Phases as people see them; every row is in one. */
export const PHASES = ['waiting', 'warned', 'queued', 'rebuilding', ...OUTCOMES] as const;
export type Phase = (typeof PHASES)[number];
export type PhaseCounts = Readonly<Record<Phase, number>>;

export function phaseOf(row: Row): Phase {
  if (row.outcome) return row.outcome;
  switch (row.step) {
    case 'baseline':
    case 'snapshot':
      return 'waiting';
    case 'warning':
      return 'warned';
    case 'turn':
      return row.noticeEndsAt ? 'warned' : 'queued';
    case 'lastLook':
    case 'rebuild':
    case 'settle':
    case 'confirm':
    case 'done':
      return 'rebuilding';
  }
}

export function countPhases(rows: Iterable<Row>): PhaseCounts {
  const counts = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const row of rows) counts[phaseOf(row)] += 1;
  return counts;
}

export function addCounts(all: Iterable<PhaseCounts>): PhaseCounts {
  const sum = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const counts of all) for (const phase of PHASES) sum[phase] += counts[phase];
  return sum;
}
