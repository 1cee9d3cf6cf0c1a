/**
 * A nightly backup of 500 WorkSpaces that have two images each already, under a quota of 1,200: calls and makespan beside
 * the old system's on the same fleet. About 3 minutes.
 */
import { backupTags } from '../domain/backup-tags.ts';
import { backupFleet, WELL_KNOWN } from '../sandbox/scenarios.ts';
import { ownImages } from '../sandbox/services/workspaces/images.ts';
import { mostSuspendedAtOnce, suspensions } from '../sandbox/services/workspaces/ground-truth.ts';
import { desktops } from '../sandbox/services/workspaces/rows.ts';
import { changeSettings } from '../sandbox/services/workspaces/settings.ts';
import { mochaHooks } from '../test/rig/at-end.ts';
import { backupInput, startBackup } from '../test/rig/backup.ts';
import { seedImage } from '../test/rig/images.ts';
import { startRig, target, type Rig } from '../test/rig/upgrade.ts';
import { imageBackupId } from '../workflows/image-backup.messages.ts';
import { atMost, beside, type Figure } from './figure.ts';
import { nightOfOldSystem } from './old-backup.ts';

const NAME = 'backup-500';
const COUNT = 500;
const KEPT = 2;
const QUOTA = 1_200;
const AT_ONCE = 50;
const SPEED = 240;
const MINUTE = 60_000;

export async function measure(): Promise<Figure[]> {
  const rig = await startRig({ fleet: backupFleet(COUNT, { special: {}, spareImages: 0 }), speed: SPEED });
  changeSettings(rig.fleet.place, { imageQuota: QUOTA });
  seedEarlierNights(rig);
  const others = ownImages(rig.fleet.place).length - COUNT * KEPT;
  const retention = {
    days: null,
    keepAtLeast: KEPT,
    keepDaily: 0,
    keepWeekly: 0,
    keepMonthly: 0,
    maxDeletePercent: 50,
  };
  const began = rig.sandbox.clock.now();
  const backup = await startBackup(rig, backupInput({ maxConcurrent: AT_ONCE, retention, runTimeoutMinutes: 1_440 }));
  const { outcome, counts, deleted } = await backup.result();
  const made = suspensions(rig.fleet.place);
  const lastEnd = Math.max(...made.map(({ to }) => to ?? Infinity));
  const { recorder, clock } = rig.sandbox;
  const calls = (service?: string): number => recorder.count(service ? { service } : {}) / COUNT;
  const minutes = made.map(({ from, to }) => ((to ?? Infinity) - from) / MINUTE);
  const old = nightOfOldSystem({ workspaces: COUNT, images: COUNT * KEPT + others, quota: QUOTA, minutes });
  const figures = [
    atMost(NAME, 'WorkSpaces without their image', COUNT - counts.imaged, 'WorkSpaces', 0),
    atMost(NAME, 'images of the Region afterwards', ownImages(rig.fleet.place).length, 'images', COUNT * KEPT + others),
    atMost(NAME, 'most SUSPENDED at once', mostSuspendedAtOnce(rig.fleet.place), 'WorkSpaces', AT_ONCE),
    beside(NAME, 'images deleted', deleted, 'images'),
    beside(NAME, 'WorkSpaces calls each', calls('workspaces'), 'calls'),
    beside(NAME, 'tagging calls each', calls('tagging'), 'calls'),
    beside(NAME, 'makespan of the images', (lastEnd - began) / MINUTE, 'virtual min'),
    beside(
      NAME,
      'makespan of the run, its deletions and report included',
      (clock.now() - began) / MINUTE,
      'virtual min',
    ),
    beside(NAME, 'shortest possible with so many at once', idealMinutes(minutes), 'virtual min'),
    beside(NAME, 'old system’s WorkSpaces calls for each WorkSpace that it reaches', old.callsEach, 'calls'),
    beside(NAME, 'old system’s WorkSpaces without an image', old.without, 'WorkSpaces'),
    beside(NAME, 'old system’s images deleted', 0, 'images'),
    beside(NAME, 'old system’s most SUSPENDED at once', old.mostAtOnce, 'WorkSpaces'),
    beside(NAME, 'old system’s last image ends after', old.minutes, 'virtual min'),
  ];
  if (outcome !== 'completed') console.error(`the run ended as ${outcome}: ${JSON.stringify(counts)}`);
  await rig.close();
  await mochaHooks.afterAll();
  return figures;
}

/** Two nights' images of each WorkSpace, as this policy made them. */
function seedEarlierNights(rig: Rig): void {
  const run = imageBackupId(target, 'default');
  for (const [index, { workspaceId }] of rig.fleet.members.entries()) {
    const { userName, directoryId } = desktops(rig.fleet.place).get(workspaceId) ?? WELL_KNOWN_USER;
    for (let night = 1; night <= KEPT; night += 1) {
      const at = new Date(rig.fleet.start - night * 24 * 3_600_000).toISOString();
      const tags = backupTags({ workspaceId, userName, directoryId }, { policy: 'default', run, at });
      seedImage(rig, { name: `night${night}of${String(index).padStart(4, '0')}`, daysOld: night, tags });
    }
  }
}

const WELL_KNOWN_USER = { userName: '', directoryId: WELL_KNOWN.directoryId };

/** Of a list schedule on so many places, the longest first: nothing shorter is to be had by much. */
function idealMinutes(minutes: readonly number[]): number {
  const places = Array.from({ length: AT_ONCE }, () => 0);
  for (const each of minutes.toSorted((a, b) => b - a)) {
    const first = places.indexOf(Math.min(...places));
    places[first] = (places[first] ?? 0) + each;
  }
  return Math.max(...places);
}
