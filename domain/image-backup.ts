/** What an image backup is given, and how each WorkSpace can end. An image is a system backup, not user data. */
import type { ReportPlace } from './image-upgrade.ts';
import type { RetentionPolicy } from './image-retention.ts';
import type { Selection } from './selection.ts';
import type { Target } from './target.ts';
import type { WindowRule } from './windows.ts';

/** All that a run of `imageBackup` needs. */
export interface ImageBackupInput {
  readonly target: Target;
  /** The policy's name, in the run's id and on its images: letters, digits, hyphens. */
  readonly policy: string;
  readonly selection: Selection;
  /** A WorkSpace that is STOPPED is started, imaged and stopped again; otherwise it is reported as `stopped`. */
  readonly startStopped: boolean;
  /** A connected user is left alone (`skip`), waited for while the run lasts (`wait`), or cut off (`proceed`). */
  readonly connectedUsers: 'skip' | 'wait' | 'proceed';
  /** When images may be begun; empty: at any time. */
  readonly windows: readonly WindowRule[];
  /** How many images are made at once: each takes its WorkSpace away from its user for up to 45 minutes. */
  readonly maxConcurrent: number;
  /** A plan for more WorkSpaces is refused; null: no limit. */
  readonly maxResources: number | null;
  /** An image that is not AVAILABLE after so long has failed. */
  readonly imageTimeoutMinutes: number;
  /** Nothing new is begun so long after the run's start. */
  readonly runTimeoutMinutes: number;
  readonly retention: RetentionPolicy;
  /** How often the policy runs, on the average: the room that its images need is reckoned by it. 1/7 is once a week. */
  readonly runsPerDay: number;
  /** Images that the Region may hold; null: as Service Quotas says. */
  readonly imageQuota: number | null;
  readonly operatorTopicArn: string | null;
  readonly report: ReportPlace;
}

/** The old system's schedule, tag and days. */
export const BACKUP_DEFAULTS = {
  cron: 'cron(0 2 * * ? *)',
  selectionTag: { key: 'AutoBackup', value: 'enabled' },
  policy: 'default',
  startStopped: false,
  connectedUsers: 'skip',
  windows: [],
  maxConcurrent: 4,
  maxResources: null,
  imageTimeoutMinutes: 90,
  runTimeoutMinutes: 480,
  retention: { days: 30, keepAtLeast: 1, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 50 },
  runsPerDay: 1,
  imageQuota: null,
  operatorTopicArn: null,
  reportPrefix: 'image-backups/',
} as const;

/** What preflight says of a WorkSpace before anything runs. Only `eligible` and, when it may be started, `stopped` go on. */
export const BACKUP_VERDICTS = [
  'eligible',
  /** Its volumes are encrypted: AWS makes no image of such a WorkSpace. */
  'encrypted',
  'stopped',
  /** Its compute type or volumes are being changed. */
  'modifying',
  'notAvailable',
  /** WorkSpaces Pools have no WorkSpaces of their own to image. */
  'pool',
  /** There is no room for its image in the Region's quota. */
  'quota',
] as const;
export type BackupVerdict = (typeof BACKUP_VERDICTS)[number];

/** How a WorkSpace ends. Each ends in exactly one of these; only `imaged` is a success. */
export const BACKUP_OUTCOMES = [
  /** Its image is AVAILABLE. */
  'imaged',
  /** AWS refused or failed the image; the reason holds its code and the remedy. */
  'imageFailed',
  /** The call was accepted, and no image was seen AVAILABLE in time: look at it. */
  'imageUnconfirmed',
  /** It cannot be imaged: the verdict says why. */
  'ineligible',
  /** Its user was connected, its window passed, or it was gone or locked. */
  'skipped',
  'aborted',
] as const;
export type BackupOutcome = (typeof BACKUP_OUTCOMES)[number];
