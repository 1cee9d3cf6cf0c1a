/** Sets the bundle to an image, which changes no WorkSpace until it is rebuilt. */
import { condition, sleep } from '@temporalio/workflow';
import { KEEP_TAG } from '../domain/holdfast-tags.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { workspacesCalls } from './activities.ts';
import { troubleOf } from './failures.ts';

export interface SetBundleOptions {
  readonly imageId: string;
  /** It is not wanted any more: the bundle is left as it is. */
  readonly stop: () => boolean;
  /** Is told what AWS answers as long as the call does not get through, and null when it does. */
  readonly say: (trouble: string | null) => void;
}

export interface BundleSet {
  /** False: it was refused, or is not wanted any more. */
  readonly set: boolean;
  /** AWS's own refusal, for instance of volume sizes that it does not show; null: none. */
  readonly refused: string | null;
  /** A call whose end nobody heard of may have set it all the same. */
  readonly unclear: boolean;
}

export async function setBundle(input: ImageUpgradeInput, options: SetBundleOptions): Promise<BundleSet> {
  const { target, bundleId } = input;
  const { imageId, stop, say } = options;
  let unclear = false;
  while (!stop()) {
    try {
      await workspacesCalls(target).updateBundleImage({ target, bundleId, imageId });
      say(null);
      await seeBundle(input, imageId);
      return { set: true, refused: null, unclear: false };
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return { set: false, refused: trouble.message, unclear };
      unclear ||= trouble.type === 'Unavailable';
      say(trouble.message);
    }
    await condition(stop, '1 minute');
  }
  return { set: false, refused: null, unclear };
}

/** Reads can be old: the first WorkSpaces must not be judged by what the bundle carried before. */
async function seeBundle({ target, bundleId, settleSeconds }: ImageUpgradeInput, imageId: string): Promise<void> {
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

/** Our retention deletes no image with the tag: this one may be needed to go back to. Null: done. Otherwise why not. */
export async function keepImage(input: ImageUpgradeInput, imageId: string): Promise<string | null> {
  const { target, bundleId } = input;
  try {
    await workspacesCalls(target).tagImage({
      target,
      imageId,
      tag: { key: KEEP_TAG, value: `rollback of ${bundleId}` },
    });
    return null;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return trouble.message;
  }
}
