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

/** Names the point of no return before it is passed. */
export function commit({ state }: RestoreRun): void {
  state.committed = true;
  state.calls += 1;
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
      state.step = 'follow';
      return;
    case 'unclear':
      state.actedAt = state.now;
      state.step = 'follow';
      return;
    case 'refused':
      // An earlier call whose reply was lost may be what AWS refuses this one for.
      if (state.calls > 1) {
        state.actedAt ??= state.now;
        state.step = 'follow';
        return;
      }
      return giveUp(run, 'failed', `AWS refused it (${reply.code}: ${reply.message})`);
    case 'throttled':
    case 'notMade':
      state.calls -= 1;
      lookAgain(run);
      await pause(run, THROTTLED_WAIT);
  }
}

/** The call had no effect: nothing is made again without another last look. */
export function lookAgain({ state }: RestoreRun): void {
  state.committed = false;
  state.step = 'lastLook';
}
