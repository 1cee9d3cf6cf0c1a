import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseAwsSchedule } from '../../domain/aws-cron.ts';
import type { Calendar, Range } from '../../domain/calendar.ts';

const DAY = 86_400_000;
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const calendarsOf = (text: string): readonly Calendar[] => {
  const parsed = parseAwsSchedule(text);
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? '' : parsed.problem}`);
  return parsed.spec.calendars;
};

const holds = (ranges: readonly Range[], value: number): boolean =>
  ranges.some(({ start, end, step }) => value >= start && value <= end && (value - start) % step === 0);

/** Temporal's own rule: every field of one calendar. */
const matches = (calendar: Calendar, at: Date): boolean =>
  holds(calendar.minute, at.getUTCMinutes()) &&
  holds(calendar.hour, at.getUTCHours()) &&
  holds(calendar.dayOfMonth, at.getUTCDate()) &&
  holds(calendar.month, at.getUTCMonth() + 1) &&
  holds(calendar.dayOfWeek, at.getUTCDay()) &&
  (calendar.year.length === 0 || holds(calendar.year, at.getUTCFullYear()));

/** The first instants, from a minute on, to the minute. */
function firstOf(text: string, from: string, count: number): string[] {
  const calendars = calendarsOf(text);
  const found: string[] = [];
  for (let at = Date.parse(`${from}Z`); found.length < count; at += 60_000) {
    const date = new Date(at);
    if (calendars.some((calendar) => matches(calendar, date))) found.push(date.toISOString().slice(0, 16));
  }
  return found;
}

/** Those that AWS documents, and what it says of them. 2026-03-01 is a Sunday. */
const DOCUMENTED: readonly [text: string, from: string, instants: readonly string[]][] = [
  ['cron(0 10 * * ? *)', '2026-03-01T00:00', ['2026-03-01T10:00', '2026-03-02T10:00']],
  ['cron(15 12 * * ? *)', '2026-03-01T00:00', ['2026-03-01T12:15', '2026-03-02T12:15']],
  ['cron(0 18 ? * MON-FRI *)', '2026-03-06T00:00', ['2026-03-06T18:00', '2026-03-09T18:00']],
  ['cron(0 8 1 * ? *)', '2026-03-01T00:00', ['2026-03-01T08:00', '2026-04-01T08:00']],
  ['cron(0/15 * * * ? *)', '2026-03-01T00:00', ['2026-03-01T00:00', '2026-03-01T00:15', '2026-03-01T00:30']],
  ['cron(0/10 * ? * MON-FRI *)', '2026-03-01T00:00', ['2026-03-02T00:00', '2026-03-02T00:10']],
  ['cron(0/5 8-17 ? * MON-FRI *)', '2026-03-06T17:50', ['2026-03-06T17:50', '2026-03-06T17:55', '2026-03-09T08:00']],
  // Over midnight; on Monday from midnight on too, as each field is looked at for itself.
  [
    'cron(0/30 20-2 ? * MON-FRI *)',
    '2026-03-02T01:30',
    ['2026-03-02T01:30', '2026-03-02T02:00', '2026-03-02T02:30', '2026-03-02T20:00'],
  ],
  ['cron(0 12 * * ? *)', '2026-03-01T00:00', ['2026-03-01T12:00']],
  ['cron(5,35 14 * * ? *)', '2026-03-01T00:00', ['2026-03-01T14:05', '2026-03-01T14:35', '2026-03-02T14:05']],
  ['cron(15 10 ? * 6L 2019-2022)', '2022-01-01T00:00', ['2022-01-28T10:15', '2022-02-25T10:15', '2022-03-25T10:15']],
  ['cron(1/10 0 1 1 ? *)', '2026-01-01T00:00', ['2026-01-01T00:01', '2026-01-01T00:11', '2026-01-01T00:21']],
  ['cron(0 0 ? * 3#2 *)', '2026-03-01T00:00', ['2026-03-10T00:00', '2026-04-14T00:00']],
  ['cron(0 0 3W * ? *)', '2026-01-01T00:00', ['2026-01-02T00:00', '2026-02-03T00:00']],
  ['cron(50 5 ? * 2#1 *)', '2026-03-01T00:00', ['2026-03-02T05:50', '2026-04-06T05:50']],
];

describe('AWS’s schedule expressions', () => {
  for (const [text, from, instants] of DOCUMENTED) {
    it(`run when AWS says: ${text}`, () => assert.deepEqual(firstOf(text, from, instants.length), instants));
  }

  it('count the days of the week from Sunday, 1, which is 0 for Temporal', () => {
    for (const [index, name] of DAY_NAMES.entries()) {
      const day = [{ start: index, end: index, step: 1 }];
      assert.deepEqual(calendarsOf(`cron(0 2 ? * ${index + 1} *)`)[0]?.dayOfWeek, day);
      assert.deepEqual(calendarsOf(`cron(0 2 ? * ${name.toLowerCase()} *)`)[0]?.dayOfWeek, day);
    }
  });

  it('say L in the day of the week of Saturday, and L in the day of the month of its last', () => {
    assert.deepEqual(firstOf('cron(0 0 ? * L *)', '2026-03-01T00:00', 1), ['2026-03-07T00:00']);
    const last = ['2028-01-31T00:00', '2028-02-29T00:00', '2028-03-31T00:00', '2028-04-30T00:00'];
    assert.deepEqual(firstOf('cron(0 0 L * ? *)', '2028-01-01T00:00', 4), last);
    assert.deepEqual(firstOf('cron(0 0 LW 2 ? *)', '2026-02-01T00:00', 1), ['2026-02-27T00:00']);
  });

  it('are few ranges, the same for the same times', () => {
    const nightly = calendarsOf('cron(0 2 * * ? *)');
    const one = (value: number): Range[] => [{ start: value, end: value, step: 1 }];
    const all = { dayOfMonth: [{ start: 1, end: 31, step: 1 }], dayOfWeek: [{ start: 0, end: 6, step: 1 }], year: [] };
    assert.deepEqual(nightly, [{ minute: one(0), hour: one(2), month: [{ start: 1, end: 12, step: 1 }], ...all }]);
    assert.deepEqual(
      calendarsOf('cron(0,15,30,45 * * * ? *)'),
      calendarsOf('cron(0/15 0-23 1-31 JAN-DEC ? 1970-2199)'),
    );
    assert.ok(calendarsOf('cron(0 0 LW * ? *)').length <= 8);
  });

  it('are intervals when they are rates', () => {
    const everyOf = (text: string): unknown => parseAwsSchedule(text);
    const spec = (everySeconds: number) => ({
      ok: true,
      spec: { calendars: [], intervals: [{ everySeconds, offsetSeconds: 0 }] },
    });
    assert.deepEqual(everyOf('rate(1 minute)'), spec(60));
    assert.deepEqual(everyOf('rate(5 minutes)'), spec(300));
    assert.deepEqual(everyOf('rate(1 hour)'), spec(3_600));
    assert.deepEqual(everyOf('rate(7 days)'), spec(604_800));
  });
});

/** What is refused, and the reason. */
const REFUSED: readonly [text: string, reason: RegExp][] = [
  ['0 2 * * *', /must be AWS’s cron\(<minutes> .*such as cron\(0 2 \* \* \? \*\).*got "0 2 \* \* \*"/],
  ['cron(0 2 * * *)', /must have six fields, got 5/],
  ['cron(0 2 * * * *)', /exactly one of day of month and day of week must be \?; got "\*" and "\*"/],
  ['cron(0 2 ? * ? *)', /exactly one of .* must be \?; got "\?" and "\?"/],
  ['cron(60 2 * * ? *)', /^minutes must be 0 to 59: .*; got "60"/],
  ['cron(0 24 * * ? *)', /^hours must be 0 to 23: .*; got "24"/],
  ['cron(0 2 32 * ? *)', /^days of the month must be 1 to 31: .*; got "32"/],
  ['cron(0 2 31 FEB,APR ? *)', /must be days that one of the months has; got "31"/],
  ['cron(0 2 30 2 ? *)', /must be days that one of the months has; got "30"/],
  ['cron(0 2 ? 13 1 *)', /^months must be 1 to 12 or JAN to DEC: .*; got "13"/],
  ['cron(0 2 ? * 0 *)', /^days of the week must be 1 \(Sunday\) to 7 or SUN to SAT: .*; got "0"/],
  ['cron(0 2 ? * MONDAY *)', /^days of the week must be .*; got "MONDAY"/],
  ['cron(0 2 ? * 2/2 *)', /AWS takes no \/ here: list them/],
  ['cron(0 2 ? * 3#1,6#3 *)', /6#3 \(the third Friday, up to #5\), each alone in the field; got "3#1,6#3"/],
  ['cron(0 2 ? * 6#6 *)', /up to #5/],
  ['cron(0 2 ? * 6L,2 *)', /6L \(the last Friday\)/],
  ['cron(0 2 L-3 * ? *)', /AWS has L, LW and 15W, each alone in the field; got "L-3"/],
  ['cron(0 2 L,15 * ? *)', /AWS has L, LW and 15W/],
  ['cron(0 2 1-15W * ? *)', /AWS has L, LW and 15W/],
  [
    'cron(0 2 31W * ? *)',
    /31W must be of a day that each of the months has, as AWS does not say .* LW is the last weekday/,
  ],
  ['cron(0/0 2 * * ? *)', /^minutes must be/],
  ['cron(/15 2 * * ? *)', /^minutes must be/],
  ['cron(1.5 2 * * ? *)', /^minutes must be/],
  ['cron(0 2 * * ? 2030-2020)', /^years must go up, got "2030-2020"/],
  ['cron(0 2 * * ? 1969)', /^years must be 1970 to 2199/],
  ['cron(0 2 * * ? 2150)', /^years must be 2000 to 2100, which Temporal’s calendars know; got "2150"/],
  ['rate(5 minute)', /a rate must be 1 minute, 5 minutes, .*; got "5 minute"/],
  ['rate(1 hours)', /a rate must be/],
  ['rate(0 minutes)', /a rate must be/],
  ['rate(2 weeks)', /a rate must be/],
];

describe('a schedule expression that AWS does not define', () => {
  for (const [text, reason] of REFUSED) {
    it(`is refused with the reason: ${text}`, () => {
      const parsed = parseAwsSchedule(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.problem, reason);
    });
  }
});

/** A field as it is written, and whether a number is meant by it. */
interface Written {
  readonly text: string;
  readonly means: (value: number) => boolean;
}

const isBetween = (value: number, from: number, to: number): boolean =>
  from <= to ? value >= from && value <= to : value >= from || value <= to;

function item(least: number, most: number, steps: boolean): fc.Arbitrary<Written> {
  const value = fc.integer({ min: least, max: most });
  const single = value.map((each) => ({ text: String(each), means: (asked: number) => asked === each }));
  const range = fc.tuple(value, value).map(([from, to]) => ({
    text: `${from}-${to}`,
    means: (asked: number) => isBetween(asked, from, to),
  }));
  const stepped = fc.tuple(value, value, fc.integer({ min: 1, max: Math.max(1, most) })).map(([a, b, step]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    return {
      text: `${from}-${to}/${step}`,
      means: (asked: number) => isBetween(asked, from, to) && (asked - from) % step === 0,
    };
  });
  const from = fc.tuple(value, fc.integer({ min: 1, max: Math.max(1, most) })).map(([start, step]) => ({
    text: `${start}/${step}`,
    means: (asked: number) => asked >= start && (asked - start) % step === 0,
  }));
  return steps ? fc.oneof(single, range, stepped, from) : fc.oneof(single, range);
}

const field = (least: number, most: number, steps = true): fc.Arbitrary<Written> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant({ text: '*', means: () => true }) },
    {
      weight: 4,
      arbitrary: fc.array(item(least, most, steps), { minLength: 1, maxLength: 3 }).map((items) => ({
        text: items.map(({ text }) => text).join(','),
        means: (asked: number) => items.some(({ means }) => means(asked)),
      })),
    },
  );

/** A rule for days, and whether it is for a day: AWS's sentences, one day after the other. */
interface DayRule {
  readonly dayOfMonth: string;
  readonly dayOfWeek: string;
  readonly means: (day: Date) => boolean;
}

const lengthOf = (day: Date): number => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
const isWeekday = (day: Date): boolean => day.getUTCDay() >= 1 && day.getUTCDay() <= 5;
const sameMonth = (day: Date, date: number): Date => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), date));

/** The date of the weekday nearest to a date, tried at growing distances within the month. */
function nearestWeekday(day: Date, date: number): number {
  for (const distance of [0, -1, 1, -2, 2]) {
    const other = date + distance;
    if (other >= 1 && other <= lengthOf(day) && isWeekday(sameMonth(day, other))) return other;
  }
  throw new Error('no weekday within two days');
}

const dayRule: fc.Arbitrary<DayRule> = fc.oneof(
  field(1, 31).map(({ text, means }) => ({
    dayOfMonth: text,
    dayOfWeek: '?',
    means: (day: Date) => means(day.getUTCDate()),
  })),
  field(1, 7, false).map(({ text, means }) => ({
    dayOfMonth: '?',
    dayOfWeek: text,
    means: (day: Date) => means(day.getUTCDay() + 1),
  })),
  fc.constant({ dayOfMonth: 'L', dayOfWeek: '?', means: (day: Date) => day.getUTCDate() === lengthOf(day) }),
  fc.constant({
    dayOfMonth: 'LW',
    dayOfWeek: '?',
    means: (day: Date) => day.getUTCDate() === nearestWeekday(day, lengthOf(day)),
  }),
  fc.integer({ min: 1, max: 28 }).map((date) => ({
    dayOfMonth: `${date}W`,
    dayOfWeek: '?',
    means: (day: Date) => day.getUTCDate() === nearestWeekday(day, date),
  })),
  fc.integer({ min: 1, max: 7 }).map((weekday) => ({
    dayOfMonth: '?',
    dayOfWeek: `${weekday}L`,
    means: (day: Date) => day.getUTCDay() + 1 === weekday && day.getUTCDate() + 7 > lengthOf(day),
  })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([weekday, nth]) => ({
    dayOfMonth: '?',
    dayOfWeek: `${weekday}#${nth}`,
    means: (day: Date) => day.getUTCDay() + 1 === weekday && Math.ceil(day.getUTCDate() / 7) === nth,
  })),
);

const years: fc.Arbitrary<Written> = fc.oneof(
  fc.constant({ text: '*', means: () => true }),
  fc
    .integer({ min: 2023, max: 2029 })
    .map((year) => ({ text: String(year), means: (asked: number) => asked === year })),
  fc.tuple(fc.integer({ min: 2020, max: 2026 }), fc.integer({ min: 1, max: 4 })).map(([start, step]) => ({
    text: `${start}/${step}`,
    means: (asked: number) => asked >= start && (asked - start) % step === 0,
  })),
);

/** Years around leap years: one in four, one in a hundred that is none, one in four hundred that is. */
const firstDay = fc
  .tuple(fc.constantFrom(2000, 2024, 2026, 2028, 2096, 2099), fc.integer({ min: 0, max: 365 }))
  .map(([year, day]) => Date.UTC(year, 0, 1) + day * DAY);

describe('AWS’s cron expressions as calendars', () => {
  it('are for the same days as AWS’s rules, day by day, leap years included', () => {
    const property = fc.property(dayRule, field(1, 12), years, firstDay, (rule, months, year, from) => {
      const text = `cron(0 0 ${rule.dayOfMonth} ${months.text} ${rule.dayOfWeek} ${year.text})`;
      const parsed = parseAwsSchedule(text);
      if (!parsed.ok) return assert.match(parsed.problem, /one of the months has/);
      for (let at = from; at < from + 430 * DAY; at += DAY) {
        const day = new Date(at);
        if (day.getUTCFullYear() > 2100) return;
        const due = rule.means(day) && months.means(day.getUTCMonth() + 1) && year.means(day.getUTCFullYear());
        const found: boolean = parsed.spec.calendars.some((calendar) => matches(calendar, day));
        assert.equal(found, due, `${text} on ${day.toISOString().slice(0, 10)}`);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });

  it('are for the same minutes of a day', () => {
    const property = fc.property(field(0, 59), field(0, 23), (minutes, hours) => {
      const calendars = calendarsOf(`cron(${minutes.text} ${hours.text} * * ? *)`);
      for (let minute = 0; minute < 1_440; minute += 1) {
        const at = new Date(Date.UTC(2026, 2, 1) + minute * 60_000);
        const due = minutes.means(at.getUTCMinutes()) && hours.means(at.getUTCHours());
        assert.equal(
          calendars.some((calendar) => matches(calendar, at)),
          due,
        );
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('take the weekday nearest to a day that all of the chosen months have, at the month’s end too', () => {
    for (const [day, month] of [
      [29, 'JAN'],
      [30, 'APR'],
      [31, 'JUL,AUG'],
      [30, 'JUN,DEC'],
      [28, 'FEB'],
    ] as const) {
      const calendars = calendarsOf(`cron(0 0 ${day}W ${month} ? *)`);
      for (let at = Date.UTC(2023, 0, 1); at < Date.UTC(2033, 0, 1); at += DAY) {
        const date = new Date(at);
        const chosen = month.split(',').includes(MONTH_NAMES[date.getUTCMonth()] ?? '');
        const due = chosen && date.getUTCDate() === nearestWeekday(date, day);
        assert.equal(
          calendars.some((calendar) => matches(calendar, date)),
          due,
          `${day}W ${date.toISOString()}`,
        );
      }
    }
  });
});
