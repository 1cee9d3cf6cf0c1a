import assert from 'node:assert/strict';
import { DescribeWorkspaceSnapshotsCommand, RebuildWorkspacesCommand } from '@aws-sdk/client-workspaces';
import { dueAfter, rebuildIntervals } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const HOUR = 3600;

describe('sandbox: DescribeWorkspaceSnapshots', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(6, {
      special: { noSnapshotEver: [1], noSnapshotYet: [2], stopped: [3], inError: [4], noFreshSnapshot: [5] },
    });
  });
  afterEach(() => paused.close());

  async function snapshots(index: number) {
    const output = await paused.workspaces.send(
      new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: paused.id(index) }),
    );
    const times = (list: { SnapshotTime?: Date | undefined }[] = []) =>
      list.map((one) => one.SnapshotTime?.getTime() ?? 0);
    return { rebuild: times(output.RebuildSnapshots), restore: times(output.RestoreSnapshots) };
  }
  const due = (index: number) => dueAfter(paused.fleet.place, [paused.id(index)], paused.now())[0]?.snapshotAt;

  it('lists the newest one of both kinds, which is at most 12 hours old and in whole seconds', async () => {
    const { rebuild, restore } = await snapshots(0);
    assert.equal(rebuild.length, 1);
    assert.deepEqual(restore, rebuild);
    const age = paused.now() - (rebuild[0] ?? 0);
    assert.ok(age >= 0 && age <= 12 * HOUR * 1000, `${age} ms`);
    assert.equal((rebuild[0] ?? 0) % 1000, 0);
  });

  it('makes the next one 12 hours after the last, not before', async () => {
    const [first = 0] = (await snapshots(0)).rebuild;
    const next = due(0) ?? assert.fail('none due');
    assert.ok(Math.abs(next - first - 12 * HOUR * 1000) <= 1000);
    paused.pass((next - paused.now()) / 1000 - 5);
    assert.deepEqual((await snapshots(0)).rebuild, [first]);
    paused.pass(5);
    assert.deepEqual((await snapshots(0)).rebuild, [next]);
  });

  it('lists none before the first', async () => {
    assert.deepEqual(await snapshots(1), { rebuild: [], restore: [] });
    assert.deepEqual(await snapshots(2), { rebuild: [], restore: [] });
    paused.pass(((due(2) ?? 0) - paused.now()) / 1000);
    assert.equal((await snapshots(2)).rebuild.length, 1);
    paused.pass(24 * HOUR);
    assert.equal((await snapshots(1)).rebuild.length, 0);
  });

  it('makes snapshots of a STOPPED WorkSpace, or none, as the setting says', async () => {
    const stoppedAt = paused.now() - 20 * HOUR * 1000;
    paused.pass(12 * HOUR);
    assert.ok(((await snapshots(3)).rebuild[0] ?? 0) > paused.fleet.start);
    paused.settings({ snapshotsWhenStopped: false });
    const [last = 0] = (await snapshots(3)).rebuild;
    assert.ok(last < paused.fleet.start && last > stoppedAt);
  });

  it('takes the user volume only while the WorkSpace is unhealthy', async () => {
    paused.pass(13 * HOUR);
    const { rebuild, restore } = await snapshots(4);
    assert.ok((rebuild[0] ?? 0) > paused.fleet.start);
    assert.ok((restore[0] ?? 0) < paused.fleet.start);
  });

  it('makes none in a pause', async () => {
    const before = await snapshots(5);
    paused.pass(30 * HOUR);
    assert.deepEqual(await snapshots(5), before);
  });

  it('makes one about 30 minutes after a rebuild, and every 12 hours from there', async () => {
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
    await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    const end = rebuildIntervals(paused.fleet.place)[0]?.to ?? assert.fail('no end');
    const [old = 0] = (await snapshots(0)).rebuild;
    paused.pass((end - paused.now()) / 1000 + 29 * 60);
    assert.deepEqual((await snapshots(0)).rebuild, [old]);
    paused.pass(2 * 60);
    const [fresh = 0] = (await snapshots(0)).rebuild;
    assert.equal(Math.round((fresh - end) / 60_000), 30);
    paused.pass(12 * HOUR);
    assert.equal((await snapshots(0)).rebuild[0], fresh + 12 * HOUR * 1000);
  });

  it('lists as many as the setting says, the newest first', async () => {
    paused.settings({ snapshotsListed: 2 });
    const [newest = 0, older = 0] = (await snapshots(0)).rebuild;
    assert.equal(newest - older, 12 * HOUR * 1000);
  });

  it('answers an unknown id with ResourceNotFoundException', async () => {
    const command = new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: 'ws-000000000' });
    await refused(paused.workspaces.send(command), 'ResourceNotFoundException');
  });
});

describe('sandbox: snapshot jitter', () => {
  it('moves each snapshot by at most the jitter, the same way for the same seed', async () => {
    const times = async () => {
      const paused = await startPaused(20, { snapshots: { spreadHours: 12, jitterSeconds: 300 } });
      const ids = paused.fleet.members.map(({ workspaceId }) => workspaceId);
      const first = dueAfter(paused.fleet.place, ids, paused.now()).map(({ snapshotAt }) => snapshotAt ?? 0);
      const second = ids.map((id, n) => dueAfter(paused.fleet.place, [id], first[n] ?? 0)[0]?.snapshotAt ?? 0);
      await paused.close();
      return { first, gaps: second.map((at, n) => at - (first[n] ?? 0) - 12 * HOUR * 1000) };
    };
    const [one, same] = [await times(), await times()];
    assert.deepEqual(one, same);
    assert.ok(one.gaps.every((gap) => Math.abs(gap) <= 601_000));
    assert.ok(new Set(one.gaps).size > 10, 'gaps differ');
  });
});
