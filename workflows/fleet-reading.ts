/** The lists that a preflight reads, page by page. */
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { Member } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import { quickCalls, workspacesCalls } from './activities.ts';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

async function allPages<T>(read: (nextToken: string | null) => Promise<PageOf<T>>): Promise<T[]> {
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

export interface Fleet {
  /** AWS's time when it was read. */
  readonly at: string;
  /** With the tag: on the bundle or not. */
  readonly selected: readonly Member[];
  /** On the bundle, without the tag. */
  readonly outside: readonly Member[];
}

export async function readFleet({ target, bundleId, tag }: ImageUpgradeInput): Promise<Fleet> {
  const calls = workspacesCalls(target);
  const [first, ids] = await Promise.all([
    calls.describeFleet({ target, of: { bundleId, nextToken: null } }),
    allPages(async (nextToken) => {
      const page = await quickCalls.findTagged({ target, tag, nextToken });
      return { items: page.ids, nextToken: page.nextToken };
    }),
  ]);
  const onBundle = [...first.members];
  for (let { nextToken } = first; nextToken !== null;) {
    const page: typeof first = await calls.describeFleet({ target, of: { bundleId, nextToken } });
    onBundle.push(...page.members);
    nextToken = page.nextToken;
  }
  const tagged = new Set(ids);
  const known = new Set(onBundle.map((member) => member.workspaceId));
  const elsewhere: Member[] = [];
  for (const some of chunks(
    ids.filter((id) => !known.has(id)),
    IDS_A_CALL,
  )) {
    elsewhere.push(...(await calls.describeFleet({ target, of: { ids: some } })).members);
  }
  return {
    at: first.at,
    selected: [...onBundle.filter((member) => tagged.has(member.workspaceId)), ...elsewhere],
    outside: onBundle.filter((member) => !tagged.has(member.workspaceId)),
  };
}

/** The Pools that use the bundle. */
export async function readPools(target: Target, bundleId: string): Promise<string[]> {
  const pools = await allPages(async (nextToken) => {
    const page = await workspacesCalls(target).describePools({ target, nextToken });
    return { items: page.pools, nextToken: page.nextToken };
  });
  return pools.filter((pool) => pool.bundleId === bundleId).map((pool) => pool.poolId);
}

/** Those of these directories whose users may rebuild their WorkSpaces by themselves. */
export async function readSelfService(target: Target, directoryIds: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const some of chunks(directoryIds, IDS_A_CALL)) {
    const directories = await workspacesCalls(target).describeDirectories({ target, directoryIds: some });
    found.push(...directories.filter((each) => each.usersMayRebuild).map((each) => each.directoryId));
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

export interface Agents {
  /** SSM registrations by computer name (see `bareName`): those online first, then the newest; at most five. */
  readonly byComputer: ReadonlyMap<string, readonly string[]>;
  readonly online: ReadonlySet<string>;
}

/** SSM tells a computer's name with its domain, WorkSpaces without; capitals do not count. */
export const bareName = (computerName: string): string => (computerName.split('.')[0] ?? '').toUpperCase();

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
