/** The parts of a retention policy, applied to the images of each group, newest first. */
import { groupOf } from './image-groups.ts';
import type { BackupImage, RetentionPolicy, RetentionReason } from './image-retention.ts';

export interface KeepVerdict {
  /** Why it stays. */
  readonly keeps: readonly RetentionReason[];
  /** For each part that is given and does not keep it: why not. */
  readonly lacks: readonly RetentionReason[];
}

const DAY = 86_400_000;

interface Calendar {
  readonly rule: 'keepDaily' | 'keepWeekly' | 'keepMonthly';
  readonly unit: string;
  /** The same text for all instants of one day, week or month, UTC. */
  readonly of: (at: number) => string;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const CALENDARS: readonly Calendar[] = [
  { rule: 'keepDaily', unit: 'day', of: dayOf },
  // By its Monday: 1970-01-01 was a Thursday.
  { rule: 'keepWeekly', unit: 'week', of: (at) => dayOf(at - ((Math.floor(at / DAY) + 3) % 7) * DAY) },
  { rule: 'keepMonthly', unit: 'month', of: (at) => dayOf(at).slice(0, 7) },
];

/** @param images those that count: AVAILABLE, of the policy, and not later than `asOf` */
export function keepRulesOf(
  policy: RetentionPolicy,
  images: readonly BackupImage[],
  asOf: string,
): ReadonlyMap<BackupImage, KeepVerdict> {
  const verdicts = new Map<BackupImage, KeepVerdict>();
  for (const group of Map.groupBy(images, groupOf).values()) {
    const newestFirst = group
      .map((image) => ({ image, at: Date.parse(image.createdAt) }))
      .toSorted((a, b) => b.at - a.at || (a.image.imageId < b.image.imageId ? 1 : -1));
    const judge = judgeOf(policy, Date.parse(asOf));
    newestFirst.forEach(({ image, at }, index) => verdicts.set(image, judge(at, index + 1, group.length)));
  }
  return verdicts;
}

/** Judges the images of one group, which it has to be given newest first. */
function judgeOf(policy: RetentionPolicy, asOf: number) {
  const buckets = CALENDARS.map((calendar) => bucketRule(calendar, policy[calendar.rule]));
  return (at: number, rank: number, of: number): KeepVerdict => {
    const keeps: RetentionReason[] = rank === 1 ? [{ rule: 'lastGood', text: 'the last good image' }] : [];
    const lacks: RetentionReason[] = [];
    for (const found of [byAge(policy, at, asOf), byRank(policy, rank, of), ...buckets.map((rule) => rule(at))]) {
      if (found) (found.keep ? keeps : lacks).push(found.reason);
    }
    return { keeps, lacks };
  };
}

/** Null: the part is not given. */
type Found = { readonly keep: boolean; readonly reason: RetentionReason } | null;

function byAge({ days }: RetentionPolicy, at: number, asOf: number): Found {
  if (days === null || days <= 0) return null;
  const age = asOf - at;
  const keep = age < days * DAY;
  const shown = `${Math.floor(age / (DAY / 10)) / 10} days old`;
  return { keep, reason: { rule: 'days', text: `${shown}, ${keep ? '' : 'not '}younger than ${days}` } };
}

function byRank({ keepAtLeast }: RetentionPolicy, rank: number, of: number): Found {
  if (keepAtLeast <= 0) return null;
  const keep = rank <= keepAtLeast;
  const text = `number ${rank} of ${of} from the newest, ${keep ? 'among' : 'beyond'} the newest ${keepAtLeast}`;
  return { keep, reason: { rule: 'keepAtLeast', text } };
}

/** The first image of a bucket that it is given is the bucket's newest. */
function bucketRule({ rule, unit, of }: Calendar, count: number): (at: number) => Found {
  const seen = new Set<string>();
  return (at) => {
    if (!(count > 0)) return null;
    const bucket = of(at);
    const isNewest = !seen.has(bucket);
    seen.add(bucket);
    const named = `the ${unit} ${unit === 'week' ? 'of ' : ''}${bucket}`;
    if (!isNewest) return { keep: false, reason: { rule, text: `a newer one of ${named} exists` } };
    const place = `number ${seen.size} of those with an image`;
    if (seen.size > count)
      return { keep: false, reason: { rule, text: `${named} is ${place}, beyond the last ${count}` } };
    return { keep: true, reason: { rule, text: `the newest of ${named}, ${place}, among the last ${count}` } };
  };
}
