/**
 * When a schedule comes, for what is told before anything runs. Needs the machine's time-zone data, so workflows do without
 * it; Temporal's own server is what starts runs.
 */
import { DateTime } from 'luxon';
import { FIRST_YEAR, LAST_YEAR, type Calendar, type ScheduleSpec } from './calendar.ts';
import { isOnDate, ZonedCalendar } from './schedule-calendar.ts';

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

function calendarTimes(calendar: Calendar, timeZone: string, from: Date, until: Date): number[] {
  const zoned = new ZonedCalendar(calendar, timeZone);
  const times: number[] = [];
  let at = zoned.next(Math.ceil(from.getTime() / 1000) * 1000 - 1000);
  while (at !== null && at < until.getTime()) {
    times.push(at);
    at = zoned.next(at);
  }
  return times;
}

/** The 31st of February does not. */
export const everComes = ({ calendars, intervals }: ScheduleSpec): boolean =>
  intervals.length > 0 || calendars.some((calendar) => lastDayOf(calendar) !== null);

/** When one that comes at all comes last; null: it goes on for ever. */
export function lastTimeOf(spec: ScheduleSpec, timeZone: string): string | null {
  const lasts = spec.calendars.map((calendar) => ({ isEndless: calendar.year.length === 0, day: lastDayOf(calendar) }));
  if (spec.intervals.length > 0 || lasts.some(({ isEndless, day }) => isEndless && day !== null)) return null;
  const last = Math.max(...lasts.flatMap(({ day }) => day ?? []));
  return timesOf(spec, timeZone, new Date(last - DAY), new Date(last + 2 * DAY)).at(-1) ?? null;
}

const DAY = 86_400_000;

/** UTC's midnight of the last day on which it is; null: there is none in the years that Temporal knows. */
function lastDayOf(calendar: Calendar): number | null {
  for (let date = Date.UTC(LAST_YEAR, 11, 31); date >= Date.UTC(FIRST_YEAR, 0, 1); date -= DAY)
    if (isOnDate(calendar, date)) return date;
  return null;
}

/**
 * The days on which the clocks change and take runs away or add some, as `2027-03-28`, from today on for two years. On each
 * other day there are as many runs as the calendars have times.
 */
export function clockChangesOf({ calendars }: ScheduleSpec, timeZone: string, from: Date): string[] {
  const days: string[] = [];
  let day = DateTime.fromJSDate(from, { zone: timeZone }).startOf('day');
  for (const until = day.plus({ years: 2 }); day < until; day = day.plus({ days: 1 })) {
    const next = day.plus({ days: 1 });
    if (day.offset !== next.offset && calendars.some((calendar) => isBent(calendar, day))) days.push(day.toISODate()!);
  }
  return days;
}

/** On that day there are other runs than the same times of the day before and after would have. */
function isBent(calendar: Calendar, day: DateTime): boolean {
  if (!isOnDate(calendar, Date.UTC(day.year, day.month - 1, day.day))) return false;
  const everyDay = { ...calendar, dayOfMonth: ALL, month: ALL, dayOfWeek: ALL, year: [] };
  const timeZone = day.zoneName ?? 'UTC';
  const localTimes = (of: DateTime): string =>
    calendarTimes(everyDay, timeZone, of.toJSDate(), of.plus({ days: 1 }).toJSDate())
      .map((at) => DateTime.fromMillis(at, { zone: timeZone }).toFormat('HH:mm'))
      .join();
  return localTimes(day) !== localTimes(day.plus({ days: 7 }));
}

const ALL = [{ start: 0, end: 31, step: 1 }];
