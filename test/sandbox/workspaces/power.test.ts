import assert from 'node:assert/strict';
import {
  DescribeWorkspacesCommand,
  RebootWorkspacesCommand,
  StartWorkspacesCommand,
  StopWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { desktops } from '../../../sandbox/services/workspaces/rows.ts';
import { startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: starting, stopping, rebooting and AUTO_STOP', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(6, {
      special: { stopped: [1], autoStop: [2], maintenance: [3], keyDisabled: [4], suspended: [5] },
    });
  });
  afterEach(() => paused.close());

  const request = (index: number) => [{ WorkspaceId: paused.id(index) }];
  const start = async (index: number) =>
    (await paused.workspaces.send(new StartWorkspacesCommand({ StartWorkspaceRequests: request(index) })))
      .FailedRequests;
  const stop = async (index: number) =>
    (await paused.workspaces.send(new StopWorkspacesCommand({ StopWorkspaceRequests: request(index) }))).FailedRequests;
  const reboot = async (index: number) =>
    (await paused.workspaces.send(new RebootWorkspacesCommand({ RebootWorkspaceRequests: request(index) })))
      .FailedRequests;
  async function state(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0]?.State;
  }
  const rowOf = (index: number) => desktops(paused.fleet.place).get(paused.id(index)) ?? assert.fail('no row');

  it('starts a STOPPED WorkSpace in less than 90 seconds; with nobody there it stops after its hour', async () => {
    assert.deepEqual(await start(1), []);
    assert.equal(await state(1), 'STARTING');
    paused.pass(90);
    assert.equal(await state(1), 'AVAILABLE');
    const availableAt = rowOf(1).log.at(-1)?.at ?? 0;
    paused.pass((availableAt - paused.now()) / 1000 + 3600);
    assert.equal(await state(1), 'STOPPING');
    paused.pass(60);
    assert.equal(await state(1), 'STOPPED');
  });

  it('stops an AUTO_STOP WorkSpace an hour after its user left, not while the user is there', async () => {
    const leaves = rowOf(2).connections[0]?.to ?? 0;
    paused.pass((leaves - paused.now()) / 1000 + 3500);
    assert.equal(await state(2), 'AVAILABLE');
    paused.pass(200);
    assert.equal(await state(2), 'STOPPED');
  });

  it('starts by itself when its user comes', async () => {
    rowOf(1).connections.push({ from: paused.now() + 600_000, to: paused.now() + 1_200_000 });
    paused.pass(590);
    assert.equal(await state(1), 'STOPPED');
    paused.pass(20);
    assert.equal(await state(1), 'STARTING');
    paused.pass(60);
    assert.equal(await state(1), 'AVAILABLE');
  });

  it('refuses to start or stop an ALWAYS_ON WorkSpace, at HTTP 200', async () => {
    assert.equal((await start(0))?.[0]?.ErrorCode, 'OperationNotSupported.RunningMode');
    assert.equal((await stop(0))?.[0]?.ErrorCode, 'OperationNotSupported.RunningMode');
  });

  it('refuses to start what runs and to stop what is stopped, with the code that the settings give', async () => {
    assert.equal((await start(2))?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    assert.equal((await stop(1))?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
  });

  it('stops an AVAILABLE one through STOPPING', async () => {
    assert.deepEqual(await stop(2), []);
    assert.equal(await state(2), 'STOPPING');
    paused.pass(90);
    assert.equal(await state(2), 'STOPPED');
  });

  it('reboots in minutes; one REBOOTING can be rebooted again only after 20 minutes', async () => {
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'RebootWorkspaces', count: 1 });
    assert.deepEqual(await reboot(0), []);
    paused.pass(19 * 60);
    assert.equal(await state(0), 'REBOOTING');
    assert.equal((await reboot(0))?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    paused.pass(60);
    assert.deepEqual(await reboot(0), []);
    paused.pass(5 * 60);
    assert.equal(await state(0), 'AVAILABLE');
  });

  it('leaves a rebooted WorkSpace whose key is disabled in ERROR', async () => {
    await reboot(4);
    paused.pass(5 * 60);
    assert.equal(await state(4), 'ERROR');
  });

  it('shows MAINTENANCE for its window only, and ignores calls in it', async () => {
    const window = rowOf(3).maintenance[0] ?? assert.fail('no window');
    assert.equal(await state(3), 'AVAILABLE');
    paused.pass((window.from - paused.now()) / 1000);
    assert.equal(await state(3), 'MAINTENANCE');
    assert.deepEqual(await reboot(3), []);
    assert.equal(await state(3), 'MAINTENANCE');
    paused.pass(100 * 60);
    assert.equal(await state(3), 'AVAILABLE');
  });

  it('shows SUSPENDED until the image of it is made', async () => {
    assert.equal(await state(5), 'SUSPENDED');
    assert.equal((await reboot(5))?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    paused.pass(35 * 60);
    assert.equal(await state(5), 'AVAILABLE');
  });
});
