/** Writing the report, whatever it takes: without it nobody can prove what a run did. */
import { sleep, upsertSearchAttributes } from '@temporalio/workflow';
import { troubleOf } from './failures.ts';

const FIRST_PAUSE = 60_000;
/** A bucket that was taken away comes back when a person brings it: the history must last until then. */
const LONGEST_PAUSE = 30 * 60_000;

/** Makes a call again until it gets through. @param say is told what stands in the way, and null when nothing does */
export async function untilWritten<T>(send: () => Promise<T>, say: (trouble: string | null) => void): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      const reply = await send();
      if (pause > FIRST_PAUSE) {
        say(null);
        upsertSearchAttributes({ HoldfastHealth: ['ok'] });
      }
      return reply;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      say(trouble.message);
      upsertSearchAttributes({ HoldfastHealth: ['retrying'] });
    }
    await sleep(pause);
  }
}

/** For what a report does not need: parts that may not be removed stay where they are. */
export function passOverRefusal(error: unknown): void {
  const trouble = troubleOf(error);
  if (!trouble || trouble.passing) throw error;
}
