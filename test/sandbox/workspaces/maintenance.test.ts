import assert from 'node:assert/strict';
import {
  DescribeWorkspacesCommand,
  DescribeWorkspacesConnectionStatusCommand,
  ModifyWorkspaceStateCommand,
  RebootWorkspacesCommand,
  RebuildWorkspacesCommand,
  StopWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { rebuildIntervals } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { desktops } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: ModifyWorkspaceState', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(4, { special: { autoStop: [1], stopped: [2], connected: [3] } });
  });
  afterEach(() => paused.close());

  const modify = (index: number, WorkspaceState: 'AVAILABLE' | 'ADMIN_MAINTENANCE') =>
    paused.workspaces.send(new ModifyWorkspaceStateCommand({ WorkspaceId: paused.id(index), WorkspaceState }));
  async function state(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0]?.State;
  }
  async function connection(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    const output = await paused.workspaces.send(new DescribeWorkspacesConnectionStatusCommand(input));
    return output.WorkspacesConnectionStatus?.[0]?.ConnectionState;
  }
  const rowOf = (index: number) => desktops(paused.fleet.place).get(paused.id(index)) ?? assert.fail('no row');
  const request = (index: number) => [{ WorkspaceId: paused.id(index) }];

  it('puts an AVAILABLE WorkSpace under ADMIN_MAINTENANCE at once, and back', async () => {
    await modify(0, 'ADMIN_MAINTENANCE');
    assert.equal(await state(0), 'ADMIN_MAINTENANCE');
    await modify(0, 'ADMIN_MAINTENANCE');
    await modify(0, 'AVAILABLE');
    assert.equal(await state(0), 'AVAILABLE');
  });

  it('reboot, stop and rebuild are accepted in it, and nothing comes of them', async () => {
    await modify(1, 'ADMIN_MAINTENANCE');
    const { workspaces } = paused;
    const replies = [
      await workspaces.send(new RebootWorkspacesCommand({ RebootWorkspaceRequests: request(1) })),
      await workspaces.send(new StopWorkspacesCommand({ StopWorkspaceRequests: request(1) })),
      await workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests: request(1) })),
    ];
    assert.ok(replies.every(({ FailedRequests }) => FailedRequests?.length === 0));
    paused.pass(600);
    assert.equal(await state(1), 'ADMIN_MAINTENANCE');
    assert.equal(rebuildIntervals(paused.fleet.place).length, 0);
  });

  it('AUTO_STOP does not stop a WorkSpace in it; afterwards it does, an hour later', async () => {
    await modify(1, 'ADMIN_MAINTENANCE');
    const leaves = rowOf(1).connections[0]?.to ?? 0;
    paused.pass((leaves - paused.now()) / 1000 + 3 * 3600);
    assert.equal(await state(1), 'ADMIN_MAINTENANCE');
    await modify(1, 'AVAILABLE');
    paused.pass(3500);
    assert.equal(await state(1), 'AVAILABLE');
    paused.pass(200);
    assert.equal(await state(1), 'STOPPED');
  });

  it('lets nobody sign in; who is connected stays', async () => {
    rowOf(0).connections.push({ from: paused.now() + 60_000, to: paused.now() + 3_600_000 });
    await modify(0, 'ADMIN_MAINTENANCE');
    await modify(3, 'ADMIN_MAINTENANCE');
    paused.pass(900);
    assert.equal(await connection(0), 'DISCONNECTED');
    assert.equal(await connection(3), 'CONNECTED');
  });

  it('does not stop a rebuild that was accepted a moment before', async () => {
    paused.settings({ lagSeconds: [30, 30] });
    await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests: request(0) }));
    await modify(0, 'ADMIN_MAINTENANCE');
    assert.equal(await state(0), 'ADMIN_MAINTENANCE');
    paused.pass(30);
    assert.equal(await state(0), 'REBUILDING');
    await refused(modify(0, 'ADMIN_MAINTENANCE'), 'InvalidResourceStateException', /is REBUILDING/);
  });

  it('refuses a WorkSpace that is STOPPED, and one that is not there', async () => {
    await refused(modify(2, 'ADMIN_MAINTENANCE'), 'InvalidResourceStateException', /is STOPPED/);
    const input = { WorkspaceId: 'ws-000000000', WorkspaceState: 'AVAILABLE' } as const;
    await refused(paused.workspaces.send(new ModifyWorkspaceStateCommand(input)), 'ResourceNotFoundException');
  });
});
