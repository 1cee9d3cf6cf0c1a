import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { desiredSchedules } from '../../client/schedules/desired.ts';
import { timesOf } from '../../domain/schedule-times.ts';
import { testTemporal } from '../rig/temporal.ts';
import { BACKUP, configOf } from './texts.ts';

const DAY = 86_400_000;
const FRIDAY = 5;

const lengthOf = (day: Date): number => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
const fromEnd = (day: Date): number => lengthOf(day) - day.getUTCDate();
const isWeekday = (day: Date): boolean => day.getUTCDay() >= 1 && day.getUTCDay() <= 5;

/** Expressions at 02:00, and on which days AWS means them. */
const MEANT: readonly [cron: string, means: (day: Date) => boolean][] = [
  ['cron(0 2 * * ? *)', () => true],
  ['cron(0 2 ? * 1 *)', (day) => day.getUTCDay() === 0],
  ['cron(0 2 ? * MON-FRI *)', isWeekday],
  ['cron(0 2 L * ? *)', (day) => fromEnd(day) === 0],
  ['cron(0 2 L 2 ? *)', (day) => day.getUTCMonth() === 1 && fromEnd(day) === 0],
  ['cron(0 2 ? * 6L *)', (day) => day.getUTCDay() === FRIDAY && fromEnd(day) < 7],
  ['cron(0 2 ? * 6#3 *)', (day) => day.getUTCDay() === FRIDAY && Math.ceil(day.getUTCDate() / 7) === 3],
  [
    'cron(0 2 LW * ? *)',
    (day) => isWeekday(day) && (fromEnd(day) === 0 || (day.getUTCDay() === FRIDAY && fromEnd(day) < 3)),
  ],
];

/** Around a change of the clocks each, begun and ended at times at which nothing is due. */
const NIGHTS = [
  ['Europe/Berlin', '2026-10-24T20:00:10Z', '2026-10-25T06:00:10Z'],
  ['Europe/Berlin', '2027-03-27T20:00:10Z', '2027-03-28T06:00:10Z'],
  ['America/New_York', '2026-11-01T02:00:10Z', '2026-11-01T10:00:10Z'],
  ['America/New_York', '2027-03-14T03:00:10Z', '2027-03-14T11:00:10Z'],
  ['Europe/London', '2026-10-24T20:00:10Z', '2026-10-25T06:00:10Z'],
  ['Australia/Lord_Howe', '2027-04-03T10:00:10Z', '2027-04-03T20:00:10Z'],
] as const;

type Matching = Parameters<Client['workflowService']['listScheduleMatchingTimes']>[0];
/** The wire's 64-bit numbers are objects of a package that is not ours; it takes plain ones as well. */
const timestamp = (iso: string): NonNullable<Matching['startTime']> => ({
  seconds: (Date.parse(iso) / 1000) as unknown as NonNullable<NonNullable<Matching['startTime']>['seconds']>,
});

const nextOf = (means: (day: Date) => boolean, after: number, count: number): string[] => {
  const found: string[] = [];
  for (let day = Math.floor(after / DAY) * DAY; found.length < count; day += DAY) {
    const at = day + 2 * 3_600_000;
    if (at > after && means(new Date(day))) found.push(new Date(at).toISOString());
  }
  return found;
};

describe('a cron expression of holdfast.yaml', function () {
  this.timeout(120_000);

  it('is due for Temporal’s server on the days that AWS means', async () => {
    const { client } = await testTemporal();
    const entries = MEANT.map(([cron], index) => `  at-${index}: { imageBackup: golden, cron: ${cron}, paused: true }`);
    const config = configOf(`${BACKUP}\nschedules:\n${entries.join('\n')}`);
    const desired = desiredSchedules(config, 'holdfast.yaml');
    for (const [index, [cron, means]] of MEANT.entries()) {
      const { spec } = desired.schedules.find(({ scheduleId }) => scheduleId.endsWith(`at-${index}`)) ?? assert.fail();
      const handle = await client.schedule.create({
        scheduleId: `times/${randomUUID()}`,
        spec,
        action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
        state: { paused: true },
      });
      const before = Date.now();
      const { info } = await handle.describe();
      await handle.delete();
      const due = info.nextActionTimes.map((at) => at.toISOString());
      assert.ok(due.length > 3, cron);
      // The day may change while the server is asked.
      const expected = [before, Date.now()].map((now) => nextOf(means, now, due.length));
      assert.ok(
        expected.some((times) => times.join() === due.join()),
        `${cron}: due ${due.join()}, meant ${expected[0]?.join()}`,
      );
    }
  });

  it('is due in the nights in which the clocks change when timesOf says so', async () => {
    const { client } = await testTemporal();
    const one = (value: number) => ({ start: value, end: value, step: 1 });
    for (const [timezone, from, to] of NIGHTS) {
      for (const hours of [[0], [1], [2], [3], [1, 2], [0, 1, 2, 3, 23]]) {
        const calendar = { hour: hours.map(one), minute: [one(0), one(30)] };
        const handle = await client.schedule.create({
          scheduleId: `times/${randomUUID()}`,
          spec: { timezone, calendars: [calendar] },
          action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
          state: { paused: true },
        });
        const { startTime } = await client.workflowService.listScheduleMatchingTimes({
          namespace: client.options.namespace,
          scheduleId: handle.scheduleId,
          startTime: timestamp(from),
          endTime: timestamp(to),
        });
        await handle.delete();
        const due = startTime.map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
        const every = {
          dayOfMonth: [{ start: 1, end: 31, step: 1 }],
          month: [{ start: 1, end: 12, step: 1 }],
          year: [],
        };
        const daily = { ...calendar, ...every, dayOfWeek: [{ start: 0, end: 6, step: 1 }] };
        const ours = timesOf({ calendars: [daily], intervals: [] }, timezone, new Date(from), new Date(to));
        assert.deepEqual(ours, due, `${timezone}, ${from}, hours ${hours.join()}`);
      }
    }
  });
});
