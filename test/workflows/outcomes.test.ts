import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { rebuildCallsOf, rebuildIntervals, rootImageOf } from '../../sandbox/services/workspaces/ground-truth.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { bundles, desktops } from '../../sandbox/services/workspaces/rows.ts';
import { resumeUpdate, statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { holdLocks, locksHeld } from '../rig/locks.ts';
import { idOf, reportOf, type Report } from '../rig/truth.ts';
import {
  rowsOf,
  startRig,
  startUpgrade,
  upgradeInput,
  waitUntil,
  withRig,
  type Rig,
  type Upgrade,
} from '../rig/upgrade.ts';
import { desktopOf, enter } from '../rig/world.ts';

const endOf = ({ outcome, reason }: Row) => [outcome, reason?.code, reason?.detail].filter(Boolean).join(' ');
const effectsOf = (rig: Rig, index: number) =>
  rebuildCallsOf(rig.fleet.place, idOf(rig, index)).map(({ effect }) => effect);
const everyIndex = (count: number) => Array.from({ length: count }, (_, index) => index);

const blockedCount = async (upgrade: Upgrade, count: number): Promise<void> =>
  await waitUntil(`${count} are blocked`, async () => (await upgrade.query(statusQuery)).counts.blocked === count);
const resumeAll = async (upgrade: Upgrade): Promise<unknown> =>
  await upgrade.executeUpdate(resumeUpdate, { args: [{ by: null, reason: null, workspaceId: null }] });

/** Each WorkSpace and how it must end. */
const ENDS = {
  plain: 'rebuilt quiet',
  another: 'rebuilt quiet',
  inError: 'rebuilt quiet',
  fails: 'rebuildFailed failed InternalError.Rebuild',
  inErrorFails: 'rebuildFailed failed InternalError.Rebuild',
  refused: 'rebuildFailed refused OperationNotSupported.StandbyWorkspace',
  // A person can mend these two: they wait, and go on when they are resumed.
  rebuildDenied: 'rebuilt quiet',
  rebuildUnknownError: 'rebuildFailed refused SomethingNewException',
  snapshotsDenied: 'rebuilt quiet',
  snapshotsUnknownError: 'rebuildFailed errorFromAws SomethingNewException',
  keyDisabled: 'rebuildFailed failed KmsKeyNotUsable.Workspace',
  terminated: 'rebuildFailed gone',
} as const;
type Name = keyof typeof ENDS;
const NAMES = Object.keys(ENDS) as Name[];
const at = (name: Name): number => NAMES.indexOf(name);

/** The answer mends what a person can mend. */
function breakCalls(rig: Rig): () => void {
  const { faults } = rig.sandbox;
  const fail = (name: Name, operation: string, code: string) =>
    faults.add({ kind: 'error', operation, resource: idOf(rig, at(name)), code, status: 400 });
  const allowRebuild = fail('rebuildDenied', 'RebuildWorkspaces', 'AccessDeniedException');
  fail('rebuildUnknownError', 'RebuildWorkspaces', 'SomethingNewException');
  const allowSnapshots = fail('snapshotsDenied', 'DescribeWorkspaceSnapshots', 'AccessDeniedException');
  fail('snapshotsUnknownError', 'DescribeWorkspaceSnapshots', 'SomethingNewException');
  return () => {
    allowRebuild();
    allowSnapshots();
  };
}

describe('a run in which much goes wrong', () => {
  let rig: Rig;
  let upgrade: Upgrade;
  let rows: readonly Row[];
  let report: Report;
  let outcome: string;

  before(async function () {
    this.timeout(120_000);
    const special = {
      quiet: everyIndex(NAMES.length),
      rebuildFails: [at('fails'), at('inErrorFails')],
      inError: [at('inError'), at('inErrorFails')],
      encrypted: [at('keyDisabled')],
    };
    rig = await startRig({ fleet: plainFleet(NAMES.length, { special, rebuildMinutes: [15, 15] }), speed: 1000 });
    const mend = breakCalls(rig);
    // It shows no other state and no new address afterwards: it must be seen while it is REBUILDING.
    desktopOf(rig, at('inErrorFails')).rebuildPlan.minutes = 40;
    const holder = await holdLocks(rig, [idOf(rig, at('refused')), idOf(rig, at('keyDisabled'))]);
    upgrade = await startUpgrade(rig, upgradeInput());
    await waitUntil('the preflight is over', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.filter(({ lockedBy }) => lockedBy === holder.id).length === 2;
    });
    const { account, region } = WELL_KNOWN;
    seedKey(rig.sandbox.world, { account, region, keyId: 'aaaa1111-2222-4333-8444-555566667777', state: 'Disabled' });
    const standby = desktopOf(rig, at('refused'));
    const related = { workspaceId: 'ws-1fleet0001', region: 'eu-west-1', type: 'PRIMARY' } as const;
    desktops(rig.fleet.place).set(standby.workspaceId, { ...standby, related });
    await holder.release();
    await waitUntil('one is REBUILDING that will be terminated', () =>
      effectsOf(rig, at('terminated')).includes('begun'),
    );
    enter(rig, at('terminated'), 'TERMINATED');
    await blockedCount(upgrade, 2);
    mend();
    await resumeAll(upgrade);
    outcome = (await upgrade.result()).outcome;
    rows = await rowsOf(rig, upgrade);
    report = await reportOf(rig);
  });
  after(() => rig.close());

  for (const name of NAMES) {
    it(`ends a WorkSpace as ‘${ENDS[name]}’: ${name}`, () => assert.equal(endOf(rows[at(name)] as Row), ENDS[name]));
  }

  it('brings the new image to what it calls rebuilt, and to nothing else', () => {
    for (const name of NAMES.filter((each) => each !== 'terminated')) {
      const expected = ENDS[name].startsWith('rebuilt') ? WELL_KNOWN.newImageId : WELL_KNOWN.oldImageId;
      assert.equal(rootImageOf(rig.fleet.place, idOf(rig, at(name))), expected, name);
    }
  });

  it('calls for a rebuild once where it was accepted or refused, and not at all where the gate could not be read', () => {
    const once = ['begun'];
    const effects: Record<Name, string[]> = {
      plain: once,
      another: once,
      inError: once,
      fails: once,
      inErrorFails: once,
      refused: ['refused'],
      rebuildDenied: once,
      rebuildUnknownError: [],
      snapshotsDenied: once,
      snapshotsUnknownError: [],
      keyDisabled: once,
      terminated: once,
    };
    for (const name of NAMES) assert.deepEqual(effectsOf(rig, at(name)), effects[name], name);
    const callsFor = (name: Name) => ({ operation: 'RebuildWorkspaces', resource: idOf(rig, at(name)) });
    assert.equal(rig.sandbox.recorder.count(callsFor('rebuildUnknownError')), 1);
    assert.equal(
      rig.sandbox.recorder.count(callsFor('rebuildDenied')),
      2,
      'once refused, and once when it was allowed',
    );
  });

  it('confirms a rebuild only after its end', () => {
    const ends = new Map(rebuildIntervals(rig.fleet.place).map(({ workspaceId, to }) => [workspaceId, to ?? Infinity]));
    for (const { workspaceId, outcome: ended, rebuildConfirmedAt } of rows) {
      if (ended !== 'rebuilt') assert.equal(rebuildConfirmedAt, null);
      else assert.ok(Date.parse(rebuildConfirmedAt ?? '') + 1000 > (ends.get(workspaceId) ?? Infinity));
    }
  });

  it('is partly failed, and reports every WorkSpace', () => {
    assert.equal(outcome, 'partiallyFailed');
    const outcomes = new Map(report.workspaces.map((each) => [each.workspaceId, each.outcome]));
    assert.deepEqual(
      NAMES.map((name) => outcomes.get(idOf(rig, at(name)))),
      NAMES.map((name) => ENDS[name].split(' ')[0]),
    );
    assert.deepEqual(
      [report.totals['workspaces'], report.totals['rebuilt'], report.totals['rebuildFailed']],
      [12, 5, 7],
    );
  });

  it('holds no lock at its end', async () => assert.deepEqual(await locksHeld(rig), {}));
});

describe('a rebuild that AWS accepts and does not finish', () => {
  let rig: Rig;
  let rows: readonly Row[];
  const [IGNORED, STUCK, BUNDLE] = [0, 1, 2];

  before(async function () {
    this.timeout(120_000);
    const special = { quiet: [IGNORED, STUCK, BUNDLE], rebuildStuck: [STUCK] };
    rig = await startRig({ fleet: plainFleet(3, { special, rebuildMinutes: [15, 15] }), speed: 1000 });
    const holder = await holdLocks(rig, [idOf(rig, IGNORED)]);
    const upgrade = await startUpgrade(rig, upgradeInput({ rebuildTimeoutMinutes: 50 }));
    await waitUntil('the others are under rebuild', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows[IGNORED]?.lockedBy === holder.id && rows.filter(({ step }) => step === 'confirm').length === 2;
    });
    // Somebody sets the bundle to another image while they are, and back.
    const bundle = bundles(rig.fleet.place).get(WELL_KNOWN.bundleId) ?? assert.fail('no bundle');
    for (const imageId of [WELL_KNOWN.oldImageId, WELL_KNOWN.newImageId]) {
      bundle.images.push({ at: rig.sandbox.clock.now(), imageId });
    }
    await waitUntil('the two have ended', async () => {
      rows = await rowsOf(rig, upgrade);
      return rows.filter(({ outcome }) => outcome !== null).length === 2;
    });
    // The last look shows what was before; the call finds a WorkSpace under maintenance, where AWS ignores it.
    enter(rig, IGNORED, 'ADMIN_MAINTENANCE', { after: 60, state: 'AVAILABLE' });
    const show = rig.sandbox.faults.add({ kind: 'stale', operation: 'DescribeWorkspaces', seconds: 3 * 3600 });
    await holder.release();
    await waitUntil('the call was made', () => effectsOf(rig, IGNORED).length > 0);
    show();
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  it('is unconfirmed when it is never seen to begin, and is not called again', () => {
    assert.equal(endOf(rows[IGNORED] as Row), 'rebuildUnconfirmed noEffectSeen');
    assert.deepEqual(effectsOf(rig, IGNORED), ['ignored']);
  });

  it('is unconfirmed when it is not seen to end, and is not called again', () => {
    assert.equal(endOf(rows[STUCK] as Row), 'rebuildUnconfirmed notEnded REBUILDING');
    assert.deepEqual(effectsOf(rig, STUCK), ['begun']);
  });

  it('is unconfirmed when somebody changed the bundle meanwhile, though it carries the image again', () => {
    assert.equal(endOf(rows[BUNDLE] as Row), `rebuildUnconfirmed bundleChanged ${WELL_KNOWN.newImageId}`);
    assert.deepEqual(effectsOf(rig, BUNDLE), ['begun']);
  });
});

describe('a bundle that is read as it was before it was set', () => {
  it('does not make those that are ready at once be left out', async () => {
    const fleet = plainFleet(2, { special: { quiet: [0, 1] }, rebuildMinutes: [15, 15] });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      const { faults, recorder } = rig.sandbox;
      const show = faults.add({ kind: 'stale', operation: 'DescribeWorkspaceBundles', seconds: 3600 });
      const upgrade = await startUpgrade(rig);
      await waitUntil('the bundle was read after it was set', () => {
        const [set] = recorder.calls({ operation: 'UpdateWorkspaceBundle' });
        const reads = recorder.calls({ operation: 'DescribeWorkspaceBundles' });
        return set !== undefined && reads.some(({ at }) => at > set.at);
      });
      show();
      await upgrade.result();
      assert.deepEqual((await rowsOf(rig, upgrade)).map(endOf), ['rebuilt quiet', 'rebuilt quiet']);
    });
  });
});

describe('a rebuild that may not be watched', () => {
  it('is blocked, is not called again, and is followed to its end when it may be watched again', async () => {
    const fleet = plainFleet(1, { special: { quiet: [0] }, rebuildMinutes: [15, 15] });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      const upgrade = await startUpgrade(rig);
      await waitUntil('it is under rebuild', () => effectsOf(rig, 0).length > 0);
      const denied = { code: 'AccessDeniedException', status: 400 };
      const mend = rig.sandbox.faults.add({ kind: 'error', operation: 'DescribeWorkspaces', ...denied });
      await blockedCount(upgrade, 1);
      mend();
      await resumeAll(upgrade);
      await upgrade.result();
      const [row] = await rowsOf(rig, upgrade);
      assert.equal(row && endOf(row), 'rebuilt quiet');
      assert.deepEqual(effectsOf(rig, 0), ['begun']);
    });
  });
});
