/** The lists that a preflight reads, page by page. */
import type { Directory } from '../activities/bundle-reads.ts';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import { bareName } from '../domain/computer-names.ts';
import type { Member } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { tagQueries, tagsMatch, type Selection, type Tag } from '../domain/selection.ts';
import type { Target } from '../domain/target.ts';
import { quickCalls, workspacesCalls } from './activities.ts';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

export async function allPages<T>(read: (nextToken: string | null) => Promise<PageOf<T>>): Promise<T[]> {
  const items: T[] = [];
  let nextToken: string | null = null;
  do {
    const page: PageOf<T> = await read(nextToken);
    items.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken !== null);
  return items;
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let from = 0; from < items.length; from += size) out.push(items.slice(from, from + size));
  return out;
}

type Tags = Readonly<Record<string, string>>;

export interface Fleet {
  /** AWS's time when it was read. */
  readonly at: string;
  readonly selected: readonly Member[];
  /** On the bundle and not selected. */
  readonly outside: readonly Member[];
  /** How many are on the bundle, selected or not. */
  readonly onBundle: number;
  /** Ids of the selection that AWS does not know. */
  readonly unknown: readonly string[];
  /** Of the selected: the tags that the run asks for. */
  readonly tagsOf: ReadonlyMap<string, Tags>;
}

export async function readFleet(input: ImageUpgradeInput): Promise<Fleet> {
  const { target, bundleId, selection, windows, waves } = input;
  const others = [...windows.map(({ tag }) => tag), waves.canary?.tag ?? null].filter((tag) => tag !== null);
  const [{ at, members: onBundle }, tagsOf] = await Promise.all([
    readBundle(target, bundleId),
    readTags(target, selection, others),
  ]);
  const known = new Set(onBundle.map((member) => member.workspaceId));
  const elsewhere = await readMembers(
    target,
    named(selection, tagsOf).filter((id) => !known.has(id)),
  );
  for (const { workspaceId } of elsewhere) known.add(workspaceId);
  const isSelected = selects(selection, tagsOf);
  return {
    at,
    selected: [...onBundle, ...elsewhere].filter(isSelected),
    outside: onBundle.filter((member) => !isSelected(member)),
    onBundle: onBundle.length,
    unknown: [...new Set(selection.workspaceIds)].filter((id) => !known.has(id)),
    tagsOf,
  };
}

async function readBundle(target: Target, bundleId: string): Promise<{ at: string; members: Member[] }> {
  const calls = workspacesCalls(target);
  const first = await calls.describeFleet({ target, of: { bundleId, nextToken: null } });
  const members = [...first.members];
  for (let { nextToken } = first; nextToken !== null;) {
    const page: typeof first = await calls.describeFleet({ target, of: { bundleId, nextToken } });
    members.push(...page.members);
    nextToken = page.nextToken;
  }
  return { at: first.at, members };
}

async function readMembers(target: Target, ids: readonly string[]): Promise<Member[]> {
  const members: Member[] = [];
  for (const some of chunks(ids, IDS_A_CALL)) {
    members.push(...(await workspacesCalls(target).describeFleet({ target, of: { ids: some } })).members);
  }
  return members;
}

/** WorkSpaces that may be selected wherever they are. Directories and tags that nobody may carry select of the bundle only. */
function named({ workspaceIds, allOf, anyOf }: Selection, tagsOf: ReadonlyMap<string, Tags>): string[] {
  if (workspaceIds.length > 0) return [...new Set(workspaceIds)];
  return allOf.length + anyOf.length > 0 ? [...tagsOf.keys()] : [];
}

function selects(selection: Selection, tagsOf: ReadonlyMap<string, Tags>): (member: Member) => boolean {
  const ids = new Set(selection.workspaceIds);
  const directories = new Set(selection.directoryIds);
  return ({ workspaceId, directoryId }) =>
    (ids.size === 0 || ids.has(workspaceId)) &&
    (directories.size === 0 || directories.has(directoryId)) &&
    tagsMatch(selection, tagsOf.get(workspaceId) ?? {});
}

/** Of every WorkSpace that the tags can select: those tags that it is selected by, and `others`. */
export async function readTags(
  target: Target,
  selection: Selection,
  others: readonly Tag[],
): Promise<Map<string, Tags>> {
  const { allOf, anyOf, noneOf } = selection;
  const keys = [...new Set([...allOf, ...anyOf, ...noneOf, ...others].map(({ key }) => key))];
  const tagsOf = new Map<string, Tags>();
  for (const query of tagQueries(selection, others)) {
    const tagged = await allPages(async (nextToken) => {
      const page = await quickCalls.findTagged({ target, query, keys, nextToken });
      return { items: page.tagged, nextToken: page.nextToken };
    });
    for (const { workspaceId, tags } of tagged) tagsOf.set(workspaceId, tags);
  }
  return tagsOf;
}

/** The Pools that use the bundle. */
export async function readPools(target: Target, bundleId: string): Promise<string[]> {
  const pools = await allPages(async (nextToken) => {
    const page = await workspacesCalls(target).describePools({ target, nextToken });
    return { items: page.pools, nextToken: page.nextToken };
  });
  return pools.filter((pool) => pool.bundleId === bundleId).map((pool) => pool.poolId);
}

export async function readDirectories(target: Target, directoryIds: readonly string[]): Promise<Directory[]> {
  const found: Directory[] = [];
  for (const some of chunks(directoryIds, IDS_A_CALL)) {
    found.push(...(await workspacesCalls(target).describeDirectories({ target, directoryIds: some })));
  }
  return found;
}

/** State by key id. */
export async function readKeys(target: Target, members: readonly Member[]): Promise<Map<string, string>> {
  const keyIds = [...new Set(members.map((member) => member.keyId).filter((keyId) => keyId !== null))];
  const states = new Map<string, string>();
  for (const keyId of keyIds) states.set(keyId, (await quickCalls.describeKey({ target, keyId })).state);
  return states;
}

/** Those of these bundles whose image is Windows under the customer's own licence; AWS's own have none that it shows. */
export async function readByolBundles(target: Target, bundleIds: readonly string[]): Promise<Set<string>> {
  const calls = workspacesCalls(target);
  const byol = new Set<string>();
  for (const bundleId of bundleIds) {
    const { bundle } = await calls.describeBundle({ target, bundleId });
    if (!bundle?.imageId || bundle.ownerAccount !== target.account) continue;
    const images = await calls.describeImages({ target, imageIds: [bundle.imageId] });
    if (images.some((image) => image.byol)) byol.add(bundleId);
  }
  return byol;
}

export interface Agents {
  /** SSM registrations by computer name (see `bareName`): those online first, then the newest; at most five. */
  readonly byComputer: ReadonlyMap<string, readonly string[]>;
  readonly online: ReadonlySet<string>;
}

const MOST_REGISTRATIONS = 5;

/** Read once a run: SSM cannot be asked for a computer name. */
export async function readAgents(target: Target): Promise<Agents> {
  const agents = await allPages(async (nextToken) => {
    const page = await quickCalls.describeAgents({ target, nextToken });
    return { items: page.agents, nextToken: page.nextToken };
  });
  agents.sort((a, b) => Number(b.online) - Number(a.online) || b.registeredAt.localeCompare(a.registeredAt));
  const byComputer = new Map<string, string[]>();
  for (const { computerName, instanceId } of agents) {
    const key = bareName(computerName);
    // A WorkSpace that is being made has no name yet either: it must not be taken for such a machine.
    if (key === '') continue;
    const ids = byComputer.get(key) ?? [];
    if (ids.length < MOST_REGISTRATIONS) byComputer.set(key, [...ids, instanceId]);
  }
  return {
    byComputer,
    online: new Set(agents.filter((each) => each.online).map((each) => bareName(each.computerName))),
  };
}
