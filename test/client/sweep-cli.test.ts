/** `holdfast sweep` and `holdfast backup explain` as their users run them, on the real server and the sandbox. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { CAPABILITY_TAG, POLICY_TAG, RUN_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { bundlesLeft, imagesLeft, seedBundle, seedImage } from '../rig/images.ts';
import { withRig } from '../rig/upgrade.ts';
import { moveToBundle } from '../rig/world.ts';
import { run, type Ended } from './holdfast.ts';

describe('holdfast sweep and holdfast backup explain', function () {
  this.timeout(120_000);

  it('show what stays and what goes and why, delete only with a word, and say by their exit what came of it', async () => {
    await withRig({ fleet: plainFleet(1) }, async (rig) => {
      const holdfast = async (...args: string[]): Promise<Ended> =>
        await run(args, { cwd: tmpdir(), env: { TEMPORAL_ADDRESS: rig.address } });
      const restore = { [CAPABILITY_TAG]: 'imageRestore', [RUN_TAG]: 'image-restore/over' };
      const backup = {
        [CAPABILITY_TAG]: 'imageBackup',
        [RUN_TAG]: 'image-backup/over',
        [POLICY_TAG]: 'golden',
        [WORKSPACE_TAG]: 'ws-one000001',
      };
      const unused = seedBundle(rig, { name: 'unused', daysOld: 31, imageId: WELL_KNOWN.newImageId, tags: restore });
      const used = seedBundle(rig, { name: 'used', daysOld: 31, imageId: WELL_KNOWN.newImageId, tags: restore });
      moveToBundle(rig, 0, used);
      const failed = seedImage(rig, { name: 'failed', daysOld: 31, tags: backup, state: 'ERROR' });
      const denied = seedImage(rig, { name: 'denied', daysOld: 31, tags: backup, state: 'ERROR' });
      const fault = { kind: 'error', code: 'AccessDeniedException', status: 400 } as const;
      rig.sandbox.faults.add({ operation: 'DeleteWorkspaceImage', resource: denied, ...fault });
      for (const daysOld of [1, 2, 3, 4]) seedImage(rig, { name: `day${daysOld}`, daysOld, tags: backup });
      const before = { bundles: bundlesLeft(rig), images: imagesLeft(rig) };

      const explain = ['backup', 'explain', '--account', WELL_KNOWN.account, '--region', WELL_KNOWN.region];
      const golden = [...explain, '--policy', 'golden', '--days', 'none'];
      const kept = await holdfast(...golden, '--keep-at-least', '3');
      assert.equal(kept.code, 0, kept.stderr);
      assert.match(kept.stdout, /^ws-one000001 +wsi-00000day1 .* keep +the last good image; number 1 of 4/m);
      assert.match(
        kept.stdout,
        /^ws-one000001 +wsi-00000day4 .* delete +number 4 of 4 from the newest, beyond the newest 3$/m,
      );
      assert.match(kept.stdout, /^– +wsi-0fleet0001 .* keep +no backup of Holdfast’s/m);
      assert.match(kept.stdout, /^3 of 9 images would be deleted, as of 2026-03-02/m);
      const sweep = (...args: string[]): Promise<Ended> =>
        holdfast('sweep', ...args, '--target', `${WELL_KNOWN.account}/${WELL_KNOWN.region}`);
      const plan = await sweep('plan');
      assert.equal(plan.code, 0, plan.stderr);
      assert.match(plan.stdout, new RegExp(`^bundle +${unused} +unused +delete +no WorkSpace uses it`, 'm'));
      assert.match(plan.stdout, new RegExp(`^bundle +${used} +used +keep +in use by ws-`, 'm'));
      assert.match(plan.stdout, /^3 of 4 would be deleted\.$/m);
      const unasked = await sweep('start');
      assert.equal(unasked.code, 2);
      assert.match(unasked.stderr, /no terminal to ask on/);
      assert.deepEqual({ bundles: bundlesLeft(rig), images: imagesLeft(rig) }, before);

      const done = await sweep('start', '--yes', '--json');
      assert.equal(done.code, 3, done.stderr);
      assert.match(done.stderr, /1 resource stayed: see why/);
      const { items } = (JSON.parse(done.stdout) as { sweep: { items: { id: string; outcome: string }[] } }).sweep;
      assert.deepEqual(Object.fromEntries(items.map(({ id, outcome }) => [id, outcome])), {
        [unused]: 'deleted',
        [used]: 'kept',
        [denied]: 'notDeleted',
        [failed]: 'deleted',
      });
      assert.deepEqual(
        bundlesLeft(rig),
        before.bundles.filter((id) => id !== unused),
      );
      assert.deepEqual(
        imagesLeft(rig),
        before.images.filter((id) => id !== failed),
      );
    });
  });
});
