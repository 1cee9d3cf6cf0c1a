/** Checks before a run: trouble that passes is waited out, other trouble is told with the rest of the problems. */
import { sleep } from '@temporalio/workflow';
import { troubleOf } from './failures.ts';

interface AnyProblem {
  readonly code: string;
  readonly message: string;
}

/** Calls that do not get through are made again for so long before a person is told. */
const MOST_TRIES = 20;
/** What a run can do without is not waited for as long. */
const TRIES_WITHOUT = 5;

/**
 * Runs a check: trouble that passes is waited out, other trouble is a problem of its own, and so is what lasts too long
 * unless `giveUp` takes it.
 */
export function attempts<P extends AnyProblem>(
  problems: (P | { readonly code: 'permission'; readonly message: string })[],
) {
  const permission = (message: string) => void problems.push({ code: 'permission', message });
  return async <T>(otherwise: T, check: (found: P[]) => Promise<T>, giveUp = permission): Promise<T> => {
    const most = giveUp === permission ? MOST_TRIES : TRIES_WITHOUT;
    for (let tries = 1; ; tries += 1) {
      // What a check found before it has to be made again, it finds again.
      const found: P[] = [];
      try {
        const result = await check(found);
        problems.push(...found);
        return result;
      } catch (error) {
        const trouble = troubleOf(error);
        if (!trouble) throw error;
        if (!trouble.passing || tries === most) {
          problems.push(...found);
          (trouble.passing ? giveUp : permission)(trouble.message);
          return otherwise;
        }
      }
      await sleep('30 seconds');
    }
  };
}
