/** Which images are looked at again and deleted together. */
import { IMAGES_A_CALL } from './call-sizes.ts';
import type { BackupImage, RetentionDecision } from './image-retention.ts';

export interface RetentionPart {
  readonly goes: readonly string[];
  /** The last good ones of their groups: were one of them gone meanwhile, another one would have to stay. */
  readonly lastGood: readonly string[];
}

/** Each part fits into one call. @param goes ids of those that are to be deleted */
export function retentionParts(decisions: readonly RetentionDecision[], goes: ReadonlySet<string>): RetentionPart[] {
  const lastGoods = new Map<string | null, string>();
  for (const { imageId, group, reasons } of decisions) {
    if (reasons.some(({ rule }) => rule === 'lastGood')) lastGoods.set(group, imageId);
  }
  const parts: { goes: Set<string>; lastGood: Set<string> }[] = [];
  for (const { imageId, group } of decisions.filter((each) => goes.has(each.imageId))) {
    let part = parts.at(-1);
    if (!part || part.goes.size + part.lastGood.size + 2 > IMAGES_A_CALL) {
      part = { goes: new Set(), lastGood: new Set() };
      parts.push(part);
    }
    part.goes.add(imageId);
    const lastGood = lastGoods.get(group);
    if (lastGood !== undefined) part.lastGood.add(lastGood);
  }
  return parts.map((part) => ({ goes: [...part.goes], lastGood: [...part.lastGood] }));
}

/** What was read of a part's images right before they are deleted; what is gone is absent. */
export interface SeenAgain {
  /** With their tags, bundles and sharing. */
  readonly goes: readonly BackupImage[];
  readonly lastGood: readonly BackupImage[];
}

/** All images, those of the part as they are now. */
export function withPart(images: readonly BackupImage[], part: RetentionPart, seen: SeenAgain): BackupImage[] {
  const going = new Map(seen.goes.map((image) => [image.imageId, image]));
  const lastGood = new Map(seen.lastGood.map((image) => [image.imageId, image]));
  return images.flatMap((image) => {
    const { imageId } = image;
    if (part.goes.includes(imageId)) return going.get(imageId) ?? [];
    if (!part.lastGood.includes(imageId)) return image;
    // Its state is what counts: the tags of an image that was made just now may show late.
    const now = lastGood.get(imageId);
    return now ? { ...image, state: now.state } : [];
  });
}
