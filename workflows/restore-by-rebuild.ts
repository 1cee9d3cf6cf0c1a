/** `rebuild`: RebuildWorkspaces gives the root volume the bundle's image, and the user volume its last snapshot. */
import { looksEnded, rebuildEnd, showsEffect } from '../domain/rebuild-end.ts';
import type { RestoreOutcome } from '../domain/restore-outcome.ts';
import { REASONS } from '../domain/image-upgrade.ts';
import { unrepeatableCalls, workspacesCalls } from './activities.ts';
import { afterCall, CALL_WITHIN, commit, mayCallAgain, SETTLE } from './restore-act.ts';
import { unmade } from './restore-making.ts';
import { heard, pause, persistently, type RestoreRun } from './restore-run.ts';

const LOOK_EVERY = 60_000;
const TIMEOUT = 4 * 3_600_000;

export async function rebuild(run: RestoreRun): Promise<void> {
  const { target, workspaceId } = run.input;
  commit(run);
  const reply = await unrepeatableCalls(target, CALL_WITHIN).rebuildWorkspace({ target, workspaceId }).catch(unmade);
  run.state.unclear = reply.reply === 'unclear';
  await afterCall(run, reply);
}

const OUTCOMES: Readonly<Record<string, RestoreOutcome>> = { rebuilt: 'restored', rebuildUnconfirmed: 'unconfirmed' };

export async function followRebuild(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const look = () => workspacesCalls(target).describeDesktops({ target, ids: [workspaceId] });
  const { at, found } = await persistently(run, look);
  heard(run, at);
  const desktop = found[0] ?? null;
  state.sawActing ||= desktop?.state === 'REBUILDING';
  state.settledSince = desktop && looksEnded(desktop) && state.sawActing ? (state.settledSince ?? at) : null;
  const row = {
    sawRebuilding: state.sawActing,
    ipBefore: state.before?.ipAddress ?? null,
    stateBefore: state.before?.state ?? null,
    rebuildRequestedAt: state.actedAt,
    settledSeenAt: state.settledSince,
  };
  const now = Date.parse(at);
  if (desktop && !showsEffect(row, desktop) && mayCallAgain(run, at)) {
    state.step = 'lastLook';
    return;
  }
  const ended = rebuildEnd(row, { desktop, now }, { settle: SETTLE, timeout: TIMEOUT });
  if (!ended) return await pause(run, LOOK_EVERY);
  state.outcome = OUTCOMES[ended.outcome] ?? 'failed';
  const { code, detail } = ended.reason ?? {};
  state.reason = code ? [REASONS[code], detail].filter(Boolean).join(': ') : null;
  state.step = state.outcome === 'restored' ? 'putBack' : 'undo';
}
