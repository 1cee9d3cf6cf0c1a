/** A canary goes first, waves follow when all went well, and failures past the threshold stop the run before it does harm. */
import assert from 'node:assert/strict';
import { ONE_WAVE, type WavePlan } from '../../domain/waves.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages } from '../../sandbox/services/sns.ts';
import { rebuildIntervals } from '../../sandbox/services/workspaces/ground-truth.ts';
import {
  abortUpdate,
  changeUpdate,
  pauseUpdate,
  resumeUpdate,
  retryFailedUpdate,
  statusQuery,
} from '../../workflows/image-upgrade.messages.ts';
import { locksHeld } from '../rig/locks.ts';
import {
  bundleImage,
  filesOf,
  idOf,
  outcomesOf,
  rebuildsBegun,
  reportOf,
  snapshotsDue,
  type Report,
} from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, type Rig, type Upgrade, upgradeInput, waitUntil } from '../rig/upgrade.ts';

const MINUTE = 60_000;
const SOAK = 90;
const nobody = { by: null, reason: null };
const waves = (changes: Partial<WavePlan>): WavePlan => ({ ...ONE_WAVE, ...changes });
const canary = (size: string): WavePlan['canary'] => ({ size, choose: 'spread', tag: null, workspaceIds: [] });

describe('an upgrade in waves', function () {
  this.timeout(180_000);
  let rig: Rig;
  afterEach(async () => await rig.close());

  const held = async (upgrade: Upgrade): Promise<void> =>
    await waitUntil('the run holds', async () => (await upgrade.query(statusQuery)).halt?.kind === 'held');
  const begunCount = (): number => Object.values(rebuildsBegun(rig)).filter((count) => count > 0).length;

  /** Its canary has failed, and its bundle is back. */
  const heldByBadImage = async (): Promise<Upgrade> => {
    rig = await startRig({ fleet: plainFleet(3, { rebuildMinutes: [10, 12], special: { rebuildFails: [0, 1, 2] } }) });
    snapshotsDue(rig, () => 90);
    const upgrade = await startUpgrade(rig, upgradeInput({ waves: waves({ canary: canary('1'), maxFailures: '0' }) }));
    await held(upgrade);
    await waitUntil('the bundle is back', () => bundleImage(rig) === WELL_KNOWN.oldImageId);
    return upgrade;
  };
  const resume = (upgrade: Upgrade) =>
    upgrade.executeUpdate(resumeUpdate, { args: [{ ...nobody, workspaceId: null }] });

  it('begins each wave when the one before has ended and soaked, while all watch for their snapshots', async () => {
    rig = await startRig({ fleet: plainFleet(7, { rebuildMinutes: [20, 30] }) });
    snapshotsDue(rig, (index) => 90 + index);
    const plan = waves({ canary: canary('1'), sizes: ['30%'], soakMinutes: SOAK });
    const upgrade = await startUpgrade(rig, upgradeInput({ waves: plan, operatorTopicArn: WELL_KNOWN.topicArn }));
    const { outcome, counts } = await upgrade.result();
    assert.equal(outcome, 'completed');
    assert.equal(counts.rebuilt, 7);
    const rows = await rowsOf(rig, upgrade);
    const waveOf = new Map(rows.map(({ workspaceId, wave }) => [workspaceId, wave]));
    const times = [0, 1, 2].map((wave) => {
      const all = rebuildIntervals(rig.fleet.place).filter(({ workspaceId }) => waveOf.get(workspaceId) === wave);
      return { count: all.length, from: all[0]?.from ?? 0, to: Math.max(...all.map(({ to }) => to ?? Infinity)) };
    });
    assert.deepEqual(
      times.map(({ count }) => count),
      [1, 3, 3],
    );
    for (const [wave, { from }] of times.entries()) {
      const before = times[wave - 1];
      if (before)
        assert.ok(from - before.to >= SOAK * MINUTE, `wave ${wave} began ${(from - before.to) / MINUTE} min after`);
    }
    // Each found its snapshot within the hours in which it was due, long before the last wave began.
    for (const { freshSnapshot } of rows) {
      assert.ok(
        Date.parse(freshSnapshot ?? '') < (times[1]?.from ?? 0),
        'a snapshot was seen when its wave had begun only',
      );
    }
    assert.equal(publishedMessages(rig.fleet.place).length, 1, 'its end was told to people');
  });

  it('with a bad image stops at the canary: no other desktop is touched, and the bundle goes back', async () => {
    const all = Array.from({ length: 8 }, (_, index) => index);
    rig = await startRig({ fleet: plainFleet(8, { rebuildMinutes: [10, 15], special: { rebuildFails: all } }) });
    snapshotsDue(rig, () => 90);
    const plan = waves({ canary: canary('25%'), sizes: ['50%'], maxFailures: '0' });
    const input = upgradeInput({ waves: plan, maxConcurrent: 1, operatorTopicArn: WELL_KNOWN.topicArn });
    const upgrade = await startUpgrade(rig, input);
    await held(upgrade);
    await waitUntil('the bundle is back', async () => {
      return (await upgrade.query(statusQuery)).bundleSetTo === WELL_KNOWN.oldImageId;
    });
    await waitUntil('people are told', () => publishedMessages(rig.fleet.place).length === 1);
    assert.match(publishedMessages(rig.fleet.place)[0]?.message ?? '', /have failed, 0 may/);
    // The second may have begun before the run had heard of the first.
    const rows = await rowsOf(rig, upgrade);
    const touched = rows.filter(({ workspaceId }) => rebuildsBegun(rig)[workspaceId] !== 0);
    assert.ok(
      touched.every(({ wave }) => wave === 0),
      'nobody beyond the canary was touched',
    );
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a bad image' }] });
    const { outcome, counts, bundleSetTo } = await upgrade.result();
    assert.equal(outcome, 'aborted');
    assert.deepEqual([counts.rebuildFailed, counts.aborted], [begunCount(), 8 - begunCount()]);
    assert.equal(bundleSetTo, WELL_KNOWN.oldImageId);
    assert.equal(bundleImage(rig), WELL_KNOWN.oldImageId);
    const tagged = { operation: 'CreateTags', resource: WELL_KNOWN.oldImageId };
    assert.equal(rig.sandbox.recorder.count(tagged), 1, 'the image to go back to was marked to be kept');
    const { steering } = await reportOf(rig);
    assert.deepEqual(
      steering.map(({ what }) => what),
      ['hold', 'set back', 'abort'],
    );
    assert.deepEqual(await locksHeld(rig), {});
  });

  it('that holds while rebuilds are under way proves what these got, and goes on with the image set again', async () => {
    rig = await startRig({ fleet: plainFleet(6, { rebuildMinutes: [60, 70], special: { rebuildFails: [0] } }) });
    // The failure ends while two others, begun a little later, are under way.
    snapshotsDue(rig, (index) => (index < 3 ? 90 + index * 10 : 110));
    const input = upgradeInput({ waves: waves({ maxFailures: '0' }), maxConcurrent: 3, settleSeconds: 60 });
    const upgrade = await startUpgrade(rig, input);
    await held(upgrade);
    await waitUntil('the bundle is back', () => bundleImage(rig) === WELL_KNOWN.oldImageId);
    await waitUntil(
      'those under way have ended',
      async () => (await upgrade.query(statusQuery)).counts.rebuilding === 0,
    );
    const first = await upgrade.query(statusQuery);
    assert.equal(first.bundleSetTo, WELL_KNOWN.oldImageId);
    const begunBefore = begunCount();
    const { answer } = await resume(upgrade);
    assert.match(answer, /goes on/);
    assert.equal(bundleImage(rig), WELL_KNOWN.newImageId);
    const { outcome, counts } = await upgrade.result();
    assert.ok(begunBefore < 6, 'somebody was left to be rebuilt after the resume');
    assert.equal(outcome, 'partiallyFailed');
    assert.deepEqual([counts.rebuilt, counts.rebuildFailed], [5, 1], JSON.stringify(await outcomesOf(rig, upgrade)));
    assert.deepEqual(new Set(Object.values(rebuildsBegun(rig))), new Set([1]));
  });

  it('that is resumed while no reply comes back, and aborted with a rollback, leaves the previous image behind', async () => {
    const upgrade = await heldByBadImage();
    // AWS sets it, and nobody hears of that.
    const hear = rig.sandbox.faults.add({ kind: 'resetAfter', operation: 'UpdateWorkspaceBundle' });
    const isRefused = assert.rejects(resume(upgrade));
    await waitUntil('the bundle is set again', () => bundleImage(rig) === WELL_KNOWN.newImageId);
    const aborted = upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test', rollback: true }] });
    await waitUntil('the abort is heard', async () => (await upgrade.query(statusQuery)).aborted !== null);
    hear();
    assert.equal((await aborted).bundleSetTo, WELL_KNOWN.oldImageId);
    await isRefused;
    const { counts } = await upgrade.result();
    assert.equal(bundleImage(rig), WELL_KNOWN.oldImageId);
    assert.deepEqual([begunCount(), counts.rebuildFailed, counts.aborted], [1, 1, 2]);
  });

  it('that is resumed in vain, after a call that nobody heard of, sets the image with the next resume', async () => {
    const upgrade = await heldByBadImage();
    const calls = { kind: 'error', operation: 'UpdateWorkspaceBundle' } as const;
    rig.sandbox.faults.add({ ...calls, count: 1, code: 'InternalServerException', status: 500 });
    const allow = rig.sandbox.faults.add({ ...calls, code: 'AccessDeniedException', status: 400 });
    await assert.rejects(resume(upgrade));
    assert.equal((await upgrade.query(statusQuery)).halt?.kind, 'held');
    allow();
    await resume(upgrade);
    assert.equal(bundleImage(rig), WELL_KNOWN.newImageId);
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test' }] });
    await upgrade.result();
  });

  it('that is aborted with a rollback rebuilds onto the old image whom AWS was asked to rebuild, when asked', async () => {
    // Of one that was in ERROR before, nothing but REBUILDING shows that it was rebuilt: no look may miss it.
    rig = await startRig({ fleet: plainFleet(4, { rebuildMinutes: [90, 92], special: { rebuildFails: [1] } }) });
    snapshotsDue(rig, (index) => (index < 2 ? 90 : 600));
    const upgrade = await startUpgrade(rig, upgradeInput({}));
    await waitUntil(
      'one is rebuilt, and one has failed',
      async () => (await rowsOf(rig, upgrade)).filter((row) => row.outcome !== null).length === 2,
    );
    const request = { reason: 'a test', rollback: true, rebuild: true };
    const answer = await upgrade.executeUpdate(abortUpdate, { args: [request] });
    assert.deepEqual(answer, {
      followed: 0,
      notRebuilt: 2,
      rebuilt: 1,
      migrated: 0,
      bundleSetTo: WELL_KNOWN.oldImageId,
    });
    const { outcome, rollback, report } = await upgrade.result();
    assert.equal(outcome, 'aborted');
    assert.equal(rollback?.outcome, 'partiallyFailed', 'the one in ERROR fails whatever its image');
    assert.deepEqual([rollback.counts.rebuilt, rollback.counts.rebuildFailed], [1, 1]);
    assert.deepEqual(Object.values(rebuildsBegun(rig)), [2, 2, 0, 0]);
    assert.equal(bundleImage(rig), WELL_KNOWN.oldImageId);
    const own = Object.entries(await filesOf(rig)).find(([key]) => report?.json.endsWith(key));
    const { steering } = JSON.parse(own?.[1] ?? '{}') as Report;
    assert.deepEqual(steering.at(-1), {
      ...steering.at(-1),
      what: 'rebuild back',
      answer: '1 of 2 WorkSpaces were rebuilt onto the previous image: partiallyFailed',
    });
  });

  it('says in its report that nobody is rebuilt back when AWS was asked to rebuild nobody', async () => {
    rig = await startRig({ fleet: plainFleet(1) });
    const upgrade = await startUpgrade(rig);
    await waitUntil('it waits', async () => (await rowsOf(rig, upgrade).catch(() => []))[0]?.step === 'snapshot');
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test', rollback: true, rebuild: true }] });
    assert.equal((await upgrade.result()).rollback, null);
    const { steering } = await reportOf(rig);
    assert.deepEqual(
      steering.map(({ what }) => what),
      ['set back', 'abort --rollback --rebuild', 'rebuild back'],
    );
    assert.match(steering.at(-1)?.answer ?? '', /^nobody is rebuilt onto the previous image/);
  });

  it('holds by a threshold that is set while it runs, tries again what failed, and refuses what makes no sense', async () => {
    rig = await startRig({ fleet: plainFleet(3, { rebuildMinutes: [20, 22], special: { rebuildFails: [0] } }) });
    snapshotsDue(rig, (index) => (index === 2 ? 300 : 90));
    const upgrade = await startUpgrade(rig, upgradeInput({ keepBundle: true }));
    await assert.rejects(resume(upgrade), (error: Error) => /nothing to resume/.test((error.cause as Error).message));
    await waitUntil('one has failed', async () => (await upgrade.query(statusQuery)).counts.rebuildFailed === 1);
    await upgrade.executeUpdate(changeUpdate, { args: [{ ...nobody, maxFailures: '0' }] });
    await held(upgrade);
    await waitUntil('another has ended', async () => (await upgrade.query(statusQuery)).counts.rebuilt === 1);
    assert.equal(bundleImage(rig), WELL_KNOWN.newImageId, 'it was to keep the new image');
    const { answer } = await upgrade.executeUpdate(retryFailedUpdate, { args: [nobody] });
    assert.match(answer, /^1 WorkSpaces/);
    await resume(upgrade);
    await held(upgrade);
    // It has failed again, and whoever resumes now accepts that.
    await resume(upgrade);
    const { counts } = await upgrade.result();
    assert.deepEqual([counts.rebuilt, counts.rebuildFailed], [2, 1]);
    assert.equal(rebuildsBegun(rig)[idOf(rig, 0)], 2);
    await assert.rejects(upgrade.executeUpdate(pauseUpdate, { args: [nobody] }));
  });
});
