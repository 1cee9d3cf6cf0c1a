import assert from 'node:assert/strict';
import { DescribeWorkspacesConnectionStatusCommand, RebuildWorkspacesCommand } from '@aws-sdk/client-workspaces';
import { desktops } from '../../../sandbox/services/workspaces/rows.ts';
import { startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: DescribeWorkspacesConnectionStatus', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(30, { special: { stopped: [1], neverConnected: [2], connected: [3] } });
  });
  afterEach(() => paused.close());

  async function status(...indexes: number[]) {
    const WorkspaceIds = indexes.map((index) => paused.id(index));
    const output = await paused.workspaces.send(new DescribeWorkspacesConnectionStatusCommand({ WorkspaceIds }));
    return output.WorkspacesConnectionStatus ?? [];
  }
  const rowOf = (index: number) => desktops(paused.fleet.place).get(paused.id(index)) ?? assert.fail('no row');

  it('is CONNECTED, DISCONNECTED, or UNKNOWN when the WorkSpace is stopped', async () => {
    const states = (await status(0, 1, 3)).map(({ ConnectionState }) => ConnectionState);
    assert.deepEqual(states, ['DISCONNECTED', 'UNKNOWN', 'CONNECTED']);
  });

  it('has the last known connection, none if there never was one', async () => {
    const [left, never] = await status(0, 2);
    assert.equal(left?.LastKnownUserConnectionTimestamp?.getTime(), rowOf(0).connections[0]?.to);
    assert.equal(never?.LastKnownUserConnectionTimestamp, undefined);
  });

  it('is checked every few minutes: a user who came since is not seen yet', async () => {
    const [before] = await status(0);
    rowOf(0).connections.push({ from: paused.now(), to: paused.now() + 3_600_000 });
    const checked = before?.ConnectionStateCheckTimestamp?.getTime() ?? 0;
    const next = checked + 5 * 60_000;
    paused.pass((next - paused.now()) / 1000 - 2);
    assert.equal((await status(0))[0]?.ConnectionState, 'DISCONNECTED');
    paused.pass(2);
    const [afterwards] = await status(0);
    assert.equal(afterwards?.ConnectionState, 'CONNECTED');
    assert.equal(afterwards.ConnectionStateCheckTimestamp?.getTime(), next);
    assert.equal(afterwards.LastKnownUserConnectionTimestamp?.getTime(), next);
  });

  it('keeps an old check when checking stopped', async () => {
    rowOf(3).connectionCheckStopped = paused.now();
    const [before] = await status(3);
    paused.pass(24 * 3600);
    assert.deepEqual(await status(3), [before]);
  });

  it('disconnects the user at a rebuild', async () => {
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(3) }];
    await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    paused.pass(600);
    assert.equal((await status(3))[0]?.ConnectionState, 'DISCONNECTED');
  });

  it('pages without ids 25 at a time, and leaves out unknown ids', async () => {
    const command = new DescribeWorkspacesConnectionStatusCommand({});
    const first = await paused.workspaces.send(command);
    assert.equal(first.WorkspacesConnectionStatus?.length, 25);
    const rest = await paused.workspaces.send(
      new DescribeWorkspacesConnectionStatusCommand({ NextToken: first.NextToken }),
    );
    assert.equal(rest.WorkspacesConnectionStatus?.length, 5);
    const unknown = new DescribeWorkspacesConnectionStatusCommand({ WorkspaceIds: ['ws-000000000'] });
    assert.deepEqual((await paused.workspaces.send(unknown)).WorkspacesConnectionStatus, []);
  });
});
