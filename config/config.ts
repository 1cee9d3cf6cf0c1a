/** What `holdfast.yaml` says, with every default filled in. */
import type { ScheduleSpec } from '../domain/calendar.ts';
import type { CustodyPolicy } from '../domain/custody.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { RestoreTestsInput } from '../domain/restore-test.ts';
import type { Target } from '../domain/target.ts';

export interface Config {
  /** What tells several files apart, whose schedules are in one namespace; null: none. */
  readonly name: string | null;
  readonly accounts: readonly Account[];
  /** Each account and Region, with the role that a worker takes there. */
  readonly targets: readonly ConfigTarget[];
  /** Policies and schedules by name. */
  readonly imageBackup: Readonly<Record<string, ImageBackupInput>>;
  readonly imageUpgrade: Readonly<Record<string, ImageUpgradeInput>>;
  readonly custody: Readonly<Record<string, CustodyPolicy>>;
  /** By the custody policies that have any. */
  readonly restoreTest: Readonly<Record<string, RestoreTestsInput>>;
  readonly schedules: Readonly<Record<string, ScheduleEntry>>;
  readonly watchdog: WatchdogSettings;
  readonly intake: IntakeSettings;
}

/** Where the events of AWS Backup arrive. */
export interface IntakeSettings {
  readonly queues: readonly IntakeQueue[];
}

export interface IntakeQueue {
  /** Whose clients read it. */
  readonly target: Target;
  readonly url: string;
  /** Messages that say nothing go there with the reason. */
  readonly deadLetterUrl: string;
}

export interface WatchdogSettings {
  readonly everySeconds: number;
  /** Null: nobody is told, what it finds is shown by `holdfast schedules list`. */
  readonly operatorTopicArn: string | null;
}

export interface Account {
  readonly id: string;
  /** What policies call it. */
  readonly name: string;
  /** Absent: the worker's own identity. */
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly regions: readonly string[];
}

export interface ConfigTarget extends Target {
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** Not Temporal's terminateOther: a run that is cut off leaves WorkSpaces half done; cancelOther ends it in order. */
export const OVERLAPS = ['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'allowAll'] as const;
export type Overlap = (typeof OVERLAPS)[number];

export interface ScheduleEntry {
  readonly name: string;
  readonly starts: ScheduledStart;
  readonly spec: ScheduleSpec;
  /** Of the calendars; intervals know none. */
  readonly timeZone: string;
  /** What happens when a run is due while the one before still runs. */
  readonly overlap: Overlap;
  /** A run that is late by no more than this, as the server was down, is made up for. */
  readonly catchUpSeconds: number;
  /** Each run begins up to so much later, at random. */
  readonly jitterSeconds: number;
  readonly paused: boolean;
  /** Shown beside the schedule; null: none. */
  readonly note: string | null;
}

export interface ScheduledStart {
  readonly capability: Capability;
  readonly policy: string;
  /** Null: it works in several. */
  readonly target: Target | null;
}

export const CAPABILITIES = ['imageBackup', 'imageUpgrade', 'custody', 'restoreTest'] as const;
export type Capability = (typeof CAPABILITIES)[number];
