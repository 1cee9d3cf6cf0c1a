/** Whatever the waves, windows and failures: what must hold of every run, told by what AWS really did. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ONE_WAVE } from '../../domain/waves.ts';
import { DAYS } from '../../domain/windows.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { mostRebuildingAtOnce, rebuildIntervals } from '../../sandbox/services/workspaces/ground-truth.ts';
import { idOf, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startUpgrade, upgradeInput, withRig, type Rig } from '../rig/upgrade.ts';

const COUNT = 9;
const HOUR = 3_600_000;
/** From the answer of the last look to the beginning of the rebuild: half a real second, at speed 2000. */
const LATE = 17 * 60_000;

const plans = fc.record({
  cap: fc.integer({ min: 1, max: 4 }),
  canary: fc.option(fc.constantFrom('1', '20%')),
  sizes: fc.subarray(['2', '40%']),
  soakMinutes: fc.constantFrom(0, 30),
  /** The hour, by the clock of UTC, of the first opening; the fleet begins at 08:00. */
  opens: fc.option(fc.integer({ min: 9, max: 12 })),
  fails: fc.subarray([0, 4, 8]),
  cohortSize: fc.constantFrom(3, 400),
});
type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

/** From then on an hour and a half is open, and half an hour is not, until midnight. */
const OPEN = 1.5 * HOUR;
const openingsOf = (first: number): number[] =>
  Array.from({ length: (24 - first) / 2 }, (_, index) => first + 2 * index);
const clock = (hour: number, minute: number): string => `${String(hour).padStart(2, '0')}:${minute || '00'}`;

const inputOf = ({ cap, canary, sizes, soakMinutes, opens }: Plan) =>
  upgradeInput({
    maxConcurrent: cap,
    waves: {
      ...ONE_WAVE,
      canary: canary === null ? null : { size: canary, choose: 'spread', tag: null, workspaceIds: [] },
      sizes,
      soakMinutes,
    },
    windows:
      opens === null
        ? []
        : [
            {
              directoryId: null,
              tag: null,
              open: openingsOf(opens).map((hour) => {
                return { days: [...DAYS], from: clock(hour, 0), to: clock(hour + 1, 30), timeZone: 'UTC' };
              }),
            },
          ],
  });

async function check(rig: Rig, plan: Plan): Promise<void> {
  snapshotsDue(rig, (index) => 90 + index * 7);
  const upgrade = await startUpgrade(rig, inputOf(plan), { cohortSize: plan.cohortSize });
  const { counts } = await upgrade.result();
  const rows = await rowsOf(rig, upgrade);
  const intervals = rebuildIntervals(rig.fleet.place);

  assert.ok(mostRebuildingAtOnce(rig.fleet.place) <= plan.cap, 'never more than the cap');
  assert.ok(
    Object.values(rebuildsBegun(rig)).every((count) => count <= 1),
    'nobody twice',
  );
  assert.equal(counts.rebuilt + counts.rebuildFailed, COUNT);
  const { workspaces } = await reportOf(rig);
  assert.deepEqual(
    workspaces.map(({ workspaceId }) => workspaceId).toSorted(),
    rig.fleet.members.map(({ workspaceId }) => workspaceId).toSorted(),
    'everybody is reported once, with one outcome',
  );
  const failed = rows.filter((row) => row.outcome === 'rebuildFailed').map((row) => row.workspaceId);
  assert.deepEqual(failed.toSorted(), plan.fails.map((index) => idOf(rig, index)).toSorted());

  const day = Date.parse('2026-03-02T00:00:00Z');
  for (const row of rows) {
    const { from = NaN } = intervals.find(({ workspaceId }) => workspaceId === row.workspaceId) ?? {};
    assert.ok(from > Date.parse(row.freshSnapshot ?? ''), 'never before its snapshot');
    assert.ok(Date.parse(row.freshSnapshot ?? '') > rig.fleet.start, 'the snapshot is newer than the run');
    if (plan.opens === null) continue;
    const ofDay = (from - day) % (24 * HOUR);
    const isOpen = openingsOf(plan.opens).some((hour) => ofDay >= hour * HOUR && ofDay < hour * HOUR + OPEN + LATE);
    assert.ok(isOpen, `never outside the window, and not at ${new Date(from).toISOString()}`);
  }
  for (const later of rows) {
    const begun = intervals.find(({ workspaceId }) => workspaceId === later.workspaceId)?.from ?? NaN;
    const before = rows.filter((row) => row.wave < later.wave).map((row) => row.workspaceId);
    const ended = intervals.filter(({ workspaceId }) => before.includes(workspaceId)).map(({ to }) => to ?? Infinity);
    const soak = before.length > 0 ? plan.soakMinutes * 60_000 : 0;
    assert.ok(begun >= Math.max(0, ...ended) + soak, 'never before the wave in front of it has ended and soaked');
  }
}

describe('an upgrade by any plan', function () {
  this.timeout(180_000);

  it('never passes the cap, a window, a wave or the gate, and ends everybody once', async () => {
    const property = fc.asyncProperty(plans, async (plan) => {
      const fleet = plainFleet(COUNT, { rebuildMinutes: [20, 25], special: { rebuildFails: plan.fails } });
      await withRig({ fleet }, async (rig) => await check(rig, plan));
    });
    // Always the same ones: a machine that is busy must not make others.
    await fc.assert(property, { numRuns: 3, seed: 20260302 });
  });
});
