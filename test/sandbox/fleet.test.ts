import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedFleet } from '../../sandbox/fleet.ts';
import type { FleetSpec } from '../../sandbox/fleet.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { WELL_KNOWN, backupFleet, demoFleet, plainFleet } from '../../sandbox/scenarios.ts';
import { dueAfter } from '../../sandbox/services/workspaces/ground-truth.ts';
import { bundles, desktops, directories, images } from '../../sandbox/services/workspaces/rows.ts';
import { taggedResources, tagsAt } from '../../sandbox/services/workspaces/tags.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';

const HOUR = 3_600_000;
const startTime = '2026-01-05T08:00:00Z';

describe('sandbox: fleets', () => {
  const running: Sandbox[] = [];
  afterEach(async () => {
    for (const sandbox of running.splice(0)) await sandbox.close();
  });

  async function fleetOf(spec: FleetSpec, seed = 1) {
    const sandbox = await startSandbox({ startTime, seed });
    running.push(sandbox);
    sandbox.clock.pause();
    return seedFleet(sandbox.world, spec);
  }

  it('are the same for the same seed, and others for another', async () => {
    const [one, same, other] = [
      await fleetOf(demoFleet(), 7),
      await fleetOf(demoFleet(), 7),
      await fleetOf(demoFleet(), 8),
    ];
    const rows = (fleet: typeof one) => desktops(fleet.place).values();
    const offset = same.start - one.start;
    assert.ok(offset >= 0 && offset < 5000);
    assert.deepEqual(
      one.members.map(({ kinds, instanceIds }) => [kinds, instanceIds]),
      same.members.map(({ kinds, instanceIds }) => [kinds, instanceIds]),
    );
    assert.deepEqual(
      rows(one).map(({ rebuildPlan }) => rebuildPlan),
      rows(same).map(({ rebuildPlan }) => rebuildPlan),
    );
    assert.notDeepEqual(
      one.members.map(({ kinds }) => kinds),
      other.members.map(({ kinds }) => kinds),
    );
  });

  it('have ids as AWS makes them', async () => {
    const { place } = await fleetOf(demoFleet());
    for (const { workspaceId, directoryId } of desktops(place).values()) {
      assert.match(workspaceId, /^ws-[0-9a-z]{8,63}$/);
      assert.match(directoryId, /^d-[0-9a-f]{8,63}$/);
    }
    for (const { bundleId } of bundles(place).values()) assert.match(bundleId, /^wsb-[0-9a-z]{8,63}$/);
    for (const { imageId } of images(place).values()) assert.match(imageId, /^wsi-[0-9a-z]{9,63}$/);
    assert.equal(directories(place).size, 2);
    const names = desktops(place)
      .values()
      .map(({ userName, computerName }) => `${userName} ${computerName}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('get their next snapshots evenly over the hours asked for, and rebuild within the minutes asked for', async () => {
    const { place, members, start } = await fleetOf(plainFleet(240));
    const due = dueAfter(
      place,
      members.map(({ workspaceId }) => workspaceId),
      start,
    );
    const hours = due.map(({ snapshotAt = 0 }) => Math.floor((snapshotAt - start) / HOUR));
    for (let hour = 0; hour < 12; hour += 1) {
      const count = hours.filter((each) => each === hour).length;
      assert.ok(count >= 18 && count <= 22, `${count} in hour ${hour}`);
    }
    const rebuildMinutes = due.map((each) => each.rebuildMinutes ?? 0);
    assert.ok(Math.min(...rebuildMinutes) >= 20 && Math.max(...rebuildMinutes) <= 60);
    assert.ok(Math.max(...rebuildMinutes) - Math.min(...rebuildMinutes) > 35);
  });

  it('of every scenario use the ids that documents name', async () => {
    const { place, reportKeyArn } = await fleetOf(demoFleet());
    assert.equal(bundles(place).get(WELL_KNOWN.bundleId)?.images[0]?.imageId, WELL_KNOWN.oldImageId);
    assert.equal(images(place).get(WELL_KNOWN.newImageId)?.state, 'AVAILABLE');
    assert.ok(reportKeyArn.endsWith(WELL_KNOWN.reportKeyId));
  });

  it('are special at the indexes asked for, and by number among the others', async () => {
    const { members } = await fleetOf(plainFleet(6, { special: { stopped: [2], rebuildFails: [2, 3], quiet: 4 } }));
    assert.deepEqual(members[2]?.kinds, ['stopped', 'rebuildFails']);
    assert.deepEqual(members[3]?.kinds, ['rebuildFails']);
    assert.equal(members.filter(({ kinds }) => kinds.includes('quiet')).length, 4);
  });

  it('refuse more that is special than there are WorkSpaces', async () => {
    await assert.rejects(fleetOf(plainFleet(3, { special: { quiet: 4 } })), /has 3 WorkSpaces/);
  });

  it('the demo’s: 200 with the tag on the bundle, of many kinds, and some outside', async () => {
    const fleet = await fleetOf(demoFleet());
    assert.equal(fleet.members.length, 200);
    const kindsOf = (kind: string) => fleet.members.filter(({ kinds }) => (kinds as string[]).includes(kind)).length;
    assert.deepEqual([kindsOf('rebuildFails'), kindsOf('noFreshSnapshot')], [1, 1]);
    assert.ok(kindsOf('connected') > 10 && kindsOf('agentOffline') > 3);
    assert.ok(fleet.onOtherBundle.length > 0 && fleet.untagged.length > 0);
    const states = fleet.members.map(({ workspaceId }) => {
      const desktop = desktops(fleet.place).get(workspaceId);
      return desktop && viewAt(desktop, fleet.start)?.state;
    });
    assert.deepEqual(new Set(states), new Set(['AVAILABLE', 'ERROR', 'STOPPED', 'SUSPENDED', 'UNHEALTHY']));
  });

  it('the one for backups: of each kind one, under the backup tag, with golden images that no bundle carries', async () => {
    const { place, members, start } = await fleetOf(backupFleet());
    const found = members.map(({ workspaceId }) => desktops(place).get(workspaceId) ?? assert.fail('no row'));
    assert.deepEqual(
      found.map((desktop) => viewAt(desktop, start)?.state),
      ['AVAILABLE', 'STOPPED', 'AVAILABLE', 'UPDATING', 'AVAILABLE', 'SUSPENDED', 'AVAILABLE', 'AVAILABLE'],
    );
    assert.ok(found[2]?.volumeEncryptionKey && found[3]?.jobs.length === 1);
    const tags = members.map(({ workspaceId }) => tagsAt(taggedResources(place).get(workspaceId), start));
    assert.ok(tags.every((each) => each?.['AutoBackup'] === 'enabled'));
    assert.equal(images(place).size, 6);
  });

  it('survive a restart of the sandbox', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-fleet-'));
    const first = await startSandbox({ startTime, folder });
    const { place } = seedFleet(first.world, demoFleet());
    const before = desktops(place).values();
    await first.close();
    const second = await startSandbox({ folder });
    const afterwards = desktops({ ...place, world: second.world }).values();
    await second.close();
    await rm(folder, { recursive: true });
    assert.deepEqual(afterwards, before);
  });
});
