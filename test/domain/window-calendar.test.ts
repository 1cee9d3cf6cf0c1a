import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openingsOf } from '../../domain/window-calendar.ts';
import { DAYS, isOpen, type Opening, type OpenHours } from '../../domain/windows.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BERLIN = 'Europe/Berlin';

const hours = (days: readonly OpenHours['days'][number][], from: string, to: string, timeZone = BERLIN): OpenHours => ({
  days,
  from,
  to,
  timeZone,
});

/** As `2026-03-29T01:00Z 2026-03-29T02:00Z`, of so many days. */
function instants(open: readonly OpenHours[], from: string, days = 1): string[] {
  const start = Date.parse(from);
  const text = (at: number): string => new Date(at).toISOString().replace(':00.000', '');
  return openingsOf(open, start, start + days * DAY).map((each) => `${text(each.from)} ${text(each.to)}`);
}

describe('the openings of hours', () => {
  it('are at the wall clock of the time zone, on the days on which they begin', () => {
    assert.deepEqual(instants([hours(['mon', 'fri'], '22:00', '05:00')], '2026-01-05T00:00Z', 7), [
      '2026-01-05T21:00Z 2026-01-06T04:00Z',
      '2026-01-09T21:00Z 2026-01-10T04:00Z',
    ]);
  });

  it('last from the night before, and are cut where the asked time begins and ends', () => {
    assert.deepEqual(instants([hours(['sun', 'mon'], '22:00', '05:00')], '2026-01-05T00:00Z'), [
      '2026-01-05T00:00Z 2026-01-05T04:00Z',
      '2026-01-05T21:00Z 2026-01-06T00:00Z',
    ]);
  });

  it('last until midnight at 24:00, and a whole day when they end as they begin', () => {
    assert.deepEqual(instants([hours(['mon'], '22:00', '24:00', 'UTC')], '2026-01-05T00:00Z', 3), [
      '2026-01-05T22:00Z 2026-01-06T00:00Z',
    ]);
    assert.deepEqual(instants([hours(['mon'], '08:00', '08:00', 'UTC')], '2026-01-05T00:00Z', 3), [
      '2026-01-05T08:00Z 2026-01-06T08:00Z',
    ]);
  });

  it('are one where hours meet or overlap', () => {
    const open = [hours(['tue'], '00:00', '03:00', 'UTC'), hours(['mon'], '20:00', '24:00', 'UTC')];
    assert.deepEqual(instants([...open, hours(['mon'], '21:00', '01:00', 'UTC')], '2026-01-05T00:00Z', 3), [
      '2026-01-05T20:00Z 2026-01-06T03:00Z',
    ]);
  });
});

describe('in the spring night of Berlin, where 02:00 is 03:00', () => {
  const night = '2026-03-28T12:00Z';
  for (const [from, to, opening] of [
    ['02:00', '03:00', []],
    ['02:10', '02:50', []],
    ['02:30', '04:00', ['2026-03-29T01:00Z 2026-03-29T02:00Z']],
    ['01:00', '02:30', ['2026-03-29T00:00Z 2026-03-29T01:00Z']],
    ['00:00', '05:00', ['2026-03-28T23:00Z 2026-03-29T03:00Z']],
  ] as const) {
    it(`Sun ${from}-${to} is ${opening.join(', ') || 'never'}`, () =>
      assert.deepEqual(instants([hours(['sun'], from, to)], night), opening));
  }

  it('Sat 22:00-05:00 is an hour shorter', () =>
    assert.deepEqual(instants([hours(['sat'], '22:00', '05:00')], night), ['2026-03-28T21:00Z 2026-03-29T03:00Z']));
});

describe('in the autumn night of Berlin, where 03:00 is 02:00 again', () => {
  const night = '2026-10-24T12:00Z';
  for (const [from, to, opening] of [
    ['02:00', '03:00', ['2026-10-25T00:00Z 2026-10-25T02:00Z']],
    ['02:10', '02:50', ['2026-10-25T00:10Z 2026-10-25T00:50Z', '2026-10-25T01:10Z 2026-10-25T01:50Z']],
    ['02:30', '04:00', ['2026-10-25T00:30Z 2026-10-25T01:00Z', '2026-10-25T01:30Z 2026-10-25T03:00Z']],
    ['01:00', '02:30', ['2026-10-24T23:00Z 2026-10-25T00:30Z', '2026-10-25T01:00Z 2026-10-25T01:30Z']],
  ] as const) {
    it(`Sun ${from}-${to} is ${opening.join(', ')}`, () =>
      assert.deepEqual(instants([hours(['sun'], from, to)], night), opening));
  }

  it('Sat 22:00-05:00 is an hour longer', () =>
    assert.deepEqual(instants([hours(['sat'], '22:00', '05:00')], night), ['2026-10-24T20:00Z 2026-10-25T04:00Z']));
});

describe('for any hours, also around the changes of the clocks,', () => {
  it('an instant is in an opening exactly when its wall clock is in the hours', () => {
    fc.assert(
      fc.property(questions, ({ open, from, days, offsets }) => {
        const until = from + days * DAY;
        const openings = openingsOf(open, from, until);
        const edges = openings.flatMap((each) => [each.from - 1, each.from, each.to - 1, each.to]);
        for (const at of [...edges, ...offsets.map((offset) => from + offset)]) {
          if (at < from || at >= until) continue;
          assert.equal(isOpen(openings, at), isInside(open, at), new Date(at).toISOString());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('openings are disjoint, sorted, not empty, and in the asked time', () => {
    fc.assert(
      fc.property(questions, ({ open, from, days }) => {
        const openings = openingsOf(open, from, from + days * DAY);
        for (const [index, each] of openings.entries()) {
          const before: Opening | undefined = openings[index - 1];
          assert.ok(each.from < each.to && each.from >= from && each.to <= from + days * DAY);
          assert.ok(before === undefined || before.to < each.from);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The wall clock as Intl tells it. */
function wallClock(timeZone: string, at: number): { readonly day: number; readonly time: string } {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  clocks.set(timeZone, clock);
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = DAYS.findIndex((each) => each === parts['weekday']?.toLowerCase());
  return { day, time: `${parts['hour'] ?? ''}:${parts['minute'] ?? ''}` };
}

function isInside(open: readonly OpenHours[], at: number): boolean {
  return open.some(({ days, from, to, timeZone }) => {
    const { day, time } = wallClock(timeZone, at);
    const today = days.some((each) => each === DAYS[day]);
    const yesterday = days.some((each) => each === DAYS[(day + 6) % 7]);
    return from < to ? today && from <= time && time < to : (today && from <= time) || (yesterday && time < to);
  });
}

const two = (number: number): string => String(number).padStart(2, '0');
/** More often in the hours in which clocks are changed. */
const time = fc
  .tuple(fc.oneof(fc.nat(23), fc.integer({ min: 0, max: 4 })), fc.oneof(fc.nat(59), fc.constantFrom(0, 30)))
  .map(([hour, minute]) => `${two(hour)}:${two(minute)}`);

const anyHours: fc.Arbitrary<OpenHours> = fc.record({
  days: fc.subarray([...DAYS], { minLength: 1 }),
  from: time,
  to: fc.oneof({ weight: 5, arbitrary: time }, { weight: 1, arbitrary: fc.constant('24:00') }),
  timeZone: fc.constantFrom(BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
});

/** Changes of 2026: New York, Berlin, Lord Howe, Lord Howe, Berlin, New York; and a week without any. */
const weeks = ['2026-03-08', '2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25', '2026-11-01', '2026-07-01'];

const questions = fc.record({
  open: fc.array(anyHours, { minLength: 1, maxLength: 3 }),
  from: fc
    .tuple(fc.constantFrom(...weeks), fc.integer({ min: -3 * DAY, max: DAY }))
    .map(([day, offset]) => Date.parse(day) + offset),
  days: fc.integer({ min: 1, max: 15 }),
  offsets: fc.array(fc.nat(5 * DAY), { minLength: 20, maxLength: 20 }),
});
