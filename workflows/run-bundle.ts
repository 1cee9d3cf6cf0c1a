/** Which image the bundle of a run carries, as far as the run has set it. */
import { setBundle, type BundleSet } from './set-bundle.ts';
import { note, show, tellOperators, type Run } from './upgrade-run.ts';

const NOBODY = { by: null, reason: null };

/** Or may be: a call whose end nobody heard of counts as made, so that the bundle goes back when it has to. */
export const isSetToNew = ({ input, state }: Run): boolean => state.bundleSetTo === input.imageId;

/** Null: it is set, or not wanted any more. Otherwise AWS's refusal. */
export async function setToNew(run: Run): Promise<string | null> {
  const { input, state } = run;
  if (isSetToNew(run) && !state.bundleUnclear) return null;
  const { set, refused, unclear } = await setTo(run, input.imageId, () => state.aborted !== null);
  if (set || unclear) state.bundleSetTo = input.imageId;
  return refused;
}

/** A refusal of AWS's is not tried again: a person is told, and nothing new begins meanwhile. */
export async function setBack(run: Run): Promise<void> {
  const { input, state } = run;
  const imageId = state.plan?.previousImageId ?? null;
  if (imageId === null || !isSetToNew(run)) return;
  // An abort leaves the bundle as it then is, unless it asks for the rollback too.
  const stop = (): boolean => state.aborted !== null && !state.rollback.bundle;
  const { set, refused } = await setTo(run, imageId, stop);
  if (!set && refused === null) return;
  if (set) state.bundleSetTo = imageId;
  state.setBackRefused = refused;
  const answer =
    refused === null ? `the bundle was set back to ${imageId}` : `the bundle could not be set back: ${refused}`;
  note(run, 'set back', NOBODY, answer);
  show(run);
  if (refused !== null) await tellOperators(run, `Bundle ${input.bundleId} could not be set back`, answer);
}

async function setTo({ input, state }: Run, imageId: string, stop: () => boolean): Promise<BundleSet> {
  const say = (trouble: string | null): void => void (state.retrying = trouble);
  const answer = await setBundle(input, { imageId, stop, say });
  state.bundleUnclear = !answer.set && (answer.unclear || state.bundleUnclear);
  return answer;
}
