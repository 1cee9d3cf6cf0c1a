/** Failures past the threshold: nothing new begins, the bundle goes back to its previous image, and a person decides. */
import { failuresOf, isPast } from '../domain/waves.ts';
import { OUTCOMES } from '../domain/image-upgrade.ts';
import { isSetToNew } from './run-bundle.ts';
import { cohortsOf, countsOf, note, steerAll, tellOperators, type Run } from './upgrade-run.ts';

const NOBODY = { by: null, reason: null };

/** What has failed and finished since a person last accepted what had. */
export function failedSoFar(run: Run): { failed: number; finished: number; started: number } {
  const { input, state } = run;
  const counts = countsOf(run);
  const ended = OUTCOMES.filter((outcome) => outcome !== 'skipped' && outcome !== 'aborted');
  // Where they count as failures, they count as finished too.
  const [failing, waiting] = input.waves.failureKinds.includes('blocked') ? [counts.blocked, 0] : [0, counts.blocked];
  const finished = ended.reduce((sum, outcome) => sum + counts[outcome], failing);
  const { accepted } = state;
  return {
    failed: failuresOf(input.waves, counts) - accepted.failed,
    finished: finished - accepted.finished,
    started: finished + counts.rebuilding + waiting - accepted.finished,
  };
}

/** What failed once and does not any more, as it was tried again or is not blocked any more, is not accepted for ever. */
export function acceptNoMore(run: Run): void {
  const { input, state } = run;
  const failed = failuresOf(input.waves, countsOf(run));
  if (failed >= state.accepted.failed) return;
  state.accepted = { failed, finished: Math.max(0, state.accepted.finished - (state.accepted.failed - failed)) };
}

export function needsHold(run: Run): boolean {
  const { input, state } = run;
  if (state.aborted || state.halt?.kind === 'held' || state.maxFailures === null) return false;
  return isPast({ ...input.waves, maxFailures: state.maxFailures }, failedSoFar(run));
}

export async function hold(run: Run): Promise<void> {
  const { state } = run;
  if (!needsHold(run)) return;
  const { failed, finished } = failedSoFar(run);
  const reason = `${failed} of ${finished} have failed, ${state.maxFailures ?? ''} may`;
  state.halt = { kind: 'held', reason, at: state.now };
  note(run, 'hold', NOBODY, reason);
  const decisions = state.plan?.rollback.possible ? 'resume, abort, or abort --rollback' : 'resume or abort';
  // A cohort that gives no answer keeps nobody from being told.
  await Promise.all([
    steerAll(run),
    tellOperators(run, `Upgrade of ${run.input.bundleId} holds`, `${reason}. Decide: ${decisions}.`),
  ]);
}

/** Rebuilds under way are known to have begun with the new image as soon as all is quiet: then the bundle may go back. */
export function needsSettingBack(run: Run): boolean {
  const { input, state } = run;
  const held = state.halt?.kind === 'held' && !input.keepBundle && !state.aborted && state.setBackRefused === null;
  return held && isSetToNew(run) && state.plan?.rollback.possible === true && cohortsOf(run).allQuiet;
}
