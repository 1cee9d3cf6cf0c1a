/** `schedules:` – what is started when. */
import { z } from 'zod';
import { parseAwsSchedule } from '../domain/aws-cron.ts';
import { FIRST_YEAR, LAST_YEAR, rangesOf, type Calendar, type Range, type ScheduleSpec } from '../domain/calendar.ts';
import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOUR,
  MINUTE,
  MONTH,
  Refused,
  valuesOf,
  TEMPORAL_YEAR,
  type Field,
} from '../domain/cron-fields.ts';
import { parseDuration } from '../domain/duration.ts';
import { shown } from '../domain/field-rules.ts';
import { BACKUP_DEFAULTS } from '../domain/image-backup.ts';
import type { Target } from '../domain/target.ts';
import { everComes } from '../domain/schedule-times.ts';
import { WATCHDOG } from '../domain/schedules.ts';
import { isTimeZone } from '../domain/windows.ts';
import { CAPABILITIES, OVERLAPS, type Capability, type ScheduleEntry } from './config.ts';
import { duration, list, mapping, name, oneOf, text, trueOrFalse } from './fields.ts';
import { knownText } from './nearest.ts';
import type { Complain, Path } from './problem.ts';

const field = ({ allowed }: Field, byDefault: string) => {
  const one = z.union([z.number(), z.string()], { error: allowed });
  return z
    .union([z.number(), z.string(), list(allowed, one)], { error: allowed })
    .optional()
    .describe(`${allowed}. Default: ${byDefault}.`);
};

const calendar = mapping({
  minute: field(MINUTE, '0'),
  hour: field(HOUR, '0'),
  dayOfMonth: field(DAY_OF_MONTH, 'every day'),
  month: field(MONTH, 'every month'),
  dayOfWeek: field(DAY_OF_WEEK, 'every day'),
  year: field(TEMPORAL_YEAR, 'every year'),
});

export const schedule = mapping({
  imageBackup: name().optional().describe('The policy of imageBackup that is started.'),
  imageUpgrade: name().optional().describe('The policy of imageUpgrade that is started.'),
  custody: name()
    .optional()
    .describe(
      'The policy of custody whose vaults are swept for recovery points that no event told of; every 1h by default.',
    ),
  restoreTest: name().optional().describe('The policy of custody whose restoreTests are made.'),
  cron: text('AWS’s cron(…) or rate(…)')
    .optional()
    .describe(`AWS’s six fields: ${BACKUP_DEFAULTS.cron}, which is the default for imageBackup; or rate(12 hours).`),
  calendars: list('a list of calendars, such as [{ hour: 2 }]', calendar)
    .min(1, { error: 'a list of calendars, at least one, such as [{ hour: 2 }]' })
    .optional()
    .describe('Instead of cron: calendars as Temporal has them. All fields of one must match; any of several.'),
  every: duration().optional().describe('Instead of cron: every so long, counted from the epoch (1970), at least 1m.'),
  offset: duration().optional().describe('With every: so much later.'),
  timeZone: text('IANA’s name of a time zone, such as Europe/Berlin')
    .optional()
    .describe('Of cron and calendars: IANA’s name. Default: UTC.'),
  overlap: oneOf(OVERLAPS)
    .optional()
    .describe(
      'What happens when a run is due while the one before still runs. Default: skip, the only one for imageUpgrade.',
    ),
  catchUp: duration()
    .optional()
    .describe('A run that is late by no more, as the server was down, is made up for. Default: 1h, 10s to 365d.'),
  jitter: duration().optional().describe('Each run begins up to so much later, at random, at most 1d. Default: 0.'),
  paused: trueOrFalse().optional().describe('Nothing is started. Default: false.'),
  note: text('a text').optional().describe('Shown beside the schedule.'),
});

type Given = z.infer<typeof schedule>;

/** The policies that schedules can name; null: its own problems have been told. */
export type Policies = Readonly<
  Record<Capability, Readonly<Record<string, { readonly target: Target | null } | null>>>
>;

/** The entry; what is wrong is told, and something put in its place. */
export function resolveSchedule(called: string, given: Given, policies: Policies, complain: Complain): ScheduleEntry {
  const path = ['schedules', called];
  if (called === WATCHDOG) complain(path, { message: 'has the name of the watchdog’s own schedule: give it another' });
  const { timeZone = 'UTC' } = given;
  judgeTimeZone(given, path, complain);
  judgeOverlap(given, path, complain);
  judgeSweep(given, path, complain);
  const within = (
    at: 'catchUp' | 'jitter' | 'every',
    seconds: number,
    [least, most]: readonly [string, string],
  ): void => {
    if (seconds >= secondsOf(least, 0) && seconds <= secondsOf(most, 0)) return;
    const allowed = `from ${least} to ${most}`;
    complain([...path, at], { message: `must be ${allowed}, got ${given[at]}`, allowed });
  };
  const catchUpSeconds = secondsOf(given.catchUp, 3_600);
  within('catchUp', catchUpSeconds, ['10s', '365d']);
  within('jitter', secondsOf(given.jitter, 0), ['0', '1d']);
  if (given.every !== undefined) within('every', secondsOf(given.every, 0), ['1m', '365d']);
  const spec = specOf(given, path, complain);
  if (isWhole(spec) && !everComes(spec)) {
    const form = given.calendars === undefined ? 'cron' : 'calendars';
    complain([...path, form], { message: `never comes: no day is like that in ${FIRST_YEAR} to ${LAST_YEAR}` });
  }
  return {
    name: called,
    starts: startOf(given, path, policies, complain),
    spec,
    timeZone,
    overlap: given.overlap ?? 'skip',
    catchUpSeconds,
    jitterSeconds: secondsOf(given.jitter, 0),
    paused: given.paused ?? false,
    note: given.note ?? null,
  };
}

const ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
/** Other names of zones, such as Asia/Kolkata or US/Pacific, of which there is no list. */
const OTHER_NAME = /^(?:[A-Z][A-Za-z0-9+-]*|(?:[A-Z][a-z]+|US)(?:\/[A-Z][A-Za-z0-9_+-]*)+)$/;

function judgeTimeZone(given: Given, path: Path, complain: Complain): void {
  const { timeZone } = given;
  if (timeZone === undefined) return;
  const at = [...path, 'timeZone'];
  if (given.every !== undefined || given.cron?.trim().startsWith('rate(')) {
    complain(at, { message: 'is of cron and calendars only: every and rate(…) count in UTC; leave it out' });
    return;
  }
  if (ZONES.includes(timeZone)) return;
  // Temporal's server takes no other spelling than IANA's, this machine takes europe/berlin too.
  const meant = ZONES.find((each) => each.toLowerCase() === timeZone.toLowerCase());
  if (meant === undefined && isTimeZone(timeZone) && OTHER_NAME.test(timeZone)) return;
  const allowed = 'IANA’s name of a time zone, such as Europe/Berlin or UTC';
  const hint = meant === undefined ? '' : `: write ${meant}`;
  complain(at, { message: `must be ${allowed}, got ${shown(timeZone)}${hint}`, allowed });
}

/** What a run of an upgrade does to the bundle must not be done again by one that has waited, or undone by the next. */
function judgeOverlap({ imageUpgrade, overlap = 'skip' }: Given, path: Path, complain: Complain): void {
  if (imageUpgrade === undefined || overlap === 'skip') return;
  complain([...path, 'overlap'], {
    message:
      `must be skip for an imageUpgrade, got ${overlap}: a run that has waited would set the bundle to the image again ` +
      'right after somebody has aborted the one before, and cancelOther would abort a run that is on hold',
    allowed: 'skip',
  });
}

/** A sweep takes up where the one before ended, so two of them, or half of one, would be of no use. */
function judgeSweep({ custody, overlap = 'skip' }: Given, path: Path, complain: Complain): void {
  if (custody === undefined || overlap === 'skip') return;
  complain([...path, 'overlap'], {
    message: `must be skip for a custody, got ${overlap}: a sweep finds all that the ones before have missed`,
    allowed: 'skip',
  });
}

const secondsOf = (given: string | undefined, byDefault: number): number =>
  given === undefined ? byDefault : (parseDuration(given) ?? byDefault);

function startOf(given: Given, path: Path, policies: Policies, complain: Complain): ScheduleEntry['starts'] {
  const chosen = CAPABILITIES.filter((capability) => capability in given);
  const [capability = 'imageBackup'] = chosen;
  const policy = given[capability] ?? '';
  if (chosen.length !== 1) {
    complain(path, {
      message: `must start one policy: give ${oneOfText(CAPABILITIES)}, got ${chosen.length} of them`,
    });
  } else if (!Object.hasOwn(policies[capability], policy)) {
    const known = Object.keys(policies[capability]);
    complain([...path, capability], {
      message: `names no policy of ${capability}: ${shown(policy)}; ${knownText(policy, known)}`,
      allowed: known.join(', '),
    });
  }
  return { capability, policy, target: policies[capability][policy]?.target ?? null };
}

/** Events make custodies quick; the sweep is what they rest on. */
const SWEEP_EVERY = '1h';
const NOTHING: ScheduleSpec = { calendars: [], intervals: [] };

/** `a, b or c` */
const oneOfText = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** When: by one of three forms. An image backup has the old system's time by default. */
function specOf(given: Given, path: Path, complain: Complain): ScheduleSpec {
  const forms = (['cron', 'calendars', 'every'] as const).filter((form) => form in given);
  const hasDefault = 'imageBackup' in given || 'custody' in given;
  if (forms.length > 1 || (forms.length === 0 && !hasDefault)) {
    complain(path, {
      message: `must say when: give one of cron, calendars and every, got ${forms.join(' and ') || 'none'}`,
    });
    return NOTHING;
  }
  if ('offset' in given && !('every' in given))
    complain([...path, 'offset'], { message: 'needs every: give that too, or leave this out' });
  if (given.calendars !== undefined) {
    const calendars = given.calendars.map((each, index) => calendarOf(each, [...path, 'calendars', index], complain));
    return { calendars, intervals: [] };
  }
  const every = given.every ?? (given.cron === undefined && 'custody' in given ? SWEEP_EVERY : undefined);
  if (every !== undefined) return everyOf(every, given.offset, path, complain);
  const parsed = parseAwsSchedule(given.cron ?? BACKUP_DEFAULTS.cron);
  if (parsed.ok) return parsed.spec;
  complain([...path, 'cron'], { message: parsed.problem });
  return NOTHING;
}

/** Nothing of it was refused. */
const isWhole = ({ calendars }: ScheduleSpec): boolean =>
  calendars.length > 0 &&
  calendars.every(({ minute, hour, dayOfMonth, month, dayOfWeek }) =>
    [minute, hour, dayOfMonth, month, dayOfWeek].every((ranges) => ranges.length > 0),
  );

function everyOf(every: string, offset: string | undefined, path: Path, complain: Complain): ScheduleSpec {
  const [everySeconds, offsetSeconds] = [secondsOf(every, 0), secondsOf(offset, 0)];
  if (offsetSeconds > 0 && offsetSeconds >= everySeconds) {
    complain([...path, 'offset'], { message: `must be shorter than every, ${every}; got ${offset}` });
  }
  return { calendars: [], intervals: [{ everySeconds, offsetSeconds }] };
}

const FIELDS = {
  minute: [MINUTE, '0'],
  hour: [HOUR, '0'],
  dayOfMonth: [DAY_OF_MONTH, '*'],
  month: [MONTH, '*'],
  dayOfWeek: [DAY_OF_WEEK, '*'],
  year: [TEMPORAL_YEAR, null],
} as const;

function calendarOf(given: z.infer<typeof calendar>, path: Path, complain: Complain): Calendar {
  const rangesAt = (at: keyof typeof FIELDS): Range[] => {
    const [rule, byDefault] = FIELDS[at];
    const value = given[at] ?? byDefault;
    if (value === null || String(value) === '*') return byDefault === null ? [] : rangesOf(valuesOf('*', rule));
    try {
      return rangesOf(valuesOf([value].flat().join(','), rule));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      complain([...path, at], { message: `must be ${rule.allowed}; got ${shown(value)}`, allowed: rule.allowed });
      return [];
    }
  };
  return {
    minute: rangesAt('minute'),
    hour: rangesAt('hour'),
    dayOfMonth: rangesAt('dayOfMonth'),
    month: rangesAt('month'),
    dayOfWeek: rangesAt('dayOfWeek'),
    year: rangesAt('year'),
  };
}
