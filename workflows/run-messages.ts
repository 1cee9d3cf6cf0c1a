/** What people can ask of a run and have it do; each thing done is a line of the report. */
import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { abortCohort, grantTurns, resizeCap, sendAway } from './cohort-signals.ts';
import { acceptNoMore, failedSoFar } from './hold.ts';
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
import { setBack, setToNew } from './run-bundle.ts';
import {
  checkAbort,
  checkApprove,
  checkChange,
  checkDefer,
  checkPause,
  checkResume,
  checkRetryFailed,
  checkSkip,
  wrongState,
} from './steering-checks.ts';
import { cohortsOf, countsOf, note, show, steer, steerAll, wavesOf, type Run } from './upgrade-run.ts';

export function answerMessages(run: Run): void {
  setHandler(statusQuery, () => statusOf(run));
  setHandler(cohortProgressSignal, async (progress) => {
    const { state } = run;
    if (progress.runId !== state.runId || !cohortsOf(run).knows(progress.cohort))
      return await steadily(() => sendAway(progress.cohort));
    cohortsOf(run).heard(progress);
    if (progress.at > state.now) state.now = progress.at;
    // Something began again after the cohorts were told to finish.
    if (!progress.settled && !progress.done) state.finishing = false;
    acceptNoMore(run);
    show(run);
    await steadily(() => grantTurns(cohortsOf(run)));
  });
  const validated = (check: (run: Run, request: unknown) => void) => ({
    validator: (request: unknown) => check(run, request),
  });
  setHandler(approveUpdate, (request) => steadily(() => approve(run, request)), validated(checkApprove));
  setHandler(pauseUpdate, (by) => steadily(() => pause(run, by)), validated(checkPause));
  setHandler(resumeUpdate, (request) => steadily(() => resume(run, request)), validated(checkResume));
  setHandler(skipUpdate, (request) => steadily(() => skip(run, request)), validated(checkSkip));
  setHandler(deferUpdate, (request) => steadily(() => defer(run, request)), validated(checkDefer));
  setHandler(retryFailedUpdate, (by) => steadily(() => retryFailed(run, by)), validated(checkRetryFailed));
  setHandler(changeUpdate, (request) => steadily(() => change(run, request)), validated(checkChange));
  setHandler(abortUpdate, (request) => steadily(() => abort(run, request)), validated(checkAbort));
}

/** A run that was cancelled goes on to its report: what is asked of it is done all the same. */
const steadily = async <T>(act: () => Promise<T>): Promise<T> => await CancellationScope.nonCancellable(act);

function statusOf(run: Run): ImageUpgradeStatus {
  const { state, input } = run;
  return {
    phase: state.phase,
    input,
    plan: state.plan,
    counts: countsOf(run),
    cohorts: state.cohorts.map((cohort) => cohort.id),
    aborted: state.aborted,
    present: { maxConcurrent: state.maxConcurrent, maxFailures: state.maxFailures, windows: state.windows },
    approvalExpiresAt: state.approvalExpiresAt,
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

async function approve(run: Run, { by, reason, hash }: By & { readonly hash: string }): Promise<SteeringAnswer> {
  run.state.approved = { by: by ?? null, reason: reason ?? null };
  return note(run, 'approve', run.state.approved, `plan ${hash} may run`);
}

async function pause(run: Run, by: By): Promise<SteeringAnswer> {
  return await run.oneByOne.do(async () => {
    const { state } = run;
    state.halt ??= { kind: 'paused', reason: by.reason ?? 'a person paused it', at: state.now };
    await steerAll(run);
    return note(
      run,
      'pause',
      saidBy(by),
      `nothing new begins: calls that are being made come to their answers, and ${countsOf(run).rebuilding} rebuilds under way are followed`,
    );
  });
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
  state.setBackRefused = null;
  await steerAll(run);
}

/** The bundle first: nobody may be rebuilt onto the previous image. */
async function setToNewAgain(run: Run): Promise<void> {
  const { input, state } = run;
  const refused = await setToNew(run);
  if (refused !== null) throw wrongState(`the bundle could not be set to ${input.imageId} again: ${refused}`);
  if (state.aborted) throw wrongState('the run was aborted before it went on');
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

type Deferral = By & { readonly workspaceId: string; readonly minutes: number };

async function defer(run: Run, request: Deferral): Promise<SteeringAnswer> {
  const { workspaceId, minutes } = request;
  await one(run, { command: 'defer', workspaceId, minutes, wave: wavesOf(run) - 1 }, workspaceId);
  return note(run, `defer ${workspaceId}`, saidBy(request), `it is not rebuilt within ${minutes} minutes`);
}

async function retryFailed(run: Run, by: By): Promise<SteeringAnswer> {
  return await run.oneByOne.do(async () => {
    const cohorts = cohortsOf(run).running;
    const answers = await steer(run, { command: 'retryFailed' });
    // They are not settled any more, whatever they told last.
    for (const record of run.state.cohorts) {
      if ((answers[cohorts.indexOf(record.id)]?.done ?? 0) > 0) record.settled = false;
    }
    const again = answers.reduce((sum, answer) => sum + answer.done, 0);
    return note(run, 'retry-failed', saidBy(by), `${again} WorkSpaces begin again`);
  });
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
      now.push(`windows are ${JSON.stringify(windows)}`);
    }
    if (maxConcurrent !== undefined) {
      state.maxConcurrent = maxConcurrent;
      await resizeCap(cohortsOf(run));
      now.push(`maxConcurrent is ${maxConcurrent}`);
    }
    return note(run, 'change', saidBy(request), now.join(', '));
  });
}

export async function abort(
  run: Run,
  { reason, by = null, rollback = false, rebuild = false }: AbortRequest,
): Promise<AbortAnswer> {
  const { state } = run;
  state.aborted ??= { reason, at: state.now };
  state.rollback.bundle ||= rollback;
  state.rollback.wanted ||= rebuild;
  // Calls that are being made come to their answers, and what is under way is known to have the new image.
  if (rollback) await run.oneByOne.do(async () => await haltAndSettle(run, reason));
  for (const id of cohortsOf(run).running) await abortCohort(cohortsOf(run), id);
  await condition(() => state.phase !== 'preflight' && state.phase !== 'awaitingApproval' && cohortsOf(run).allAborted);
  // Behind what may be under way with the bundle: what is told of it then stays true.
  await run.oneByOne.do(async () => void (rollback && (await setBack(run))));
  const counts = countsOf(run);
  const answer = {
    followed: counts.rebuilding,
    notRebuilt: counts.aborted,
    rebuilt: counts.rebuilt,
    migrated: counts.migrated,
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
