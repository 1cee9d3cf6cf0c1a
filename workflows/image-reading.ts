/** The images of a target as retention and sweeps see them. Reads only. */
import { IMAGES_A_CALL } from '../domain/call-sizes.ts';
import { CAPABILITY_TAG } from '../domain/holdfast-tags.ts';
import type { BackupImage } from '../domain/image-retention.ts';
import type { Target } from '../domain/target.ts';
import { imageReads, listings, quickCalls } from './activities.ts';
import { chunks } from './fleet-reading.ts';

/** All of the account's images; with the tags of those that Holdfast made. Whether they are shared is not read. */
export async function readImages(target: Target): Promise<{ readonly at: string; readonly images: BackupImage[] }> {
  const [listed, tagsOf, bundlesOf] = await Promise.all([
    listings(target).listImages({ target }),
    readTags(target),
    readBundles(target),
  ]);
  const images = listed.images.map((image): BackupImage => ({
    ...image,
    tags: tagsOf.get(image.imageId) ?? {},
    bundleIds: bundlesOf.get(image.imageId) ?? [],
    sharedWith: null,
  }));
  return { at: listed.at, images };
}

async function readTags(target: Target): Promise<ReadonlyMap<string, BackupImage['tags']>> {
  const tagsOf = new Map<string, BackupImage['tags']>();
  let nextToken: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof quickCalls.findTaggedImages>> = await quickCalls.findTaggedImages({
      target,
      key: CAPABILITY_TAG,
      nextToken,
    });
    for (const { imageId, tags } of page.tagged) tagsOf.set(imageId, tags);
    ({ nextToken } = page);
  } while (nextToken !== null);
  return tagsOf;
}

async function readBundles(target: Target): Promise<ReadonlyMap<string, readonly string[]>> {
  const bundles = await listings(target).listBundleImages({ target });
  const byImage = Map.groupBy(bundles, ({ imageId }) => imageId);
  return new Map([...byImage].map(([imageId, its]) => [imageId, its.map(({ bundleId }) => bundleId)]));
}

const AT_ONCE = 12;

/** The same images with the number of accounts that each is shared with; a call each. Those that are gone are left out. */
export async function withSharing(
  target: Target,
  images: readonly BackupImage[],
  ids: readonly string[],
): Promise<BackupImage[]> {
  const sharedWith = new Map<string, number | null>();
  // A few at once: each task of a workflow is three events of its history.
  for (const some of chunks(ids, AT_ONCE)) {
    const shares = await Promise.all(some.map((imageId) => imageReads(target).imageShares({ target, imageId })));
    for (const [index, imageId] of some.entries()) sharedWith.set(imageId, shares[index]?.sharedWith ?? null);
  }
  return images.flatMap((image) => {
    if (!sharedWith.has(image.imageId)) return image;
    const shares = sharedWith.get(image.imageId) ?? null;
    return shares === null ? [] : { ...image, sharedWith: shares };
  });
}

/** Images of those ids as they are now, at most 25: what is gone is absent, what is not asked for is not in the answer. */
export async function readAgain(target: Target, ids: readonly string[]): Promise<BackupImage[]> {
  const some = ids.slice(0, IMAGES_A_CALL);
  const [{ found }, { tagged }, bundlesOf] = await Promise.all([
    imageReads(target).lookAtImages({ target, imageIds: some }),
    quickCalls.describeTaggedImages({ target, imageIds: some }),
    readBundles(target),
  ]);
  const tagsOf = new Map(tagged.map(({ imageId, tags }) => [imageId, tags]));
  return found.map(({ imageId, name, state, createdAt }) => ({
    imageId,
    name,
    state,
    createdAt,
    tags: tagsOf.get(imageId) ?? {},
    bundleIds: bundlesOf.get(imageId) ?? [],
    sharedWith: null,
  }));
}
