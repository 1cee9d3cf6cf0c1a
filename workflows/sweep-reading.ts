/** What a sweep decides by. Reads only. */
import { CAPABILITY_TAG, RUN_TAG } from '../domain/holdfast-tags.ts';
import type { BackupImage } from '../domain/image-retention.ts';
import { asIfUnused, decideSweep, type RestoreBundle, type SweepFacts, type SweepItem } from '../domain/sweep.ts';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { Target } from '../domain/target.ts';
import { quickCalls, sweepCalls, workspacesCalls } from './activities.ts';
import { chunks } from './fleet-reading.ts';
import { readAgain, readImages, withSharing } from './image-reading.ts';

/** All that Holdfast made there; who uses it is read for what would go otherwise. */
export async function readSweep(target: Target): Promise<SweepFacts> {
  const [bundles, { at, images }] = await Promise.all([readBundles(target), readImages(target)]);
  return await completed(target, at, bundles, images);
}

/** One bundle or image as it is now. */
export async function readOne(
  target: Target,
  asOf: string,
  { id, kind }: Pick<SweepItem, 'id' | 'kind'>,
): Promise<SweepFacts> {
  if (kind === 'bundle') {
    const bundles = (await readBundles(target)).filter(({ bundleId }) => bundleId === id);
    return await completed(target, asOf, bundles, []);
  }
  return await completed(target, asOf, [], await readAgain(target, [id]));
}

async function completed(
  target: Target,
  asOf: string,
  bundles: readonly RestoreBundle[],
  images: readonly BackupImage[],
): Promise<SweepFacts> {
  const ours = images.filter(({ tags }) => tags[CAPABILITY_TAG] !== undefined);
  const runs = [...bundles, ...ours].flatMap(({ tags }) => tags[RUN_TAG] ?? []);
  const facts: SweepFacts = { bundles, images: ours, asOf, ...(await readRuns([...new Set(runs)])) };
  const going = decideSweep(asIfUnused(facts)).filter(({ goes }) => goes);
  const ids = (kind: string): string[] => going.flatMap((item) => (item.kind === kind ? item.id : []));
  return {
    ...facts,
    bundles: await withUsers(target, bundles, ids('bundle')),
    images: await withSharing(target, ours, ids('image')),
  };
}

async function readBundles(target: Target): Promise<RestoreBundle[]> {
  const tagsOf = new Map<string, RestoreBundle['tags']>();
  let nextToken: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof quickCalls.findRestoreBundles>> = await quickCalls.findRestoreBundles({
      target,
      nextToken,
    });
    for (const { bundleId, tags } of page.tagged) tagsOf.set(bundleId, tags);
    ({ nextToken } = page);
  } while (nextToken !== null);
  const bundles: RestoreBundle[] = [];
  for (const bundleIds of chunks([...tagsOf.keys()], IDS_A_CALL)) {
    const { found } = await sweepCalls(target).describeBundles({ target, bundleIds });
    for (const each of found) bundles.push({ ...each, tags: tagsOf.get(each.bundleId) ?? {}, usedBy: null });
  }
  return bundles;
}

async function readRuns(workflowIds: readonly string[]): Promise<Pick<SweepFacts, 'endedRuns' | 'unknownRuns'>> {
  if (workflowIds.length === 0) return { endedRuns: new Set(), unknownRuns: new Set() };
  const { ended, unknown } = await quickCalls.endedRuns({ workflowIds });
  return { endedRuns: new Set(ended), unknownRuns: new Set(unknown) };
}

async function withUsers(
  target: Target,
  bundles: readonly RestoreBundle[],
  ids: readonly string[],
): Promise<RestoreBundle[]> {
  if (ids.length === 0) return [...bundles];
  const pools = await readPools(target);
  const usedBy = new Map<string, readonly string[]>();
  for (const bundleId of ids) {
    const { workspaceIds } = await sweepCalls(target).bundleUsers({ target, bundleId });
    usedBy.set(bundleId, [...workspaceIds, ...(pools.get(bundleId) ?? [])]);
  }
  return bundles.map((bundle) => ({ ...bundle, usedBy: usedBy.get(bundle.bundleId) ?? null }));
}

async function readPools(target: Target): Promise<ReadonlyMap<string, readonly string[]>> {
  const pools: { readonly poolId: string; readonly bundleId: string }[] = [];
  let nextToken: string | null = null;
  do {
    const page: Awaited<ReturnType<ReturnType<typeof workspacesCalls>['describePools']>> = await workspacesCalls(
      target,
    ).describePools({ target, nextToken });
    pools.push(...page.pools);
    ({ nextToken } = page);
  } while (nextToken !== null);
  const byBundle = Map.groupBy(pools, ({ bundleId }) => bundleId);
  return new Map([...byBundle].map(([bundleId, its]) => [bundleId, its.map(({ poolId }) => poolId)]));
}
