/** A canary, then waves of growing size; and when failures stop them. */
import type { Row } from './upgrade-row.ts';
import type { Tag } from './selection.ts';

/** A number of WorkSpaces, `'5'`, or a share of them, `'10%'`. */
export type Share = string;

export interface WavePlan {
  /** The first wave; null: none. `spread`: evenly over directories; otherwise those with the tag, or on the list, first. */
  readonly canary: {
    readonly size: Share;
    readonly choose: 'spread' | 'tag' | 'list';
    readonly tag: Tag | null;
    readonly workspaceIds: readonly string[];
  } | null;
  /** Sizes of the waves after the canary, shares of the whole; the last wave takes who is left. */
  readonly sizes: readonly Share[];
  /** How long a wave is left alone after its last WorkSpace has ended, before the next one begins. */
  readonly soakMinutes: number;
  /** Past so many failures, or such a share of those that have finished in this run, the run holds; null: never. */
  readonly maxFailures: Share | null;
  /** What counts as a failure. */
  readonly failureKinds: readonly FailureKind[];
}

/** Outcomes that can count as failures. `blocked` waits for a person, and counts while it does. */
export const FAILURE_KINDS = ['rebuildFailed', 'rebuildUnconfirmed', 'timedOutWaiting', 'blocked'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const ONE_WAVE: WavePlan = {
  canary: null,
  sizes: [],
  soakMinutes: 0,
  maxFailures: null,
  failureKinds: ['rebuildFailed', 'rebuildUnconfirmed'],
};

/** So many of `total`, and not more: a share is rounded up, so that it is at least one. */
export function shareOf(share: Share, total: number): number {
  const amount = Number.parseInt(share, 10);
  return Math.min(total, isPercent(share) ? Math.ceil((amount * total) / 100) : amount);
}

const isPercent = (share: Share): boolean => share.endsWith('%');

/** What waves are planned by. */
export interface WaveMember {
  readonly workspaceId: string;
  readonly directoryId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The wave of each, from 0; the same for the same WorkSpaces in whatever order they come. No wave is empty: without
 * anybody for the canary, the first of the sizes is wave 0.
 */
export function assignWaves(plan: WavePlan, members: readonly WaveMember[]): Map<string, number> {
  const all = members.toSorted(byId);
  const canary =
    plan.canary === null ? [] : candidates(plan.canary, all).slice(0, shareOf(plan.canary.size, all.length));
  const inCanary = new Set(canary);
  const others = all.filter((member) => !inCanary.has(member));

  const groups = [canary];
  let taken = 0;
  for (const size of plan.sizes) {
    groups.push(others.slice(taken, taken + shareOf(size, all.length)));
    taken += shareOf(size, all.length);
  }
  groups.push(others.slice(taken));

  const waves = groups.filter((group) => group.length > 0);
  return new Map(waves.flatMap((group, wave) => group.map(({ workspaceId }) => [workspaceId, wave] as const)));
}

/** The canary has fewer WorkSpaces than it should: so many carry its tag or are on its list. Null: it has all. */
export function canaryShortfall(
  { canary }: WavePlan,
  members: readonly WaveMember[],
): { readonly asked: number; readonly found: number; readonly text: string } | null {
  if (canary === null) return null;
  const asked = shareOf(canary.size, members.length);
  const found = candidates(canary, members).length;
  if (found >= asked) return null;
  const which = canary.choose === 'tag' && canary.tag ? `with ${canary.tag.key}=${canary.tag.value}` : 'of its list';
  const has = found === 0 ? `none ${which}, so there is no canary` : `only ${found} ${which}`;
  return { asked, found, text: `the canary should be ${asked}, but the plan has ${has}` };
}

type Canary = NonNullable<WavePlan['canary']>;

/** Who may be in the canary, the first choice first. */
function candidates({ choose, tag, workspaceIds }: Canary, members: readonly WaveMember[]): readonly WaveMember[] {
  switch (choose) {
    case 'spread':
      return spread(members);
    case 'tag':
      return members.filter(({ tags }) => tag !== null && tags[tag.key] === tag.value);
    case 'list': {
      const byWorkspaceId = new Map(members.map((member) => [member.workspaceId, member]));
      return [...new Set(workspaceIds)].flatMap((id) => byWorkspaceId.get(id) ?? []);
    }
  }
}

/** One of each directory, then a second of each, and so on. */
function spread(members: readonly WaveMember[]): readonly WaveMember[] {
  const seen = new Map<string, number>();
  const ranked = members.map((member) => {
    const rank = seen.get(member.directoryId) ?? 0;
    seen.set(member.directoryId, rank + 1);
    return { member, rank };
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank || compare(a.member.directoryId, b.member.directoryId))
    .map(({ member }) => member);
}

const byId = (a: WaveMember, b: WaveMember): number => compare(a.workspaceId, b.workspaceId);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many count as failures. */
export const failuresOf = ({ failureKinds }: WavePlan, counts: Readonly<Record<FailureKind, number>>): number =>
  failureKinds.reduce((sum, kind) => sum + counts[kind], 0);

/** As long as fewer have finished, a share is taken of so many: one early failure is no trend. */
const FEW = 10;

/**
 * Failures have passed the threshold. A count is the most that may fail: the first failure passes `'0'`. A share is one
 * of those that have finished, as soon as these are more than a few; but of a wave that begins no more than a few, such
 * as a canary, one of these.
 *
 * @param started WorkSpaces whose rebuild has begun or that have finished, in this run.
 */
export function isPast(
  { maxFailures }: Pick<WavePlan, 'maxFailures'>,
  { failed, finished, started }: { readonly failed: number; readonly finished: number; readonly started: number },
): boolean {
  if (maxFailures === null) return false;
  const amount = Number.parseInt(maxFailures, 10);
  if (!isPercent(maxFailures)) return failed > amount;
  return failed * 100 > amount * Math.max(finished, Math.min(FEW, started));
}

/** How many of each wave have no outcome yet. */
export function leftByWave(rows: Iterable<Pick<Row, 'wave' | 'outcome'>>, waves: number): number[] {
  const left = Array.from({ length: waves }, () => 0);
  for (const { wave, outcome } of rows) if (outcome === null) left[wave] = (left[wave] ?? 0) + 1;
  return left;
}
