/** What an upgrade knows of each WorkSpace, and where that one is on its way. */
import { OUTCOMES, type Outcome, type Reason } from './image-upgrade.ts';

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
  /** As `rebuild`, for a WorkSpace that is moved to the bundle. */
  'migrate',
  /** The call's end was unclear: watched for an effect. */
  'settle',
  /** AWS accepted the call: followed to its end. */
  'confirm',
  /** As `confirm`, until the new WorkSpace is there or the old one is back. */
  'confirmMigration',
  /** It has its outcome, and is to be taken out of ADMIN_MAINTENANCE. */
  'leave',
  'done',
] as const;
export type Step = (typeof STEPS)[number];

/** All that is known of one WorkSpace of the run: plain data, from which its way goes on after any restart. */
export interface Row {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly bundleId: string;
  /** SSM registrations of its computer name, the newest first; at most five. */
  readonly instanceIds: readonly string[];
  /** What upgrades it. */
  readonly action: 'rebuild' | 'migrate';
  /** The rule of `windows` that it falls under: its index; null: any time will do. */
  windowRule: number | null;
  /** Its wave, from 0. A deferred WorkSpace goes to the last one, so that no wave waits for it. */
  wave: number;
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
  /** It waits for a snapshot longer than others: it was tried again, or its wave came late. */
  snapshotWaitEndsAt: string | null;
  /** It is in a state that allows no rebuild; waited for at least until then. */
  stateWaitEndsAt: string | null;
  /** The place in the queue: the time of its snapshot, so that turns go in the order in which snapshots came. */
  readyAt: string | null;
  notified: 'delivered' | 'noAgent' | 'failed' | null;
  /** How many of the warnings were sent, or tried. */
  warningsSent: number;
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
  /** It waits for a person; null: it does not. */
  blocked: Blocked | null;
  /** Deferred: it is not rebuilt before. */
  deferredUntil: string | null;
  /** Its user is connected and waited for, until then at most. */
  userWaitEndsAt: string | null;
  /** It was put into ADMIN_MAINTENANCE and is to be taken out of it. */
  inMaintenance: boolean;
  /** After a migration: the WorkSpace that took its place. */
  newWorkspaceId: string | null;
  /** The bundle was read once more after the call, and was as before it. */
  bundleConfirmed: boolean;
  /** How often it was begun again by `retry-failed`. */
  retries: number;
  /** AWS was asked to rebuild it before it was begun again. */
  begunBefore: boolean;
}

/** Trouble that a person can mend; the WorkSpace goes on at its step when it is resumed. */
export interface Blocked {
  /** AWS's code. */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
  /** AWS's time. */
  readonly since: string;
}

/** What a row begins with: all that the preflight knows of a WorkSpace. */
export type RowSeed = Pick<
  Row,
  | 'workspaceId'
  | 'computerName'
  | 'userName'
  | 'directoryId'
  | 'bundleId'
  | 'instanceIds'
  | 'action'
  | 'windowRule'
  | 'wave'
  | 'state'
>;

const AT_FIRST: Omit<Row, keyof RowSeed> = {
  step: 'baseline',
  outcome: null,
  reason: null,
  baselineSnapshot: null,
  newerThan: null,
  freshSnapshot: null,
  nextLookAt: null,
  snapshotWaitEndsAt: null,
  stateWaitEndsAt: null,
  readyAt: null,
  notified: null,
  warningsSent: 0,
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
  blocked: null,
  deferredUntil: null,
  userWaitEndsAt: null,
  inMaintenance: false,
  newWorkspaceId: null,
  bundleConfirmed: false,
  retries: 0,
  begunBefore: false,
};

/**
 * AWS was asked to rebuild it, so that it may carry the new image whatever became of it: one that is in ERROR, or that nobody
 * could follow, does so as well. A migration cannot be taken back by a rebuild.
 */
export const mayCarryNewImage = ({ action, rebuildRequestedAt, begunBefore }: Asked): boolean =>
  action === 'rebuild' && (rebuildRequestedAt !== null || begunBefore);
type Asked = Pick<Row, 'action' | 'rebuildRequestedAt' | 'begunBefore'>;

/** A row at its first step. */
export function newRow(seed: RowSeed): Row {
  const { workspaceId, computerName, userName, directoryId, bundleId, instanceIds, action, windowRule, wave, state } =
    seed;
  const about = {
    workspaceId,
    computerName,
    userName,
    directoryId,
    bundleId,
    instanceIds,
    action,
    windowRule,
    wave,
    state,
  };
  return { ...about, ...AT_FIRST };
}

/** Phases as people see them; every row is in one. */
export const PHASES = ['waiting', 'warned', 'queued', 'blocked', 'rebuilding', ...OUTCOMES] as const;
export type Phase = (typeof PHASES)[number];
export type PhaseCounts = Readonly<Record<Phase, number>>;

export function phaseOf(row: Row): Phase {
  if (row.outcome) return row.outcome;
  if (row.blocked) return 'blocked';
  switch (row.step) {
    case 'baseline':
    case 'snapshot':
      return 'waiting';
    case 'warning':
      return 'queued';
    case 'turn':
      return row.noticeEndsAt ? 'warned' : 'queued';
    case 'lastLook':
    case 'rebuild':
    case 'settle':
    case 'migrate':
    case 'confirm':
    case 'confirmMigration':
    case 'leave':
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
