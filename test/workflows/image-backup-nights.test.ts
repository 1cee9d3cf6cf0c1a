/** A quarter of nightly backups does to the images exactly what the simulation of the policy foretells. */
import assert from 'node:assert/strict';
import type { RetentionPolicy } from '../../domain/image-retention.ts';
import { simulateRetention } from '../../domain/retention-simulation.ts';
import { backupFleet } from '../../sandbox/scenarios.ts';
import { imagesMade } from '../../sandbox/services/workspaces/ground-truth.ts';
import { ownImages } from '../../sandbox/services/workspaces/images.ts';
import { isThere } from '../../sandbox/services/workspaces/lifetime.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { backupInput, startBackup } from '../rig/backup.ts';
import { idOf } from '../rig/truth.ts';
import { withRig, type Rig } from '../rig/upgrade.ts';

const NIGHTS = 90;
const WORKSPACES = 4;
const QUOTA = 40;
const DAY = 24 * 3_600_000;
/** Eight at most. */
const POLICY: RetentionPolicy = {
  days: null,
  keepAtLeast: 2,
  keepDaily: 4,
  keepWeekly: 5,
  keepMonthly: 0,
  maxDeletePercent: 50,
};
/** A day is four seconds: a run has to end within it, however busy this machine is. */
const SPEED = 20_000;

const dayOf = (at: number | string): string => new Date(at).toISOString().slice(0, 10);

/** The days on which the images were made that a WorkSpace has now, the newest first. */
const daysKept = (rig: Rig, workspaceId: string): string[] =>
  imagesMade(rig.fleet.place)
    .filter((image) => image.madeOf === workspaceId && isThere(image, rig.sandbox.clock.now()))
    .map(({ createdAt }) => dayOf(createdAt))
    .toSorted()
    .toReversed();

describe('ninety nightly backups', function () {
  this.timeout(180_000);

  it(`keep of ${WORKSPACES} WorkSpaces under a quota of ${QUOTA} exactly what the simulation foretold`, async () => {
    const startTime = '2026-01-05T02:00:00Z';
    const fleet = backupFleet(WORKSPACES, { special: {}, spareImages: 0 });
    await withRig({ fleet, speed: SPEED, startTime }, async (rig) => {
      const { clock } = rig.sandbox;
      changeSettings(rig.fleet.place, { imageQuota: QUOTA, imageMinutes: [10, 11] });
      const first = Date.parse(startTime);
      const times = Array.from({ length: NIGHTS }, (_, night) => new Date(first + night * DAY).toISOString());
      const foretold = simulateRetention(POLICY, times);
      const input = backupInput({ retention: POLICY, imageTimeoutMinutes: 1_440, runTimeoutMinutes: 1_440 });
      for (const [night, { at, kept }] of foretold.runs.entries()) {
        clock.skip(Math.max(0, Date.parse(at) - clock.now()));
        const { outcome, retentionRefused } = await (await startBackup(rig, input)).result();
        assert.deepEqual([outcome, retentionRefused], ['completed', null], `night ${night}`);
        const own = Array.from({ length: WORKSPACES }, (_, index) => daysKept(rig, idOf(rig, index)));
        for (const days of own) assert.deepEqual(days, kept.map(dayOf), `night ${night}`);
        assert.ok(ownImages(rig.fleet.place).length <= QUOTA);
      }
      assert.equal(imagesMade(rig.fleet.place).length, NIGHTS * WORKSPACES);
    });
  });
});
