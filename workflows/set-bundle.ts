/** Sets the bundle to the new image, which changes no WorkSpace until it is rebuilt. */
import { condition, sleep } from '@temporalio/workflow';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Problem } from '../domain/upgrade-plan.ts';
import { workspacesCalls } from './activities.ts';
import { troubleOf } from './failures.ts';

interface BundleState {
  /** The run was aborted: the bundle is left as it is. */
  readonly aborted: object | null;
  /** What AWS answers as long as the call does not get through. */
  retrying: string | null;
}

/** AWS's own refusal, for instance of volume sizes that it does not show, ends the run before any rebuild. */
export async function setBundle(input: ImageUpgradeInput, state: BundleState): Promise<Problem | null> {
  const { target, bundleId, imageId } = input;
  while (!state.aborted) {
    try {
      await workspacesCalls(target).updateBundleImage({ target, bundleId, imageId });
      state.retrying = null;
      await seeBundle(input);
      return null;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return { code: 'bundle', message: trouble.message };
      state.retrying = trouble.message;
    }
    await condition(() => state.aborted !== null, '1 minute');
  }
  return null;
}

/** Reads can be old: the first WorkSpaces must not be judged by what the bundle carried before. */
async function seeBundle({ target, bundleId, imageId, settleSeconds }: ImageUpgradeInput): Promise<void> {
  const every = 15;
  for (let waited = 0; waited < settleSeconds; waited += every) {
    try {
      const { bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
      if (bundle?.imageId === imageId) return;
    } catch (error) {
      // Each WorkSpace's last look reads the bundle again; this is for those that come at once.
      if (!troubleOf(error)) throw error;
    }
    await sleep(every * 1000);
  }
}
