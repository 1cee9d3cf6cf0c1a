/** A call that is made again for as long as it takes, over the waits of an agenda. */
import type { Agenda } from './agenda.ts';
import { troubleOf } from './failures.ts';

/** When a call has failed five times in a row, it is made again after a minute. */
const AGAIN_AFTER = 60_000;

export interface Persistence {
  readonly agenda: Agenda;
  /** Is told what stands in the way, and null when nothing does any more. */
  readonly tell: (trouble: string | null) => void;
  /** An abort does not end it: it is for what is under way. */
  readonly evenAborted: boolean;
  /** A state that does not allow the call is waited for as well. */
  readonly stateToo: boolean;
}

/** Repeats a call until it gets through or AWS says something that will not pass. @throws Interrupted */
export async function persistently<T>(send: () => Promise<T>, how: Persistence): Promise<T> {
  const { agenda, tell, evenAborted, stateToo } = how;
  for (;;) {
    try {
      const reply = await send();
      tell(null);
      return reply;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble?.passing || (trouble.type === 'WrongState' && !stateToo)) throw error;
      tell(trouble.message);
    }
    await agenda.until(agenda.now + AGAIN_AFTER, { evenAborted });
  }
}
