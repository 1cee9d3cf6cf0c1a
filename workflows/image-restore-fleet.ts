/** Restores many WorkSpaces, wave by wave: each is an `imageRestore` of its own, which goes on whatever becomes of this run. */
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  hasFailed,
  parseFleetRestoreInput,
  restoreOfOne,
  type FleetRestoreInput,
  type FleetRestoreRow,
} from '../domain/fleet-restore.ts';
import type { RestoreRow } from '../domain/restore-outcome.ts';
import { restoreAttributesOf } from '../domain/search-attributes.ts';
import { restoreReports } from './activities.ts';
import { troubleOf } from './failures.ts';
import { readFleetRestore, type FleetRead } from './fleet-restore-reading.ts';
import { end, enter, holdIfPast, newRun, show, wavesOf, type FleetRun } from './fleet-restore-run.ts';
import { abort, handleMessages, stop } from './fleet-restore-steering.ts';
import type { FleetRestoreResult } from './image-restore-fleet.messages.ts';
import type { imageRestore } from './image-restore.ts';
import { imageRestoreId } from './image-restore.messages.ts';
import { untilWritten } from './report-writing.ts';

export async function imageRestoreFleet(raw: FleetRestoreInput): Promise<FleetRestoreResult> {
  const parsed = parseFleetRestoreInput(raw);
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.problems.join('; '), 'InvalidInput');
  const run = newRun(parsed.input);
  handleMessages(run);
  // What is sent in a cancelled scope goes nowhere.
  void CancellationScope.current().cancelRequested.catch(async () => {
    await CancellationScope.nonCancellable(
      async () => void (await abort(run, { by: null, reason: 'the workflow was cancelled' })),
    );
  });
  return await CancellationScope.nonCancellable(async () => await restoreAll(run));
}

async function restoreAll(run: FleetRun): Promise<FleetRestoreResult> {
  const { at, rows, problems } = await readIt(run);
  run.now = at;
  run.rows = rows;
  run.problems = problems;
  if (problems.length > 0 || !(await isApproved(run))) return resultOf(run, 'refused');
  enter(run, 'restoring');
  const waves = wavesOf(run);
  for (run.openWave = 0; run.openWave < waves && !run.aborted; run.openWave += 1) {
    await restoreWave(run);
    if (run.openWave + 1 < waves) await soak(run);
  }
  for (const row of run.rows) if (row.phase === 'waiting') end(row, { outcome: 'aborted', reason: null });
  enter(run, 'reporting');
  await write(run);
  const failed = run.rows.some(hasFailed);
  return resultOf(run, run.aborted ? 'aborted' : failed ? 'partiallyFailed' : 'completed');
}

/** Nothing is begun yet: what does not pass by itself ends the run. */
async function readIt(run: FleetRun): Promise<FleetRead> {
  for (;;) {
    try {
      return await readFleetRestore(run.input);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return { at: '', rows: [], problems: [trouble.message] };
    }
    await condition(() => run.aborted !== null, '1 minute');
    if (run.aborted) return { at: '', rows: [], problems: ['aborted before anything was read'] };
  }
}

async function isApproved(run: FleetRun): Promise<boolean> {
  const { required, expiresMinutes } = run.input.approval;
  if (!required) return true;
  enter(run, 'awaitingApproval');
  await condition(() => run.approved !== null || run.aborted !== null, expiresMinutes * 60_000);
  if (run.approved && !run.aborted) return true;
  run.problems = [run.aborted ? 'aborted before it was approved' : 'nobody approved it in time'];
  return false;
}

async function restoreWave(run: FleetRun): Promise<void> {
  const wave = run.rows.filter((row) => row.wave === run.openWave);
  await Promise.all(wave.map(async (row) => await restoreOne(run, row)));
}

/** The next wave begins when this one was left alone for a while, and nothing halts the run. */
async function soak(run: FleetRun): Promise<void> {
  await condition(() => run.aborted !== null, Math.max(1, run.input.soakMinutes * 60_000));
  await condition(() => run.aborted !== null || run.halt === null);
}

async function restoreOne(run: FleetRun, row: FleetRestoreRow): Promise<void> {
  await run.turns.acquire(row.workspaceId, row.workspaceId);
  try {
    await condition(() => run.halt === null || run.aborted !== null);
    if (run.aborted) return;
    row.phase = 'restoring';
    await follow(run, row);
  } finally {
    run.turns.release(row.workspaceId);
  }
  holdIfPast(run);
  show(run);
}

async function follow(run: FleetRun, row: FleetRestoreRow): Promise<void> {
  const { target } = run.input;
  const { workspaceId } = row;
  try {
    const child = await startChild<typeof imageRestore>('imageRestore', {
      workflowId: imageRestoreId(target, workspaceId),
      args: [restoreOfOne(run.input, workspaceId)],
      // A WorkSpace that is terminated needs its restore, whatever becomes of this run.
      parentClosePolicy: 'ABANDON',
      searchAttributes: restoreAttributesOf({ target, workspaceId }),
    });
    // An abort that came while it was being started found nothing to stop.
    if (run.aborted) await stop(run, workspaceId);
    const { outcome, row: report } = await child.result();
    run.ended.push(report);
    run.now = report.endedAt ?? run.now;
    row.newWorkspaceId = report.newWorkspaceId;
    end(row, { outcome, reason: report.reason });
  } catch (error) {
    if ((error as Error).name === 'WorkflowExecutionAlreadyStartedError') {
      return end(row, { outcome: 'refused', reason: 'a restore of it is running already' });
    }
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    end(row, { outcome: 'failed', reason: error.cause?.message ?? error.message });
  }
}

async function write(run: FleetRun): Promise<void> {
  const { target, report } = run.input;
  const head = {
    workflowId: workflowInfo().workflowId,
    endedAt: run.now,
    parameters: run.input,
    steering: run.steering,
  };
  const known = new Map(run.ended.map((row) => [row.workspaceId, row]));
  const rows = run.rows.map((row) => known.get(row.workspaceId) ?? unbegun(run.input, row));
  run.report = await untilWritten(
    () => restoreReports.putRestoreReport({ target, report, what: `fleet-${run.input.name}`, head, rows }),
    () => show(run),
  );
}

const unbegun = ({ strategy, imageId }: FleetRestoreInput, row: FleetRestoreRow): RestoreRow => ({
  workspaceId: row.workspaceId,
  directoryId: '',
  userName: '',
  computerName: '',
  strategy,
  imageId,
  snapshotTime: null,
  newWorkspaceId: null,
  outcome: row.outcome,
  reason: row.reason,
  actedAt: null,
  endedAt: null,
  bundleId: null,
  bundleKept: false,
  lastImageId: null,
  approvedBy: null,
  userTold: false,
  notPutBack: [],
});

function resultOf(run: FleetRun, outcome: FleetRestoreResult['outcome']): FleetRestoreResult {
  enter(run, 'done');
  upsertSearchAttributes({ HoldfastOutcome: [outcome] });
  return { outcome, problems: run.problems, rows: run.rows, report: run.report };
}
