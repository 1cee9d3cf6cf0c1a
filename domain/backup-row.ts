/** What an image backup knows of each WorkSpace, and where that one is on its way. */
import { BACKUP_OUTCOMES, type BackupOutcome, type BackupVerdict } from './image-backup.ts';

/** Where a WorkSpace is on its way. */
export const BACKUP_STEPS = [
  /** Its turn, its window, its user and room for its image are waited for. */
  'waiting',
  /** It was STOPPED and is being started. */
  'starting',
  /** The image call is being made. */
  'creating',
  /** AWS accepted the call: followed to its end. */
  'imaging',
  /** Its image failed, and is to be removed. */
  'removing',
  /** It was started for its image, and is to be stopped again. */
  'stopping',
  'done',
] as const;
export type BackupStep = (typeof BACKUP_STEPS)[number];

/** Why a WorkSpace ended as it did. `detail` is AWS's code or the value seen. */
export interface BackupReason {
  readonly code: BackupReasonCode;
  readonly detail?: string;
}

export const BACKUP_REASONS = {
  encrypted: 'its volumes are encrypted: AWS makes no image of such a WorkSpace',
  stopped: 'is STOPPED: start it, or allow that it is started for its image',
  notStartable: 'is STOPPED, and AWS starts only AUTO_STOP and MANUAL ones',
  modifying: 'is being changed: AWS makes an image only when the change is over',
  notAvailable: 'is in a state in which AWS makes no image',
  pool: 'belongs to WorkSpaces Pools, which have nothing of their own to image',
  quota: 'there is no room for its image in the Region’s quota',
  gone: 'does not exist any more',
  locked: 'another operation held this WorkSpace',
  userConnected: 'its user was connected',
  outsideWindow: 'its window did not open before the run had to end',
  runTimedOut: 'its turn did not come before the run had to end',
  notStarted: 'was not AVAILABLE in time after it was started',
  refused: 'AWS refused the image',
  failed: 'AWS could not make the image',
  nameTaken: 'another image has its name already',
  notSeen: 'the call was made, and no image was seen',
  notEnded: 'its image was not AVAILABLE in time',
  blocked: 'it waited for a person to mend what was in its way until the run had to end',
  abortedByOperator: 'the run was aborted',
  skippedByOperator: 'a person skipped it',
} as const;
export type BackupReasonCode = keyof typeof BACKUP_REASONS;

/** Trouble that a person can mend; the WorkSpace goes on at its step when it is resumed. */
export interface BackupBlocked {
  /** AWS's code. */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
  /** AWS's time. */
  readonly since: string;
}

/** All that is known of one WorkSpace of the run: plain data, from which its way goes on after any restart. */
export interface BackupRow {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly verdict: BackupVerdict;
  /** The rule of `windows` that it falls under: its index; null: any time will do. */
  readonly windowRule: number | null;
  /** What its image is called; another one than at first when that was taken. */
  imageName: string;
  step: BackupStep;
  /** Its state when last seen. */
  state: string;
  outcome: BackupOutcome | null;
  reason: BackupReason | null;
  imageId: string | null;
  /** Times are AWS's, ISO. */
  requestedAt: string | null;
  endedAt: string | null;
  /** The image was there already when the call had no clear end, and was taken for ours. */
  adopted: boolean;
  /** It was STOPPED, and this run has it started or is about to: it is stopped again whatever happens. */
  started: boolean;
  startedAt: string | null;
  /** Its user is connected: it was started by the run and is left running. */
  leftRunning: boolean;
  lockedBy: string | null;
  blocked: BackupBlocked | null;
}

/** What a row begins with. */
export type BackupSeed = Pick<
  BackupRow,
  'workspaceId' | 'computerName' | 'userName' | 'directoryId' | 'verdict' | 'windowRule' | 'imageName' | 'state'
>;

/** A row at its first step. */
export const newBackupRow = (seed: BackupSeed): BackupRow => ({
  ...seed,
  step: 'waiting',
  outcome: null,
  reason: null,
  imageId: null,
  requestedAt: null,
  endedAt: null,
  adopted: false,
  started: false,
  startedAt: null,
  leftRunning: false,
  lockedBy: null,
  blocked: null,
});

/** Phases as people see them; every row is in one. */
export const BACKUP_PHASES = ['waiting', 'blocked', 'starting', 'imaging', 'stopping', ...BACKUP_OUTCOMES] as const;
export type BackupPhase = (typeof BACKUP_PHASES)[number];
export type BackupCounts = Readonly<Record<BackupPhase, number>>;

export function backupPhaseOf(row: BackupRow): BackupPhase {
  if (row.blocked) return 'blocked';
  switch (row.step) {
    case 'waiting':
      return 'waiting';
    case 'starting':
    case 'creating':
      return 'starting';
    case 'imaging':
      return 'imaging';
    case 'removing':
    case 'stopping':
      return 'stopping';
    case 'done':
      return row.outcome ?? 'stopping';
  }
}

export function countBackupPhases(rows: Iterable<BackupRow>): BackupCounts {
  const counts = Object.fromEntries(BACKUP_PHASES.map((phase) => [phase, 0])) as Record<BackupPhase, number>;
  for (const row of rows) counts[backupPhaseOf(row)] += 1;
  return counts;
}

/** Why a WorkSpace ended as it did, in a sentence; empty without a reason. */
export function backupReasonText({ reason }: Pick<BackupRow, 'reason'>): string {
  if (!reason) return '';
  const text = BACKUP_REASONS[reason.code];
  return reason.detail ? `${text}: ${reason.detail}` : text;
}
