/** What Temporal remembers of promises. */
import { setFlagsFromString } from 'node:v8';

/**
 * Temporal's SDK takes a stack trace of every promise of a workflow, for the `Call Stack` of its UI: in a cohort of hundreds
 * of WorkSpaces they were two thirds of the memory and two fifths of the time. `status` says where each WorkSpace is.
 * Threads that are started meanwhile take none; errors in workflows have theirs all the same, see `workflows/stack-traces.ts`.
 */
export async function withoutPromiseTraces<T>(start: () => Promise<T>): Promise<T> {
  setFlagsFromString('--stack-trace-limit=0');
  try {
    return await start();
  } finally {
    setFlagsFromString('--stack-trace-limit=10');
  }
}
