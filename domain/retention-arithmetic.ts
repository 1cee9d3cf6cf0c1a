/**
 * How long a recovery point is kept, and how far that can be shortened, in whole UTC days as AWS Backup counts them.
 * The arithmetic of a shortening is the one of https://github.com/sqlxpert/backup-events-aws: a day is left as a margin
 * on each side, as AWS deletes at some point of the eight hours after a date.
 */
import { coldOf } from './backup-types.ts';
import type { Lifecycle, PointFacts } from './custody.ts';

export const DAY_MS = 86_400_000;
/** What moves to cold storage is kept there so many days at the least. */
const COLD_DAYS = 90;

/** The day of an instant, counted from 1970-01-01 UTC. */
export const utcDay = (instant: string): number => Math.floor(Date.parse(instant) / DAY_MS);

const daysAfter = (createdAt: string, days: number | null): string | null =>
  days === null ? null : new Date(Date.parse(createdAt) + days * DAY_MS).toISOString();

/** When a point with that lifecycle is deleted; null: never. Of a copy, `createdAt` is its source's. */
export const deleteAtOf = (createdAt: string, { deleteAfterDays }: Lifecycle): string | null =>
  daysAfter(createdAt, deleteAfterDays);

/** When it moves to cold storage; null: never. Whether its type can is another matter: `coldDaysOf`. */
export const coldAtOf = (createdAt: string, { moveToColdStorageAfterDays }: Lifecycle): string | null =>
  daysAfter(createdAt, moveToColdStorageAfterDays);

/** After how many days it moves to cold storage; null: never, also where AWS ignores the setting for its type. */
export const coldDaysOf = (
  point: Pick<PointFacts, 'ref' | 'resourceType' | 'resourceArn'>,
  lifecycle: Lifecycle,
): number | null => (coldOf(point, lifecycle) === 'no' ? null : lifecycle.moveToColdStorageAfterDays);

export type Shortening =
  | { readonly kind: 'change'; readonly lifecycle: Lifecycle; readonly why: string }
  | { readonly kind: 'nothing'; readonly why: string };

/**
 * The lifecycle that keeps the original `days` days, or longer where its age or cold storage ask for more. It is only
 * ever lowered.
 *
 * @param now AWS's time
 */
export function shortenedLifecycle({
  facts,
  days,
  now,
}: {
  readonly facts: PointFacts;
  readonly days: number;
  readonly now: string;
}): Shortening {
  if (facts.storageClass === 'DELETED') return { kind: 'nothing', why: 'AWS has deleted what it held' };
  const daysOld = utcDay(now) - utcDay(facts.createdAt) + 1;
  const cold = coldPart(facts, daysOld);
  const deleteAfterDays = Math.max(daysOld, 1, days, cold.atLeast) + 1;
  const why =
    `the highest of its age of ${counted(daysOld)}, 1 and the ${counted(days)} asked for` +
    `${cold.why}, and one more: ${counted(deleteAfterDays)}`;
  const before = facts.lifecycle.deleteAfterDays;
  if (before !== null && before <= deleteAfterDays) {
    return { kind: 'nothing', why: `it is kept for ${counted(before)} as it is, which is not more than ${why}` };
  }
  return {
    kind: 'change',
    lifecycle: { ...facts.lifecycle, ...(cold.dropped && NEVER_COLD), deleteAfterDays },
    why: `${before === null ? 'without an end' : counted(before)} becomes ${why}${cold.dropped ?? ''}`,
  };
}

const NEVER_COLD = { moveToColdStorageAfterDays: null, optInToArchive: false } as const;

interface ColdPart {
  readonly atLeast: number;
  readonly why: string;
  /** Why its transition is dropped; null: it is kept, or there is none. */
  readonly dropped: string | null;
}

function coldPart(facts: PointFacts, daysOld: number): ColdPart {
  const coldDays = coldDaysOf(facts, facts.lifecycle);
  if (facts.storageClass === 'COLD' && coldDays === null) {
    const atLeast = daysOld + COLD_DAYS;
    return { atLeast, why: `, ${counted(atLeast)} as it may be in cold storage since today only`, dropped: null };
  }
  if (coldDays === null) {
    const dropped = facts.lifecycle.moveToColdStorageAfterDays === null ? null : IGNORED;
    return { atLeast: 0, why: '', dropped };
  }
  if (facts.storageClass === 'WARM' && daysOld < coldDays) {
    return { atLeast: 0, why: '', dropped: `; it does not move to cold storage after ${counted(coldDays)} any more` };
  }
  const atLeast = coldDays + COLD_DAYS;
  return {
    atLeast,
    why: `, ${counted(atLeast)} as it moves to cold storage after ${counted(coldDays)}, for ${COLD_DAYS} at the least`,
    dropped: null,
  };
}

const IGNORED = '; its move to cold storage, which AWS ignores for it, is dropped';

const counted = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`;
