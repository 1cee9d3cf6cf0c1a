/** Schedules of Holdfast in Temporal: how they are named and known, and what the runs that they start are given. */
import type { ImageBackupInput } from './image-backup.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';

/** A schedule of ours has an id that begins so, and the memo below; any other is left alone. */
const PREFIX = 'holdfast/';
export const SCHEDULE_MEMO = 'holdfastSchedule';

export const scheduleIdOf = (name: string): string => `${PREFIX}${name}`;
export const scheduleNameOf = (scheduleId: string): string =>
  scheduleId.startsWith(PREFIX) ? scheduleId.slice(PREFIX.length) : scheduleId;

export const isOurs = (scheduleId: string, memo: Readonly<Record<string, unknown>> | undefined): boolean =>
  scheduleId.startsWith(PREFIX) && memo?.[SCHEDULE_MEMO] !== undefined;

/** The schedule of the watchdog, which looks after all others; no entry of the file may have its name. */
export const WATCHDOG = 'watchdog';

/** Temporal puts the time behind the ids of what a schedule starts, so it cannot start what has its id for a lock. */
export const scheduledRunId = (name: string): string => `scheduled/${name}`;

/** What a scheduled run is given: what to start, and for which schedule. */
export type ScheduledRunInput = { readonly schedule: string } & (
  | { readonly capability: 'imageBackup'; readonly input: ImageBackupInput }
  | { readonly capability: 'imageUpgrade'; readonly input: ImageUpgradeInput }
);

export interface ScheduledRunResult {
  /** The outcome of what it started, or `skipped`: one like it was running already. */
  readonly outcome: string;
  /** What it started, or met. */
  readonly workflowId: string;
  /** Temporal's times; `expectedAt` is null where no schedule started it. */
  readonly expectedAt: string | null;
  readonly startedAt: string;
}

/** Outcomes after which nobody has to look. What a person aborted, that person knows of. */
const WELL: readonly string[] = ['completed', 'nothingToDo', 'aborted'];
export const endedWell = (outcome: string): boolean => WELL.includes(outcome);

/** A run that begins later than this after its time is told to be late. */
export const LATE_SECONDS = 300;

export interface WatchdogInput {
  /** Ids of the schedules that the file declares: one that is not there any more was deleted by somebody. */
  readonly schedules: readonly string[];
  /** Operators are told here; null: nowhere but in the watchdog's own run and in `holdfast schedules list`. */
  readonly operatorTopicArn: string | null;
}
