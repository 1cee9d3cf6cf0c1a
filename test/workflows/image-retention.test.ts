import assert from 'node:assert/strict';
import { backupTags } from '../../domain/backup-tags.ts';
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, USER_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { imagesMade } from '../../sandbox/services/workspaces/ground-truth.ts';
import type { imageRetentionPlan } from '../../workflows/image-retention-plan.ts';
import { imageRetentionPlanId, retentionRowsQuery } from '../../workflows/image-retention.messages.ts';
import { backupInput, retentionOf, startBackup } from '../rig/backup.ts';
import { imageIdOf, imagesLeft, seedBundle, seedImage } from '../rig/images.ts';
import { target, withRig, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

const POLICY = { days: null, keepAtLeast: 2, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 50 };

/** What of member 0 must stay, and what must go, whatever retention is applied by. */
function seed(rig: Rig): { readonly stays: string[]; readonly goes: string[] } {
  const { workspaceId, userName, directoryId } = desktopOf(rig, 0);
  const tags = {
    [CAPABILITY_TAG]: 'imageBackup',
    [RUN_TAG]: 'image-backup/111122223333/eu-central-1/golden',
    [POLICY_TAG]: 'golden',
    [WORKSPACE_TAG]: workspaceId,
    [USER_TAG]: `${directoryId}/${userName}`,
  };
  const gone = { ...tags, [WORKSPACE_TAG]: 'ws-terminated', [USER_TAG]: 'd-90670f1ee7/left.long.ago' };
  const inBundle = seedImage(rig, { name: 'inbundle', daysOld: 70, tags });
  seedBundle(rig, { name: 'golden', imageId: inBundle });
  return {
    goes: [
      seedImage(rig, { name: 'third', daysOld: 3, tags }),
      seedImage(rig, { name: 'old', daysOld: 40, tags }),
      seedImage(rig, { name: 'failed', daysOld: 1, tags, state: 'ERROR' }),
    ],
    stays: [
      inBundle,
      seedImage(rig, { name: 'newest', daysOld: 1, tags }),
      seedImage(rig, { name: 'second', daysOld: 2, tags }),
      seedImage(rig, { name: 'shared', daysOld: 60, tags, sharedWith: ['444455556666'] }),
      seedImage(rig, { name: 'marked', daysOld: 80, tags: { ...tags, [KEEP_TAG]: 'audit' } }),
      seedImage(rig, { name: 'restore', daysOld: 80, tags: { ...tags, [CAPABILITY_TAG]: 'imageRestore' } }),
      seedImage(rig, { name: 'monthly', daysOld: 80, tags: { ...tags, [POLICY_TAG]: 'monthly' } }),
      seedImage(rig, { name: 'foreign', daysOld: 90 }),
      seedImage(rig, { name: 'oldsystem', daysOld: 90, tags: { AutomatedBackup: 'true' } }),
      seedImage(rig, { name: 'gone', daysOld: 400, tags: gone }),
    ],
  };
}

describe('retention', () => {
  it('plans what goes and what stays, with the reasons, and changes nothing', async () => {
    await withRig({ fleet: plainFleet(1) }, async (rig) => {
      const { stays, goes } = seed(rig);
      const before = imagesLeft(rig);
      const input = { target, policy: POLICY, policyName: 'golden' };
      const handle = await rig.client.workflow.start<typeof imageRetentionPlan>('imageRetentionPlan', {
        workflowId: imageRetentionPlanId(input),
        taskQueue: TASK_QUEUE,
        args: [input],
      });
      const plan = await handle.result();
      assert.deepEqual(plan.counts, { images: before.length, kept: before.length - 3, deleted: 3 });
      const { rows } = await handle.query(retentionRowsQuery, { offset: 0, limit: 1000 });
      const verdict = (ids: readonly string[]) => ids.map((id) => rows.find(({ imageId }) => imageId === id)?.keep);
      assert.deepEqual(
        verdict(goes),
        goes.map(() => false),
      );
      assert.deepEqual(
        verdict(stays),
        stays.map(() => true),
      );
      assert.ok(rows.every(({ reasons }) => reasons.length > 0));
      assert.deepEqual(imagesLeft(rig), before);

      const selection = { ...NO_SELECTION, allOf: [{ key: 'AutoBackup', value: 'nobody' }] };
      const backup = await startBackup(rig, backupInput({ policy: 'golden', selection, retention: POLICY }));
      assert.equal((await backup.result()).outcome, 'nobodySelected');
      assert.deepEqual(imagesLeft(rig), before, 'nor does a backup that selects nobody');
    });
  });

  it('goes on in new histories, a part of its deletions in each', async () => {
    await withRig({ fleet: plainFleet(1) }, async (rig) => {
      const run = 'image-backup/111122223333/eu-central-1/golden';
      const tags = backupTags(desktopOf(rig, 0), { policy: 'golden', run, at: '2026-02-28' });
      for (let daysOld = 1; daysOld <= 30; daysOld += 1) seedImage(rig, { name: `day${daysOld}`, daysOld, tags });
      const before = imagesLeft(rig);
      const selection = { ...NO_SELECTION, allOf: [WELL_KNOWN.tag] };
      const retention = { ...POLICY, keepAtLeast: 1, maxDeletePercent: 100 };
      const input = backupInput({ policy: 'golden', selection, retention, connectedUsers: 'proceed' });
      const backup = await startBackup(rig, input, { continueAfterEvents: 60 });
      const { outcome, deleted } = await backup.result();
      assert.deepEqual([outcome, deleted], ['completed', 30]);
      assert.notEqual(
        (await rig.client.workflow.getHandle(backup.workflowId).describe()).runId,
        backup.firstExecutionRunId,
      );
      const [made] = imagesMade(rig.fleet.place);
      const stay = before.filter((id) => !/day\d+$/.test(id));
      assert.deepEqual(imagesLeft(rig), [...stay, made?.imageId ?? ''].toSorted());
      const rows = await retentionOf(backup);
      assert.equal(rows.filter((row) => row.outcome === 'deleted').length, 30, 'each is in the report once');
    });
  });

  it('deletes in a backup what the policy does not keep, and nothing else', async () => {
    await withRig({ fleet: plainFleet(1) }, async (rig) => {
      const { stays, goes } = seed(rig);
      const before = imagesLeft(rig);
      const [third = '', old = '', failed = ''] = goes;
      const { faults } = rig.sandbox;
      const call = { service: 'workspaces', operation: 'DeleteWorkspaceImage' };
      faults.add({ ...call, kind: 'resetAfter', resource: third, count: 1 });
      // As it answers when a bundle was made of it since it was looked at.
      faults.add({ ...call, kind: 'error', resource: old, code: 'ResourceAssociatedException', status: 400 });
      const backup = await startBackup(
        rig,
        backupInput({
          policy: 'golden',
          selection: { ...NO_SELECTION, allOf: [WELL_KNOWN.tag] },
          retention: POLICY,
          connectedUsers: 'proceed',
        }),
      );
      const { outcome, retentionRefused, notDeleted } = await backup.result();
      assert.deepEqual([outcome, retentionRefused, notDeleted], ['partiallyFailed', null, 1]);
      const [made] = imagesMade(rig.fleet.place);
      const second = imageIdOf('second');
      assert.deepEqual(
        imagesLeft(rig),
        [...before.filter((id) => ![third, failed, second].includes(id)), made?.imageId ?? ''].toSorted(),
        'the new image and the newest before it are the two that stay',
      );
      const rows = await retentionOf(backup);
      const shown = (id: string): string => {
        const row = rows.find(({ imageId }) => imageId === id);
        return `${row?.outcome}: ${row?.reasons.map(({ text }) => text).join('; ')}`;
      };
      assert.match(shown(third), /^deleted: number \d of \d from the newest, beyond the newest 2$/);
      assert.match(shown(second), /^deleted: number 3 of \d from the newest, beyond the newest 2$/);
      assert.match(shown(failed), /^deleted: its state is ERROR/);
      assert.match(shown(old), /^notDeleted: number \d.* beyond the newest 2; AWS refused: a bundle uses it/);
      assert.match(shown(imageIdOf('inbundle')), /^kept: in use by wsb-/);
      assert.match(shown(imageIdOf('marked')), /^kept: tagged holdfast:keep: audit/);
      assert.match(shown(imageIdOf('shared')), /^kept: shared with 1 account/);
      assert.equal(rows.filter((row) => stays.includes(row.imageId) && row.outcome !== 'kept').length, 1, second);
    });
  });
});
