/** What people can ask of a run and have it do; each thing done is a line of the report. */
import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { shareProblem, warningLongerThanWindow } from '../domain/upgrade-input.ts';
import { windowsChangeProblem } from '../domain/cohort-steering.ts';
import { windowProblems } from '../domain/windows.ts';
import { abortCohort, grantTurns, resizeCap } from './cohort-signals.ts';
import { failedSoFar, isSetToNew, setBack } from './hold.ts';
import {
  abortUpdate,
  approveUpdate,
  changeUpdate,
  cohortProgressSignal,
  deferUpdate,
  pauseUpdate,
  resumeUpdate,
  retryFailedUpdate,
  skipUpdate,
  statusQuery,
  type AbortAnswer,
  type AbortRequest,
  type By,
  type Change,
  type ImageUpgradeStatus,
  type SteeringAnswer,
} from './image-upgrade.messages.ts';
import { setBundle } from './set-bundle.ts';
import { cohortsOf, countsOf, note, show, steer, steerAll, wavesOf, type Run } from './upgrade-run.ts';

type Phase = ImageUpgradeStatus['phase'];
const BEFORE_THE_END: readonly Phase[] = ['preflight', 'awaitingApproval', 'upgrading'];
const LONGEST_DEFERRAL = 30 * 24 * 60;
const WORKSPACE_ID = /^ws-[0-9a-z]{8,63}$/;

const wrongState = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'WrongState');
const invalid = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'InvalidInput');

export function answerMessages(run: Run): void {
  setHandler(statusQuery, () => statusOf(run));
  setHandler(cohortProgressSignal, async (progress) => {
    cohortsOf(run).heard(progress);
    if (progress.at > run.state.now) run.state.now = progress.at;
    show(run);
    await grantTurns(cohortsOf(run));
  });
  setHandler(approveUpdate, (request) => approve(run, request), { validator: ({ hash }) => checkHash(run, hash) });
  setHandler(pauseUpdate, (by) => pause(run, by), { validator: (_by) => checkPhase(run, BEFORE_THE_END) });
  setHandler(resumeUpdate, (request) => resume(run, request), { validator: (request) => checkResume(run, request) });
  setHandler(skipUpdate, (request) => skip(run, request), { validator: (request) => checkOne(run, request) });
  setHandler(deferUpdate, (request) => defer(run, request), { validator: (request) => checkDefer(run, request) });
  setHandler(retryFailedUpdate, (by) => retryFailed(run, by), { validator: (_by) => checkPhase(run, ['upgrading']) });
  setHandler(changeUpdate, (request) => change(run, request), { validator: (request) => checkChange(run, request) });
  setHandler(abortUpdate, (request) => abort(run, request), { validator: (request) => checkAbort(run, request) });
}

function statusOf(run: Run): ImageUpgradeStatus {
  const { state, input } = run;
  return {
    phase: state.phase,
    input,
    plan: state.plan,
    counts: countsOf(run),
    cohorts: state.cohorts.map((cohort) => cohort.id),
    aborted: state.aborted,
    halt: state.halt,
    wave: { open: state.openWave, of: wavesOf(run), soakEndsAt: state.soakEndsAt },
    waveTimes: state.waveTimes,
    approved: state.approved,
    bundleSetTo: state.bundleSetTo,
    steering: state.steering,
    rollback: state.rollback.workflowId,
    retrying: state.retrying,
    startedAt: state.plan?.asOf ?? null,
    report: state.report,
  };
}

/** @throws WrongState unless the run is in one of the phases, and is not aborted */
function checkPhase({ state }: Run, phases: readonly Phase[]): void {
  if (!phases.includes(state.phase)) throw wrongState(`not possible: the run is ${state.phase}`);
  if (state.aborted) throw wrongState('not possible: the run was aborted');
  if (state.finishing) throw wrongState('not possible: all WorkSpaces have ended');
}

function checkHash(run: Run, hash: string): void {
  checkPhase(run, ['awaitingApproval']);
  const own = run.state.plan?.hash ?? '';
  if (hash !== own) throw invalid(`the plan that waits for approval is ${own}, got ${String(hash)}`);
}

async function approve(run: Run, { by, reason, hash }: By & { readonly hash: string }): Promise<SteeringAnswer> {
  run.state.approved = { by: by ?? null, reason: reason ?? null };
  return note(run, 'approve', run.state.approved, `plan ${hash} may run`);
}

async function pause(run: Run, by: By): Promise<SteeringAnswer> {
  return await run.oneByOne.do(async () => {
    const { state } = run;
    state.halt ??= { kind: 'paused', reason: by.reason ?? 'a person paused it', at: state.now };
    await steerAll(run);
    return note(run, 'pause', saidBy(by), `no new rebuild begins; ${countsOf(run).rebuilding} under way are followed`);
  });
}

function checkResume(run: Run, { workspaceId }: { readonly workspaceId: string | null }): void {
  // Also of an aborted run: what is blocked under rebuild is followed to its end.
  if (run.state.aborted && countsOf(run).blocked > 0) return;
  if (workspaceId) return checkOne(run, { workspaceId });
  checkPhase(run, BEFORE_THE_END);
  if (run.state.halt === null && countsOf(run).blocked === 0) {
    throw wrongState('nothing to resume: the run is neither paused nor held, and nothing is blocked');
  }
}

async function resume(run: Run, request: By & { readonly workspaceId: string | null }): Promise<SteeringAnswer> {
  const { workspaceId } = request;
  if (workspaceId) {
    await one(run, { command: 'unblock', workspaceId }, workspaceId);
    return note(run, `resume ${workspaceId}`, saidBy(request), 'it goes on where it was blocked');
  }
  return await run.oneByOne.do(async () => {
    const { state } = run;
    const was = state.aborted ? null : state.halt;
    if (was) await goOn(run);
    const answers = await steer(run, { command: 'unblock', workspaceId: null });
    const unblocked = answers.reduce((sum, answer) => sum + answer.done, 0);
    return note(
      run,
      'resume',
      saidBy(request),
      `${was ? 'the run goes on' : 'the run was going on'}; ${unblocked} blocked WorkSpaces with it`,
    );
  });
}

async function goOn(run: Run): Promise<void> {
  const { state } = run;
  if (state.halt?.kind === 'held') await setToNewAgain(run);
  const { failed, finished } = failedSoFar(run);
  const { accepted } = state;
  state.accepted = { failed: accepted.failed + failed, finished: accepted.finished + finished };
  state.halt = null;
  await steerAll(run);
}

/** The bundle first: nobody may be rebuilt onto the previous image. */
async function setToNewAgain(run: Run): Promise<void> {
  const { input, state } = run;
  if (isSetToNew(run)) return;
  const say = (trouble: string | null): void => void (state.retrying = trouble);
  const stop = (): boolean => state.aborted !== null;
  const { set, refused } = await setBundle(input, { imageId: input.imageId, stop, say });
  if (set) state.bundleSetTo = input.imageId;
  if (refused !== null) throw wrongState(`the bundle could not be set to ${input.imageId} again: ${refused}`);
}

function checkOne(run: Run, { workspaceId }: { readonly workspaceId: string | null }): void {
  checkPhase(run, ['upgrading']);
  if (typeof workspaceId !== 'string' || !WORKSPACE_ID.test(workspaceId)) {
    throw invalid(`workspaceId must be ws- and 8 to 63 digits or small letters, got ${JSON.stringify(workspaceId)}`);
  }
}

type OneCommand = Extract<Parameters<typeof steer>[1], { readonly workspaceId: string | null }>;

/** @throws when the WorkSpace is not of this run, or has to be left alone */
async function one(run: Run, command: OneCommand, workspaceId: string): Promise<void> {
  const answers = await steer(run, command);
  const refused = answers.find((answer) => answer.refused !== null)?.refused;
  if (refused) throw wrongState(refused);
  if (!answers.some((answer) => answer.done > 0)) {
    throw ApplicationFailure.nonRetryable(`${workspaceId} is not upgraded by this run`, 'NotFound');
  }
}

async function skip(run: Run, request: By & { readonly workspaceId: string }): Promise<SteeringAnswer> {
  const { workspaceId } = request;
  await one(run, { command: 'skip', workspaceId }, workspaceId);
  return note(run, `skip ${workspaceId}`, saidBy(request), 'it is not rebuilt in this run');
}

function checkDefer(
  run: Run,
  { workspaceId, minutes }: { readonly workspaceId: string; readonly minutes: number },
): void {
  checkOne(run, { workspaceId });
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_DEFERRAL) return;
  throw invalid(`minutes must be a whole number from 1 to ${LONGEST_DEFERRAL}, got ${JSON.stringify(minutes)}`);
}

type Deferral = By & { readonly workspaceId: string; readonly minutes: number };

async function defer(run: Run, request: Deferral): Promise<SteeringAnswer> {
  const { workspaceId, minutes } = request;
  await one(run, { command: 'defer', workspaceId, minutes, wave: wavesOf(run) - 1 }, workspaceId);
  return note(run, `defer ${workspaceId}`, saidBy(request), `it is not rebuilt within ${minutes} minutes`);
}

async function retryFailed(run: Run, by: By): Promise<SteeringAnswer> {
  const answers = await steer(run, { command: 'retryFailed' });
  const again = answers.reduce((sum, answer) => sum + answer.done, 0);
  // What begins again has not failed, and is not accepted for ever.
  const { failed, finished } = run.state.accepted;
  run.state.accepted = { failed: Math.max(0, failed - again), finished: Math.max(0, finished - again) };
  return note(run, 'retry-failed', saidBy(by), `${again} WorkSpaces begin again`);
}

function windowsProblems(run: Run, windows: Change['windows']): string[] {
  if (windows === undefined) return [];
  const problems = windowProblems(windows);
  if (problems.length > 0) return problems;
  const { warnings } = run.input;
  return [windowsChangeProblem(run.state.windows, windows), warningLongerThanWindow({ warnings, windows })].filter(
    (problem) => problem !== null,
  );
}

function checkChange(run: Run, { maxConcurrent, maxFailures, windows }: Change): void {
  checkPhase(run, BEFORE_THE_END);
  const problems = [
    maxConcurrent === undefined || (Number.isInteger(maxConcurrent) && maxConcurrent >= 1 && maxConcurrent <= 500)
      ? null
      : `maxConcurrent must be a whole number from 1 to 500, got ${JSON.stringify(maxConcurrent)}`,
    maxFailures === undefined || maxFailures === null ? null : shareProblem(maxFailures),
    ...windowsProblems(run, windows),
    maxConcurrent === undefined && maxFailures === undefined && windows === undefined
      ? 'nothing to change: give maxConcurrent, maxFailures or windows'
      : null,
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw invalid(problems.join('; '));
}

async function change(run: Run, request: By & Change): Promise<SteeringAnswer> {
  const { maxConcurrent, maxFailures, windows } = request;
  return await run.oneByOne.do(async () => {
    const { state } = run;
    const now: string[] = [];
    if (maxFailures !== undefined) {
      state.maxFailures = maxFailures;
      now.push(`maxFailures is ${maxFailures ?? 'not limited'}`);
    }
    if (windows !== undefined) {
      state.windows = windows;
      await steerAll(run);
      now.push(`${windows.length} windows`);
    }
    if (maxConcurrent !== undefined) {
      state.maxConcurrent = maxConcurrent;
      await resizeCap(cohortsOf(run));
      now.push(`maxConcurrent is ${maxConcurrent}`);
    }
    return note(run, 'change', saidBy(request), now.join(', '));
  });
}

function checkAbort({ state }: Run, { rollback = false, rebuild = false }: AbortRequest): void {
  if (!BEFORE_THE_END.includes(state.phase)) throw wrongState(`nothing can be aborted: the run is ${state.phase}`);
  if (rebuild && !rollback) throw invalid('rebuild needs rollback: what is rebuilt takes the image of the bundle');
  const possible = state.plan?.rollback;
  if (rollback && possible && !possible.possible) {
    throw wrongState(`the bundle cannot go back: ${possible.why ?? 'its previous image is not known'}`);
  }
}

async function abort(
  run: Run,
  { reason, by = null, rollback = false, rebuild = false }: AbortRequest,
): Promise<AbortAnswer> {
  const { state } = run;
  state.aborted ??= { reason, at: state.now };
  state.rollback.bundle ||= rollback;
  // Calls that are being made come to their answers, and what is under way is known to have the new image.
  if (rollback) await run.oneByOne.do(async () => await haltAndSettle(run, reason));
  for (const id of cohortsOf(run).running) await abortCohort(cohortsOf(run), id);
  await condition(() => state.phase !== 'preflight' && state.phase !== 'awaitingApproval' && cohortsOf(run).allAborted);
  // Behind what may be under way with the bundle: what is told of it then stays true.
  await run.oneByOne.do(async () => void (rollback && (await setBack(run))));
  state.rollback.wanted ||= rebuild;
  const counts = countsOf(run);
  const answer = {
    followed: counts.rebuilding,
    notRebuilt: counts.aborted,
    rebuilt: counts.rebuilt,
    bundleSetTo: state.bundleSetTo,
  };
  note(
    run,
    `abort${rollback ? ' --rollback' : ''}${rebuild ? ' --rebuild' : ''}`,
    { by, reason },
    `${answer.followed} followed, ${answer.notRebuilt} not rebuilt`,
  );
  return answer;
}

async function haltAndSettle(run: Run, reason: string | null): Promise<void> {
  const { state } = run;
  state.halt ??= { kind: 'paused', reason: reason ?? 'the run was aborted', at: state.now };
  await steerAll(run);
  await condition(() => cohortsOf(run).allQuiet);
}

const saidBy = ({ by = null, reason = null }: Partial<By>): By => ({ by, reason });
