import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { desiredSchedules } from '../../client/schedules/desired.ts';
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

const nextOf = (means: (day: Date) => boolean, after: number, count: number): string[] => {
  const found: string[] = [];
  for (let day = Math.floor(after / DAY) * DAY; found.length < count; day += DAY) {
    const at = day + 2 * 3_600_000;
    if (at > after && means(new Date(day))) found.push(new Date(at).toISOString());
  }
  return found;
};

describe('a cron expression of holdfast.yaml', function () {
  this.timeout(30_000);

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
});
