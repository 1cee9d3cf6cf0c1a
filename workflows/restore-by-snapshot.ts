/** `snapshot`: RestoreWorkspace takes both volumes back to their last snapshot; the WorkSpace stays the same one. */
import { restoreEnd } from '../domain/restore-end.ts';
import { isBroken, isSettled } from '../domain/workspace-states.ts';
import { restoreActs, restoreCalls } from './activities.ts';
import { afterCall, commit, lookAgain, MOST_CALLS } from './restore-act.ts';
import { unmade } from './restore-making.ts';
import { giveUp, heard, pause, persistently, type RestoreRun } from './restore-run.ts';

/** Short against what a restore takes, so that RESTORING is seen. */
const LOOK_EVERY = 60_000;

export async function restoreSnapshot(run: RestoreRun): Promise<void> {
  const { target, workspaceId } = run.input;
  commit(run);
  const reply = await restoreActs(target).restoreWorkspace({ target, workspaceId }).catch(unmade);
  run.state.unclear = reply.reply === 'unclear';
  await afterCall(run, reply);
}

/** A call whose reply was lost is watched for an effect so long, and made again when none showed. */
const SETTLE = 5 * 60_000;

export async function followRestore(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const look = () => restoreCalls(target).describeInFull({ target, workspaceId });
  const { at, desktop } = await persistently(run, look);
  heard(run, at);
  state.sawActing ||= desktop?.state === 'RESTORING';
  const isOver = desktop !== null && (isSettled(desktop.state) || isBroken(desktop.state));
  state.settledSince = state.sawActing && isOver ? (state.settledSince ?? at) : null;
  const now = Date.parse(at);
  const requestedAt = Date.parse(state.actedAt ?? at);
  if (state.unclear && !state.sawActing && now - requestedAt > SETTLE) {
    if (state.calls < MOST_CALLS) return lookAgain(run);
    return giveUp(run, 'failed', 'no call of RestoreWorkspace had an effect');
  }
  const settledSince = state.settledSince === null ? null : Date.parse(state.settledSince);
  const ended = restoreEnd({ desktop, now, requestedAt, sawActing: state.sawActing, settledSince });
  if (!ended) return await pause(run, LOOK_EVERY);
  state.outcome = ended.outcome;
  state.reason = ended.reason;
  state.step = ended.outcome === 'restored' ? 'putBack' : 'undo';
}
