import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import type { FleetSpec } from '../../sandbox/fleet.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import {
  mostRebuildingAtOnce,
  rebuildCallsOf,
  rebuildIntervals,
} from '../../sandbox/services/workspaces/ground-truth.ts';
import { bundles } from '../../sandbox/services/workspaces/rows.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { holdLocks } from '../rig/locks.ts';
import { idOf, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, upgradeInput, waitUntil, type Rig, withRig } from '../rig/upgrade.ts';
import { connect, desktopOf, enter, HOUR, MINUTE } from '../rig/world.ts';

const endOf = ({ outcome, reason }: Row) => [outcome, reason?.code, reason?.detail].filter(Boolean).join(' ');
const callsOf = (rig: Rig, index: number) => rebuildCallsOf(rig.fleet.place, idOf(rig, index));
/** Small, quick to rebuild. */
const fleetOf = (count: number, special: FleetSpec['special']) =>
  plainFleet(count, { special, rebuildMinutes: [10, 10] });

describe('a WorkSpace that waits in vain', () => {
  let rig: Rig;
  let rows: readonly Row[];
  const NAMES = [
    'noFreshSnapshot',
    'stoppedNoSnapshot',
    'stoppedMeanwhile',
    'noSnapshotEver',
    'noSnapshotEverStopped',
    'terminated',
    'suspendedForEver',
    'lockedForEver',
    'alwaysAtWork',
    'neverSeen',
  ] as const;
  const index = (name: (typeof NAMES)[number]): number => NAMES.indexOf(name);

  before(async function () {
    this.timeout(120_000);
    rig = await startRig({
      speed: 1000,
      fleet: fleetOf(NAMES.length, {
        noFreshSnapshot: [index('noFreshSnapshot'), index('stoppedMeanwhile'), index('terminated')],
        stopped: [index('stoppedNoSnapshot'), index('noSnapshotEverStopped')],
        noSnapshotEver: [index('noSnapshotEver'), index('noSnapshotEverStopped')],
        quiet: [index('suspendedForEver'), index('lockedForEver')],
        neverConnected: [index('neverSeen')],
      }),
    });
    changeSettings(rig.fleet.place, { snapshotsWhenStopped: false });
    for (const name of ['suspendedForEver', 'lockedForEver', 'alwaysAtWork', 'neverSeen'] as const) {
      desktopOf(rig, index(name)).snapshotEpochs = [{ from: 0, first: rig.fleet.start - 11.25 * HOUR, to: null }];
    }
    // It got its last snapshot before it was stopped.
    desktopOf(rig, index('stoppedNoSnapshot')).snapshotEpochs = [
      { from: 0, first: rig.fleet.start - 11 * HOUR - 24 * HOUR, to: null },
    ];
    connect(rig, index('alwaysAtWork'), -60, 6000);
    await holdLocks(rig, [idOf(rig, index('lockedForEver'))]);
    const input = upgradeInput({ waitTimeoutMinutes: 90, maxDataLossSeconds: 0 });
    const upgrade = await startUpgrade(rig, input);
    await waitUntil('all have begun to wait', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.length === NAMES.length && rows.every(({ step }) => step !== 'baseline');
    });
    enter(rig, index('stoppedMeanwhile'), 'STOPPED');
    enter(rig, index('terminated'), 'TERMINATED');
    enter(rig, index('suspendedForEver'), 'SUSPENDED');
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  const ENDS: Readonly<Record<(typeof NAMES)[number], string>> = {
    noFreshSnapshot: 'timedOutWaiting noFreshSnapshot',
    stoppedNoSnapshot: 'timedOutWaiting stoppedNoSnapshot',
    stoppedMeanwhile: 'timedOutWaiting stoppedNoSnapshot',
    noSnapshotEver: 'timedOutWaiting noFreshSnapshot',
    noSnapshotEverStopped: 'skipped noSnapshotStopped',
    terminated: 'skipped gone',
    suspendedForEver: 'timedOutWaiting notRebuildable',
    lockedForEver: 'timedOutWaiting locked',
    alwaysAtWork: 'timedOutWaiting dataLoss',
    neverSeen: 'timedOutWaiting dataLoss',
  };
  const DETAILS: Partial<Record<(typeof NAMES)[number], RegExp>> = {
    suspendedForEver: /^SUSPENDED$/,
    lockedForEver: /^another-operation\//,
    alwaysAtWork: /^\d+ seconds$/,
    neverSeen: /^AWS does not say when its user was last connected$/,
  };
  for (const name of NAMES) {
    it(`is not rebuilt and ends as ‘${ENDS[name]}’: ${name}`, () => {
      const row = rows[index(name)] ?? assert.fail(name);
      const ends = [row.outcome, row.reason?.code];
      assert.equal(ends.join(' '), ENDS[name]);
      if (name in DETAILS) assert.match(row.reason?.detail ?? '', DETAILS[name] ?? /nothing/);
      assert.deepEqual(callsOf(rig, index(name)), []);
    });
  }
});

describe('a bundle that is not AVAILABLE any more', () => {
  it('is waited for, and then given up: nothing is rebuilt from it', async () => {
    await withRig({ fleet: fleetOf(1, { quiet: [0] }) }, async (rig) => {
      const holder = await holdLocks(rig, [idOf(rig, 0)]);
      const upgrade = await startUpgrade(rig, upgradeInput({ waitTimeoutMinutes: 1 }));
      await waitUntil(
        'it stands before a locked door',
        async () => (await rowsOf(rig, upgrade))[0]?.lockedBy === holder.id,
      );
      const bundle = bundles(rig.fleet.place).get(WELL_KNOWN.bundleId) ?? assert.fail('no bundle');
      bundle.state = 'ERROR';
      await holder.release();
      await upgrade.result();
      assert.deepEqual((await rowsOf(rig, upgrade)).map(endOf), ['timedOutWaiting bundleNotAvailable ERROR']);
      assert.deepEqual(callsOf(rig, 0), []);
    });
  });
});

describe('the cap on rebuilds', () => {
  it('is reached and never passed, whoever is ready', async () => {
    const all = Array.from({ length: 7 }, (_, index) => index);
    await withRig({ fleet: fleetOf(all.length, { quiet: all }) }, async (rig) => {
      const { counts } = await (await startUpgrade(rig, upgradeInput({ maxConcurrent: 3 }))).result();
      assert.equal(counts.rebuilt, all.length);
      assert.equal(mostRebuildingAtOnce(rig.fleet.place), 3);
    });
  });

  it('moves to where it is wanted: a turn that is free in one cohort goes to who is ready in another', async () => {
    const [OTHER, LATER] = [4, 3];
    const quiet = [0, 1, 2, LATER, OTHER];
    await withRig(
      { fleet: plainFleet(5, { special: { quiet }, rebuildMinutes: [90, 90] }), speed: 1000 },
      async (rig) => {
        const { start } = rig.fleet;
        desktopOf(rig, OTHER).rebuildPlan.minutes = 16;
        // It becomes ready when its cohort has all the turns that it once asked for.
        desktopOf(rig, LATER).log.push(
          { at: start - HOUR, state: 'SUSPENDED' },
          { at: start + 25 * MINUTE, state: 'AVAILABLE' },
        );
        const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 4 }), { cohortSize: 4 });
        await upgrade.result();
        const free = rebuildIntervals(rig.fleet.place).find(({ workspaceId }) => workspaceId === idOf(rig, OTHER))?.to;
        const waited = ((callsOf(rig, LATER)[0]?.at ?? Infinity) - (free ?? 0)) / MINUTE;
        // The others take another hour.
        assert.ok(waited < 50, `it waited ${waited} minutes for a turn that was free`);
        assert.equal(mostRebuildingAtOnce(rig.fleet.place), 4);
      },
    );
  });
});

describe('with a limit to what a rebuild may lose', () => {
  let rig: Rig;
  let rows: readonly Row[];
  let due: number;
  const [WORKED, QUIET, ORDINARY] = [0, 1, 2];

  before(async function () {
    this.timeout(120_000);
    rig = await startRig({ fleet: fleetOf(3, { quiet: [WORKED, QUIET] }), speed: 1000 });
    due = rig.fleet.start + 90 * MINUTE;
    snapshotsDue(rig, () => 90);
    // In a large fleet the last baseline is read long after the connections were.
    rig.sandbox.faults.add({ kind: 'slow', operation: 'DescribeWorkspaceSnapshots', seconds: 1000, count: 3 });
    const holder = await holdLocks(rig, [idOf(rig, WORKED), idOf(rig, QUIET)]);
    const upgrade = await startUpgrade(rig, upgradeInput({ maxDataLossSeconds: 600 }));
    await waitUntil('the two that are ready at once stand before locked doors', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.filter(({ lockedBy }) => lockedBy === holder.id).length === 2;
    });
    connect(rig, WORKED, -20, -10);
    await holder.release();
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  const calledAt = (index: number): number => callsOf(rig, index)[0]?.at ?? assert.fail('not called');

  it('a WorkSpace whose user has been away is rebuilt at once: its snapshot holds everything', () => {
    assert.equal(endOf(rows[QUIET] as Row), 'rebuilt quiet');
    assert.ok(calledAt(QUIET) < due);
  });

  it('one whose user has worked since then waits for its next snapshot, and loses nothing', () => {
    const row = rows[WORKED] as Row;
    assert.equal(endOf(row), 'rebuilt');
    assert.equal(Date.parse(row.freshSnapshot ?? ''), due);
    assert.equal(row.dataLossWindowSeconds, 0);
    assert.ok(calledAt(WORKED) > due);
  });

  it('one whose user was there a while ago waits for its next snapshot as well', () => {
    assert.equal(endOf(rows[ORDINARY] as Row), 'rebuilt');
    assert.ok(calledAt(ORDINARY) > due);
  });
});

describe('with a quiet margin of 0', () => {
  it('a WorkSpace whose user has been away waits for its next snapshot like all others', async () => {
    await withRig({ fleet: fleetOf(1, { quiet: [0] }) }, async (rig) => {
      snapshotsDue(rig, () => 90);
      const upgrade = await startUpgrade(rig, upgradeInput({ quietMarginHours: 0 }));
      await upgrade.result();
      const [row] = await rowsOf(rig, upgrade);
      assert.equal(row && endOf(row), 'rebuilt');
      assert.ok((callsOf(rig, 0)[0]?.at ?? 0) > rig.fleet.start + 90 * MINUTE);
    });
  });
});
