/** What Holdfast made and nobody needs any more. Pure; what is not tagged as ours is not even looked at. */
import { CAPABILITY_TAG, KEEP_TAG, RUN_TAG, WORKSPACE_TAG } from './holdfast-tags.ts';
import type { BackupImage } from './image-retention.ts';

/** A bundle that carries `holdfast:capability=imageRestore`. */
export interface RestoreBundle {
  readonly bundleId: string;
  readonly name: string;
  readonly state: string;
  readonly imageId: string | null;
  /** ISO; empty: AWS does not say. */
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  /** WorkSpaces and Pools that are on it; null: not read. */
  readonly usedBy: readonly string[] | null;
}

export interface SweepFacts {
  readonly bundles: readonly RestoreBundle[];
  readonly images: readonly BackupImage[];
  /** AWS's time. */
  readonly asOf: string;
  /** Runs, by workflow id, that are not under way. */
  readonly endedRuns: ReadonlySet<string>;
  /** Those of them that are not known: forgotten, or of another Temporal namespace, where they may be under way. */
  readonly unknownRuns: ReadonlySet<string>;
}

export interface SweepItem {
  /** `tag`: the `holdfast:keep` that a restore put on an image; `id` is the image's. */
  readonly kind: 'bundle' | 'tag' | 'image';
  readonly id: string;
  readonly name: string;
  /** The run that made it; null: its tag is missing. */
  readonly run: string | null;
  readonly workspaceId: string | null;
  readonly goes: boolean;
  /** Why, a sentence each: one that goes has one, one that stays has each that keeps it. */
  readonly reasons: readonly string[];
}

/** Bundles first: that is the order in which AWS lets them go. An image whose tag goes is retention's again. */
export function decideSweep(facts: SweepFacts): SweepItem[] {
  const bundles = facts.bundles.map((bundle) => decideBundle(facts, bundle));
  const going = new Set(bundles.filter(({ goes }) => goes).map(({ id }) => id));
  const images = facts.images.filter(isSweepable).map((image) => decideImage(facts, image, going));
  const tags = facts.images.filter(isKeptForRestore).map((image) => decideTag(image, going));
  return [...bundles, ...tags, ...images];
}

/** Failed images of ours, and what restores made and nobody marked to be kept; other images are retention's, or not ours. */
const isSweepable = ({ state, tags }: BackupImage): boolean =>
  tags[CAPABILITY_TAG] === 'imageRestore' || (tags[CAPABILITY_TAG] === 'imageBackup' && state === 'ERROR');

type Owned = Pick<RestoreBundle, 'tags' | 'createdAt'>;

/** No run lasts so long: what one made that is not known belongs to nobody then. */
const LONGEST_RUN_DAYS = 30;
const DAY = 86_400_000;

/** What keeps anything of ours. */
function kept(facts: SweepFacts, owned: Owned): string[] {
  const { [RUN_TAG]: run, [KEEP_TAG]: keep } = owned.tags;
  const reasons: string[] = [];
  if (!run) reasons.push(`its tag ${RUN_TAG} is missing: whether its run is over is not known`);
  else if (!facts.endedRuns.has(run)) reasons.push(`its run goes on: ${run}`);
  else if (facts.unknownRuns.has(run) && !isOld(facts, owned)) {
    reasons.push(`its run is not known here, and it is not yet ${LONGEST_RUN_DAYS} days old: ${run}`);
  }
  if (keep !== undefined) reasons.push(`tagged ${KEEP_TAG}${keep && `: ${keep}`}`);
  return reasons;
}

const isOld = ({ asOf }: SweepFacts, { createdAt }: Owned): boolean =>
  Date.parse(createdAt) <= Date.parse(asOf) - LONGEST_RUN_DAYS * DAY;

function decideBundle(facts: SweepFacts, bundle: RestoreBundle): SweepItem {
  const { bundleId: id, name, state, usedBy } = bundle;
  const stays = kept(facts, bundle);
  if (bundle.tags[CAPABILITY_TAG] !== 'imageRestore') stays.push('no bundle of a restore');
  if (state === 'PENDING') stays.push('it is being made');
  if (usedBy === null) stays.push('whether WorkSpaces use it was not read');
  else if (usedBy.length > 0) stays.push(`in use by ${usedBy.slice(0, 3).join(', ')}${usedBy.length > 3 ? ', …' : ''}`);
  return itemOf('bundle', { id, name, tags: bundle.tags }, stays, 'no WorkSpace uses it, and its run is over');
}

function decideImage(facts: SweepFacts, image: BackupImage, goingBundles: ReadonlySet<string>): SweepItem {
  const { imageId: id, name, state, sharedWith, bundleIds } = image;
  const stays = kept(facts, image);
  if (state === 'PENDING') stays.push('it is being made');
  const bundles = bundleIds.filter((bundleId) => !goingBundles.has(bundleId));
  if (bundles.length > 0) stays.push(`in use by ${bundles.join(', ')}`);
  if (sharedWith === null) stays.push('whether it is shared was not read');
  else if (sharedWith > 0) stays.push(`shared with ${sharedWith} ${sharedWith === 1 ? 'account' : 'accounts'}`);
  const why = state === 'ERROR' ? 'its state is ERROR: it holds nothing' : 'no bundle uses it, and its restore is over';
  return itemOf('image', { id, name, tags: image.tags }, stays, why);
}

/** A backup that a restore marked, so that its bundle goes on working. A mark of a person is worded otherwise. */
const isKeptForRestore = ({ tags }: BackupImage): boolean =>
  tags[CAPABILITY_TAG] === 'imageBackup' && tags[KEEP_TAG]?.startsWith('restore of ws-') === true;

function decideTag({ imageId: id, name, tags, bundleIds }: BackupImage, goingBundles: ReadonlySet<string>): SweepItem {
  const bundles = bundleIds.filter((bundleId) => !goingBundles.has(bundleId));
  const stays = bundles.length > 0 ? [`its image is in use by ${bundles.join(', ')}`] : [];
  const why = `no bundle uses its image any more: retention may decide again, without ${KEEP_TAG}: ${tags[KEEP_TAG]}`;
  return itemOf('tag', { id, name, tags }, stays, why);
}

const itemOf = (
  kind: SweepItem['kind'],
  { id, name, tags }: Pick<Owned, 'tags'> & { readonly id: string; readonly name: string },
  stays: readonly string[],
  goesBecause: string,
): SweepItem => ({
  kind,
  id,
  name,
  run: tags[RUN_TAG] ?? null,
  workspaceId: tags[WORKSPACE_TAG] ?? null,
  goes: stays.length === 0,
  reasons: stays.length === 0 ? [goesBecause] : stays,
});

/** The same facts as if every image's sharing and every bundle's use were read and none: who goes then has to be read. */
export const asIfUnused = (facts: SweepFacts): SweepFacts => ({
  ...facts,
  bundles: facts.bundles.map((bundle) => ({ ...bundle, usedBy: bundle.usedBy ?? [] })),
  images: facts.images.map((image) => ({ ...image, sharedWith: image.sharedWith ?? 0 })),
});
