/**
 * When a schedule comes, for what is told before anything runs. Needs the machine's time-zone data, so workflows do without
 * it; Temporal's own server is what starts runs.
 */
import { DateTime } from 'luxon';
import { FIRST_YEAR, LAST_YEAR, type Calendar, type Range, type ScheduleSpec } from './calendar.ts';

/** More than one may come at the same instant: it is one time. From `from` on, and not any more at `until`. */
export function timesOf({ calendars, intervals }: ScheduleSpec, timeZone: string, from: Date, until: Date): string[] {
  const times = new Set<number>();
  for (const calendar of calendars) {
    for (const at of calendarTimes(calendar, timeZone, from, until)) times.add(at);
  }
  for (const { everySeconds, offsetSeconds } of intervals) {
    const [every, offset] = [everySeconds * 1000, offsetSeconds * 1000];
    const first = Math.ceil((from.getTime() - offset) / every) * every + offset;
    for (let at = first; at < until.getTime(); at += every) times.add(at);
  }
  return [...times].toSorted((a, b) => a - b).map((at) => new Date(at).toISOString());
}

const holds = (ranges: readonly Range[], value: number): boolean =>
  ranges.some(({ start, end, step }) => start <= value && value <= end && (value - start) % step === 0);

const all = (ranges: readonly Range[], from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((value) => holds(ranges, value));

/** An hour that the clocks leave out has no time; one that they go through twice has one. */
function calendarTimes(calendar: Calendar, timeZone: string, from: Date, until: Date): number[] {
  const [hours, minutes] = [all(calendar.hour, 0, 23), all(calendar.minute, 0, 59)];
  const times: number[] = [];
  // From the day before: the zone's day may have begun before UTC's.
  let day = DateTime.fromJSDate(from, { zone: timeZone }).startOf('day').minus({ days: 1 });
  for (; day.toMillis() < until.getTime(); day = day.plus({ days: 1 })) {
    if (!isOn(calendar, day)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const time = day.set({ hour, minute });
        const at = time.toMillis();
        if (time.hour === hour && time.minute === minute && at >= from.getTime() && at < until.getTime())
          times.push(at);
      }
    }
  }
  return times;
}

type LocalDay = Pick<DateTime, 'day' | 'month' | 'weekday' | 'year'>;

const isOn = ({ dayOfMonth, month, dayOfWeek, year }: Calendar, day: LocalDay): boolean =>
  holds(dayOfMonth, day.day) &&
  holds(month, day.month) &&
  // Luxon's Sunday is 7.
  holds(dayOfWeek, day.weekday % 7) &&
  (year.length === 0 || holds(year, day.year));

/** When it comes last; null: it goes on for ever; `never`: it never comes, as the 31st of February. */
export function lastTimeOf(spec: ScheduleSpec, timeZone: string): string | 'never' | null {
  const lasts = spec.calendars.map(lastDayOf);
  const known = lasts.filter((day) => day !== null);
  if (spec.intervals.length > 0) return null;
  if (known.length === 0) return 'never';
  if (spec.calendars.some(({ year }, index) => year.length === 0 && lasts[index] !== null)) return null;
  const [from, until] = [-1, 2].map((days) => new Date(Math.max(...known) + days * DAY));
  return timesOf(spec, timeZone, from!, until!).at(-1) ?? 'never';
}

const DAY = 86_400_000;

/** UTC's midnight of the last day on which it is; null: there is none in the years that Temporal knows. */
function lastDayOf(calendar: Calendar): number | null {
  for (let at = Date.UTC(LAST_YEAR, 11, 31); at >= Date.UTC(FIRST_YEAR, 0, 1); at -= DAY) {
    const day = new Date(at);
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth() + 1];
    if (isOn(calendar, { year, month, day: day.getUTCDate(), weekday: day.getUTCDay() })) return at;
  }
  return null;
}
