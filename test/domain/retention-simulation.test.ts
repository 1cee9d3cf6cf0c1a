import assert from 'node:assert/strict';
import { simulateRetention } from '../../domain/retention-simulation.ts';
import { timesOf } from '../../domain/schedule-times.ts';

const NONE = { days: null, keepAtLeast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 50 };
const one = (value: number) => [{ start: value, end: value, step: 1 }];
const every = (start: number, end: number, step = 1) => [{ start, end, step }];
const NIGHTLY = {
  minute: one(0),
  hour: one(2),
  dayOfMonth: every(1, 31),
  month: every(1, 12),
  dayOfWeek: every(0, 6),
  year: [],
};
const night = (date: string): string => `${date}T02:00:00.000Z`;
const nights = (from: string, until: string): string[] =>
  timesOf({ calendars: [NIGHTLY], intervals: [] }, 'UTC', new Date(from), new Date(until));

describe('simulateRetention', () => {
  it('foretells what 90 nights leave', () => {
    const { runs, most, oldestDays, atEnd } = simulateRetention(
      { ...NONE, keepAtLeast: 8 },
      nights('2026-01-01', '2026-04-01'),
    );
    assert.equal(runs.length, 90);
    assert.deepEqual(
      runs.map(({ kept }) => kept.length),
      runs.map((_, index) => Math.min(index + 1, 8)),
    );
    assert.deepEqual([most, oldestDays, atEnd[0]?.createdAt], [8, 7, night('2026-03-31')]);
    assert.deepEqual(
      atEnd[7]?.reasons.map(({ text }) => text),
      ['number 8 of 9 from the newest, among the newest 8'],
    );
  });

  it('keeps a week of days, then Sundays, then the last of each month', () => {
    const { atEnd } = simulateRetention(
      { ...NONE, keepDaily: 4, keepWeekly: 3, keepMonthly: 3 },
      nights('2026-01-01', '2026-04-16'),
    );
    const wanted = ['04-15', '04-14', '04-13', '04-12', '04-05', '03-31', '02-28'];
    assert.deepEqual(
      atEnd.map(({ createdAt }) => createdAt),
      wanted.map((day) => night(`2026-${day}`)),
    );
  });

  it('tells that a policy would never delete anything, as its own limit forbids it', () => {
    const { runs, most } = simulateRetention(
      { ...NONE, keepAtLeast: 1, maxDeletePercent: 40 },
      nights('2026-01-01', '2026-01-05'),
    );
    assert.equal(most, 4);
    assert.match(runs[1]?.refused ?? '', /1 of the 2 images .* 50 %, and maxDeletePercent is 40/);
  });
});

describe('timesOf', () => {
  const times = (calendar: object, timeZone: string, from: string, until: string): string[] =>
    timesOf({ calendars: [{ ...NIGHTLY, ...calendar }], intervals: [] }, timeZone, new Date(from), new Date(until));

  it('reads the wall clock of the time zone, over its changes', () => {
    assert.deepEqual(times({ hour: one(3) }, 'Europe/Berlin', '2026-03-28', '2026-03-30'), [
      '2026-03-28T02:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ]);
    assert.deepEqual(times({}, 'Europe/Berlin', '2026-03-28T12:00Z', '2026-03-30T12:00Z'), [
      '2026-03-30T00:00:00.000Z',
    ]);
    assert.deepEqual(times({ hour: one(1) }, 'Pacific/Auckland', '2026-06-01', '2026-06-02'), [
      '2026-06-01T13:00:00.000Z',
    ]);
  });

  it('takes only the days that every field allows', () => {
    assert.deepEqual(times({ dayOfWeek: one(0), dayOfMonth: every(1, 7) }, 'UTC', '2026-01-01', '2026-04-01'), [
      night('2026-01-04'),
      night('2026-02-01'),
      night('2026-03-01'),
    ]);
    assert.deepEqual(
      times({ year: one(2027), month: one(2), dayOfMonth: one(28) }, 'UTC', '2026-01-01', '2029-01-01'),
      [night('2027-02-28')],
    );
  });

  it('counts intervals from the epoch and the offset, and a time that comes twice once', () => {
    const spec = { calendars: [NIGHTLY], intervals: [{ everySeconds: 43_200, offsetSeconds: 7_200 }] };
    assert.deepEqual(timesOf(spec, 'UTC', new Date('2026-01-01T02:00Z'), new Date('2026-01-02')), [
      night('2026-01-01'),
      '2026-01-01T14:00:00.000Z',
    ]);
  });
});
