/**
 * `recreate`: terminate, wait until AWS does not know the id any more, and make a WorkSpace for the same user. The user
 * volume is destroyed. From the termination on, this ends in one way only: the user has a desktop.
 */
import { creationRemedy } from '../domain/restore-remedies.ts';
import { isGone } from '../domain/workspace-states.ts';
import { restoreActs, restoreCalls } from './activities.ts';
import { afterCall, commit, lookAgain } from './restore-act.ts';
import { likeOf, makeDesktop, tagsOfRun, unmade, type Progress } from './restore-making.ts';
import {
  block,
  enter,
  giveUp,
  heard,
  LONGEST_PAUSE,
  pause,
  persistently,
  retry,
  unblock,
  type Making,
  type RestoreRun,
} from './restore-run.ts';

const LOOK_EVERY = 60_000;
/** A call whose reply was lost is watched for an effect so long. */
const SETTLE = 5 * 60_000;
/** AWS takes some minutes to terminate. */
const GONE_WITHIN = 2 * 3_600_000;

export async function terminate(run: RestoreRun): Promise<void> {
  const { target, workspaceId } = run.input;
  commit(run);
  const reply = await restoreActs(target).terminateWorkspace({ target, workspaceId }).catch(unmade);
  await afterCall(run, reply);
}

/** Goes on when the termination shows; when none does for a while, none was begun. */
export async function followTermination(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const look = () => restoreCalls(target).describeInFull({ target, workspaceId });
  const { at, desktop } = await persistently(run, look);
  heard(run, at);
  if (!desktop || isGone(desktop.state)) {
    state.step = 'create';
    return;
  }
  const waited = Date.parse(at) - Date.parse(state.actedAt ?? at);
  if (waited <= SETTLE) return await pause(run, LOOK_EVERY);
  if (desktop.state === 'ERROR' && state.before?.state !== 'ERROR') {
    return giveUp(run, 'failed', `AWS could not terminate it (${desktop.errorCode ?? 'ERROR'}): it is still there`);
  }
  lookAgain(run);
}

export async function create(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  enter(run, 'restoring');
  const userName = input.strategy === 'copy' ? (input.otherUser ?? '') : (state.before?.userName ?? '');
  state.making ??= { userName, workspaceId: null, requestedAt: null, attempts: 0 };
  const { making } = state;
  const tags = input.strategy === 'copy' ? tagsOfRun(run) : { ...state.tags, ...tagsOfRun(run) };
  const progress = await makeDesktop(run, making, likeOf(run, userName, tags));
  switch (progress.is) {
    case 'up':
      await unblock(run);
      state.newWorkspaceId = making.workspaceId;
      state.step = 'putBack';
      return;
    case 'under way':
      return await waitForIt(run, making);
    case 'refused':
    case 'failed':
      if (input.strategy === 'copy') return giveUp(run, 'failed', `the copy was not made: ${progress.message}`);
      await notMade(run, making, progress);
  }
}

async function waitForIt(run: RestoreRun, making: Making): Promise<void> {
  const { state, input } = run;
  const since = Date.parse(state.now) - Date.parse(state.actedAt ?? state.now);
  if (making.requestedAt !== null) await unblock(run);
  else if (since > GONE_WITHIN) {
    await block(run, `AWS has not ended the termination of ${input.workspaceId} for two hours`, 'ask AWS to end it');
  }
  await pause(run, LOOK_EVERY);
}

type NotMade = Extract<Progress, { readonly code: string }>;

/** The old one is gone: it is tried again for as long as it takes, and told to people when they must act. */
async function notMade(run: RestoreRun, making: Making, { is, code, message }: NotMade): Promise<void> {
  const { state, input } = run;
  if (is === 'failed' && making.workspaceId !== null) await removeBroken(run, making.workspaceId);
  making.requestedAt = null;
  const { person, remedy } = creationRemedy(code);
  if (person) await block(run, `no WorkSpace can be made for ${making.userName}: ${message}`, remedy);
  else retry(run, message);
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
