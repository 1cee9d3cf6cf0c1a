/** `snapshot`: RestoreWorkspace takes both volumes back to their last snapshot; the WorkSpace stays the same one. */
import { restoreEnd } from '../domain/restore-end.ts';
import { isBroken, isSettled } from '../domain/workspace-states.ts';
import { restoreActs, restoreCalls } from './activities.ts';
import { afterCall, commit, mayCallAgain } from './restore-act.ts';
import { unmade } from './restore-making.ts';
import { heard, pause, persistently, type RestoreRun } from './restore-run.ts';

/** Short against what a restore takes, so that RESTORING is seen. */
const LOOK_EVERY = 60_000;

export async function restoreSnapshot(run: RestoreRun): Promise<void> {
  const { target, workspaceId } = run.input;
  commit(run);
  const reply = await restoreActs(target).restoreWorkspace({ target, workspaceId }).catch(unmade);
  run.state.unclear = reply.reply === 'unclear';
  await afterCall(run, reply);
}

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
  // A restore may give another address: with that, or with other snapshots, which the last look sees, it is not called again.
  if (state.before?.ipAddress !== desktop?.ipAddress) state.unclear = false;
  if (!state.sawActing && mayCallAgain(run, at)) {
    state.step = 'lastLook';
    return;
  }
  const settledSince = state.settledSince === null ? null : Date.parse(state.settledSince);
  const ended = restoreEnd({ desktop, now, requestedAt, sawActing: state.sawActing, settledSince });
  if (!ended) return await pause(run, LOOK_EVERY);
  state.outcome = ended.outcome;
  state.reason = ended.reason;
  state.step = ended.outcome === 'restored' ? 'putBack' : 'undo';
}
