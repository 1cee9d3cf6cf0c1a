/** The sandbox that foreign clients are tried on: prints one line of JSON about itself, and ends on SIGTERM. */
import { seedBackupWorld } from '../../sandbox/backup-world.ts';
import { seedFleet } from '../../sandbox/fleet.ts';
import type { Fleet } from '../../sandbox/fleet.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { seedStack } from '../../sandbox/services/cloudformation.ts';
import { services } from '../../sandbox/services/index.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { bundles, desktops, images, pools } from '../../sandbox/services/workspaces/rows.ts';
import type { Bundle, Image, Place } from '../../sandbox/services/workspaces/rows.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';

/** A WorkSpace each, or more where several tests change one. */
const SPECIAL = {
  stopped: [0, 1],
  connected: [2],
  neverConnected: [3],
  inError: [4],
  adminMaintenance: [5],
  noSnapshotEver: [6],
  standby: [7],
  hasStandby: [8],
  rebuildFails: [9],
  encrypted: [10],
  agentOffline: [11],
  twoRegistrations: [12],
  migrateFails: [13],
} as const;

function seedImage(place: Place, imageId: string, changes: Partial<Image>): void {
  const image = images(place).get(WELL_KNOWN.newImageId) as Image;
  images(place).set(imageId, { ...image, imageId, name: imageId, ...changes });
}

function seedBundle(place: Place, bundleId: string, changes: Partial<Bundle>): void {
  const bundle = bundles(place).get(WELL_KNOWN.otherBundleId) as Bundle;
  bundles(place).set(bundleId, { ...bundle, bundleId, name: bundleId, ...changes });
}

/** So that what tests rely on does not end while slow ones run: a minute is five hours here. */
function keepForTheDay({ place, members, start }: Fleet): void {
  const day = 24 * 3_600_000;
  for (const [index, { workspaceId }] of members.entries()) {
    const desktop = desktops(place).get(workspaceId);
    if (!desktop) continue;
    desktop.autoStopMinutes = 24 * 60;
    if (index === SPECIAL.connected[0]) desktop.connections = [{ from: start - day, to: start + day }];
  }
}

function seedRest({ place, start }: Fleet): void {
  const { world, account, region, directoryId } = { ...place, ...WELL_KNOWN };
  seedImage(place, 'wsi-0linux0001', { operatingSystem: 'LINUX' });
  seedImage(place, 'wsi-0large0001', { rootVolumeGib: 175 });
  seedImage(place, 'wsi-0pending01', { state: 'PENDING' });
  seedImage(place, 'wsi-0shared001', { owner: '444455556666' });
  seedBundle(place, 'wsb-0amazon001', { owner: 'AMAZON' });
  seedBundle(place, 'wsb-0pending01', { state: 'PENDING' });
  for (const name of ['office', 'lab', 'kiosk']) {
    const poolId = `wspool-0${name.padEnd(8, '0')}`;
    const bundleId = name === 'lab' ? WELL_KNOWN.otherBundleId : WELL_KNOWN.bundleId;
    pools(place).set(poolId, { poolId, name, bundleId, directoryId, createdAt: start, state: 'RUNNING' });
  }
  seedStack(world, { account, region, name: 'protected', terminationProtection: true });
  seedStack(world, { account, region, name: 'stubborn' });
  const keyId = 'eeee1111-2222-4333-8444-555566667777';
  seedKey(world, { account, region, keyId, state: 'PendingDeletion' });
}

// Fast enough for waits of minutes, and for tests not to meet the rate of WorkSpaces unless they want to.
const sandbox = await startSandbox({ speed: 300 });
const fleet = seedFleet(sandbox.world, plainFleet(60, { special: SPECIAL, rebuildMinutes: [10, 12] }));
changeSettings(fleet.place, { migrateMinutes: [10, 12] });
keepForTheDay(fleet);
seedRest(fleet);
seedBackupWorld(sandbox.world);
// Images, restores and new WorkSpaces have a Region of their own: the other tests count what is in theirs.
const special = { stopped: [6], encrypted: [7] };
const restores = seedFleet(
  sandbox.world,
  plainFleet(8, { region: 'eu-north-1', reportBucket: 'holdfast-restores', special }),
);
const quick = [4, 5] as const;
changeSettings(restores.place, {
  imageMinutes: quick,
  createMinutes: quick,
  restoreMinutes: quick,
  modifyMinutes: quick,
});
const idsOf = (kind: string, indexes: readonly number[]) =>
  [kind, indexes.map((index) => fleet.members[index]?.workspaceId)] as const;
const facts = {
  endpoint: sandbox.endpoint,
  ...WELL_KNOWN,
  special: Object.fromEntries(Object.entries(SPECIAL).map(([kind, indexes]) => idsOf(kind, indexes))),
  plain: fleet.members.slice(14).map(({ workspaceId }) => workspaceId),
  restores: { region: restores.spec.region, ids: restores.members.map(({ workspaceId }) => workspaceId) },
  reportKeyArn: fleet.reportKeyArn,
  volumeKeyArns: fleet.volumeKeyArns,
  operations: [...services.values()].flatMap(({ signingName, operations }) =>
    Object.keys(operations).map((operation) => `${signingName}:${operation}`),
  ),
};
process.stdout.write(`${JSON.stringify(facts)}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
