/**
 * AWS's schedule expressions as Temporal's calendars and intervals.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 *
 * They are converted, as the same numbers mean other days: AWS counts the days of the week from 1, Temporal from 0. AWS's
 * `#`, `L` and `W` become days of the month and of the week that must both match, for months of each length; what AWS does
 * not define is refused.
 */
import { FIRST_YEAR, LAST_YEAR, rangesOf, span, type Calendar, type ScheduleSpec } from './calendar.ts';
import { AWS_DAY_OF_WEEK, DAY_OF_MONTH, HOUR, MINUTE, MONTH, Refused, valuesOf, YEAR } from './cron-fields.ts';
import { shown } from './field-rules.ts';

export type ParsedSchedule =
  { readonly ok: true; readonly spec: ScheduleSpec } | { readonly ok: false; readonly problem: string };

/** @param text `cron(<minutes> <hours> <day of month> <month> <day of week> <year>)` or `rate(<n> <unit>)` */
export function parseAwsSchedule(text: string): ParsedSchedule {
  const [, kind, inner = ''] = /^\s*(cron|rate)\((.*)\)\s*$/.exec(text) ?? [];
  try {
    if (kind === 'cron')
      return { ok: true, spec: { calendars: calendarsOf(inner.trim().split(/\s+/)), intervals: [] } };
    if (kind === 'rate') return { ok: true, spec: { calendars: [], intervals: [rateOf(inner)] } };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.message };
    throw error;
  }
  return { ok: false, problem: `must be ${FORM}; got ${shown(text)}` };
}

const FORM =
  'AWS’s cron(<minutes> <hours> <day of month> <month> <day of week> <year>), such as cron(0 2 * * ? *), ' +
  'or rate(<n> <minutes, hours or days>)';

const UNITS = { minute: 60, hour: 3_600, day: 86_400 } as const;

function rateOf(inner: string): ScheduleSpec['intervals'][number] {
  const [, count, unit, plural] = /^\s*([1-9]\d{0,5})\s+(minute|hour|day)(s?)\s*$/.exec(inner) ?? [];
  if (count === undefined || (plural === 's') === (count === '1')) {
    throw new Refused(`a rate must be 1 minute, 5 minutes, 1 hour, 12 hours, 1 day, 7 days; got ${shown(inner)}`);
  }
  return { everySeconds: Number(count) * UNITS[unit as keyof typeof UNITS], offsetSeconds: 0 };
}

/** Days on which it runs: those of the month that are one of the week. */
interface Days {
  readonly months: readonly number[];
  readonly dayOfMonth: Iterable<number>;
  readonly dayOfWeek: Iterable<number>;
  /** Null: every year. */
  readonly years: readonly number[] | null;
}

function calendarsOf(fields: readonly string[]): Calendar[] {
  const [minutes, hours, dayOfMonth, months, dayOfWeek, years] = fields;
  if (fields.length !== 6 || !minutes || !hours || !dayOfMonth || !months || !dayOfWeek || !years) {
    throw new Refused(`must have six fields, got ${fields.length}: it is ${FORM}`);
  }
  const minute = rangesOf(valuesOf(minutes, MINUTE));
  const hour = rangesOf(valuesOf(hours, HOUR));
  const when = { months: [...valuesOf(months, MONTH)], years: yearsOf(years) };
  return daysOf(dayOfMonth.toUpperCase(), dayOfWeek.toUpperCase(), when).map((days) => ({
    minute,
    hour,
    dayOfMonth: rangesOf(days.dayOfMonth),
    month: rangesOf(days.months),
    dayOfWeek: rangesOf(days.dayOfWeek),
    year: days.years === null ? [] : rangesOf(days.years),
  }));
}

/** Null: every year. */
function yearsOf(text: string): number[] | null {
  const asked = valuesOf(text, YEAR);
  if (asked.size === YEAR.most - YEAR.least + 1) return null;
  const known = [...asked].filter((year) => year >= FIRST_YEAR && year <= LAST_YEAR);
  if (known.length > 0) return known;
  throw new Refused(`years must be ${FIRST_YEAR} to ${LAST_YEAR}, which Temporal’s calendars know; got ${shown(text)}`);
}

type When = Pick<Days, 'months' | 'years'>;

const EVERY_DAY = span(0, 6);
const MON_TO_FRI = span(1, 5);
const MONDAY = 1;
const FRIDAY = 5;

function daysOf(dayOfMonth: string, dayOfWeek: string, when: When): Days[] {
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Refused(
      `exactly one of day of month and day of week must be ?; got ${shown(dayOfMonth)} and ${shown(dayOfWeek)}`,
    );
  }
  return dayOfWeek === '?' ? byMonth(dayOfMonth, when) : byWeek(dayOfWeek, when);
}

function byMonth(text: string, when: When): Days[] {
  if (text === 'L') {
    return byLength(when).map(({ length, ...group }) => ({ ...group, dayOfMonth: [length], dayOfWeek: EVERY_DAY }));
  }
  if (text === 'LW') return byLength(when).flatMap(({ length, ...group }) => nearestWeekday(length, length, group));
  const [, weekday] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (weekday !== undefined) return nearestTo(Number(weekday), text, when);
  if (/[LW#]/.test(text)) {
    throw new Refused(`days of the month: AWS has L, LW and 15W, each alone in the field; got ${shown(text)}`);
  }
  const dayOfMonth = valuesOf(text, DAY_OF_MONTH);
  if (Math.min(...dayOfMonth) > Math.max(...when.months.map(longestOf))) {
    throw new Refused(`days of the month must be days that one of the months has; got ${shown(text)}`);
  }
  return [{ ...when, dayOfMonth, dayOfWeek: EVERY_DAY }];
}

function nearestTo(day: number, text: string, when: When): Days[] {
  if (day < 1 || day > Math.min(...when.months.map(shortestOf))) {
    throw new Refused(
      `days of the month: ${text} must be of a day that each of the months has, as AWS does not say what it is in one ` +
        'without; LW is the last weekday of every month',
    );
  }
  return byLength(when).flatMap(({ length, ...group }) => nearestWeekday(day, length, group));
}

/** The weekday nearest to a day, in the same month. */
function nearestWeekday(day: number, length: number, when: When): Days[] {
  const onIt = { ...when, dayOfMonth: [day], dayOfWeek: MON_TO_FRI };
  const [saturday, sunday] = [day === 1 ? 3 : day - 1, day === length ? day - 2 : day + 1];
  const fridays = [saturday, sunday].filter((each) => each < day);
  const mondays = [saturday, sunday].filter((each) => each > day);
  return [
    onIt,
    ...(fridays.length > 0 ? [{ ...when, dayOfMonth: fridays, dayOfWeek: [FRIDAY] }] : []),
    ...(mondays.length > 0 ? [{ ...when, dayOfMonth: mondays, dayOfWeek: [MONDAY] }] : []),
  ];
}

/** AWS's 1 to 7 are Temporal's 0 to 6. */
const fromAws = (days: Iterable<number>): number[] => [...days].map((day) => day - 1);

function byWeek(text: string, when: When): Days[] {
  // Alone it is the last day of the week.
  if (text === 'L') return [{ ...when, dayOfMonth: span(1, 31), dayOfWeek: fromAws([7]) }];
  const [, last] = /^(\d|[A-Z]{3})L$/.exec(text) ?? [];
  if (last !== undefined) {
    const dayOfWeek = fromAws(valuesOf(last, AWS_DAY_OF_WEEK));
    return byLength(when).map(({ length, ...group }) => ({
      ...group,
      dayOfMonth: span(length - 6, length),
      dayOfWeek,
    }));
  }
  const [, day, nth] = /^(\d|[A-Z]{3})#([1-5])$/.exec(text) ?? [];
  if (day !== undefined) {
    const dayOfMonth = span(Number(nth) * 7 - 6, Math.min(31, Number(nth) * 7));
    return [{ ...when, dayOfMonth, dayOfWeek: fromAws(valuesOf(day, AWS_DAY_OF_WEEK)) }];
  }
  if (/L|#/.test(text)) {
    throw new Refused(
      `days of the week: AWS has 6L (the last Friday) and 6#3 (the third Friday, up to #5), each alone in the field; ` +
        `got ${shown(text)}`,
    );
  }
  return [{ ...when, dayOfMonth: span(1, 31), dayOfWeek: fromAws(valuesOf(text, AWS_DAY_OF_WEEK)) }];
}

const FEBRUARY = 2;
const shortestOf = (month: number): number => (month === FEBRUARY ? 28 : longestOf(month));
const longestOf = (month: number): number => (month === FEBRUARY ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** The months in groups of the same length: February's length depends on the year. */
function byLength({ months, years }: When): (When & { readonly length: number })[] {
  const usual = [30, 31].map((length) => ({
    length,
    years,
    months: months.filter((month) => month !== FEBRUARY && longestOf(month) === length),
  }));
  const known = years ?? span(FIRST_YEAR, LAST_YEAR);
  const february = [28, 29].map((length) => ({
    length,
    years: known.filter((year) => isLeap(year) === (length === 29)),
    months: months.filter((month) => month === FEBRUARY),
  }));
  return [...usual, ...february].filter((group) => group.months.length > 0 && group.years?.length !== 0);
}
