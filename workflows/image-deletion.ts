/** Deletes one image, and says what came of it: for retention and for sweeps. */
import type { RetentionOutcome } from '../domain/retention-row.ts';
import type { Target } from '../domain/target.ts';
import { imageEffects, imageReads } from './activities.ts';
import { troubleOf } from './failures.ts';

export interface Deletion {
  readonly outcome: Exclude<RetentionOutcome, 'kept'>;
  /** Why it was not deleted; null: it was, or it is gone. */
  readonly text: string | null;
}

/** AWS itself refuses one that a bundle uses or that is shared, also when that was so only a moment ago. */
export async function deleteImage(target: Target, imageId: string): Promise<Deletion> {
  try {
    const { wasThere } = await imageEffects(target).deleteImage({ target, imageId });
    return { outcome: wasThere ? 'deleted' : 'gone', text: null };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    // AWS names no error for an id that it does not know: what came as one is looked at once more.
    const isGone = await isGoneNow(target, imageId);
    if (isGone) return { outcome: 'gone', text: null };
    const isInUse = trouble.code === 'ResourceAssociatedException';
    return { outcome: 'notDeleted', text: isInUse ? IN_USE : trouble.message };
  }
}

async function isGoneNow(target: Target, imageId: string): Promise<boolean> {
  try {
    const { found } = await imageReads(target).lookAtImages({ target, imageIds: [imageId] });
    return found.length === 0;
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return false;
  }
}

const IN_USE = 'AWS refused: a bundle uses it, or it is shared';
