/** Image backups on the real server and the sandbox: what is made, of whom, and what is left afterwards. */
import assert from 'node:assert/strict';
import { BACKUP_DEFAULTS } from '../../domain/image-backup.ts';
import { limitId, IMAGES_LIMIT } from '../../domain/limits.ts';
import { backupFleet } from '../../sandbox/scenarios.ts';
import { imagesMade, mostSuspendedAtOnce, suspensions } from '../../sandbox/services/workspaces/ground-truth.ts';
import { isThere } from '../../sandbox/services/workspaces/lifetime.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { tagsAt, taggedResources } from '../../sandbox/services/workspaces/tags.ts';
import {
  abortBackupUpdate,
  pauseBackupUpdate,
  resumeBackupUpdate,
  skipBackupUpdate,
} from '../../workflows/image-backup.messages.ts';
import { leasesQuery } from '../../workflows/limit.messages.ts';
import { backupInput, endingsOf, planBackup, rowsOfBackup, startBackup, untilBackup } from '../rig/backup.ts';
import { seedImage } from '../rig/images.ts';
import { filesOf, idOf } from '../rig/truth.ts';
import { startRig, target, waitUntil, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';

const nobody = { by: null, reason: null };
const stateOf = (rig: Rig, index: number): string | undefined =>
  viewAt(desktopOf(rig, index), rig.sandbox.clock.now())?.state;
const suspended = (rig: Rig): string[] => suspensions(rig.fleet.place).map(({ workspaceId }) => workspaceId);

describe('an image backup', function () {
  this.timeout(60_000);
  let rig: Rig;
  afterEach(async () => await rig.close());

  it('images what can be imaged, starts and stops what was stopped, adopts after a lost reply, removes what failed', async () => {
    rig = await startRig({ fleet: backupFleet(8) });
    changeSettings(rig.fleet.place, { imageMinutes: [10, 13] });
    const { place } = rig.fleet;
    const { faults, recorder } = rig.sandbox;
    const create = { service: 'workspaces', operation: 'CreateWorkspaceImage' };
    faults.add({ ...create, kind: 'fail', code: 'DiskFreeSpace', resource: idOf(rig, 6) });
    faults.add({ ...create, kind: 'resetAfter', resource: idOf(rig, 7), count: 1 });
    const backup = await startBackup(rig, backupInput({ startStopped: true, maxConcurrent: 2 }));
    const result = await backup.result();

    assert.equal(result.outcome, 'partiallyFailed', 'an ineligible WorkSpace is never a success');
    assert.deepEqual(await endingsOf(rig, backup), [
      'imaged',
      'imaged',
      'ineligible encrypted',
      'ineligible modifying',
      'skipped userConnected',
      'ineligible notAvailable',
      'imageFailed failed',
      'imaged',
    ]);
    const rows = await rowsOfBackup(backup);
    assert.match(rows[6]?.reason?.detail ?? '', /DiskFreeSpace: free space on C:/);
    assert.deepEqual([rows[1]?.started, rows[7]?.adopted], [true, true]);
    assert.equal(stateOf(rig, 1), 'STOPPED', 'what was started for its image is stopped again');

    const made = imagesMade(place);
    const left = made.filter((image) => isThere(image, rig.sandbox.clock.now()));
    assert.deepEqual(
      made.map(({ madeOf = '' }) => madeOf).toSorted((a, b) => a.localeCompare(b)),
      [0, 1, 6, 7].map((index) => idOf(rig, index)),
    );
    assert.deepEqual(
      left.map(({ madeOf = '' }) => madeOf).toSorted((a, b) => a.localeCompare(b)),
      [0, 1, 7].map((index) => idOf(rig, index)),
    );
    assert.ok(
      left.every(({ name }) => /^WSAMZN-\w+-backup-2026-03-02-08\d\d$/.test(name)),
      left[0]?.name,
    );
    assert.ok(mostSuspendedAtOnce(place) <= 2);
    const tagged = taggedResources(place).get(left[0]?.imageId ?? '');
    const tags = (tagged && tagsAt(tagged, rig.sandbox.clock.now())) ?? {};
    assert.equal(tags['AutomatedBackup'], 'true');
    assert.equal(tags['holdfast:workspace'], left[0]?.madeOf);
    assert.equal(recorder.count({ operation: 'DescribeTags' }), 0, 'tags are read by page');

    const files = await filesOf(rig);
    const [csv = '', json = ''] = ['csv', 'json'].map(
      (kind) => Object.entries(files).find(([key]) => key.endsWith(`.${kind}`))?.[1] ?? '',
    );
    assert.equal(csv.split('\r\n').length, 10, 'a line of names, one a WorkSpace, and the last end');
    const report = JSON.parse(json) as { totals: Record<string, number>; retention: { images: unknown[] } };
    assert.deepEqual([report.totals['imaged'], report.totals['ineligible']], [3, 3]);
    assert.equal(Object.keys(files).length, 2, 'the parts are removed');
    const limit = rig.client.workflow.getHandle(limitId(target, IMAGES_LIMIT));
    assert.deepEqual(await limit.query(leasesQuery), [], 'the room is given back');
  });

  it('is refused where what it keeps does not fit into the quota, with the arithmetic, and makes no image', async () => {
    rig = await startRig({ fleet: backupFleet(60, { special: {} }) });
    const input = backupInput({ retention: { ...BACKUP_DEFAULTS.retention, days: null, keepAtLeast: 1 } });
    const { summary } = await planBackup(rig, input);
    const backup = await startBackup(rig, input);
    const result = await backup.result();
    assert.equal(result.outcome, 'refused');
    const [problem] = result.plan.problems;
    assert.match(problem?.message ?? '', /60 WorkSpaces × 1 kept \+ 4 made at once \+ \d+ other images = \d+ images/);
    assert.match(problem?.message ?? '', /the Region may hold 40: ask AWS for a quota of \d+/);
    assert.deepEqual(summary.problems, result.plan.problems, 'the plan says the same');
    assert.equal(imagesMade(rig.fleet.place).length, 0);
    assert.equal(rig.sandbox.recorder.count({ operation: 'CreateWorkspaceImage' }), 0);
  });

  it('reports as quota who is left without room when others make images meanwhile', async () => {
    rig = await startRig({ fleet: backupFleet(3, { special: {} }) });
    changeSettings(rig.fleet.place, { imageQuota: 20 });
    const backup = await startBackup(rig, backupInput({ maxConcurrent: 1 }));
    await waitUntil('the first image is begun', () => suspended(rig).length > 0);
    for (let n = 0; n < 20; n += 1) seedImage(rig, { name: `other${n}` });
    const result = await backup.result();
    assert.equal(result.plan.going, 3);
    const endings = await endingsOf(rig, backup);
    assert.deepEqual(endings.toSorted(), ['imaged', 'ineligible quota', 'ineligible quota']);
    assert.equal(suspended(rig).length, 1, 'nobody was suspended without room for an image');
  });

  it('images nobody outside the window, and says so at once when it does not open in time', async () => {
    rig = await startRig({ fleet: backupFleet(2, { special: {} }), startTime: '2026-03-02T19:00:00Z' });
    const from = (time: string, to: string) => {
      const open = [{ days: ['mon'] as const, from: time, to, timeZone: 'UTC' }];
      return [{ directoryId: null, tag: null, open }];
    };
    const late = await startBackup(rig, backupInput({ windows: from('22:00', '23:00'), runTimeoutMinutes: 60 }));
    assert.equal((await late.result()).outcome, 'partiallyFailed');
    assert.deepEqual(await endingsOf(rig, late), ['skipped outsideWindow', 'skipped outsideWindow']);
    assert.deepEqual(suspended(rig), []);

    const waiting = await startBackup(rig, backupInput({ windows: from('20:00', '21:00'), maxConcurrent: 2 }));
    assert.equal((await waiting.result()).outcome, 'completed');
    for (const { calledAt } of suspensions(rig.fleet.place)) {
      const at = new Date(calledAt).toISOString().slice(11, 16);
      assert.ok(at >= '20:00' && at <= '20:30', `an image was begun at ${at}, in a window from 20:00 to 21:00`);
    }
  });

  it('stops again what it started, follows what is under way and begins nothing more when it is aborted', async () => {
    rig = await startRig({ fleet: backupFleet(4, { special: { stopped: [1] } }) });
    // Its start takes long enough to be met by the abort.
    changeSettings(rig.fleet.place, { startSeconds: [900, 900] });
    const backup = await startBackup(rig, backupInput({ startStopped: true, maxConcurrent: 2 }));
    await waitUntil('one is imaged and one started', () => {
      return suspended(rig).length === 1 && stateOf(rig, 1) === 'STARTING';
    });
    await backup.executeUpdate(abortBackupUpdate, { args: [nobody] });
    const result = await backup.result();
    assert.equal(result.outcome, 'aborted');
    assert.deepEqual(await endingsOf(rig, backup), [
      'imaged',
      'aborted abortedByOperator',
      'aborted abortedByOperator',
      'aborted abortedByOperator',
    ]);
    assert.equal(stateOf(rig, 1), 'STOPPED');
    assert.equal(imagesMade(rig.fleet.place).length, 1);
  });

  it('waits blocked with the remedy where AWS denies a call; pause, skip, resume; and goes on in new histories', async () => {
    rig = await startRig({ fleet: backupFleet(3, { special: {} }) });
    const deny = rig.sandbox.faults.add({
      kind: 'error',
      operation: 'CreateWorkspaceImage',
      code: 'AccessDeniedException',
      status: 400,
      resource: idOf(rig, 0),
    });
    const backup = await startBackup(rig, backupInput({ maxConcurrent: 1 }), { continueAfterEvents: 60 });
    await untilBackup(backup, 'one is blocked', ({ counts }) => counts.blocked === 1);
    assert.match((await rowsOfBackup(backup))[0]?.blocked?.remedy ?? '', /permission/);
    await backup.executeUpdate(pauseBackupUpdate, { args: [nobody] });
    await backup.executeUpdate(skipBackupUpdate, { args: [{ ...nobody, workspaceId: idOf(rig, 2) }] });
    await untilBackup(backup, 'what is under way ends', ({ counts }) => counts.waiting + counts.imaging <= 1);
    deny();
    await backup.executeUpdate(resumeBackupUpdate, { args: [{ ...nobody, workspaceId: null }] });
    const result = await backup.result();
    const endings = await endingsOf(rig, backup);
    assert.deepEqual([endings[0], endings[1], result.counts.blocked], ['imaged', 'imaged', 0]);
    assert.ok(['skipped skippedByOperator', 'imaged'].includes(endings[2] ?? ''), endings[2]);
    assert.equal(new Set(suspended(rig)).size, suspended(rig).length, 'nobody was imaged twice');
    const { status } = await backup.describe();
    assert.equal(status.name, 'COMPLETED');
  });
});
