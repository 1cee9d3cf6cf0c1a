/** Reads what a restore is judged by. The snapshots come last: their times must be those of right before the act. */
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import { needsBundle } from '../domain/restore-checks.ts';
import type { OwnBundle, RestoreDesktop, RestoreFacts, RestoreImage } from '../domain/restore-facts.ts';
import { isGone } from '../domain/workspace-states.ts';
import { listings, quickCalls, restoreCalls, workspacesCalls } from './activities.ts';
import type { RestoreState } from './restore-run.ts';

/** What the run has made already: no stranger's. */
export type Made = Pick<RestoreState, 'bundle' | 'canary'>;

interface FactsAsked {
  readonly made?: Made | null;
  /** The report's bucket is tried by a write, which leaves nothing. */
  readonly write: boolean;
  /** What any strategy needs, not only the chosen one. @default false */
  readonly every?: boolean;
}

export async function readFacts(
  input: ImageRestoreInput,
  { made = null, write, every = false }: FactsAsked,
): Promise<RestoreFacts> {
  const { target, workspaceId } = input;
  const { at, desktop } = await restoreCalls(target).describeInFull({ target, workspaceId });
  const [tags, image, presentImage, bundles, surroundings] = await Promise.all([
    desktop ? restoreCalls(target).describeTags({ target, resourceId: workspaceId }) : {},
    readImage(input, input.imageId),
    desktop ? readPresentImage(input, desktop) : null,
    every || needsBundle(input.strategy) ? readOwnBundles(input.target) : [],
    readSurroundings(input, write),
  ]);
  const directoryId = desktop?.directoryId ?? '';
  const [directory, keyState, others, images] = await Promise.all([
    desktop ? readDirectory(target, directoryId) : null,
    desktop ? readKey(input, desktop) : null,
    desktop ? readOtherUser(input, directoryId) : null,
    input.lastImage ? readImageRoom(target) : null,
  ]);
  const own = bundles.find((each) => each.name === made?.bundle?.name) ?? null;
  const canaryId = made?.canary?.workspaceId ?? null;
  const prepared = made?.bundle
    ? { bundle: own, canaryState: canaryId === null ? null : (others?.find(hasId(canaryId))?.state ?? 'gone') }
    : null;
  const snapshots = await readSnapshots(input, desktop);
  return {
    at: snapshots.at ?? at,
    desktop,
    tags,
    image,
    presentImage,
    directory,
    ofOtherUser: others && others.filter((each) => each.workspaceId !== canaryId).map((each) => each.workspaceId),
    userSnapshots: snapshots.userSnapshots,
    bothSnapshots: snapshots.bothSnapshots,
    keyState,
    ownBundles: bundles.filter((each) => each !== own).length,
    images,
    made: prepared,
    surroundings,
  };
}

const hasId = (id: string) => (each: { readonly workspaceId: string }) => each.workspaceId === id;

async function readImage({ target }: ImageRestoreInput, imageId: string | null): Promise<RestoreImage | null> {
  return imageId === null ? null : await restoreCalls(target).describeImageInFull({ target, imageId });
}

async function readPresentImage(input: ImageRestoreInput, { bundleId }: RestoreDesktop): Promise<RestoreImage | null> {
  const { target } = input;
  const { bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
  return await readImage(input, bundle?.imageId ?? null);
}

export async function readOwnBundles(target: ImageRestoreInput['target']): Promise<readonly OwnBundle[]> {
  const bundles: OwnBundle[] = [];
  for (let nextToken: string | null = null; ;) {
    const page: { readonly bundles: readonly OwnBundle[]; readonly nextToken: string | null } = await restoreCalls(
      target,
    ).describeOwnBundles({ target, nextToken });
    bundles.push(...page.bundles);
    if (page.nextToken === null) return bundles;
    nextToken = page.nextToken;
  }
}

/** Those of WorkSpaces' own, for users of an identity provider, have other ids and are not in Directory Service. */
async function readDirectory(target: ImageRestoreInput['target'], directoryId: string) {
  const [registered, stage] = await Promise.all([
    restoreCalls(target).describeDirectoryState({ target, directoryId }),
    directoryId.startsWith('d-') ? quickCalls.directoryStage({ target, directoryId }) : null,
  ]);
  return registered && { ...registered, stage: stage?.stage ?? null };
}

async function readImageRoom(target: ImageRestoreInput['target']): Promise<RestoreFacts['images']> {
  const [{ count }, { quota }] = await Promise.all([
    listings(target).countImages({ target }),
    quickCalls.imageQuota({ target }),
  ]);
  return { count, quota };
}

async function readKey({ target }: ImageRestoreInput, { encryption }: RestoreDesktop): Promise<string | null> {
  const { root, user, keyId } = encryption;
  if (!root && !user) return null;
  // AWS's own key, aws/workspaces, has no id to show and is always there.
  return keyId === null ? 'Enabled' : (await quickCalls.describeKey({ target, keyId })).state;
}

async function readOtherUser({ target, otherUser }: ImageRestoreInput, directoryId: string) {
  if (otherUser === null) return null;
  const { found } = await workspacesCalls(target).describeOfUser({ target, directoryId, userName: otherUser });
  return found.filter((each) => !isGone(each.state));
}

/** What does not concern the WorkSpace, and must not be in doubt when it is at stake. */
async function readSurroundings({ target, report, operatorTopicArn }: ImageRestoreInput, write: boolean) {
  const [bucket, topic] = await Promise.all([
    quickCalls.checkReportBucket({ target, report, write }),
    operatorTopicArn === null ? null : quickCalls.topicProblem({ target, topicArn: operatorTopicArn }),
  ]);
  return [bucket.problem, topic?.problem ?? null].filter((problem) => problem !== null);
}

async function readSnapshots({ target, workspaceId }: ImageRestoreInput, desktop: RestoreDesktop | null) {
  if (!desktop || isGone(desktop.state)) return { at: null, userSnapshots: [], bothSnapshots: [] };
  return await restoreCalls(target).describeRestorePoints({ target, workspaceId });
}
