import assert from 'node:assert/strict';
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
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

const shown = (items: readonly SweptItem[]): string[] =>
  items.map(({ id, goes, outcome, reasons }) => `${id} ${goes ? 'goes' : 'stays'} ${outcome}: ${reasons.join('; ')}`);

describe('a sweep', () => {
  it('deletes bundles and images that a restore left and nobody uses, in that order, and nothing else', async () => {
    await withRig({ fleet: plainFleet(3) }, async (rig) => {
      const going = await holdLocks(rig, []);
      const restore = (run: string, more = {}) => ({ [CAPABILITY_TAG]: 'imageRestore', [RUN_TAG]: run, ...more });
      const backup = (more = {}) => ({ [CAPABILITY_TAG]: 'imageBackup', [RUN_TAG]: 'r', [POLICY_TAG]: 'p', ...more });

      const left = seedImage(rig, { name: 'left', tags: restore(OVER) });
      const backedUp = seedImage(rig, { name: 'backup', tags: backup({ [KEEP_TAG]: 'restore of ws-gone' }) });
      seedImage(rig, { name: 'last', tags: restore(OVER, { [KEEP_TAG]: 'last image before a restore of ws-1' }) });
      seedImage(rig, { name: 'shared', tags: restore(OVER), sharedWith: ['444455556666'] });
      const failed = seedImage(rig, { name: 'failed', tags: backup(), state: 'ERROR' });
      seedImage(rig, { name: 'foreign', state: 'ERROR' });
      seedImage(rig, { name: 'good', tags: backup(), daysOld: 500 });

      const unused = seedBundle(rig, { name: 'unused', imageId: left, tags: restore(OVER) });
      const ofBackup = seedBundle(rig, {
        name: 'ofbackup',
        imageId: backedUp,
        tags: restore(OVER, { [WORKSPACE_TAG]: 'ws-gone' }),
      });
      const used = seedBundle(rig, { name: 'used', imageId: WELL_KNOWN.newImageId, tags: restore(OVER) });
      moveToBundle(rig, 2, used);
      seedBundle(rig, { name: 'busy', imageId: WELL_KNOWN.newImageId, tags: restore(going.id) });
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
      const items = await swept(rig, [unused, ofBackup, left, failed, used, imageIdOf('foreign'), imageIdOf('good')]);
      const outcomes = new Map(items.map(({ id, outcome }) => [id, outcome]));
      assert.deepEqual(
        [unused, ofBackup, left, failed, used].map((id) => outcomes.get(id)),
        ['kept', 'deleted', 'kept', 'deleted', 'kept'],
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
      await swept(rig, [unused, left]);
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
