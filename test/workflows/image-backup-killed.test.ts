/** A worker that dies while images are made: its successor knows only what Temporal and AWS tell it. */
import assert from 'node:assert/strict';
import { IMAGES_LIMIT, limitId } from '../../domain/limits.ts';
import { workspaceLocksId } from '../../domain/workspace-locks.ts';
import { backupFleet } from '../../sandbox/scenarios.ts';
import { imagesMade, suspensions } from '../../sandbox/services/workspaces/ground-truth.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';
import { backupInput, endingsOf, startBackup } from '../rig/backup.ts';
import { forgetCaches, killableWorkers, type KillableWorkers } from '../rig/killable-worker.ts';
import { idOf } from '../rig/truth.ts';
import { startRig, target, waitUntil, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

describe('a worker that is killed while images are made', function () {
  this.timeout(120_000);
  let rig: Rig;
  let workers: KillableWorkers;
  afterEach(async () => {
    await workers.close();
    await rig.close();
  });

  it('leaves no second image, no WorkSpace running that was stopped, and nothing unfollowed', async () => {
    rig = await startRig({ fleet: backupFleet(3, { special: { stopped: [1] } }), worker: false });
    changeSettings(rig.fleet.place, { imageMinutes: [40, 45] });
    rig.sandbox.clock.pause();
    workers = await killableWorkers(rig);
    await workers.start();
    rig.sandbox.clock.resume();
    const { faults } = rig.sandbox;
    // Its answer is still to come when the worker dies: the image is made, and nobody knows of it.
    faults.add({ kind: 'slow', operation: 'CreateWorkspaceImage', resource: idOf(rig, 2), seconds: 100_000 });
    // A call without an end is given up after ten real seconds, hours of AWS's time at this speed.
    const patient = { imageTimeoutMinutes: 1_440, runTimeoutMinutes: 20_160 };
    const backup = await startBackup(rig, backupInput({ startStopped: true, ...patient }));
    await waitUntil('all images are begun', () => suspensions(rig.fleet.place).length === 3);
    await workers.kill();
    faults.clear();
    const shared = [workspaceLocksId(target), limitId(target, IMAGES_LIMIT)];
    await forgetCaches(rig, [backup.workflowId, ...shared]);
    await workers.start();

    const result = await backup.result();
    assert.equal(result.outcome, 'completed');
    assert.deepEqual(await endingsOf(rig, backup), ['imaged', 'imaged', 'imaged']);
    assert.equal(imagesMade(rig.fleet.place).length, 3);
    assert.equal(viewAt(desktopOf(rig, 1), rig.sandbox.clock.now())?.state, 'STOPPED');
  });
});
