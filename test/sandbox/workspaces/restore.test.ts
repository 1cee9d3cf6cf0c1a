import assert from 'node:assert/strict';
import {
  CreateWorkspaceImageCommand,
  DescribeWorkspaceSnapshotsCommand,
  DescribeWorkspacesCommand,
  MigrateWorkspaceCommand,
  RebuildWorkspacesCommand,
  RestoreWorkspaceCommand,
  UpdateWorkspaceBundleCommand,
} from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { restores, rootImageOf, userVolumeOf } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { desktops } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const MINUTES = 60;
const { bundleId, otherBundleId, oldImageId, newImageId } = WELL_KNOWN;

describe('sandbox: RestoreWorkspace', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(8, {
      special: {
        stopped: [1],
        adminMaintenance: [2],
        noSnapshotEver: [3],
        standby: [4],
        unhealthy: [5],
        keyDisabled: [6],
      },
    });
    paused.settings({ restoreMinutes: [30, 30], rebuildMinutes: [30, 30] });
  });
  afterEach(() => paused.close());

  const restore = (index: number) =>
    paused.workspaces.send(new RestoreWorkspaceCommand({ WorkspaceId: paused.id(index) }));
  async function look(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0];
  }
  async function snapshots(index: number) {
    const command = new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: paused.id(index) });
    const { RebuildSnapshots, RestoreSnapshots } = await paused.workspaces.send(command);
    const time = (of: typeof RestoreSnapshots) => of?.[0]?.SnapshotTime?.getTime();
    return { rebuild: time(RebuildSnapshots), restore: time(RestoreSnapshots) };
  }
  const volume = (id: string) => userVolumeOf(paused.fleet.place, id);
  async function rebuild(index: number): Promise<void> {
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(index) }];
    const { FailedRequests } = await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    assert.deepEqual(FailedRequests, []);
    const last = desktops(paused.fleet.place).get(paused.id(index))?.rebuilds.at(-1);
    paused.pass(((last?.to ?? 0) - paused.now()) / 1000 + 1);
  }

  it('answers nothing, shows RESTORING some seconds later and AVAILABLE at the end, with the same address', async () => {
    const before = await look(0);
    await restore(0);
    assert.equal((await look(0))?.State, 'AVAILABLE');
    paused.pass(10);
    assert.equal((await look(0))?.State, 'RESTORING');
    paused.pass(30 * MINUTES);
    assert.deepEqual(await look(0), before);
  });

  it('brings both volumes back as they were at the newest snapshot of both', async () => {
    const { restore: snapshot } = await snapshots(0);
    const before = volume(paused.id(0));
    await paused.workspaces.send(new UpdateWorkspaceBundleCommand({ BundleId: bundleId, ImageId: newImageId }));
    await restore(0);
    paused.pass(31 * MINUTES);
    assert.equal(rootImageOf(paused.fleet.place, paused.id(0)), oldImageId);
    assert.deepEqual(volume(paused.id(0)), { ...before, dataOf: snapshot });
    assert.equal(restores(paused.fleet.place)[0]?.snapshotAt, snapshot);
  });

  it('refuses a second one from the call on, and until there is a new snapshot, about 30 minutes after it', async () => {
    await restore(0);
    await refused(restore(0), 'OperationNotSupportedException');
    paused.pass(31 * MINUTES);
    assert.equal((await snapshots(0)).restore, undefined);
    await refused(restore(0), 'OperationNotSupportedException', /no snapshots/);
    paused.pass(30 * MINUTES);
    assert.ok((await snapshots(0)).restore);
    await restore(0);
  });

  it('uses an older snapshot of both volumes while an unhealthy one has newer ones of its user volume', async () => {
    paused.pass(12 * 3600);
    const { rebuild: user, restore: both } = await snapshots(5);
    assert.ok(user && both && both < user);
    await restore(5);
    paused.pass(31 * MINUTES);
    assert.deepEqual([(await look(5))?.State, volume(paused.id(5))?.dataOf], ['AVAILABLE', both]);
  });

  it('refuses without a snapshot, a standby, and other states; does nothing under maintenance', async () => {
    await refused(restore(3), 'OperationNotSupportedException', /no snapshots/);
    await refused(restore(4), 'OperationNotSupportedException', /standby/);
    const unknown = new RestoreWorkspaceCommand({ WorkspaceId: 'ws-000000000' });
    await refused(paused.workspaces.send(unknown), 'ResourceNotFoundException');
    const image = { WorkspaceId: paused.id(7), Name: 'image', Description: 'Image' };
    await paused.workspaces.send(new CreateWorkspaceImageCommand(image));
    await refused(restore(7), 'OperationNotSupportedException', /SUSPENDED/);
    await restore(2);
    paused.pass(10);
    assert.equal((await look(2))?.State, 'ADMIN_MAINTENANCE');
    assert.equal(restores(paused.fleet.place).length, 0);
  });

  it('leaves one that was STOPPED as the setting says, and one whose key is disabled in ERROR', async () => {
    await restore(1);
    await restore(6);
    paused.pass(31 * MINUTES);
    assert.deepEqual([(await look(1))?.State, (await look(6))?.State], ['AVAILABLE', 'ERROR']);
  });

  it('fails or never ends by rule; after a failure the snapshot is still good', async () => {
    paused.sandbox.faults.add({ kind: 'fail', operation: 'RestoreWorkspace', count: 1 });
    const { restore: snapshot } = await snapshots(0);
    await restore(0);
    paused.pass(31 * MINUTES);
    assert.deepEqual([(await look(0))?.State, (await snapshots(0)).restore], ['ERROR', snapshot]);
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'RestoreWorkspace', count: 1 });
    await restore(0);
    paused.pass(24 * 3600);
    assert.equal((await look(0))?.State, 'RESTORING');
  });

  it('keeps the user volume through a rebuild and a migration too, each as of its newest snapshot', async () => {
    const first = await snapshots(0);
    const before = volume(paused.id(0))?.volumeId ?? assert.fail('no volume');
    await rebuild(0);
    assert.deepEqual(volume(paused.id(0)), { volumeId: before, dataOf: first.rebuild });
    paused.pass(31 * MINUTES);
    const second = await snapshots(0);
    const input = { SourceWorkspaceId: paused.id(0), BundleId: otherBundleId };
    const { TargetWorkspaceId = '' } = await paused.workspaces.send(new MigrateWorkspaceCommand(input));
    paused.pass(70 * MINUTES);
    assert.deepEqual(volume(TargetWorkspaceId), { volumeId: before, dataOf: second.rebuild });
    assert.equal(volume(paused.id(0)), undefined);
  });
});
