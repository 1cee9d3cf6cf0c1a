/** Rebuilds begin in the given hours only, by the wall clock of their time zone, whatever the clocks do that night. */
import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import type { Opening, OpenHours, WindowRule } from '../../domain/windows.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { setTags } from '../../sandbox/services/workspaces/tags.ts';
import { changeUpdate, statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { idOf, outcomesOf, rebuildBegan, rebuildsBegun, reportOf, shownOn, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startUpgrade, upgradeInput, waitUntil, warned, withRig, type Rig } from '../rig/upgrade.ts';
import { HOUR, MINUTE } from '../rig/world.ts';

const SPEED = 2000;
/** What a call may take after its window was found open, half a real second; a window counts as closed two minutes early. */
const LATE = 500 * SPEED - 2 * MINUTE;
/** Real waits end on whole milliseconds. */
const EARLY = SPEED;

const nobody = { by: null, reason: null };
const BRANCH = 'd-90670f1ee8';
const hours = (day: OpenHours['days'][number], from: string, to: string, timeZone = 'UTC'): OpenHours => {
  return { days: [day], from, to, timeZone };
};
const rule = (open: readonly OpenHours[], subject: Partial<WindowRule> = {}): WindowRule => {
  return { directoryId: null, tag: null, ...subject, open };
};
const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const opening = (from: string, to: string): Opening => ({ from: Date.parse(from), to: Date.parse(to) });
const time = (at: number | undefined): string => (at === undefined ? 'never' : new Date(at).toISOString());

function assertWithin(openings: readonly Opening[], at: number | undefined, what: string): void {
  const within = openings.some(({ from, to }) => at !== undefined && from - EARLY <= at && at < to + LATE);
  assert.ok(within, `${what}: ${time(at)}`);
}

describe('windows in the night in which the clocks go forward', function () {
  this.timeout(120_000);
  const COUNT = 10;
  const berlin = (from: string, to: string): OpenHours => hours('sun', from, to, 'Europe/Berlin');
  /** 02:30 does not come: it opens at 03:00, when the clocks have jumped to it. */
  const HEAD_OFFICE = [berlin('02:30', '04:00'), berlin('04:30', '06:30')];
  const NIGHT = opening('2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z');
  const MORNING = opening('2026-03-29T02:30:00Z', '2026-03-29T04:30:00Z');
  const LEAD = 2 * MINUTE;
  /** By tag, which comes first, then by directory. */
  const OPEN: readonly (readonly Opening[])[] = indexes(COUNT).map((index) =>
    index >= 8
      ? [opening('2026-03-29T03:00:00Z', '2026-03-29T05:00:00Z')]
      : index % 2 === 0
        ? [NIGHT, MORNING]
        : [MORNING],
  );
  const HEAD = [0, 2, 4, 6];

  let began: (number | undefined)[];
  let shown: number[][];
  let outcomes: string[];

  before(async () => {
    const directories = [WELL_KNOWN.directoryId, BRANCH].map((directoryId) => {
      return { directoryId, name: `${directoryId}.example.com`, usersMayRebuild: false };
    });
    const fleet = plainFleet(COUNT, { special: { quiet: indexes(COUNT) }, rebuildMinutes: [25, 25], directories });
    await withRig({ fleet, speed: SPEED, startTime: '2026-03-28T23:30:00Z' }, async (rig) => {
      for (const index of [8, 9]) {
        setTags(rig.fleet.place, idOf(rig, index), { Env: 'Prod', Team: 'Night' }, rig.fleet.start);
      }
      const windows = [
        rule([berlin('05:00', '07:00')], { tag: { key: 'Team', value: 'Night' } }),
        rule([hours('sun', '02:30', '04:30')], { directoryId: BRANCH }),
        rule(HEAD_OFFICE),
      ];
      const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(LEAD / 1000), windows, maxConcurrent: 1 }));
      await waitUntil('the night is over', () => rig.sandbox.clock.now() > NIGHT.to);
      await upgrade.executeUpdate(changeUpdate, { args: [{ ...nobody, maxConcurrent: 10 }] });
      await upgrade.result();
      began = indexes(COUNT).map((index) => rebuildBegan(rig, index));
      shown = indexes(COUNT).map((index) => shownOn(rig, index).map(({ at }) => at));
      outcomes = Object.values(await outcomesOf(rig, upgrade));
    });
  });

  it('hold every rebuild, by directory, by tag and for all others', () => {
    assert.deepEqual(new Set(outcomes), new Set(['rebuilt quiet']));
    for (const index of indexes(COUNT)) assertWithin(OPEN[index] ?? [], began[index], `${index}`);
  });

  it('open in the hour that is left when the clocks jump over their beginning', () => {
    const first = Math.min(...HEAD.flatMap((index) => shown[index] ?? []));
    assert.ok(first >= NIGHT.from && first < NIGHT.to, `the first was warned at ${time(first)}`);
  });

  it('send those whose turn did not come to the next opening', () => {
    const inTheNight = HEAD.filter((index) => (began[index] ?? Infinity) < NIGHT.to + LATE);
    assert.ok(inTheNight.length >= 1 && inTheNight.length <= 2, `${inTheNight.length} of 25 minutes each in an hour`);
    for (const index of HEAD.filter((each) => !inTheNight.includes(each))) {
      assertWithin([MORNING], began[index], `${index}`);
      assert.equal(shown[index]?.length, 2, 'warned in the night, and again in the morning');
    }
  });

  it('hold every warning, and the whole time between it and its rebuild', () => {
    for (const index of indexes(COUNT)) {
      for (const at of shown[index] ?? []) assertWithin(OPEN[index] ?? [], at, `the warning on ${index}`);
      const last = shown[index]?.at(-1) ?? Infinity;
      assert.ok((began[index] ?? 0) - last >= LEAD, `${index}: rebuilt ${(began[index] ?? 0) - last} ms after it`);
    }
  });
});

describe('a window that passes', function () {
  this.timeout(120_000);

  it('leaves out those whose turn did not come, when that is asked, and not those who were not ready yet', async () => {
    const COUNT = 4;
    const LATER = COUNT;
    const fleet = plainFleet(COUNT + 1, { special: { quiet: indexes(COUNT) }, rebuildMinutes: [35, 35] });
    await withRig({ fleet, speed: SPEED }, async (rig) => {
      snapshotsDue(rig, (index) => (index === LATER ? 135 : 600));
      const windows = [rule([hours('mon', '09:00', '10:00'), hours('mon', '10:30', '12:00')])];
      const input = upgradeInput({ windows, windowPassed: 'skip', maxConcurrent: 1 });
      const upgrade = await startUpgrade(rig, input);
      await upgrade.result();
      const outcomes = Object.values(await outcomesOf(rig, upgrade));
      assert.equal(outcomes.pop(), 'rebuilt', 'its snapshot came when the next window was near');
      // Within an hour two begin at most, as each takes more than half of it.
      assert.ok(outcomes.filter((each) => each === 'skipped windowPassed').length >= 2, outcomes.join(', '));
      assert.deepEqual(new Set(outcomes), new Set(['rebuilt quiet', 'skipped windowPassed']));
      const first = [opening('2026-03-02T09:00:00Z', '2026-03-02T10:00:00Z')];
      for (const index of indexes(COUNT).filter((each) => outcomes[each] === 'rebuilt quiet'))
        assertWithin(first, rebuildBegan(rig, index), `${index}`);
    });
  });

  it('can be changed while a run goes on: who waits may begin, and nobody is warned again who may begin as before', async () => {
    const LEAD = 2 * HOUR;
    const fleet = plainFleet(2, { special: { quiet: [0, 1] }, rebuildMinutes: [5, 5] });
    await withRig({ fleet, speed: SPEED }, async (rig) => {
      const input = upgradeInput({ ...warned(LEAD / 1000), windows: [rule([hours('tue', '09:00', '12:00')])] });
      // In new histories nobody is warned again either.
      const upgrade = await startUpgrade(rig, input, { continueAfterEvents: 90 });
      await waitUntil('both wait for their window', async () => await areAll(rig, 'warning'));
      const change = async (from: string, to: string): Promise<void> => {
        const windows = [rule([hours('mon', from, to)])];
        const { answer } = await upgrade.executeUpdate(changeUpdate, { args: [{ ...nobody, windows }] });
        assert.match(answer, /^windows are /);
      };
      await change('08:00', '20:00');
      await waitUntil('both are warned', () => shownOn(rig, 0).length + shownOn(rig, 1).length === 2);

      const [cohort = ''] = (await upgrade.query(statusQuery)).cohorts;
      const historyOf = async (): Promise<string> => (await rig.client.workflow.getHandle(cohort).describe()).runId;
      const first = await historyOf();
      for (let hour = 0; (await historyOf()) === first; hour += 1) await change(`0${hour}:00`, '24:00');
      assert.ok(
        (await rowsOf(rig, upgrade)).every(({ noticeEndsAt }) => noticeEndsAt !== null),
        'in the warning time',
      );
      await upgrade.result();
      const { steering } = (await reportOf(rig)) as unknown as { steering: { what: string }[] };
      assert.ok(steering.length > 1 && steering.every(({ what }) => what === 'change'));
      assert.deepEqual(Object.values(rebuildsBegun(rig)), [1, 1]);
      for (const index of [0, 1]) {
        const [shown, ...more] = shownOn(rig, index).map(({ at }) => at);
        assert.equal(more.length, 0, `${index} was warned ${more.length + 1} times`);
        assert.ok((rebuildBegan(rig, index) ?? 0) - (shown ?? Infinity) >= LEAD);
      }

      async function areAll(on: Rig, step: Row['step']): Promise<boolean> {
        const rows = await rowsOf(on, upgrade).catch(() => []);
        return rows.length === 2 && rows.every((row) => row.step === step);
      }
      assert.equal((await upgrade.query(statusQuery)).phase, 'done');
    });
  });
});
