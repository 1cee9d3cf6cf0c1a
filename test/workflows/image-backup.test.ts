/** Image backups on the real server and the sandbox: what is made, of whom, and what is left afterwards. */
import assert from 'node:assert/strict';
import { backupTags } from '../../domain/backup-tags.ts';
import { KEEP_TAG, POLICY_TAG } from '../../domain/holdfast-tags.ts';
import { BACKUP_DEFAULTS, type ImageBackupInput } from '../../domain/image-backup.ts';
import { limitId, IMAGES_LIMIT } from '../../domain/limits.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { backupFleet } from '../../sandbox/scenarios.ts';
import { imagesMade, mostSuspendedAtOnce, suspensions } from '../../sandbox/services/workspaces/ground-truth.ts';
import { isThere } from '../../sandbox/services/workspaces/lifetime.ts';
import { ownImages } from '../../sandbox/services/workspaces/images.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { setTags, tagsAt, taggedResources } from '../../sandbox/services/workspaces/tags.ts';
import {
  abortBackupUpdate,
  pauseBackupUpdate,
  resumeBackupUpdate,
  skipBackupUpdate,
} from '../../workflows/image-backup.messages.ts';
import { leasesQuery } from '../../workflows/limit.messages.ts';
import {
  backupInput,
  endingsOf,
  planBackup,
  retentionOf,
  rowsOfBackup,
  startBackup,
  untilBackup,
  type Backup,
} from '../rig/backup.ts';
import { seedImage } from '../rig/images.ts';
import { filesOf, idOf } from '../rig/truth.ts';
import { startRig, target, waitUntil, type Rig } from '../rig/upgrade.ts';
import { connect, desktopOf } from '../rig/world.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';

/** As if the policy `first` had made it. */
const backupOf = (rig: Rig, index: number) => {
  const run = `image-backup/${target.account}/${target.region}/first`;
  return backupTags(desktopOf(rig, index), { policy: 'first', run, at: '2026-02-28' });
};
const nobody = { by: null, reason: null };
const stateOf = (rig: Rig, index: number): string | undefined =>
  viewAt(desktopOf(rig, index), rig.sandbox.clock.now())?.state;
const suspended = (rig: Rig): string[] => suspensions(rig.fleet.place).map(({ workspaceId }) => workspaceId);

describe('an image backup', function () {
  this.timeout(120_000);
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

  it('counts old images that cannot go, as they are shared, where these make the difference', async () => {
    rig = await startRig({ fleet: backupFleet(1, { special: {} }) });
    const others = ownImages(rig.fleet.place).length;
    const retention = { ...BACKUP_DEFAULTS.retention, days: null, keepAtLeast: 1, maxDeletePercent: 100 };
    const input = backupInput({ retention, imageQuota: others + 4 });
    const tags = { ...backupOf(rig, 0), [POLICY_TAG]: input.policy };
    for (const daysOld of [1, 2, 3]) {
      seedImage(rig, { name: `old${daysOld}`, daysOld, tags, sharedWith: ['444455556666'] });
    }
    const { summary } = await planBackup(rig, input);
    assert.equal(summary.room?.others, others + 3);
    assert.deepEqual(
      summary.problems.map(({ code }) => code),
      ['quota'],
    );
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

  it('leaves another backup the room that it has reserved, and what is left over is made', async () => {
    rig = await startRig({ fleet: backupFleet(5, { special: {} }) });
    const old = [0, 1, 2].map((index) =>
      seedImage(rig, { name: `old${index}`, daysOld: 2, tags: backupOf(rig, index) }),
    );
    changeSettings(rig.fleet.place, { imageQuota: ownImages(rig.fleet.place).length + 3, imageMinutes: [10, 11] });
    const of = (policy: string, ...members: number[]) => {
      const selection = { ...NO_SELECTION, workspaceIds: members.map((index) => idOf(rig, index)) };
      const retention = { ...BACKUP_DEFAULTS.retention, days: null, maxDeletePercent: 100 };
      return backupInput({ policy, selection, retention, maxConcurrent: 1 });
    };
    const begin = async (input: ImageBackupInput): Promise<Backup> => {
      const backup = await startBackup(rig, input);
      await backup.executeUpdate(pauseBackupUpdate, { args: [nobody] });
      await untilBackup(backup, 'its room is reserved', ({ phase }) => phase === 'imaging');
      return backup;
    };
    // One place would do for all three if their old images went, which somebody comes to need.
    const first = await begin(of('first', 0, 1, 2));
    const second = await begin(of('second', 3, 4));
    for (const id of old)
      setTags(rig.fleet.place, id, { ...backupOf(rig, 0), [KEEP_TAG]: '' }, rig.sandbox.clock.now());
    await first.executeUpdate(resumeBackupUpdate, { args: [{ ...nobody, workspaceId: null }] });
    await untilBackup(first, 'it has one image', ({ counts }) => counts.imaged === 1);
    await second.executeUpdate(resumeBackupUpdate, { args: [{ ...nobody, workspaceId: null }] });
    assert.equal((await second.result()).outcome, 'completed');
    await first.result();
    const endings = [...(await rowsOfBackup(first)), ...(await rowsOfBackup(second))];
    assert.deepEqual(endings.map(({ outcome, reason }) => `${outcome} ${reason?.code ?? ''}`.trim()).toSorted(), [
      'imaged',
      'imaged',
      'imaged',
      'ineligible quota',
      'ineligible quota',
    ]);
    assert.equal(rig.sandbox.recorder.count({ operation: 'CreateWorkspaceImage' }), 3, 'AWS had nothing to refuse');
  });

  it('images nobody outside the window or while its user works, also when a call had to wait', async () => {
    // A window of an hour is five seconds here: two images are to get through on a busy machine.
    rig = await startRig({ fleet: backupFleet(4, { special: {} }), startTime: '2026-03-02T19:00:00Z', speed: 700 });
    const from = (time: string, to: string) => {
      const open = [{ days: ['mon'] as const, from: time, to, timeZone: 'UTC' }];
      return [{ directoryId: null, tag: null, open }];
    };
    const late = await startBackup(rig, backupInput({ windows: from('22:00', '23:00'), runTimeoutMinutes: 60 }));
    assert.equal((await late.result()).outcome, 'partiallyFailed');
    assert.deepEqual(
      await endingsOf(rig, late),
      Array.from({ length: 4 }, () => 'skipped outsideWindow'),
    );
    assert.deepEqual(suspended(rig), []);

    const { clock, faults } = rig.sandbox;
    const until = (time: string) => (Date.parse(`2026-03-02T${time}Z`) - clock.now()) / 60_000;
    const throttled = (index: number, time: string) =>
      faults.add({
        kind: 'throttle',
        operation: 'CreateWorkspaceImage',
        resource: idOf(rig, index),
        lastsSeconds: until(time) * 60,
      });
    throttled(2, '20:35');
    throttled(3, '20:25');
    connect(rig, 3, until('20:10'), until('23:00'));
    const waiting = await startBackup(rig, backupInput({ windows: from('20:00', '21:00') }));
    await waiting.result();
    assert.deepEqual(await endingsOf(rig, waiting), [
      'imaged',
      'imaged',
      'skipped outsideWindow',
      'skipped userConnected',
    ]);
    for (const { calledAt } of suspensions(rig.fleet.place)) {
      const at = new Date(calledAt).toISOString().slice(11, 16);
      assert.ok(at >= '20:00' && at < '21:00', `an image was begun at ${at}, in a window from 20:00 to 21:00`);
    }
  });

  it('stops again what it started, follows what is under way and begins nothing more when it is aborted', async () => {
    rig = await startRig({ fleet: backupFleet(4, { special: { stopped: [1] } }) });
    // Its start takes long enough to be met by the abort, and is shown late.
    changeSettings(rig.fleet.place, { startSeconds: [900, 900], lagSeconds: [240, 240] });
    const backup = await startBackup(rig, backupInput({ startStopped: true, maxConcurrent: 2 }));
    await waitUntil('one is imaged and one started', () => {
      return suspended(rig).length === 1 && rig.sandbox.recorder.count({ operation: 'StartWorkspaces' }) === 1;
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
    await waitUntil('what was started is stopped', () => stateOf(rig, 1) === 'STOPPED');
    assert.equal(rig.sandbox.recorder.count({ operation: 'StopWorkspaces' }) > 0, true, 'not on what is shown late');
    assert.equal(imagesMade(rig.fleet.place).length, 1);
    const judged = (await retentionOf(backup)).map(({ outcome }) => outcome);
    assert.deepEqual(judged, ['kept'], 'the report tells of the image, though nothing is deleted any more');
  });

  it('does not wait for a person longer than the run may last', async () => {
    rig = await startRig({ fleet: backupFleet(1, { special: {} }) });
    const denied = { code: 'AccessDeniedException', status: 400 };
    rig.sandbox.faults.add({ kind: 'error', operation: 'CreateWorkspaceImage', ...denied });
    const backup = await startBackup(rig, backupInput({ runTimeoutMinutes: 30 }));
    assert.equal((await backup.result()).outcome, 'partiallyFailed');
    assert.deepEqual(await endingsOf(rig, backup), ['imageFailed blocked']);
    assert.match((await rowsOfBackup(backup))[0]?.reason?.detail ?? '', /^AccessDeniedException: /);
  });

  it('waits blocked with the remedy where AWS denies a call; pause, skip, resume; and goes on in new histories', async () => {
    rig = await startRig({ fleet: backupFleet(3, { special: {} }) });
    const [deny] = [0, 2].map((index) => {
      const denied = { code: 'AccessDeniedException', status: 400, resource: idOf(rig, index) };
      return rig.sandbox.faults.add({ kind: 'error', operation: 'CreateWorkspaceImage', ...denied });
    });
    const backup = await startBackup(rig, backupInput({ maxConcurrent: 1 }), { continueAfterEvents: 60 });
    await untilBackup(backup, 'two are blocked', ({ counts }) => counts.blocked === 2);
    assert.match((await rowsOfBackup(backup))[0]?.blocked?.remedy ?? '', /permission/);
    await backup.executeUpdate(pauseBackupUpdate, { args: [nobody] });
    await backup.executeUpdate(skipBackupUpdate, { args: [{ ...nobody, workspaceId: idOf(rig, 2) }] });
    await untilBackup(backup, 'what is under way ends', ({ counts }) => counts.waiting + counts.imaging <= 1);
    deny?.();
    await backup.executeUpdate(resumeBackupUpdate, { args: [{ ...nobody, workspaceId: null }] });
    const result = await backup.result();
    const endings = await endingsOf(rig, backup);
    assert.deepEqual([...endings, result.counts.blocked], ['imaged', 'imaged', 'skipped skippedByOperator', 0]);
    assert.ok(!suspended(rig).includes(idOf(rig, 2)));
    assert.equal(new Set(suspended(rig)).size, suspended(rig).length, 'nobody was imaged twice');
    const { status } = await backup.describe();
    assert.equal(status.name, 'COMPLETED');
  });
});
