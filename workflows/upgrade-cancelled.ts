/** An upgrade that is cancelled in Temporal: whoever does that wants an abort, and what was begun is followed and reported. */
import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { abort } from './run-messages.ts';
import { isBeforeTheEnd } from './steering-checks.ts';
import { note, type Run } from './upgrade-run.ts';

/** Call it in the workflow's own scope, the one that Temporal cancels. */
export function abortWhenCancelled(run: Run): void {
  // What is sent in a cancelled scope goes nowhere.
  void CancellationScope.current().cancelRequested.catch(
    async () => await CancellationScope.nonCancellable(async () => await abortCancelled(run)),
  );
}

async function abortCancelled(run: Run): Promise<void> {
  if (run.state.phase === 'rollingBack') return await cancelRollback(run);
  if (run.state.phase === 'reporting') return doNotRollBack(run);
  if (!isBeforeTheEnd(run)) return;
  run.cancelling = true;
  await abort(run, { reason: 'cancelled in Temporal' });
  run.cancelling = false;
}

/** Nobody has been rebuilt back yet. */
function doNotRollBack(run: Run): void {
  const { rollback } = run.state;
  if (!rollback.wanted) return;
  rollback.wanted = false;
  note(run, 'cancel', { by: null, reason: 'cancelled in Temporal' }, 'nobody is rebuilt onto the previous image');
}

/** The run that goes back is all that is left to be stopped: it is an upgrade too, and aborts. */
async function cancelRollback({ state }: Run): Promise<void> {
  await condition(() => state.rollback.workflowId !== null || state.phase !== 'rollingBack');
  if (state.rollback.workflowId === null) return;
  try {
    await getExternalWorkflowHandle(state.rollback.workflowId).cancel();
  } catch {
    // It has ended.
  }
}
