/** Schedules of Holdfast in Temporal: how they are named and known, and what the runs that they start are given. */
import type { CustodyReconcileInput } from './custody-reconcile.ts';
import type { ImageBackupInput } from './image-backup.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';
import type { RestoreTestsInput } from './restore-test.ts';

/** A schedule of ours has an id that begins so, and the memo below; any other is left alone. */
export const SCHEDULE_PREFIX = 'holdfast/';
export const SCHEDULE_MEMO = 'holdfastSchedule';

export const scheduleIdOf = (name: string): string => `${SCHEDULE_PREFIX}${name}`;
export const scheduleNameOf = (scheduleId: string): string =>
  scheduleId.startsWith(SCHEDULE_PREFIX) ? scheduleId.slice(SCHEDULE_PREFIX.length) : scheduleId;

export const isOurs = (scheduleId: string, memo: Readonly<Record<string, unknown>> | undefined): boolean =>
  scheduleId.startsWith(SCHEDULE_PREFIX) && memo?.[SCHEDULE_MEMO] !== undefined;

/** The name of the file that it was applied from; null: that had none. Only that file's apply touches it. */
export function fileNameOf(memo: Readonly<Record<string, unknown>> | undefined): string | null {
  const { name } = (memo?.[SCHEDULE_MEMO] ?? {}) as { readonly name?: string | null };
  return name ?? null;
}

/** The schedule of the watchdog, which looks after all others of its file; no entry of the file may have its name. */
export const WATCHDOG = 'watchdog';

/** Each named file has a watchdog of its own. */
export const watchdogName = (file: string | null): string => (file === null ? WATCHDOG : `${file}/${WATCHDOG}`);
export const isWatchdog = (scheduleId: string): boolean => scheduleId.endsWith(`/${WATCHDOG}`);

/** Temporal puts the time behind the ids of what a schedule starts, so it cannot start what has its id for a lock. */
export const scheduledRunId = (name: string): string => `scheduled/${name}`;

/** What a scheduled run is given: what to start, for which schedule, and how late that may be. */
export type ScheduledRunInput = {
  readonly schedule: string;
  /** One that no worker takes up so soon starts nothing: what was meant for the night must not begin in the morning. */
  readonly startWithinSeconds: number;
  readonly jitterSeconds: number;
  /** Temporal starts some times again an hour later in the night in which the clocks go back. Never so with hourly ones. */
  readonly mayRepeat: boolean;
} & (
  | { readonly capability: 'imageBackup'; readonly input: ImageBackupInput }
  | { readonly capability: 'imageUpgrade'; readonly input: ImageUpgradeInput }
  /** Starts `custodyReconcile`. */
  | { readonly capability: 'custody'; readonly input: CustodyReconcileInput }
  /** Starts `custodyRestoreTests`. */
  | { readonly capability: 'restoreTest'; readonly input: RestoreTestsInput }
);

export interface ScheduledRunResult {
  /**
   * The outcome of what it started, or `skipped`: one like it was running already; or `tooLate`: no worker was there in
   * time; or `repeatedHour`: the clocks went back, and it had run.
   */
  readonly outcome: string;
  /** What it started, met, or would have started. */
  readonly workflowId: string;
  /** Temporal's times; `expectedAt` is null where no schedule started it, `startedAt` is when a worker took it up. */
  readonly expectedAt: string | null;
  readonly startedAt: string;
}

/** Outcomes after which nobody has to look. What a person aborted, that person knows of. */
const WELL: readonly string[] = ['completed', 'nothingToDo', 'aborted', 'repeatedHour'];
export const endedWell = (outcome: string): boolean => WELL.includes(outcome);

/** A run that begins later than this after its time is told to be late. */
export const LATE_SECONDS = 300;

/** One that is not there any more was deleted by somebody, unless its times are over. */
export interface DeclaredSchedule {
  readonly id: string;
  /** ISO; null: it goes on for ever. */
  readonly lastAt: string | null;
}

export interface WatchdogInput {
  /** The schedules that the file declares. */
  readonly schedules: readonly DeclaredSchedule[];
  /** Of the file: it looks at all that was applied from a file of that name. */
  readonly file: string | null;
  /** Operators are told here; null: nowhere but in the watchdog's own run and in `holdfast schedules list`. */
  readonly operatorTopicArn: string | null;
}
