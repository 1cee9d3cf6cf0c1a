import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { rebuildCallsOf } from '../../sandbox/services/workspaces/ground-truth.ts';
import { bundles, type State } from '../../sandbox/services/workspaces/rows.ts';
import { holdLocks } from '../rig/locks.ts';
import { idOf, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, upgradeInput, waitUntil, type Rig, type Upgrade } from '../rig/upgrade.ts';
import { connect, desktopOf, enter, HOUR, MINUTE, moveToBundle, removeTags } from '../rig/world.ts';

const WAITED_OUT: readonly State[] = [
  'SUSPENDED',
  'UPDATING',
  'MAINTENANCE',
  'ADMIN_MAINTENANCE',
  'STOPPING',
  'STARTING',
  'PENDING',
  'REBOOTING',
];

/** What happens to each WorkSpace while another operation holds its lock. */
const CHANGES = {
  nothing: () => undefined,
  tagRemoved: (rig: Rig, index: number) => removeTags(rig, index),
  terminating: (rig: Rig, index: number) => enter(rig, index, 'TERMINATING'),
  terminated: (rig: Rig, index: number) => enter(rig, index, 'TERMINATED'),
  moved: (rig: Rig, index: number) => moveToBundle(rig, index, WELL_KNOWN.otherBundleId),
  snapshotGone: (rig: Rig, index: number) => {
    const now = rig.sandbox.clock.now();
    desktopOf(rig, index).snapshotEpochs = [{ from: now, first: now + 75 * MINUTE, to: null }];
  },
  userThere: (rig: Rig, index: number) => connect(rig, index, 0, 900),
  userWasThere: (rig: Rig, index: number) => connect(rig, index, -30, -20),
  notChecked: (rig: Rig, index: number) => {
    desktopOf(rig, index).connectionCheckStopped = rig.sandbox.clock.now() - HOUR;
  },
  stopped: (rig: Rig, index: number) => enter(rig, index, 'STOPPED'),
  ...Object.fromEntries(
    WAITED_OUT.map((state) => [
      state,
      (rig: Rig, index: number) => enter(rig, index, state, { after: 40, state: 'AVAILABLE' }),
    ]),
  ),
} satisfies Record<string, (rig: Rig, index: number) => void>;
const NAMES = Object.keys(CHANGES);

describe('the gate before a rebuild', () => {
  let rig: Rig;
  let upgrade: Upgrade;
  let rows: readonly Row[];
  let changedAt: number;
  let releasedAt: number;
  const DEAD = NAMES.length;
  const BUNDLE = NAMES.length + 1;

  before(async function () {
    this.timeout(120_000);
    const count = NAMES.length + 2;
    const special = { quiet: Array.from({ length: count }, (_, index) => index) };
    rig = await startRig({ fleet: plainFleet(count, { special, rebuildMinutes: [10, 10] }), speed: 1000 });
    // One is to lose its snapshot, and is to find the next one soon; the others' rhythm does not matter here.
    snapshotsDue(rig, (index) => (NAMES[index] === 'snapshotGone' ? 60 : 600));
    const all = rig.fleet.members.map(({ workspaceId }) => workspaceId);
    const [changing, dead, last] = await Promise.all([
      holdLocks(rig, all.slice(0, NAMES.length)),
      holdLocks(rig, [idOf(rig, DEAD)]),
      holdLocks(rig, [idOf(rig, BUNDLE)]),
    ]);
    upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: count }));
    await waitUntil('all stand before a locked door', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.length === count && rows.every(({ lockedBy }) => lockedBy !== null);
    });
    assert.deepEqual(
      rows.map(({ lockedBy }) => lockedBy),
      all.map((_, index) => [changing.id, dead.id, last.id][Math.max(0, index - NAMES.length + 1)]),
    );
    changedAt = rig.sandbox.clock.now();
    for (const [index, change] of Object.values(CHANGES).entries()) change(rig, index);
    assert.equal(rig.sandbox.recorder.count({ operation: 'RebuildWorkspaces' }), 0);
    releasedAt = rig.sandbox.clock.now();
    await changing.release();
    await dead.die();
    await waitUntil('all but one have ended', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.filter(({ outcome }) => outcome === null).length === 1;
    });
    const bundle = bundles(rig.fleet.place).get(WELL_KNOWN.bundleId) ?? assert.fail('no bundle');
    bundle.images.push({ at: rig.sandbox.clock.now(), imageId: WELL_KNOWN.oldImageId });
    await last.release();
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  const rowOf = (name: string): Row => rows[NAMES.indexOf(name)] ?? assert.fail(name);
  const callsOf = (index: number) => rebuildCallsOf(rig.fleet.place, idOf(rig, index));
  const endOf = ({ outcome, reason }: Row) => [outcome, reason?.code, reason?.detail].filter(Boolean).join(' ');
  /** What the row says was lost, and what was when its user was looked for last, and when it was called: in seconds. */
  const lossOf = (name: string): { told: number; untilLook: number; untilCall: number; snapshot: number } => {
    const row = rowOf(name);
    const snapshot = Date.parse(row.freshSnapshot ?? '');
    const called = callsOf(NAMES.indexOf(name))[0]?.at ?? assert.fail('not called');
    const looks = { operation: 'DescribeWorkspacesConnectionStatus', resource: row.workspaceId };
    const looked = rig.sandbox.recorder.calls(looks).findLast(({ at }) => at < called)?.at ?? assert.fail('no look');
    const since = (at: number): number => (at - snapshot) / 1000;
    return { told: row.dataLossWindowSeconds ?? NaN, untilLook: since(looked), untilCall: since(called), snapshot };
  };

  it('opens for a WorkSpace to which nothing happened, once, and not before its lock is free', () => {
    assert.equal(endOf(rowOf('nothing')), 'rebuilt quiet');
    const calls = callsOf(NAMES.indexOf('nothing'));
    assert.equal(calls.length, 1);
    assert.ok((calls[0]?.at ?? 0) > releasedAt);
  });

  const CLOSED: Readonly<Record<string, string>> = {
    tagRemoved: 'skipped tagGone',
    terminating: 'skipped gone',
    terminated: 'skipped gone',
    moved: `skipped otherBundle ${WELL_KNOWN.otherBundleId}`,
  };
  for (const [name, expected] of Object.entries(CLOSED)) {
    it(`stays closed: ${name} while it waited`, () => {
      assert.equal(endOf(rowOf(name)), expected);
      assert.deepEqual(callsOf(NAMES.indexOf(name)), []);
    });
  }

  it('stays closed when somebody set the bundle to another image', () => {
    assert.equal(endOf(rows[BUNDLE] as Row), `skipped bundleChanged ${WELL_KNOWN.oldImageId}`);
    assert.deepEqual(callsOf(BUNDLE), []);
  });

  for (const state of WAITED_OUT) {
    it(`stays closed while the WorkSpace is ${state}, and opens when that has passed`, () => {
      assert.equal(endOf(rowOf(state)), 'rebuilt quiet');
      const calls = callsOf(NAMES.indexOf(state));
      assert.deepEqual(
        calls.map(({ effect }) => effect),
        ['begun'],
      );
      assert.ok((calls[0]?.at ?? 0) >= changedAt + 40 * MINUTE, 'not before it was AVAILABLE again');
    });
  }

  it('waits for the next snapshot when the one that was waited for is gone', () => {
    const row = rowOf('snapshotGone');
    assert.equal(endOf(row), 'rebuilt');
    const taken = Date.parse(row.freshSnapshot ?? '');
    const next = desktopOf(rig, NAMES.indexOf('snapshotGone')).snapshotEpochs[0]?.first ?? NaN;
    assert.ok(Math.abs(taken - next) <= 1000, `${row.freshSnapshot}`);
    assert.ok((callsOf(NAMES.indexOf('snapshotGone'))[0]?.at ?? 0) >= taken);
  });

  it('opens for a WorkSpace whose user is at work, and tells how much of the work is lost', () => {
    const { told, untilLook, untilCall } = lossOf('userThere');
    assert.equal(endOf(rowOf('userThere')), 'rebuilt lateSnapshot');
    // AWS's times are whole seconds.
    assert.ok(told > 0 && told >= untilLook - 1 && told <= untilCall + 1, `${told}, ${untilLook} to ${untilCall}`);
  });

  it('tells the loss up to when the user left', () => {
    const { told, snapshot } = lossOf('userWasThere');
    const left = desktopOf(rig, NAMES.indexOf('userWasThere')).connections.at(-1)?.to ?? NaN;
    assert.equal(endOf(rowOf('userWasThere')), 'rebuilt lateSnapshot');
    assert.ok(Math.abs(told - (left - snapshot) / 1000) <= 1, `${told} told, ${(left - snapshot) / 1000} really`);
  });

  it('takes a connection that AWS did not check lately for an open one', () => {
    const { told, untilLook, untilCall } = lossOf('notChecked');
    assert.equal(endOf(rowOf('notChecked')), 'rebuilt lateSnapshot');
    // AWS's times are whole seconds.
    assert.ok(told > 0 && told >= untilLook - 1 && told <= untilCall + 1, `${told}, ${untilLook} to ${untilCall}`);
  });

  it('knows that a stopped WorkSpace has no user', () => {
    assert.equal(endOf(rowOf('stopped')), 'rebuilt quiet');
    assert.equal(rowOf('stopped').stateBefore, 'STOPPED');
    assert.equal(rowOf('stopped').dataLossWindowSeconds, 0);
  });

  it('opens when the operation that held the lock is dead', () => {
    assert.equal(endOf(rows[DEAD] as Row), 'rebuilt quiet');
    assert.equal(callsOf(DEAD).length, 1);
  });
});
