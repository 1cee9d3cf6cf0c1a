import assert from 'node:assert/strict';
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { taggedResources, tagsAt } from '../../sandbox/services/workspaces/tags.ts';
import type { sweep } from '../../workflows/sweep.ts';
import { sweepId, type SweptItem } from '../../workflows/sweep.messages.ts';
import { bundleIdOf, bundlesLeft, imageIdOf, imagesLeft, seedBundle, seedImage } from '../rig/images.ts';
import { holdLocks } from '../rig/locks.ts';
import { target, withRig, type Rig } from '../rig/upgrade.ts';
import { moveToBundle } from '../rig/world.ts';

const OVER = 'image-restore/111122223333/eu-central-1/ws-over';

async function swept(rig: Rig, ids: readonly string[] | null): Promise<readonly SweptItem[]> {
  const { items } = await rig.client.workflow.execute<typeof sweep>('sweep', {
    workflowId: sweepId(target),
    taskQueue: TASK_QUEUE,
    args: [{ target, ids }],
  });
  return items;
}

function keepTagOf(rig: Rig, imageId: string): string | undefined {
  const tagged = taggedResources(rig.fleet.place).get(imageId);
  return tagged && tagsAt(tagged, rig.sandbox.clock.now())?.[KEEP_TAG];
}

const shown = (items: readonly SweptItem[]): string[] =>
  items.map(({ id, goes, outcome, reasons }) => `${id} ${goes ? 'goes' : 'stays'} ${outcome}: ${reasons.join('; ')}`);

describe('a sweep', () => {
  it('deletes bundles and images that a restore left and nobody uses, in that order, and nothing else', async () => {
    await withRig({ fleet: plainFleet(3) }, async (rig) => {
      const going = await holdLocks(rig, []);
      const restore = (run: string, more = {}) => ({ [CAPABILITY_TAG]: 'imageRestore', [RUN_TAG]: run, ...more });
      const backup = (more = {}) => ({ [CAPABILITY_TAG]: 'imageBackup', [RUN_TAG]: 'r', [POLICY_TAG]: 'p', ...more });

      // Their runs are not known: they may be of another namespace, and under way, as long as they are young.
      const old = { daysOld: 31 };
      const left = seedImage(rig, { ...old, name: 'left', tags: restore(OVER) });
      const backedUp = seedImage(rig, { name: 'backup', tags: backup({ [KEEP_TAG]: 'restore of ws-gone' }) });
      seedImage(rig, {
        ...old,
        name: 'last',
        tags: restore(OVER, { [KEEP_TAG]: 'last image before a restore of ws-1' }),
      });
      seedImage(rig, { ...old, name: 'shared', tags: restore(OVER), sharedWith: ['444455556666'] });
      const failed = seedImage(rig, { ...old, name: 'failed', tags: backup(), state: 'ERROR' });
      seedImage(rig, { name: 'foreign', state: 'ERROR' });
      seedImage(rig, { name: 'good', tags: backup(), daysOld: 500 });

      const unused = seedBundle(rig, { ...old, name: 'unused', imageId: left, tags: restore(OVER) });
      const ofBackup = seedBundle(rig, {
        ...old,
        name: 'ofbackup',
        imageId: backedUp,
        tags: restore(OVER, { [WORKSPACE_TAG]: 'ws-gone' }),
      });
      const used = seedBundle(rig, { ...old, name: 'used', imageId: WELL_KNOWN.newImageId, tags: restore(OVER) });
      moveToBundle(rig, 2, used);
      seedBundle(rig, { ...old, name: 'busy', imageId: WELL_KNOWN.newImageId, tags: restore(going.id) });
      seedBundle(rig, { name: 'elsewhere', imageId: WELL_KNOWN.newImageId, tags: restore(OVER), daysOld: 29 });
      seedBundle(rig, { name: 'strange', imageId: WELL_KNOWN.newImageId });
      seedBundle(rig, { name: 'runless', imageId: WELL_KNOWN.newImageId, tags: { [CAPABILITY_TAG]: 'imageRestore' } });
      const before = { bundles: bundlesLeft(rig), images: imagesLeft(rig) };

      const plan = await swept(rig, null);
      const user = rig.fleet.members[2]?.workspaceId;
      assert.deepEqual(
        shown(plan).toSorted(),
        [
          `${bundleIdOf('busy')} stays kept: its run goes on: ${going.id}; whether WorkSpaces use it was not read`,
          `${ofBackup} goes kept: no WorkSpace uses it, and its run is over`,
          `${bundleIdOf('elsewhere')} stays kept: its run is not known here, and it is not yet 30 days old: ${OVER}; ` +
            'whether WorkSpaces use it was not read',
          `${backedUp} goes kept: no bundle uses its image any more: retention may decide again, without holdfast:keep: ` +
            'restore of ws-gone',
          `${bundleIdOf('runless')} stays kept: its tag holdfast:run is missing: whether its run is over is not known; ` +
            'whether WorkSpaces use it was not read',
          `${used} stays kept: in use by ${user}`,
          `${unused} goes kept: no WorkSpace uses it, and its run is over`,
          `${failed} goes kept: its state is ERROR: it holds nothing`,
          `${imageIdOf('last')} stays kept: tagged holdfast:keep: last image before a restore of ws-1; ` +
            'whether it is shared was not read',
          `${left} goes kept: no bundle uses it, and its restore is over`,
          `${imageIdOf('shared')} stays kept: shared with 1 account`,
        ].toSorted(),
      );
      assert.deepEqual({ bundles: bundlesLeft(rig), images: imagesLeft(rig) }, before, 'a plan changes nothing');

      // Between the plan and the sweep, a WorkSpace comes onto one of the bundles.
      moveToBundle(rig, 1, unused);
      const denied = { code: 'AccessDeniedException', status: 400, resource: backedUp };
      const allow = rig.sandbox.faults.add({ kind: 'error', operation: 'DeleteTags', ...denied });
      const ids = [unused, ofBackup, backedUp, left, failed, used, imageIdOf('foreign'), imageIdOf('good')];
      const items = await swept(rig, ids);
      allow();
      const outcomes = new Map(items.map(({ id, outcome }) => [id, outcome]));
      assert.deepEqual(
        [unused, ofBackup, backedUp, left, failed, used].map((id) => outcomes.get(id)),
        ['kept', 'deleted', 'notDeleted', 'kept', 'deleted', 'kept'],
      );
      assert.deepEqual(
        bundlesLeft(rig),
        before.bundles.filter((id) => id !== ofBackup),
      );
      assert.deepEqual(
        imagesLeft(rig),
        before.images.filter((id) => id !== failed),
      );

      moveToBundle(rig, 1, WELL_KNOWN.bundleId);
      assert.deepEqual(keepTagOf(rig, backedUp), 'restore of ws-gone');
      await swept(rig, [unused, left, backedUp]);
      assert.equal(keepTagOf(rig, backedUp), undefined, 'retention may decide on it again');
      assert.deepEqual(
        bundlesLeft(rig),
        before.bundles.filter((id) => ![ofBackup, unused].includes(id)),
      );
      assert.deepEqual(
        imagesLeft(rig),
        before.images.filter((id) => ![failed, left].includes(id)),
      );
      const again = await swept(rig, null);
      assert.ok(
        again.every(({ goes }) => !goes),
        'and nothing is left to sweep',
      );
    });
  });
});
