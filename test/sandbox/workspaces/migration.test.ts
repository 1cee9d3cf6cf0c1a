import assert from 'node:assert/strict';
import {
  DescribeTagsCommand,
  DescribeWorkspaceSnapshotsCommand,
  DescribeWorkspacesCommand,
  MigrateWorkspaceCommand,
  ModifyWorkspaceStateCommand,
  RebuildWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { migrationIntervals, rootImageOf } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { bundles, desktops, images } from '../../../sandbox/services/workspaces/rows.ts';
import type { Bundle, Desktop, Image } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const { otherBundleId, otherImageId, bundleId } = WELL_KNOWN;

describe('sandbox: MigrateWorkspace', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(9, {
      special: {
        stopped: [1],
        migrateFails: [2],
        adminMaintenance: [3],
        hasStandby: [4],
        standby: [5],
        noSnapshotEver: [6],
        keyDisabled: [7],
        inError: [8],
      },
    });
  });
  afterEach(() => paused.close());

  async function migrate(index: number, BundleId: string = otherBundleId): Promise<string> {
    const SourceWorkspaceId = paused.id(index);
    const output = await paused.workspaces.send(new MigrateWorkspaceCommand({ SourceWorkspaceId, BundleId }));
    assert.equal(output.SourceWorkspaceId, SourceWorkspaceId);
    return output.TargetWorkspaceId ?? assert.fail('no id');
  }
  async function look(id: string) {
    const { Workspaces } = await paused.workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [id] }));
    return Workspaces?.[0];
  }
  const rowOf = (index: number): Desktop => desktops(paused.fleet.place).get(paused.id(index)) ?? assert.fail('no row');
  /** Until the migration of that WorkSpace has ended, one way or the other. */
  function passMigration(index: number): void {
    const to = rowOf(index).migrations.at(-1)?.to ?? assert.fail('it never ends');
    paused.pass((to - paused.now()) / 1000 + 1);
  }

  it('gives an id that is not shown at first, then PENDING, and AVAILABLE within an hour', async () => {
    const target = await migrate(0);
    assert.match(target, /^ws-[0-9a-z]{9}$/);
    assert.equal(await look(target), undefined);
    paused.pass(20);
    const pending = await look(target);
    assert.deepEqual(
      [pending?.State, pending?.BundleId, pending?.IpAddress, pending?.ComputerName],
      ['PENDING', otherBundleId, undefined, undefined],
    );
    const { from, to, end } = migrationIntervals(paused.fleet.place)[0] ?? assert.fail('no migration');
    assert.ok(end === 'moved' && to !== null && to - from >= 20 * 60_000 && to - from <= 60 * 60_000);
    passMigration(0);
    assert.equal((await look(target))?.State, 'AVAILABLE');
  });

  it('keeps user, directory, running mode and tags; computer name, address and root volume are new', async () => {
    const before = await look(paused.id(1));
    const tagsOf = async (ResourceId: string) =>
      (await paused.workspaces.send(new DescribeTagsCommand({ ResourceId }))).TagList;
    const tags = await tagsOf(paused.id(1));
    const target = await migrate(1);
    passMigration(1);
    const moved = await look(target);
    assert.equal(moved?.State, 'AVAILABLE');
    assert.deepEqual(
      [moved.UserName, moved.DirectoryId, moved.WorkspaceProperties],
      [before?.UserName, before?.DirectoryId, before?.WorkspaceProperties],
    );
    assert.deepEqual(await tagsOf(target), tags);
    assert.notEqual(moved.ComputerName, before?.ComputerName);
    assert.notEqual(moved.IpAddress, before?.IpAddress);
    assert.equal(rootImageOf(paused.fleet.place, target), otherImageId);
    const none = await paused.workspaces.send(new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: target }));
    assert.deepEqual(none.RebuildSnapshots, []);
    paused.pass(31 * 60);
    const first = await paused.workspaces.send(new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: target }));
    assert.equal(first.RebuildSnapshots?.length, 1);
  });

  it('shows the source as it was until the end, then TERMINATING for some minutes, then not at all', async () => {
    await migrate(0);
    paused.pass(19 * 60);
    assert.equal((await look(paused.id(0)))?.State, 'AVAILABLE');
    passMigration(0);
    assert.equal((await look(paused.id(0)))?.State, 'TERMINATING');
    paused.pass(5 * 60);
    assert.equal(await look(paused.id(0)), undefined);
  });

  it('shows the source in another state meanwhile, where the settings say so', async () => {
    paused.settings({ migratingState: 'SUSPENDED' });
    await migrate(2);
    paused.pass(60);
    assert.equal((await look(paused.id(2)))?.State, 'SUSPENDED');
    passMigration(2);
    assert.equal((await look(paused.id(2)))?.State, 'AVAILABLE');
  });

  it('fails without a word: the source stays, the new id is gone', async () => {
    const before = await look(paused.id(2));
    const target = await migrate(2);
    paused.pass(60);
    assert.equal((await look(target))?.State, 'PENDING');
    passMigration(2);
    assert.equal(await look(target), undefined);
    assert.deepEqual(await look(paused.id(2)), before);
    assert.equal(migrationIntervals(paused.fleet.place)[0]?.end, 'failed');
  });

  it('fails so too when its key is disabled or a rule says so, and never ends when one says that', async () => {
    await migrate(7);
    const resource = paused.id(0);
    paused.sandbox.faults.add({ kind: 'fail', operation: 'MigrateWorkspace', resource, count: 1 });
    await migrate(0);
    passMigration(0);
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'MigrateWorkspace', resource, count: 1 });
    const target = await migrate(0);
    paused.pass(48 * 3600);
    assert.equal((await look(target))?.State, 'PENDING');
    const ends = migrationIntervals(paused.fleet.place).map(({ end }) => end);
    assert.deepEqual(ends, ['failed', 'failed', null]);
  });

  it('lets nothing else be done with the source meanwhile', async () => {
    await migrate(0);
    const WorkspaceId = paused.id(0);
    const RebuildWorkspaceRequests = [{ WorkspaceId }];
    const { FailedRequests } = await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    assert.equal(FailedRequests?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    await refused(migrate(0), 'OperationInProgressException');
    const toMaintenance = new ModifyWorkspaceStateCommand({ WorkspaceId, WorkspaceState: 'ADMIN_MAINTENANCE' });
    await refused(paused.workspaces.send(toMaintenance), 'InvalidResourceStateException');
  });

  it('takes STOPPED and ERROR too, and refuses other states and a rebuild that was just accepted', async () => {
    await migrate(1);
    await migrate(8);
    await refused(migrate(3), 'OperationNotSupportedException', /is ADMIN_MAINTENANCE/);
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
    await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    await refused(migrate(0), 'OperationInProgressException');
    paused.pass(60);
    await refused(migrate(0), 'OperationNotSupportedException', /is REBUILDING/);
  });

  it('refuses its own bundle, either half of a Multi-Region pair, and one without a snapshot', async () => {
    await refused(migrate(0, bundleId), 'InvalidParameterValuesException', /already/);
    await refused(migrate(4), 'OperationNotSupportedException', /has a standby/);
    await refused(migrate(5), 'OperationNotSupportedException', /standby WorkSpace/);
    await refused(migrate(6), 'ResourceUnavailableException', /no snapshot/);
  });

  it('refuses Linux on either side', async () => {
    const { place } = paused.fleet;
    const image = images(place).get(otherImageId) as Image;
    images(place).set(otherImageId, { ...image, operatingSystem: 'LINUX' });
    await refused(migrate(0), 'OperationNotSupportedException', /Linux/);
    images(place).set(otherImageId, image);
    desktops(place).set(paused.id(0), { ...rowOf(0), operatingSystem: 'UBUNTU_22_04' });
    await refused(migrate(0), 'OperationNotSupportedException', /Linux/);
  });

  it('refuses to leave or take up BYOL, and goes from BYOL to BYOL', async () => {
    const { place } = paused.fleet;
    const setByol = (imageId: string, byol: boolean) =>
      images(place).set(imageId, { ...(images(place).get(imageId) as Image), byol });
    setByol(otherImageId, true);
    await refused(migrate(0), 'OperationNotSupportedException', /BYOL/);
    setByol(WELL_KNOWN.oldImageId, true);
    await migrate(0);
    setByol(otherImageId, false);
    await refused(migrate(1), 'OperationNotSupportedException', /BYOL/);
  });

  it('refuses a WorkSpace and a bundle that are not there, and a bundle that is not ready', async () => {
    await refused(migrate(0, 'wsb-000000000'), 'ResourceNotFoundException', /bundle/);
    const input = { SourceWorkspaceId: 'ws-000000000', BundleId: otherBundleId };
    await refused(paused.workspaces.send(new MigrateWorkspaceCommand(input)), 'ResourceNotFoundException', /WorkSpace/);
    const { place } = paused.fleet;
    bundles(place).set(otherBundleId, { ...(bundles(place).get(otherBundleId) as Bundle), state: 'PENDING' });
    await refused(migrate(0), 'ResourceUnavailableException', /PENDING/);
  });
});
