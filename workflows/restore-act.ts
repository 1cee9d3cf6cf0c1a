/** What the destructive calls share: each is made once for each last look, and what became of it is looked for. */
import { giveUp, heard, pause, type RestoreRun } from './restore-run.ts';

/** How a call that AWS has no token for ended. `notMade`: it waited too long for a worker. */
export type ActReply =
  | { readonly reply: 'accepted'; readonly at: string }
  | { readonly reply: 'refused'; readonly code: string; readonly message: string }
  | { readonly reply: 'throttled' | 'notMade' }
  | { readonly reply: 'unclear' };

const THROTTLED_WAIT = 20_000;
/** As with rebuilds: a network that loses every reply is no reason to go on for ever. */
export const MOST_CALLS = 5;

/** A last look is an old one after so long: then the call is not made. */
export const CALL_WITHIN = 60_000;

/** A call is watched for an effect so long; no restore or rebuild comes and goes between two looks that lie no further apart. */
export const SETTLE = 10 * 60_000;

/** Names the point of no return before it is passed. Only a call that was surely not taken leads back before it. */
export function commit({ state }: RestoreRun): void {
  state.committed = true;
  state.calls += 1;
  state.calledAt = state.now;
  state.looks = null;
  state.sawActing = false;
  state.settledSince = null;
}

/** From here the run follows the effect, or looks once more, or gives up with nothing destroyed. */
export async function afterCall(run: RestoreRun, reply: ActReply): Promise<void> {
  const { state } = run;
  switch (reply.reply) {
    case 'accepted':
      heard(run, reply.at);
      state.actedAt = reply.at;
      state.calledAt = reply.at;
      state.step = 'follow';
      return;
    case 'unclear':
      state.actedAt = state.now;
      state.step = 'follow';
      return;
    case 'refused':
      state.calls -= 1;
      return refused(run, `AWS refused it (${reply.code}: ${reply.message})`, 'failed');
    case 'throttled':
    case 'notMade':
      state.calls -= 1;
      state.committed = state.calls > 0;
      state.step = 'lastLook';
      await pause(run, THROTTLED_WAIT);
  }
}

/**
 * It must not go on. An earlier call whose reply was lost may be what stands in the way: then nothing is called again, and
 * its effect is followed.
 */
export function refused(run: RestoreRun, reason: string, outcome: 'refused' | 'failed' = 'refused'): void {
  const { state } = run;
  if (state.calls === 0) return giveUp(run, outcome, reason);
  state.actedAt ??= state.now;
  state.unclear = false;
  state.step = 'follow';
}

/**
 * Whether a call whose reply was lost may be made again, after another last look: no effect showed through a window that
 * begins with the first look after it. Where looks lie too far apart an effect may have come and gone, so that it may not.
 */
export function mayCallAgain({ state }: RestoreRun, at: string): boolean {
  const { looks } = state;
  const now = Date.parse(at);
  if (now - Date.parse(looks?.last ?? state.calledAt ?? at) > SETTLE) state.unclear = false;
  state.looks = { first: looks?.first ?? at, last: at };
  if (state.aborted || state.calls >= MOST_CALLS) state.unclear = false;
  return state.unclear && now - Date.parse(state.looks.first) >= SETTLE;
}
