/**
 * When hours of a time zone are, as instants. An instant is inside when its wall clock is: an hour that the clocks leave
 * out opens nothing, and one that they go through twice is inside both times.
 *
 * Needs the machine's time-zone data, so workflows are told the openings by an activity, see `activities/windows.ts`.
 */
import { IANAZone } from 'luxon';
import { DAYS, minuteOfDay, type Opening, type OpenHours } from './windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Clocks are not changed and changed back within so little. */
const STEP = 6 * HOUR;

/** Disjoint and sorted; what is open at `from` or still at `until` is cut there. */
export function openingsOf(open: readonly OpenHours[], from: number, until: number): Opening[] {
  return merged(open.flatMap((hours) => openingsOfHours(hours, from, until)));
}

/** Between two changes of the clocks an instant and its wall clock differ by the same all the time. */
function openingsOfHours(hours: OpenHours, from: number, until: number): Opening[] {
  return steadySpans(zoneOf(hours.timeZone), from, until).flatMap((span) =>
    wallTimes(hours, span.from + span.offset, span.to + span.offset).map((wall) => ({
      from: Math.max(span.from, wall.from - span.offset),
      to: Math.min(span.to, wall.to - span.offset),
    })),
  );
}

/** The hours as wall clocks that hold them show them, in milliseconds as if they were UTC; those that touch the span. */
function wallTimes({ days, from, to }: OpenHours, start: number, end: number): Opening[] {
  const begins = minuteOfDay(from) * MINUTE;
  const ends = minuteOfDay(to) * MINUTE + (minuteOfDay(to) <= minuteOfDay(from) ? DAY : 0);
  const found: Opening[] = [];
  // From the day before: its hours may reach over midnight.
  for (let midnight = Math.floor(start / DAY) * DAY - DAY; midnight < end; midnight += DAY) {
    if (days.includes(dayOf(midnight))) found.push({ from: midnight + begins, to: midnight + ends });
  }
  return found;
}

/** 1970-01-01 was a Thursday; JavaScript counts from Sunday. */
const dayOf = (midnight: number) => DAYS[(new Date(midnight).getUTCDay() + 6) % 7] as (typeof DAYS)[number];

interface SteadySpan extends Opening {
  /** Wall clock less UTC, in milliseconds. */
  readonly offset: number;
}

/** The time from `from` to `until`, cut where the clocks change. */
function steadySpans(zone: IANAZone, from: number, until: number): SteadySpan[] {
  const offsetAt = (at: number): number => zone.offset(at) * MINUTE;
  const spans: SteadySpan[] = [];
  let start = from;
  let offset = offsetAt(from);
  for (let at = from; at < until; at += STEP) {
    const next = Math.min(at + STEP, until);
    if (offsetAt(next) === offset) continue;
    const change = changeBetween(offsetAt, at, next);
    spans.push({ from: start, to: change, offset });
    start = change;
    offset = offsetAt(next);
  }
  return [...spans, { from: start, to: until, offset }];
}

/** The first instant with the offset of `late`, which is not that of `early`. */
function changeBetween(offsetAt: (at: number) => number, early: number, late: number): number {
  const after = offsetAt(late);
  let [before, from] = [early, late];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (offsetAt(middle) === after) from = middle;
    else before = middle;
  }
  return from;
}

function zoneOf(timeZone: string): IANAZone {
  const zone = IANAZone.create(timeZone);
  if (!zone.isValid) throw new Error(`This machine's time-zone data does not know ${timeZone}: update Node.js`);
  return zone;
}

function merged(openings: readonly Opening[]): Opening[] {
  const result: Opening[] = [];
  for (const { from, to } of openings.filter((each) => each.from < each.to).toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else result.push({ from, to });
  }
  return result;
}
