/** What people can ask of an image backup and have it do; each thing done is a line of the report. */
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { BackupRow } from '../domain/backup-row.ts';
import type { By, PageRequest, SteeringAnswer } from '../domain/steering.ts';
import { isUnderWay } from './backup-ending.ts';
import { countsOf, deletedOf, imagesOf, note, notDeletedOf, show, type BackupRun } from './backup-run.ts';
import {
  abortBackupUpdate,
  backupRetentionQuery,
  backupRowsQuery,
  backupStatusQuery,
  pauseBackupUpdate,
  resumeBackupUpdate,
  skipBackupUpdate,
  type ImageBackupStatus,
} from './image-backup.messages.ts';
import { asked, shown, wrongState } from './steering-checks.ts';

export function answerBackupMessages(run: BackupRun): void {
  const { state } = run;
  const page = <T>(rows: readonly T[], { offset, limit }: PageRequest) => ({
    rows: rows.slice(offset, offset + limit),
    of: rows.length,
  });
  setHandler(backupStatusQuery, () => statusOf(run));
  setHandler(backupRowsQuery, (request) => page(state.rows, request));
  setHandler(backupRetentionQuery, (request) => page([...state.retired, ...state.kept], request));
  setHandler(pauseBackupUpdate, (by) => pause(run, by), { validator: (by) => checkPause(run, by) });
  setHandler(resumeBackupUpdate, (request) => resume(run, request), { validator: (by) => checkResume(run, by) });
  setHandler(skipBackupUpdate, (request) => skip(run, request), { validator: (by) => checkSkip(run, by) });
  setHandler(abortBackupUpdate, (by) => abortRun(run, by), { validator: (by) => checkAbort(run, by) });
}

function statusOf(run: BackupRun): ImageBackupStatus {
  const { input, state } = run;
  const { phase, plan, aborted, paused, retentionRefused, steering, now, report } = state;
  return {
    phase,
    input,
    plan,
    counts: countsOf(run),
    aborted,
    paused,
    room: state.countedAt === '' ? null : { quota: state.quota, images: imagesOf(state) },
    retentionRefused,
    deleted: deletedOf(run),
    notDeleted: notDeletedOf(run),
    steering,
    retrying: run.live?.observer.retrying ?? state.retrying,
    startedAt: plan?.asOf || null,
    now: run.live?.agenda.isoNow ?? now,
    report,
  };
}

const EXAMPLE = '{"by":"ana","reason":null}';

const checkPause = (run: BackupRun, request: unknown): void => checkPhase(run, request, ['preflight', 'imaging']);

/** Also while images are deleted: the rest of them stay then. */
const checkAbort = (run: BackupRun, request: unknown): void =>
  checkPhase(run, request, ['preflight', 'imaging', 'retention']);

function checkPhase({ state }: BackupRun, request: unknown, phases: readonly ImageBackupStatus['phase'][]): void {
  asked(request, EXAMPLE);
  if (state.aborted) throw wrongState('not possible: the run was aborted');
  if (!phases.includes(state.phase)) throw wrongState(`not possible: the run is ${state.phase}`);
}

function checkResume(run: BackupRun, request: unknown): void {
  const { workspaceId = null } = asked(request, '{"by":"ana","reason":null,"workspaceId":null}');
  if (workspaceId !== null) {
    const row = rowOf(run, workspaceId);
    if (row.blocked === null) throw wrongState(`${row.workspaceId} is not blocked`);
    return;
  }
  if (run.state.paused === null && countsOf(run).blocked === 0) {
    throw wrongState('nothing to resume: the run is not paused, and nothing is blocked');
  }
}

function checkSkip(run: BackupRun, request: unknown): void {
  const { workspaceId } = asked(request, '{"by":"ana","reason":null,"workspaceId":"ws-…"}');
  const row = rowOf(run, workspaceId);
  if (row.outcome !== null) throw wrongState(`${row.workspaceId} has ended: ${row.outcome}`);
  if (isUnderWay(row)) throw wrongState(`${row.workspaceId} is being imaged: that cannot be ended, wait for it`);
}

function rowOf({ state }: BackupRun, workspaceId: unknown): BackupRow {
  const row = state.rows.find((each) => each.workspaceId === workspaceId);
  if (!row) throw ApplicationFailure.nonRetryable(`${shown(workspaceId)} is not in this run`, 'NotFound');
  return row;
}

function pause(run: BackupRun, by: By): SteeringAnswer {
  const { state } = run;
  state.paused ??= { reason: by.reason ?? null, at: timeOf(run) };
  const answer = note(run, 'pause', by, `no new image is begun; ${countsOf(run).imaging} under way are followed`);
  show(run);
  return answer;
}

function resume(run: BackupRun, request: By & { readonly workspaceId?: string | null }): SteeringAnswer {
  const { state, live } = run;
  const { workspaceId = null } = request;
  const blocked = state.rows.filter((row) => row.blocked && (workspaceId === null || row.workspaceId === workspaceId));
  const wasPaused = workspaceId === null && state.paused !== null;
  if (wasPaused) state.paused = null;
  const woken = wasPaused ? state.rows.filter(({ step }) => step === 'waiting') : [];
  for (const row of blocked) row.blocked = null;
  state.blockedTold -= blocked.length;
  for (const row of new Set([...blocked, ...woken])) live?.agenda.wake(row.workspaceId);
  const what = workspaceId === null ? 'resume' : `resume ${workspaceId}`;
  const said = `${wasPaused ? 'the run goes on' : 'the run was going on'}; ${blocked.length} blocked WorkSpaces go on`;
  const answer = note(run, what, request, said);
  show(run);
  return answer;
}

function skip(run: BackupRun, request: By & { readonly workspaceId: string }): SteeringAnswer {
  const { state, live } = run;
  const { workspaceId } = request;
  state.skips.push(workspaceId);
  live?.turns.sendBack((id) => id === workspaceId);
  live?.agenda.sendBack(workspaceId);
  return note(run, `skip ${workspaceId}`, request, 'it gets no image in this run');
}

/** Nothing new is begun: by a person, or because Temporal was asked to cancel the run. */
export function abortRun(run: BackupRun, by: By): SteeringAnswer {
  const { state, live } = run;
  state.aborted ??= { reason: by.reason ?? null, at: timeOf(run) };
  const { imaging, waiting } = countsOf(run);
  live?.turns.stop();
  live?.agenda.abort();
  const answer = note(run, 'abort', by, `${imaging} images under way are followed, ${waiting} WorkSpaces get none`);
  show(run);
  return answer;
}

const timeOf = ({ live, state }: BackupRun): string => live?.agenda.isoNow ?? state.now;
