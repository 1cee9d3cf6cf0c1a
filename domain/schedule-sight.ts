/** One schedule as Temporal shows it, as plain data: what people are shown, and what the watchdog goes by. */
import { SCHEDULE_MEMO } from './schedules.ts';

export interface ScheduleSight {
  readonly scheduleId: string;
  readonly paused: boolean;
  /** The file declares it paused, so nobody has to be reminded of it. */
  readonly pausedByFile: boolean;
  readonly note: string | null;
  /** ISO; null: no time is left. */
  readonly nextAt: string | null;
  /** Since the schedule was made: not started within its catch-up window; as another was running; as too many waited. */
  readonly missed: number;
  readonly skipped: number;
  readonly dropped: number;
  /** What is wrong with the schedule in Temporal's own words; null: nothing. */
  readonly invalid: string | null;
  /** The newest first, back to the newest that has ended; Temporal knows of the last ten. */
  readonly runs: readonly ScheduledRunSight[];
}

export interface ScheduledRunSight {
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledAt: string;
  readonly startedAt: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, …; GONE: Temporal has forgotten it. */
  readonly status: string;
  /** As the run itself has told; null: it has not, yet or at all. */
  readonly outcome: string | null;
}

/** What of a description by Temporal's client is read here. */
interface Description {
  readonly scheduleId: string;
  readonly action: { readonly memo?: Readonly<Record<string, unknown>> };
  readonly state: { readonly paused: boolean; readonly note?: string };
  readonly info: {
    readonly nextActionTimes: readonly Date[];
    readonly numActionsMissedCatchupWindow: number;
    readonly numActionsSkippedOverlap: number;
    readonly recentActions: readonly {
      readonly scheduledAt: Date;
      readonly takenAt: Date;
      readonly action: { readonly workflow: { readonly workflowId: string; readonly firstExecutionRunId: string } };
    }[];
  };
  readonly raw: {
    readonly info?: {
      readonly bufferDropped?: { toNumber(): number } | null;
      readonly invalidScheduleError?: string | null;
    } | null;
  };
}

/** What Temporal says of a workflow; null: it has forgotten it. */
export type Look = (
  workflowId: string,
  runId: string,
) => Promise<{ readonly status: string; readonly outcome: string | null } | null>;

export async function sightOf(about: Description, look: Look): Promise<ScheduleSight> {
  const { scheduleId, state, info, raw } = about;
  return {
    scheduleId,
    paused: state.paused,
    pausedByFile: isPausedByFile(state, appliedOf(about.action.memo)),
    note: state.note || null,
    nextAt: info.nextActionTimes[0]?.toISOString() ?? null,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
    dropped: raw.info?.bufferDropped?.toNumber() ?? 0,
    invalid: raw.info?.invalidScheduleError || null,
    runs: await runsOf(about, look),
  };
}

async function runsOf({ info }: Description, look: Look): Promise<ScheduledRunSight[]> {
  const runs: ScheduledRunSight[] = [];
  for (const { scheduledAt, takenAt, action } of info.recentActions.toReversed()) {
    const { workflowId, firstExecutionRunId: runId } = action.workflow;
    const { status, outcome } = (await look(workflowId, runId)) ?? { status: 'GONE', outcome: null };
    const times = { scheduledAt: scheduledAt.toISOString(), startedAt: takenAt.toISOString() };
    runs.push({ workflowId, runId, ...times, status, outcome });
    if (status !== 'RUNNING') break;
  }
  return runs;
}

/** What stands in the memo of what a schedule starts, as that is what can be changed later. */
export interface Applied {
  /** The file that it was last applied from. */
  readonly file: string;
  /** Of its fields as they were applied: with others, somebody has changed it since. */
  readonly hash: string;
  /** As the file says. */
  readonly paused: boolean;
  readonly note: string;
}

/** Who pauses it by hand gives a note of their own, also where the file has paused it already. */
export const isPausedByFile = (state: Description['state'], applied: Applied | null): boolean =>
  state.paused && applied !== null && applied.paused && (state.note ?? '') === applied.note;

export function appliedOf(memo: Readonly<Record<string, unknown>> | undefined): Applied | null {
  const { file, hash, paused, note } = (memo?.[SCHEDULE_MEMO] ?? {}) as Partial<Applied>;
  return file === undefined || hash === undefined ? null : { file, hash, paused: paused ?? false, note: note ?? '' };
}
