/** WorkSpaces of another bundle are moved to this one when that is asked: never twice, and never where AWS would lose one. */
import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { migrationIntervals, rootImageOf } from '../../sandbox/services/workspaces/ground-truth.ts';
import { desktops } from '../../sandbox/services/workspaces/rows.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';
import { desktopOf } from '../rig/world.ts';
import { reportOf, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, upgradeInput, type Rig } from '../rig/upgrade.ts';

/** What becomes of each WorkSpace of the other bundle. */
const NAMES = ['plain', 'fails', 'replyLost', 'hasStandby', 'connectionCut'] as const;
type Name = (typeof NAMES)[number];

describe('the migration of WorkSpaces of another bundle', function () {
  this.timeout(120_000);
  let rig: Rig;
  let rows: readonly Row[];
  let listed: readonly (string | null)[];
  let callsWhenListed: number;

  const idOf = (name: Name): string => rig.fleet.onOtherBundle[NAMES.indexOf(name)]?.workspaceId ?? assert.fail(name);
  const rowOf = (name: Name): Row =>
    rows.find(({ workspaceId }) => workspaceId === idOf(name)) ?? assert.fail(`no row of ${name}`);
  const callsFor = (name: Name): string[] =>
    rig.sandbox.recorder.calls({ operation: 'MigrateWorkspace', resource: idOf(name) }).map(({ outcome }) => outcome);
  const migrationsOf = (name: Name) =>
    migrationIntervals(rig.fleet.place).filter(({ workspaceId }) => workspaceId === idOf(name));
  const bundleAndState = (workspaceId: string) => {
    const desktop = desktops(rig.fleet.place).get(workspaceId);
    return [desktop?.bundleId, desktop && viewAt(desktop, rig.sandbox.clock.now())?.state];
  };

  before(async () => {
    const outside = { otherBundle: NAMES.length, untagged: 0 };
    rig = await startRig({ fleet: plainFleet(1, { outside, special: { quiet: [0] }, rebuildMinutes: [5, 5] }) });
    const { place } = rig.fleet;
    const table = desktops(place);
    const quiet = desktopOf(rig, 0).connections;
    for (const name of NAMES) {
      const desktop = table.get(idOf(name)) ?? assert.fail(name);
      desktop.connections = quiet;
      desktop.migrationPlan = name === 'fails' ? { end: 'fail' } : { minutes: 40 };
      const related = { workspaceId: 'ws-1standby1', region: 'eu-west-1', type: 'STANDBY' as const };
      if (name === 'hasStandby') table.set(desktop.workspaceId, { ...desktop, related });
    }
    snapshotsDue(rig, () => 600);
    await (await startUpgrade(rig, upgradeInput({ otherBundle: 'list' }))).result();
    const { workspaces } = await reportOf(rig);
    listed = NAMES.map((name) => workspaces.find((each) => each.workspaceId === idOf(name))?.outcome ?? null);
    callsWhenListed = rig.sandbox.recorder.count({ operation: 'MigrateWorkspace' });

    const migrate = { service: 'workspaces', operation: 'MigrateWorkspace', count: 1 };
    rig.sandbox.faults.add({ ...migrate, kind: 'resetAfter', resource: idOf('replyLost') });
    rig.sandbox.faults.add({ ...migrate, kind: 'resetBefore', resource: idOf('connectionCut') });
    const selection = { ...upgradeInput().selection, workspaceIds: NAMES.map(idOf) };
    const upgrade = await startUpgrade(rig, upgradeInput({ otherBundle: 'migrate', selection }));
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  it('is not done when they are only to be listed', () => {
    assert.deepEqual(
      listed,
      NAMES.map(() => 'skipped'),
    );
    assert.equal(callsWhenListed, 0);
  });

  it('gives the user a new WorkSpace on this bundle, with the new image, in place of the old one', () => {
    const { outcome, newWorkspaceId } = rowOf('plain');
    assert.equal(outcome, 'migrated');
    assert.equal(newWorkspaceId, migrationsOf('plain')[0]?.targetId);
    assert.deepEqual(bundleAndState(newWorkspaceId ?? ''), [WELL_KNOWN.bundleId, 'AVAILABLE']);
    assert.equal(rootImageOf(rig.fleet.place, newWorkspaceId ?? ''), WELL_KNOWN.newImageId);
    assert.deepEqual(bundleAndState(idOf('plain'))[1], undefined, 'the old one is gone');
  });

  it('that fails silently is known after an hour, and leaves the WorkSpace where it was', () => {
    const { outcome, reason } = rowOf('fails');
    assert.deepEqual([outcome, reason?.code], ['rebuildFailed', 'migrationFailed']);
    assert.deepEqual(callsFor('fails'), ['ok'], 'a person decides whether it is tried again');
    assert.deepEqual(bundleAndState(idOf('fails')), [WELL_KNOWN.otherBundleId, 'AVAILABLE']);
  });

  it('is looked at along with others: one call shows several, both WorkSpaces of each', () => {
    const { newWorkspaceId } = rowOf('plain');
    const looks = rig.sandbox.recorder.calls({ operation: 'DescribeWorkspaces', resource: newWorkspaceId ?? '' });
    const shared = looks.filter(({ resources }) =>
      (['plain', 'fails'] as const).every((name) => resources.includes(idOf(name))),
    );
    assert.ok(shared.length > 0, JSON.stringify(looks.map(({ resources }) => resources)));
  });

  it('whose reply is lost is found, and not begun again', () => {
    const { outcome, newWorkspaceId } = rowOf('replyLost');
    assert.equal(outcome, 'migrated');
    assert.deepEqual(callsFor('replyLost'), ['resetAfter']);
    assert.deepEqual(
      [newWorkspaceId],
      migrationsOf('replyLost').map(({ targetId }) => targetId),
    );
  });

  it('whose call never arrived ends as a failure: nobody calls it twice', () => {
    const { outcome, reason } = rowOf('connectionCut');
    assert.deepEqual([outcome, reason?.code], ['rebuildFailed', 'migrationFailed']);
    assert.deepEqual(callsFor('connectionCut'), ['resetBefore']);
    assert.deepEqual(bundleAndState(idOf('connectionCut')), [WELL_KNOWN.otherBundleId, 'AVAILABLE']);
  });

  it('does not touch a WorkSpace that has a standby', () => {
    assert.ok(!rows.some(({ workspaceId }) => workspaceId === idOf('hasStandby')));
    assert.deepEqual(callsFor('hasStandby'), []);
    assert.deepEqual(bundleAndState(idOf('hasStandby')), [WELL_KNOWN.otherBundleId, 'AVAILABLE']);
  });
});
