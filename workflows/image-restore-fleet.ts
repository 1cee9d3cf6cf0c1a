/** Restores many WorkSpaces, wave by wave: each is an `imageRestore` of its own, which goes on whatever becomes of this run. */
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
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
import type { By, ReportFiles, SteeringAnswer, SteeringLine } from '../domain/steering.ts';
import { isPast } from '../domain/waves.ts';
import { restoreReports } from './activities.ts';
import { troubleOf } from './failures.ts';
import { readFleetRestore, type FleetRead } from './fleet-restore-reading.ts';
import {
  abortFleetRestoreUpdate,
  approveFleetRestoreUpdate,
  fleetRestoreStatusQuery,
  pauseFleetRestoreUpdate,
  restoreBlockedSignal,
  resumeFleetRestoreUpdate,
  type FleetRestoreResult,
  type FleetRestoreStatus,
} from './image-restore-fleet.messages.ts';
import type { imageRestore } from './image-restore.ts';
import { imageRestoreId } from './image-restore.messages.ts';
import { untilWritten } from './report-writing.ts';
import { checkRequest } from './restore-steering.ts';
import { Turns } from './turns.ts';

interface FleetRun {
  readonly input: FleetRestoreInput;
  readonly turns: Turns;
  rows: FleetRestoreRow[];
  /** The reports of those that have ended. */
  readonly ended: RestoreRow[];
  phase: FleetRestoreStatus['phase'];
  /** AWS's time, as last heard. */
  now: string;
  problems: readonly string[];
  openWave: number;
  halt: FleetRestoreStatus['halt'];
  aborted: By | null;
  approved: By | null;
  /** What had failed when a person resumed a held run is accepted. */
  accepted: number;
  readonly steering: SteeringLine[];
  report: ReportFiles | null;
}

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

const newRun = (input: FleetRestoreInput): FleetRun => ({
  input,
  turns: new Turns(input.maxConcurrent, []),
  rows: [],
  ended: [],
  phase: 'reading',
  now: '',
  problems: [],
  openWave: 0,
  halt: null,
  aborted: null,
  approved: null,
  accepted: 0,
  steering: [],
  report: null,
});

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

const wavesOf = ({ rows }: FleetRun): number => rows.reduce((most, { wave }) => Math.max(most, wave + 1), 0);

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
      searchAttributes: {
        HoldfastCapability: ['image-restore'],
        HoldfastHealth: ['ok'],
        HoldfastAccount: [target.account],
        HoldfastRegion: [target.region],
        HoldfastResource: [workspaceId],
      },
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

function end(row: FleetRestoreRow, { outcome, reason }: Pick<FleetRestoreRow, 'outcome' | 'reason'>) {
  row.phase = 'done';
  row.blocked = null;
  row.outcome = outcome;
  row.reason = reason;
}

function holdIfPast(run: FleetRun): void {
  if (run.halt) return;
  const failed = run.rows.filter(hasFailed).length - run.accepted;
  const finished = run.rows.filter((row) => row.phase === 'done' || row.blocked !== null).length;
  const started = run.rows.filter(({ phase }) => phase !== 'waiting').length;
  if (!isPast(run.input, { failed, finished, started })) return;
  run.halt = { kind: 'held', reason: `${failed} of ${finished} were not restored, or wait for a person` };
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

function enter(run: FleetRun, phase: FleetRun['phase']): void {
  run.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  show(run);
}

function show({ input, phase, rows, halt, openWave }: FleetRun): void {
  const done = rows.filter((row) => row.phase === 'done').length;
  setCurrentDetails(
    [
      `Restore of ${rows.length} WorkSpaces by \`${input.strategy}\`: **${phase}**, ${done} have ended, wave ${openWave + 1}`,
      ...(halt ? [`**${halt.kind}**: ${halt.reason}. Updates: \`resume\`, \`abort\``] : []),
    ].join('\n\n'),
  );
}

const wrongState = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'WrongState');

function handleMessages(run: FleetRun): void {
  setHandler(fleetRestoreStatusQuery, () => statusOf(run));
  setHandler(restoreBlockedSignal, ({ workspaceId, blocked }) => {
    const row = run.rows.find((each) => each.workspaceId === workspaceId);
    if (row?.phase !== 'restoring') return;
    row.blocked = blocked;
    holdIfPast(run);
    show(run);
  });
  setHandler(
    pauseFleetRestoreUpdate,
    (request) => {
      run.halt = { kind: 'paused', reason: request.reason ?? 'a person paused it' };
      return said(run, 'pause', request, 'no new restore begins; those under way go on');
    },
    { validator: (request) => check(run, request, run.halt ? `it is ${run.halt.kind} already` : null) },
  );
  setHandler(
    resumeFleetRestoreUpdate,
    (request) => {
      if (run.halt?.kind === 'held') run.accepted = run.rows.filter(hasFailed).length;
      run.halt = null;
      return said(run, 'resume', request, 'restores begin again');
    },
    { validator: (request) => check(run, request, run.halt ? null : 'it is not halted') },
  );
  setHandler(
    approveFleetRestoreUpdate,
    (request) => {
      run.approved = { by: request.by ?? null, reason: request.reason ?? null };
      return said(run, 'approve', request, `${run.rows.length} WorkSpaces are restored`);
    },
    { validator: (request) => check(run, request, approveProblem(run, request)) },
  );
  setHandler(abortFleetRestoreUpdate, async (request) => await abort(run, request), {
    validator: (request) => check(run, request, run.aborted ? 'it was aborted already' : null),
  });
}

function approveProblem(run: FleetRun, request: { readonly count?: unknown }): string | null {
  if (run.phase !== 'awaitingApproval') return `it is ${run.phase}, and does not wait for approval`;
  if (request.count === run.rows.length) return null;
  return `count must be ${run.rows.length}, the number of WorkSpaces, got ${String(request.count)}`;
}

function check(run: FleetRun, request: unknown, problem: string | null): void {
  checkRequest(request);
  if (run.phase === 'done' || run.phase === 'reporting') throw wrongState('it has ended');
  if (problem !== null) throw wrongState(problem);
}

/** Those under way are aborted too: what is past its point of no return is followed to its end. */
async function abort(run: FleetRun, request: By): Promise<SteeringAnswer> {
  run.aborted ??= { by: request.by ?? null, reason: request.reason ?? null };
  const underWay = run.rows.filter(({ phase }) => phase === 'restoring');
  for (const { workspaceId } of underWay) await stop(run, workspaceId);
  const answer = `nothing new begins; ${underWay.length} under way stop where nothing was destroyed, or go on to their end`;
  return said(run, 'abort', request, answer);
}

async function stop(run: FleetRun, workspaceId: string): Promise<void> {
  const { target } = run.input;
  try {
    await getExternalWorkflowHandle(imageRestoreId(target, workspaceId)).cancel();
  } catch (error) {
    said(run, `stop ${workspaceId}`, { by: null, reason: null }, `it was not told: ${(error as Error).message}`);
  }
}

function said(run: FleetRun, what: string, { by, reason }: By, answer: string): SteeringAnswer {
  run.steering.push({ at: run.now, what, by: by ?? null, reason: reason ?? null, answer });
  show(run);
  return { answer };
}

function statusOf(run: FleetRun): FleetRestoreStatus {
  const { phase, input, rows, openWave, problems, halt, aborted, approved, steering, report } = run;
  return {
    phase,
    input,
    rows,
    waves: wavesOf(run),
    openWave,
    problems,
    halt,
    aborted,
    approved,
    steering,
    report,
  };
}
