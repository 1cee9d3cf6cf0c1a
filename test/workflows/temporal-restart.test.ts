/** The Temporal server goes away in the middle of a run; its database stays, and so does the worker. */
import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { locksHeld } from '../rig/locks.ts';
import { ownTemporal, type OwnTemporal } from '../rig/own-temporal.ts';
import { idOf, outcomesOf, rebuildEffects, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, upgradeInput, waitUntil, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

describe('a Temporal server that is stopped and started again', function () {
  this.timeout(180_000);
  let temporal: OwnTemporal;
  let rig: Rig;
  before(async () => {
    temporal = await ownTemporal();
    rig = await startRig({ fleet: plainFleet(6, { special: { rebuildFails: [2] } }), temporal });
  });
  after(async () => {
    await rig.close();
    await temporal.close();
  });

  it('loses nothing: not while snapshots are waited for, nor when it crashes with a rebuild call under way', async () => {
    // Each time it is away for a second or two, about an hour of AWS's time, and calls that were under way are
    // missed after 10 real seconds, five and a half hours.
    const due = [100, 110, 120, 130, 420, 420];
    snapshotsDue(rig, (index) => due[index] ?? 0);
    desktopOf(rig, 5).snapshotPauses = [{ from: rig.fleet.start, to: Infinity }];
    const input = upgradeInput({ maxConcurrent: 2, waitTimeoutMinutes: 480, rebuildTimeoutMinutes: 20_160 });
    const upgrade = await startUpgrade(rig, input);
    const steps = async (): Promise<string> => (await rowsOf(rig, upgrade)).map(({ step }) => step).join(' ');
    await waitUntil('all wait', async () => /^(snapshot ?){6}$/.test(await steps()));
    await temporal.restart();

    const { faults, recorder } = rig.sandbox;
    // The reply comes when nobody is there to tell it to.
    faults.add({ kind: 'slow', operation: 'RebuildWorkspaces', resource: idOf(rig, 0), seconds: 1000 });
    await waitUntil('a rebuild has begun', () => rebuildEffects(rig, 0).length > 0);
    await temporal.crash();

    const result = await upgrade.result();
    assert.equal(result.outcome, 'partiallyFailed');
    const outcomes = await outcomesOf(rig, upgrade);
    assert.deepEqual(
      rig.fleet.members.map(({ workspaceId }) => outcomes[workspaceId]?.replace(' lateSnapshot', '')),
      ['rebuilt', 'rebuilt', 'rebuildFailed failed', 'rebuilt', 'rebuilt', 'timedOutWaiting noFreshSnapshot'],
    );
    assert.deepEqual(Object.values(rebuildsBegun(rig)), [1, 1, 1, 1, 1, 0]);
    assert.equal(recorder.count({ operation: 'RebuildWorkspaces' }), 5);
    assert.equal((await reportOf(rig)).workspaces.length, 6);
    assert.deepEqual(await locksHeld(rig), {});
  });
});
