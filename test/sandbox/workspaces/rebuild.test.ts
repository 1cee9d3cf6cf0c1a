import assert from 'node:assert/strict';
import {
  DescribeWorkspacesCommand,
  RebuildWorkspacesCommand,
  UpdateWorkspaceBundleCommand,
} from '@aws-sdk/client-workspaces';
import {
  mostRebuildingAtOnce,
  rebuildCallsOf,
  rebuildIntervals,
  rootImageOf,
} from '../../../sandbox/services/workspaces/ground-truth.ts';
import { startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: RebuildWorkspaces', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(6, {
      special: {
        stopped: [1],
        noSnapshotEver: [2],
        adminMaintenance: [3],
        keyDisabled: [4],
        standby: [5],
      },
    });
  });
  afterEach(() => paused.close());

  async function rebuild(index: number) {
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(index) }];
    const { FailedRequests } = await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    return FailedRequests ?? [];
  }
  async function look(index: number) {
    const { Workspaces } = await paused.workspaces.send(
      new DescribeWorkspacesCommand({ WorkspaceIds: [paused.id(index)] }),
    );
    return Workspaces?.[0];
  }
  const interval = (index = 0) => rebuildIntervals(paused.fleet.place)[index] ?? assert.fail('no rebuild');

  it('shows REBUILDING some seconds after the call, then AVAILABLE with a new private IP in 20 to 60 minutes', async () => {
    const before = await look(0);
    assert.deepEqual(await rebuild(0), []);
    assert.equal((await look(0))?.State, 'AVAILABLE');
    paused.pass(10);
    assert.equal((await look(0))?.State, 'REBUILDING');
    const { from, to } = interval();
    const minutes = ((to ?? 0) - from) / 60_000;
    assert.ok(minutes >= 20 && minutes <= 60, `${minutes} minutes`);
    paused.pass(minutes * 60);
    const afterwards = await look(0);
    assert.equal(afterwards?.State, 'AVAILABLE');
    assert.notEqual(afterwards.IpAddress, before?.IpAddress);
  });

  it('takes the image that the bundle carries at the call', async () => {
    const { place } = paused.fleet;
    await paused.workspaces.send(
      new UpdateWorkspaceBundleCommand({ BundleId: 'wsb-0fleet0001', ImageId: 'wsi-0fleet0002' }),
    );
    assert.equal(rootImageOf(place, paused.id(0)), 'wsi-0fleet0001');
    await rebuild(0);
    paused.pass(2 * 3600);
    assert.equal(rootImageOf(place, paused.id(0)), 'wsi-0fleet0002');
    assert.equal(rootImageOf(place, paused.id(1)), 'wsi-0fleet0001');
  });

  it('leaves a WorkSpace that was STOPPED as the setting says', async () => {
    paused.settings({ stoppedAfterRebuild: 'STOPPED' });
    await rebuild(1);
    paused.pass(2 * 3600);
    assert.equal((await look(1))?.State, 'STOPPED');
  });

  it('refuses, at HTTP 200, what is unknown, has no snapshot of its user volume, or is a standby', async () => {
    assert.equal((await rebuild(2))[0]?.ErrorCode, 'ResourceUnavailable.Snapshot');
    assert.equal((await rebuild(5))[0]?.ErrorCode, 'OperationNotSupported.StandbyWorkspace');
    const RebuildWorkspaceRequests = [{ WorkspaceId: 'ws-000000000' }];
    const unknown = await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    assert.equal(unknown.FailedRequests?.[0]?.WorkspaceId, 'ws-000000000');
    assert.equal(unknown.FailedRequests[0]?.ErrorCode, 'ResourceNotFound.Workspace');
    assert.equal(rebuildIntervals(paused.fleet.place).length, 0);
  });

  it('refuses a WorkSpace that is REBUILDING, with the code that the settings give', async () => {
    await rebuild(0);
    paused.pass(10);
    assert.equal((await rebuild(0))[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    assert.deepEqual(
      rebuildCallsOf(paused.fleet.place, paused.id(0)).map(({ effect }) => effect),
      ['begun', 'refused'],
    );
  });

  it('accepts a second call before the first one shows: nothing in the API prevents it', async () => {
    paused.settings({ lagSeconds: [30, 30] });
    await rebuild(0);
    assert.deepEqual(await rebuild(0), []);
    assert.deepEqual(
      rebuildCallsOf(paused.fleet.place, paused.id(0)).map(({ effect }) => effect),
      ['begun', 'ignored'],
    );
    assert.equal(rebuildIntervals(paused.fleet.place).length, 1);
  });

  it('accepts a call under ADMIN_MAINTENANCE and does nothing', async () => {
    assert.deepEqual(await rebuild(3), []);
    paused.pass(60);
    assert.equal((await look(3))?.State, 'ADMIN_MAINTENANCE');
    assert.equal(rebuildIntervals(paused.fleet.place).length, 0);
  });

  it('leaves a WorkSpace whose key is disabled in ERROR', async () => {
    await rebuild(4);
    paused.pass(2 * 3600);
    const afterwards = await look(4);
    assert.equal(afterwards?.State, 'ERROR');
    assert.equal(afterwards.ErrorCode, 'KmsKeyNotUsable.Workspace');
  });

  it('ends in ERROR, or never, when a rule says so, and can be called again after ERROR', async () => {
    const where = { operation: 'RebuildWorkspaces', resource: paused.id(0), count: 1 };
    paused.sandbox.faults.add({ kind: 'fail', ...where, code: 'Image.Broken' });
    await rebuild(0);
    paused.pass(2 * 3600);
    const failed = await look(0);
    assert.deepEqual([failed?.State, failed?.ErrorCode], ['ERROR', 'Image.Broken']);
    paused.sandbox.faults.add({ kind: 'stuck', ...where });
    assert.deepEqual(await rebuild(0), []);
    paused.pass(48 * 3600);
    assert.equal((await look(0))?.State, 'REBUILDING');
    assert.equal(interval(1).to, null);
  });

  it('counts how many are REBUILDING at once', async () => {
    await rebuild(0);
    paused.pass(60);
    await rebuild(1);
    assert.equal(mostRebuildingAtOnce(paused.fleet.place), 2);
    paused.pass(3 * 3600);
    await rebuild(0);
    assert.equal(mostRebuildingAtOnce(paused.fleet.place), 2);
  });

  it('takes exactly one WorkSpace a call', async () => {
    const RebuildWorkspaceRequests = [0, 1].map((index) => ({ WorkspaceId: paused.id(index) }));
    await assert.rejects(paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests })));
    await assert.rejects(paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests: [] })));
  });
});
