/** When rebuilds may begin. Instants are epoch milliseconds; the calendar arithmetic is in `window-calendar.ts`. */
import { matches, shown } from './field-rules.ts';
import type { Tag } from './selection.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Hours of some days, by the wall clock of a time zone. `to` before or at `from`: until then on the next day. */
export interface OpenHours {
  /** The days on which it begins. */
  readonly days: readonly Day[];
  /** `HH:MM`; `to` may be `24:00`. */
  readonly from: string;
  readonly to: string;
  /** IANA's name: `Europe/Berlin`. */
  readonly timeZone: string;
}

/** The WorkSpaces of one directory, those with one tag, or (both null) all others; the first rule that fits counts. */
export interface WindowRule {
  readonly directoryId: string | null;
  readonly tag: Tag | null;
  readonly open: readonly OpenHours[];
}

/** From `from` on, and not any more at `to`. */
export interface Opening {
  readonly from: number;
  readonly to: number;
}

/** The rule that a WorkSpace falls under: its index; null: none, so that it may begin at any time. */
export function windowRuleOf(
  rules: readonly WindowRule[],
  workspace: { readonly directoryId: string; readonly tags: Readonly<Record<string, string>> },
): number | null {
  const index = rules.findIndex(
    ({ directoryId, tag }) =>
      (directoryId === null || directoryId === workspace.directoryId) &&
      (tag === null || workspace.tags[tag.key] === tag.value),
  );
  return index === -1 ? null : index;
}

/** A rebuild begins only while so much is left: from its turn to the call it takes some time. */
const LAST_START = 2 * 60_000;

/** @param openings disjoint and sorted, here and below. */
export const isOpen = (openings: readonly Opening[], at: number): boolean =>
  openings.some(({ from, to }) => from <= at && at < to);

export const mayBegin = (openings: readonly Opening[], at: number): boolean =>
  openings.some(({ from, to }) => from <= at && at <= to - LAST_START);

/** The first instant from `after` on at which a rebuild may begin; Infinity: none is known. */
export function opensAt(openings: readonly Opening[], after: number): number {
  const next = openings.find(({ from, to }) => Math.max(from, after) <= to - LAST_START);
  return next === undefined ? Infinity : Math.max(next.from, after);
}

/** The next instant after `after` at which it opens or closes; Infinity: none is known. */
export const nextChange = (openings: readonly Opening[], after: number): number =>
  openings.flatMap(({ from, to }) => [from, to]).find((at) => at > after) ?? Infinity;

const MOST_RULES = 100;
/** Of all rules together: their openings of some weeks go through Temporal in one payload. */
const MOST_HOURS = 100;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
/** Intl takes offsets such as +01:00 too, which know no summer time. */
const ZONE = /^(?:UTC|[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+)$/;

/** What is wrong with rules that come from outside, a sentence each. */
export function windowProblems(rules: unknown): string[] {
  if (!Array.isArray(rules)) return [`windows must be a list of rules, got ${shown(rules)}`];
  if (rules.length > MOST_RULES) return [`windows must be at most ${MOST_RULES} rules, got ${rules.length} of them`];
  const problems = rules.flatMap((rule: unknown, index) =>
    ruleProblems(rule).map((problem) => `rule ${index + 1} of windows: ${problem}`),
  );
  if (problems.length > 0) return problems;
  const hours = (rules as WindowRule[]).reduce((sum, { open }) => sum + open.length, 0);
  return hours > MOST_HOURS
    ? [`windows must have at most ${MOST_HOURS} hours in all rules together, got ${hours}`]
    : [];
}

function ruleProblems(rule: unknown): string[] {
  if (!isObject(rule)) return [`it must be an object with directoryId, tag and open, got ${shown(rule)}`];
  const { directoryId, tag, open } = rule;
  const subject = [
    directoryId === null || matches(/^d-[0-9a-f]{8,63}$/)(directoryId)
      ? null
      : `directoryId must be d- and 8 to 63 digits or letters from a to f, or null, got ${shown(directoryId)}`,
    tag === null || isTag(tag) ? null : `tag must have a key and a value, or be null, got ${shown(tag)}`,
  ].filter((problem) => problem !== null);
  if (!Array.isArray(open) || open.length === 0) {
    return [...subject, `open must be a list of hours, at least one, got ${shown(open)}`];
  }
  return [...subject, ...open.flatMap((hours: unknown) => checkOpenHours(hours) ?? [])];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTag = (tag: unknown): boolean =>
  isObject(tag) && matches(/^.{1,127}$/)(tag['key']) && matches(/^.{0,255}$/)(tag['value']);

/** What is wrong with hours; null: nothing. */
function checkOpenHours(value: unknown): string | null {
  if (!isObject(value)) return `hours must be an object with days, from, to and timeZone, got ${shown(value)}`;
  const { days, from, to, timeZone } = value;
  if (!Array.isArray(days) || days.length === 0 || !days.every((day) => DAYS.some((each) => each === day))) {
    return `days must be a list of ${DAYS.join(', ')}, at least one, got ${shown(days)}`;
  }
  if (!matches(TIME)(from)) return `from must be a time from 00:00 to 23:59, got ${shown(from)}`;
  if (to !== '24:00' && !matches(TIME)(to)) return `to must be a time from 00:00 to 24:00, got ${shown(to)}`;
  if (!isTimeZone(timeZone)) {
    return `timeZone must be IANA's name of a time zone, such as Europe/Berlin or UTC, got ${shown(timeZone)}`;
  }
  if (minutesOpen({ from: String(from), to: String(to) }) * 60_000 >= LAST_START) return null;
  return `hours must be at least ${LAST_START / 60_000} minutes, as no rebuild begins later, got ${String(from)}-${String(to)}`;
}

/** How long such hours last, on a day without a change of the clocks. */
export function minutesOpen({ from, to }: Pick<OpenHours, 'from' | 'to'>): number {
  const length = minuteOfDay(to) - minuteOfDay(from);
  return length > 0 ? length : length + 24 * 60;
}

/** Minutes since midnight of `HH:MM`. */
export const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** IANA's name of a time zone that this machine knows. */
export function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string' || !ZONE.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
