/** Each strategy, to its end: what comes back, what is kept, and what the report says. */
import assert from 'node:assert/strict';
import { CAPABILITY_TAG, KEEP_TAG, USER_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { imagesMade, rootImageOf, userVolumeOf } from '../../sandbox/services/workspaces/ground-truth.ts';
import { bundles, desktops } from '../../sandbox/services/workspaces/rows.ts';
import { setTags, taggedResources, tagsAt } from '../../sandbox/services/workspaces/tags.ts';
import { approveRestoreUpdate, type ImageRestoreResult } from '../../workflows/image-restore.messages.ts';
import { desktopsOf, restoreInput, startRestore, stateOf, untilStatus } from '../rig/restore.ts';
import { filesOf, idOf, snapshotsDue } from '../rig/truth.ts';
import { startRig, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

/** The fleet's WorkSpaces, by what is done with them. */
const [IMAGE, RECREATE, SNAPSHOT, REBUILD, COPY] = [0, 1, 2, 3, 4];

describe('the restore of a WorkSpace', function () {
  this.timeout(120_000);
  let rig: Rig;
  let results: readonly ImageRestoreResult[];
  let volumes: readonly (string | undefined)[];
  let users: readonly string[];
  let canaryBefore: string | undefined;

  const at = (index: number): ImageRestoreResult => results[index] ?? assert.fail(`no result ${index}`);
  const newIdOf = (index: number): string => at(index).row.newWorkspaceId ?? assert.fail(`no new WorkSpace ${index}`);
  const tagsOf = (id: string) => tagsAt(taggedResources(rig.fleet.place).get(id), rig.sandbox.clock.now()) ?? {};
  const volumeOf = (id: string) => userVolumeOf(rig.fleet.place, id);

  before(async () => {
    rig = await startRig({ fleet: plainFleet(5), speed: 2000 });
    snapshotsDue(rig, () => 660);
    const row = desktopOf(rig, RECREATE);
    Object.assign(row, { runningMode: 'AUTO_STOP', autoStopMinutes: 120 });
    setTags(rig.fleet.place, row.workspaceId, { Env: 'Prod', Owner: 'ana' }, rig.sandbox.clock.now());
    setTags(rig.fleet.place, WELL_KNOWN.otherImageId, { [KEEP_TAG]: 'ana needs it' }, rig.sandbox.clock.now());
    volumes = [0, 1, 2, 3, 4].map((index) => volumeOf(idOf(rig, index))?.volumeId);
    users = [0, 1, 2, 3, 4].map((index) => desktopOf(rig, index).userName);
    const canary = { canary: true, otherUser: 'canary.user', lastImage: true };
    const approval = { required: true, expiresMinutes: 6_000 };
    const runs = await Promise.all([
      startRestore(rig, restoreInput(rig, IMAGE, 'image')),
      startRestore(rig, restoreInput(rig, RECREATE, 'recreate', { ...canary, approval })),
      startRestore(rig, restoreInput(rig, SNAPSHOT, 'snapshot')),
      startRestore(rig, restoreInput(rig, REBUILD, 'rebuild')),
      startRestore(rig, restoreInput(rig, COPY, 'copy', { imageId: WELL_KNOWN.otherImageId })),
    ]);
    const recreate = runs[1] ?? assert.fail();
    await untilStatus(recreate, 'it waits for approval', ({ phase }) => phase === 'awaitingApproval');
    canaryBefore = desktopsOf(rig, 'canary.user').map((desktop) => stateOf(rig, desktop))[0];
    const workspaceId = idOf(rig, RECREATE);
    await recreate.executeUpdate(approveRestoreUpdate, { args: [{ by: 'ben', reason: null, workspaceId }] });
    results = await Promise.all(runs.map((run) => run.result()));
  });
  after(() => rig.close());

  it('ends as restored by every strategy', () => {
    assert.deepEqual(
      results.map(({ outcome, row }) => [row.strategy, outcome, row.reason]),
      ['image', 'recreate', 'snapshot', 'rebuild', 'copy'].map((strategy) => [strategy, 'restored', null]),
    );
  });

  it('by image gives the user a new WorkSpace with the image and the old user volume', () => {
    assert.equal(rootImageOf(rig.fleet.place, newIdOf(IMAGE)), WELL_KNOWN.newImageId);
    assert.equal(volumeOf(newIdOf(IMAGE))?.volumeId, volumes[IMAGE]);
    assert.equal(stateOf(rig, { workspaceId: idOf(rig, IMAGE) }), undefined);
  });

  it('by recreate gives the user a new WorkSpace with the image, an empty user volume, and the old settings and tags', () => {
    const made = desktops(rig.fleet.place).get(newIdOf(RECREATE)) ?? assert.fail();
    assert.equal(rootImageOf(rig.fleet.place, made.workspaceId), WELL_KNOWN.newImageId);
    assert.notEqual(volumeOf(made.workspaceId)?.volumeId, volumes[RECREATE]);
    assert.deepEqual([made.runningMode, made.autoStopMinutes, made.userName], ['AUTO_STOP', 120, users[RECREATE]]);
    const { Env, Owner } = tagsOf(made.workspaceId);
    assert.deepEqual([Env, Owner], ['Prod', 'ana']);
  });

  it('makes the canary and the last image first, and removes the canary in the end', () => {
    assert.equal(canaryBefore, 'AVAILABLE');
    assert.deepEqual(desktopsOf(rig, 'canary.user'), []);
    const [image] = imagesMade(rig.fleet.place);
    assert.equal(at(RECREATE).row.lastImageId, image?.imageId);
    const { [KEEP_TAG]: keep, [USER_TAG]: user } = tagsOf(image?.imageId ?? '');
    assert.match(keep ?? '', /last image before a restore/);
    assert.equal(user, `${WELL_KNOWN.directoryId}/${users[RECREATE]}`);
  });

  it('by snapshot takes both volumes of the same WorkSpace back to the time that the report names', () => {
    const { row } = at(SNAPSHOT);
    assert.equal(new Date(volumeOf(idOf(rig, SNAPSHOT))?.dataOf ?? 0).toISOString(), row.snapshotTime);
    assert.deepEqual([row.newWorkspaceId, stateOf(rig, row)], [null, 'AVAILABLE']);
  });

  it('by rebuild keeps the WorkSpace, with the image of its bundle', () => {
    assert.equal(rootImageOf(rig.fleet.place, idOf(rig, REBUILD)), WELL_KNOWN.oldImageId);
    assert.equal(volumeOf(idOf(rig, REBUILD))?.volumeId, volumes[REBUILD]);
  });

  it('by copy leaves the old WorkSpace alone and gives another user one of the image', () => {
    assert.equal(rootImageOf(rig.fleet.place, newIdOf(COPY)), WELL_KNOWN.otherImageId);
    assert.equal(desktops(rig.fleet.place).get(newIdOf(COPY))?.userName, 'second.user');
    assert.equal(stateOf(rig, { workspaceId: idOf(rig, COPY) }), 'AVAILABLE');
    assert.equal(volumeOf(idOf(rig, COPY))?.dataOf, null);
  });

  it('keeps the bundle that the new WorkSpace is on, and its image, and says by tags what they are for', () => {
    for (const index of [IMAGE, RECREATE, COPY]) {
      const { bundleId, bundleKept } = at(index).row;
      assert.ok(bundleKept && bundles(rig.fleet.place).get(bundleId ?? '')?.deletedAt === undefined);
      const tags = tagsOf(bundleId ?? '');
      assert.deepEqual([tags[CAPABILITY_TAG], tags[WORKSPACE_TAG]], ['imageRestore', newIdOf(index)]);
    }
    assert.match(tagsOf(WELL_KNOWN.newImageId)[KEEP_TAG] ?? '', /^restore of ws-/);
  });

  it('leaves the word of somebody else who keeps the image', () => {
    assert.equal(tagsOf(WELL_KNOWN.otherImageId)[KEEP_TAG], 'ana needs it');
  });

  it('writes a report of each', async () => {
    const files = await filesOf(rig);
    const reports = Object.keys(files).filter((key) => key.startsWith('restores/workspaces-restore-report-'));
    assert.equal(reports.length, 10);
    const own = files[(at(RECREATE).report?.json ?? '').replace(`s3://${WELL_KNOWN.reportBucket}/`, '')] ?? '{}';
    const { workspaces, steering } = JSON.parse(own) as { workspaces: { approvedBy: string }[]; steering: unknown[] };
    assert.deepEqual([workspaces[0]?.approvedBy, steering.length], ['ben', 1]);
  });
});
