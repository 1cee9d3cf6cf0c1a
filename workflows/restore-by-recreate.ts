/**
 * `recreate`: terminate, wait until AWS does not know the id any more, and make a WorkSpace for the same user. The user
 * volume is destroyed. From the termination on, this ends in one way only: the user has a desktop.
 */
import { creationRemedy } from '../domain/restore-remedies.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { isGone } from '../domain/workspace-states.ts';
import type { NewDesktop } from '../activities/restores.ts';
import { restoreActs, restoreCalls } from './activities.ts';
import { afterCall, commit, MOST_CALLS, SETTLE } from './restore-act.ts';
import { bundleStands } from './restore-bundle.ts';
import { likeOf, makeDesktop, tagsOfRun, unmade, type Progress, type UnderWay } from './restore-making.ts';
import {
  block,
  enter,
  giveUp,
  heard,
  isOverdue,
  LONGEST_PAUSE,
  pause,
  persistently,
  retry,
  unblock,
  type Making,
  type RestoreRun,
} from './restore-run.ts';

const LOOK_EVERY = 60_000;
/** An abort is obeyed when a termination has had no effect for so long. */
const NO_EFFECT = 2 * 3_600_000;
/** A termination that has no effect is a person's after so many. */
const A_FEW = 2;

export async function terminate(run: RestoreRun): Promise<void> {
  commit(run);
  await afterCall(run, await sendTermination(run));
}

const sendTermination = async ({ input: { target, workspaceId } }: RestoreRun) =>
  await restoreActs(target).terminateWorkspace({ target, workspaceId }).catch(unmade);

/** Goes on when the termination shows. Until it does it is made again, as often as it takes: it may show late. */
export async function followTermination(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const look = () => restoreCalls(target).describeInFull({ target, workspaceId });
  const { at, desktop } = await persistently(run, look);
  heard(run, at);
  if (!desktop || isGone(desktop.state)) {
    state.sawActing ||= desktop !== null;
    unblock(run, 'step');
    state.step = 'create';
    return;
  }
  const waited = Date.parse(at) - Date.parse(state.calledAt ?? at);
  if (waited <= SETTLE) return await pause(run, LOOK_EVERY);
  // In ERROR it was before the call, too, or AWS could not terminate it.
  const isRefusedByAws = desktop.state === 'ERROR' && (state.sawActing || state.before?.state !== 'ERROR');
  if (isRefusedByAws && (state.calls >= MOST_CALLS || state.aborted)) {
    const why = `AWS could not terminate it in ${state.calls} calls (${desktop.errorCode ?? 'ERROR'})`;
    return giveUp(run, 'failed', `${why}: it is still there, and in ERROR; ask AWS`);
  }
  if (state.aborted) return await waitAborted(run, waited);
  await terminateAgain(run, desktop.state);
}

/** An abort makes no further call; one that was made is waited for. */
async function waitAborted(run: RestoreRun, waited: number): Promise<void> {
  if (waited <= NO_EFFECT) return await pause(run, LOOK_EVERY);
  giveUp(run, 'failed', 'aborted, and its termination has had no effect for two hours: it is still there');
}

/** What is TERMINATING stays so: the call can be made again without harm. */
async function terminateAgain(run: RestoreRun, present: string): Promise<void> {
  const { state, input } = run;
  if (state.calls >= A_FEW) {
    const cause = `${input.workspaceId} is ${present} after ${state.calls} calls of TerminateWorkspaces`;
    await block(run, { cause, remedy: 'see what AWS’s health says, and ask AWS to terminate it' });
  }
  state.calls += 1;
  state.calledAt = state.now;
  const reply = await sendTermination(run);
  if (reply.reply === 'accepted') state.calledAt = reply.at;
  // One that has gone meanwhile is not known: the next look shows it.
  if (reply.reply === 'refused' && !reply.code.includes('NotFound')) {
    const cause = `AWS refuses to terminate ${input.workspaceId} (${reply.code}: ${reply.message})`;
    await block(run, { cause, remedy: 'let the worker’s role terminate it, or ask AWS' });
  }
  await pause(run, LOOK_EVERY);
}

export async function create(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  enter(run, 'restoring');
  const userName = input.strategy === 'copy' ? (input.otherUser ?? '') : (state.before?.userName ?? '');
  state.making ??= { userName, workspaceId: null, requestedAt: null, attempts: 0 };
  const { making } = state;
  const progress = await makeDesktop(run, making, async () => await likeNow(run, userName));
  switch (progress.is) {
    case 'up':
    case 'unwell':
      unblock(run, 'step');
      state.newWorkspaceId = making.workspaceId;
      state.step = 'putBack';
      return;
    case 'under way':
      return await waitForIt(run, making, progress);
    case 'refused':
    case 'failed':
      if (input.strategy === 'copy') return giveUp(run, 'failed', `the copy was not made: ${progress.message}`);
      await notMade(run, making, progress);
  }
}

/** The bundle may have been taken away since: then there is another one first. */
async function likeNow(run: RestoreRun, userName: string): Promise<NewDesktop | null> {
  const { input, state } = run;
  const tags = input.strategy === 'copy' ? tagsOfRun(run) : { ...state.tags, ...tagsOfRun(run) };
  if (input.strategy === 'recreate' && !(await bundleStands(run))) return null;
  return likeOf(run, userName, tags);
}

async function waitForIt(run: RestoreRun, making: Making, progress: UnderWay): Promise<void> {
  const { state } = run;
  // Its termination failed, or the look that showed its end was wrong.
  if (progress.of === 'old' && !isGone(progress.state ?? '')) state.step = 'follow';
  else if (isOverdue(run)) {
    // What a person was told of stays until the user has a desktop.
    if (!state.blocked) await block(run, overdue(run, making, progress));
  } else if (making.requestedAt !== null) unblock(run, 'step');
  await pause(run, LOOK_EVERY);
}

function overdue({ input }: RestoreRun, { userName, workspaceId }: Making, { of, state }: UnderWay) {
  switch (of) {
    case 'old':
      return {
        cause: `AWS has not ended the termination of ${input.workspaceId}, which is ${state}`,
        remedy: 'ask AWS to end it',
      };
    case 'new':
      return {
        cause: `${workspaceId ?? 'the new WorkSpace'} of ${userName} is still ${state}`,
        remedy: 'AWS makes one within an hour: after that ask AWS, or terminate it, and another one is made',
      };
    case 'none':
      return {
        cause: `AWS shows no WorkSpace of ${userName} yet`,
        remedy: 'see what AWS’s health says; it is asked for again',
      };
  }
}

type NotMade = Extract<Progress, { readonly code: string }>;

/** The old one is gone: it is tried again for as long as it takes, and told to people when they must act. */
async function notMade(run: RestoreRun, making: Making, { is, code, message }: NotMade): Promise<void> {
  const { state, input } = run;
  if (is === 'failed' && making.workspaceId !== null) await removeBroken(run, making.workspaceId);
  making.requestedAt = null;
  const { directoryId } = state.before as RestoreDesktop;
  const { person, remedy } = creationRemedy(code, { userName: making.userName, directoryId, imageId: input.imageId });
  if (person) await block(run, { cause: `no WorkSpace can be made for ${making.userName}: ${message}`, remedy });
  else await retry(run, message);
  if (code === 'otherDesktop' && state.aborted) {
    state.outcome = 'failed';
    state.reason = `aborted after the termination of ${input.workspaceId}: ${message}`;
    state.bundleKept = true;
    state.step = 'undo';
    return;
  }
  await pause(run, Math.min(LOOK_EVERY * 2 ** Math.min(making.attempts, 10), LONGEST_PAUSE));
}

/** It never came up, and its user cannot have another one beside it. */
async function removeBroken({ input }: RestoreRun, workspaceId: string): Promise<void> {
  const { target } = input;
  await restoreActs(target).terminateWorkspace({ target, workspaceId }).catch(unmade);
}
