/** Images and bundles that are there already, as the sandbox keeps them, and which of them are left. */
import { images, bundles, type Bundle, type Image } from '../../sandbox/services/workspaces/rows.ts';
import { isThere } from '../../sandbox/services/workspaces/lifetime.ts';
import { setTags, type Tags } from '../../sandbox/services/workspaces/tags.ts';
import { target, type Rig } from './upgrade.ts';

const DAY = 24 * 3_600_000;

export interface Seeded {
  /** What ids end with, and names: letters and digits. */
  readonly name: string;
  /** @default 0 */
  readonly daysOld?: number;
  /** None: it has never had any. */
  readonly tags?: Tags;
}

export const imageIdOf = (name: string): string => `wsi-${name.toLowerCase().padStart(9, '0')}`;
export const bundleIdOf = (name: string): string => `wsb-${name.toLowerCase().padStart(9, '0')}`;

export function seedImage(rig: Rig, seeded: Seeded & Pick<Partial<Image>, 'state' | 'sharedWith'>): string {
  const { name, daysOld = 0, tags, ...changes } = seeded;
  const imageId = imageIdOf(name);
  const createdAt = rig.fleet.start - daysOld * DAY;
  images(rig.fleet.place).set(imageId, {
    imageId,
    name,
    description: name,
    operatingSystem: 'WINDOWS',
    state: 'AVAILABLE',
    owner: target.account,
    createdAt,
    rootVolumeGib: 80,
    ...changes,
  });
  if (tags) setTags(rig.fleet.place, imageId, tags, createdAt);
  return imageId;
}

export function seedBundle(rig: Rig, seeded: Seeded & { readonly imageId: string }): string {
  const { name, daysOld = 0, tags, imageId } = seeded;
  const bundleId = bundleIdOf(name);
  const createdAt = rig.fleet.start - daysOld * DAY;
  const made: Bundle = {
    bundleId,
    name,
    description: name,
    owner: target.account,
    state: 'AVAILABLE',
    computeType: 'STANDARD',
    rootVolumeGib: 80,
    userVolumeGib: 50,
    createdAt,
    images: [{ at: createdAt, imageId }],
  };
  bundles(rig.fleet.place).set(bundleId, made);
  if (tags) setTags(rig.fleet.place, bundleId, tags, createdAt);
  return bundleId;
}

/** Ids of the images that exist now, in their order. */
export const imagesLeft = (rig: Rig): string[] =>
  images(rig.fleet.place)
    .values()
    .filter((image) => isThere(image, rig.sandbox.clock.now()))
    .map(({ imageId }) => imageId)
    .toSorted();

export const bundlesLeft = (rig: Rig): string[] =>
  bundles(rig.fleet.place)
    .values()
    .filter((bundle) => isThere(bundle, rig.sandbox.clock.now()))
    .map(({ bundleId }) => bundleId)
    .toSorted();
