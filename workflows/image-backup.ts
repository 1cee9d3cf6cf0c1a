/** Makes images of WorkSpaces as system backups, and deletes those that the policy does not keep: the runbook. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { newBackupRow, type BackupRow } from '../domain/backup-row.ts';
import { isGoing, type BackupPlanRow, type BackupPlanSummary, type BackupProblem } from '../domain/backup-plan.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import { IMAGES_LIMIT } from '../domain/limits.ts';
import { quickCalls, reports } from './activities.ts';
import { LONG_AGO } from './backup-room.ts';
import { openDesks } from './backup-desks.ts';
import { backUpDesktop } from './backup-desktop.ts';
import { retainAll } from './backup-retention.ts';
import {
  countsOf,
  deletedOf,
  enter,
  newBackupState,
  notDeletedOf,
  tellOperators,
  validBackupInput,
  type BackupRun,
  type BackupState,
} from './backup-run.ts';
import { abortRun, answerBackupMessages } from './backup-steering.ts';
import { troubleOf } from './failures.ts';
import { chunks } from './fleet-reading.ts';
import { backupPreflight } from './image-backup-preflight.ts';
import type { ImageBackupResult } from './image-backup.messages.ts';
import { passOverRefusal, untilWritten } from './report-writing.ts';

export interface ImageBackupOptions {
  /** The history goes on in a new one after so many events; 0: when Temporal suggests it. @default 0 */
  readonly continueAfterEvents?: number;
  /** The run goes on from here. */
  readonly state?: BackupState;
}

export async function imageBackup(raw: ImageBackupInput, options: ImageBackupOptions = {}): Promise<ImageBackupResult> {
  // Judged once: what was good when the run began stays so.
  const input = options.state ? raw : validBackupInput(raw);
  const run: BackupRun = { input, state: options.state ?? newBackupState(), live: null };
  answerBackupMessages(run);
  // Whoever cancels it in Temporal wants what an abort does: what was started is to be stopped again.
  CancellationScope.current().cancelRequested.catch(() => {
    if (!run.state.aborted) abortRun(run, { by: null, reason: 'cancelled in Temporal' });
  });
  return await CancellationScope.nonCancellable(async () => {
    if (!options.state) {
      const problems = await check(run);
      if (problems.length > 0) return await refuse(run);
      enter(run, 'imaging');
    }
    await backUpAll(run, options);
    await Promise.all([writeReport(run), giveRoomBack(run)]);
    return await finish(run);
  });
}

async function check(run: BackupRun): Promise<readonly BackupProblem[]> {
  const { input, state } = run;
  enter(run, 'preflight');
  const { summary, rows, quota, lease } = await backupPreflight(input, { plan: false });
  state.plan = summary;
  state.now = summary.asOf;
  state.quota = quota ?? 0;
  state.images = summary.images;
  // Others may have begun since what they then reserve no more: it is counted anew.
  state.countedAt = lease.holders.length > 0 ? LONG_AGO : summary.asOf;
  state.lease = lease;
  state.reserve = summary.reserve;
  state.retentionRefused = summary.retention.refused;
  state.deadline = new Date(Date.parse(summary.asOf) + input.runTimeoutMinutes * 60_000).toISOString();
  if (summary.problems.length === 0) state.rows = rows.map((row) => toRow(row, summary.asOf));
  return summary.problems;
}

/** One that cannot be imaged has ended before it began, and is in the report all the same. */
function toRow(row: BackupPlanRow, at: string): BackupRow {
  const begun = newBackupRow(row);
  if (isGoing(row)) return begun;
  const { reason } = row;
  return { ...begun, step: 'done', outcome: reason?.code === 'gone' ? 'skipped' : 'ineligible', reason, endedAt: at };
}

async function backUpAll(run: BackupRun, options: ImageBackupOptions): Promise<void> {
  const { state, input } = run;
  const isLong = (): boolean =>
    workflowInfo().continueAsNewSuggested ||
    ((options.continueAfterEvents ?? 0) > 0 && workflowInfo().historyLength >= (options.continueAfterEvents ?? 0));
  const desks = await openDesks(run);
  run.live = desks;
  const { agenda, observer, locks, turns } = desks;
  // Also when that was while they were put together.
  if (state.aborted) {
    agenda.abort();
    turns.stop();
  }
  const clock = Promise.all([agenda.run(), observer.run()]);
  const locking = locks.run();
  let ended = false;
  const work = Promise.all(state.rows.filter(({ step }) => step !== 'done').map((row) => backUpDesktop(row, desks)));
  const whole = work.then(() => (ended = true));
  await Promise.race([whole, condition(() => ended || isLong())]);
  if (!ended) {
    turns.stop();
    agenda.stop();
    await work;
  }
  await desks.room.settled();
  locks.stop();
  const isImaged = state.rows.every(({ step }) => step === 'done');
  const [isOver] = await Promise.all([isImaged && retire(run, isLong), locking]);
  agenda.stop();
  observer.stop();
  await clock;
  state.unwantedLocks = locks.unwanted;
  run.live = null;
  state.now = agenda.isoNow;
  if (isOver) return;
  await condition(allHandlersFinished);
  await continueAsNew<(input: ImageBackupInput, options: ImageBackupOptions) => Promise<ImageBackupResult>>(input, {
    ...options,
    state,
  });
}

/** Whether nothing is left of it. Nothing is deleted for a policy that selects nobody: its images may be all there is. */
async function retire(run: BackupRun, isLong: () => boolean): Promise<boolean> {
  if (run.state.rows.length === 0) return true;
  enter(run, 'retention');
  return await retainAll(run, isLong);
}

/** Rows of this many WorkSpaces stay far below what Temporal takes in one payload. */
const PART_SIZE = 250;

async function writeReport(run: BackupRun): Promise<void> {
  const { input, state } = run;
  if (state.rows.length === 0 && state.retired.length === 0) return;
  enter(run, 'reporting');
  const place = { target: input.target, report: input.report, runId: state.runId };
  const written = <T>(send: () => Promise<T>): Promise<T> =>
    untilWritten(send, (trouble) => (state.retrying = trouble));
  const head = {
    run: { workflowId: workflowInfo().workflowId, runId: state.runId },
    input,
    plan: state.plan as BackupPlanSummary,
    startedAt: state.plan?.asOf ?? state.now,
    endedAt: state.now,
    aborted: state.aborted,
    retentionRefused: state.retentionRefused,
    steering: state.steering,
  };
  const images = [...state.retired, ...state.kept];
  if (state.rows.length + images.length <= PART_SIZE) {
    const whole = { rows: state.rows, images };
    state.report = await written(() => reports.mergeBackupReport({ place, head, whole }));
    return;
  }
  const parts = [
    ...chunks(state.rows, PART_SIZE).map((rows, index) => ({ part: `rows-${index}`, rows })),
    ...chunks(images, PART_SIZE).map((rows, index) => ({ part: `images-${index}`, rows })),
  ];
  await Promise.all(parts.map(({ part, rows }) => written(() => reports.putReportPart({ place, part, rows }))));
  state.report = await written(() => reports.mergeBackupReport({ place, head, whole: null }));
  await written(() => reports.removeReportParts({ place }).catch(passOverRefusal));
}

async function giveRoomBack({ input }: BackupRun): Promise<void> {
  await quickCalls.exchangeLease({ target: input.target, name: IMAGES_LIMIT, units: null }).catch((error: unknown) => {
    // A holder that does not run any more has lost it anyway.
    if (!troubleOf(error)) throw error;
  });
}

async function refuse(run: BackupRun): Promise<ImageBackupResult> {
  enter(run, 'refused');
  upsertSearchAttributes({ HoldfastOutcome: ['refused'] });
  await condition(allHandlersFinished);
  return { ...answerOf(run), outcome: 'refused' };
}

async function finish(run: BackupRun): Promise<ImageBackupResult> {
  const { input, state } = run;
  enter(run, 'done');
  const outcome = outcomeOf(run);
  upsertSearchAttributes({ HoldfastOutcome: [outcome] });
  if (outcome !== 'completed') {
    await tellOperators(run, `Image backup ${input.policy} has ended: ${outcome}`, summaryOf(run));
  } else if (state.retentionRefused !== null) {
    await tellOperators(run, `Image backup ${input.policy} deleted no image`, state.retentionRefused);
  }
  await condition(allHandlersFinished);
  return answerOf(run);
}

function summaryOf(run: BackupRun): string {
  if (run.state.rows.length === 0) return 'Its selection fits no WorkSpace: no image was made, and none was deleted';
  const counts = Object.entries(countsOf(run)).map(([phase, count]) => [phase, count] as const);
  const all = [...counts, ['images not deleted', notDeletedOf(run)] as const];
  return all.flatMap(([what, count]) => (count > 0 ? `${what}: ${count}` : [])).join(', ');
}

function answerOf(run: BackupRun): ImageBackupResult {
  const { plan, retentionRefused, report } = run.state;
  return {
    outcome: outcomeOf(run),
    plan: plan as BackupPlanSummary,
    counts: countsOf(run),
    deleted: deletedOf(run),
    notDeleted: notDeletedOf(run),
    retentionRefused,
    report,
  };
}

/** An ineligible WorkSpace is never a success; nor is an image that was to go and is there, as it takes room. */
function outcomeOf(run: BackupRun): ImageBackupResult['outcome'] {
  const { state } = run;
  if (state.aborted) return 'aborted';
  if (state.rows.length === 0) return 'nobodySelected';
  const isDone = state.rows.every(({ outcome }) => outcome === 'imaged') && notDeletedOf(run) === 0;
  return isDone ? 'completed' : 'partiallyFailed';
}
