/** How many images a backup policy needs room for, and whether the Region's quota has it. */
import type { RetentionPolicy } from './image-retention.ts';

/** What the arithmetic is made of. */
export interface RoomNeeds {
  readonly workspaces: number;
  /** The most that retention keeps of each: see `mostKept`. */
  readonly keptEach: number;
  /** Images that are made at once: each is there before retention takes an old one away. */
  readonly atOnce: number;
  /** Images in the Region that are none of these: other people's, other policies', protected ones. */
  readonly others: number;
  /** Images that the Region may hold. */
  readonly quota: number;
}

export interface Room extends RoomNeeds {
  readonly needed: number;
  readonly fits: boolean;
}

export function roomFor(needs: RoomNeeds): Room {
  const needed = needs.workspaces * needs.keptEach + Math.min(needs.atOnce, needs.workspaces) + needs.others;
  return { ...needs, needed, fits: needed <= needs.quota };
}

/** The arithmetic in a sentence; where it does not fit: the quota to ask for, and what else would help. */
export function roomText(room: Room): string {
  const { workspaces, keptEach, others, quota, needed, fits } = room;
  const atOnce = Math.min(room.atOnce, workspaces);
  const sum =
    `${counted(workspaces, 'WorkSpace')} × ${keptEach} kept + ${atOnce} made at once + ` +
    `${counted(others, 'other image')} = ${counted(needed, 'image')}`;
  if (fits) return `${sum}, of ${quota.toLocaleString('en')} that the Region may hold`;
  const most = Math.floor((quota - others - atOnce) / workspaces);
  const keep = most > 0 && most < keptEach ? `keep at most ${most} of each` : 'select fewer WorkSpaces';
  return (
    `${sum}, and the Region may hold ${quota.toLocaleString('en')}: ask AWS for a quota of ` +
    `${needed.toLocaleString('en')} (Service Quotas, Amazon WorkSpaces, Images), or ${keep}`
  );
}

const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : `${one}s`}`;

const DAYS_A_WEEK = 7;
const DAYS_A_MONTH = 31;

/**
 * The most images of one WorkSpace that the policy keeps at any time, however long it runs; never too few. What somebody
 * protects besides (by a bundle, by sharing, by a tag) is not in it.
 *
 * @param runsPerDay at most, on the average of the policy's days: 1 for a nightly run, 1/7 for a weekly one
 */
export function mostKept(policy: RetentionPolicy, runsPerDay: number): number {
  const { days, keepAtLeast, keepDaily, keepWeekly, keepMonthly } = policy;
  // One more than the days hold: runs do not begin to the second.
  const byAge = days === null || days <= 0 ? 0 : Math.floor(days * runsPerDay) + 1;
  const newest = Math.max(1, byAge, keepAtLeast);
  // Each larger part finds some of its days, weeks or months among those that the smaller ones keep already.
  const daysKept = Math.max(Math.ceil(newest / Math.max(1, Math.ceil(runsPerDay))), keepDaily);
  const daysWithRuns = (length: number): number => Math.min(length, Math.ceil(length * runsPerDay) + 1);
  const weeksKept = Math.ceil(daysKept / daysWithRuns(DAYS_A_WEEK));
  const monthsKept = Math.ceil(daysKept / daysWithRuns(DAYS_A_MONTH));
  return (
    newest +
    Math.max(0, keepDaily - Math.ceil(newest / Math.max(1, Math.ceil(runsPerDay)))) +
    Math.max(0, keepWeekly - weeksKept) +
    Math.max(0, keepMonthly - monthsKept)
  );
}
