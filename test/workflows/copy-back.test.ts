/** Recovery points that are brought back from the backup account. */
import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { COPY_BACK_LEG, copyBackId, type CopyBackInput } from '../../domain/copy-back.ts';
import { CUSTODY_DEFAULTS } from '../../domain/custody.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { seedBackupWorld, seedPoints, type BackupWorldSpec } from '../../sandbox/backup-world.ts';
import { copyJobs, points, vaults, type Point } from '../../sandbox/services/backup/rows.ts';
import type { custodyCopyBack, custodyCopyBackPlan } from '../../workflows/custody-copy-back.ts';
import {
  abortCopyBackUpdate,
  copyBackStatusQuery,
  resumeCopyBackUpdate,
} from '../../workflows/custody-copy-back.messages.ts';
import { BACKUP, refOf, SECOND, SOURCE, VAULT, withCustodyRig, type CustodyRig } from '../rig/custody.ts';
import { waitUntil } from '../rig/upgrade.ts';

const inputOf = (copy: Point, from = BACKUP, changes: Partial<CopyBackInput> = {}): CopyBackInput => ({
  point: refOf(copy, from),
  to: { ...SOURCE, vault: VAULT },
  lifecycle: null,
  deadlineHours: 24,
  backupRole: CUSTODY_DEFAULTS.backupRole,
  limits: CUSTODY_DEFAULTS.limits,
  ...changes,
});

const planOf = async (rig: CustodyRig, input: CopyBackInput) =>
  await rig.client.workflow.execute<typeof custodyCopyBackPlan>('custodyCopyBackPlan', {
    workflowId: `custody-copy-back-plan/${input.point.arn}`,
    taskQueue: TASK_QUEUE,
    args: [input],
  });

const start = async (rig: CustodyRig, input: CopyBackInput): Promise<WorkflowHandle<typeof custodyCopyBack>> =>
  await rig.client.workflow.start<typeof custodyCopyBack>('custodyCopyBack', {
    workflowId: copyBackId(input.point.arn),
    taskQueue: TASK_QUEUE,
    args: [input],
  });

const withCopies = async (
  spec: BackupWorldSpec,
  use: (
    rig: CustodyRig,
    copies: { readonly near: Point; readonly far: Point; readonly indirect: Point },
  ) => Promise<void>,
): Promise<void> => {
  let copies: readonly (Point | undefined)[] = [];
  const world = ({ world: made }: CustodyRig['sandbox']): void => {
    seedBackupWorld(made, spec);
    const seed = (place: typeof BACKUP, type = 'EBS') => seedPoints(made, { count: 1, ...place, type, ageDays: 3 })[0];
    copies = [seed(BACKUP), seed(SECOND), seed(SECOND, 'FSx')];
  };
  await withCustodyRig({ world }, async (rig) => {
    const [near, far, indirect] = copies as [Point, Point, Point];
    await use(rig, { near, far, indirect });
  });
};

describe('a copy-back', function () {
  this.timeout(120_000);

  it('copies into the source account, from another Region too, and counts only when it was seen there', async () => {
    await withCopies({}, async (rig, { near, far, indirect }) => {
      const plan = await planOf(rig, inputOf(near));
      assert.deepEqual([plan.obstacles, plan.leg?.hops.length], [[], 1]);
      // Of two hops the second one is looked at as well.
      const { obstacles } = await planOf(rig, inputOf(indirect, SECOND, { to: { ...SOURCE, vault: 'none' } }));
      assert.deepEqual(
        obstacles.map(({ message }) => message),
        ['eu-west-1', 'eu-central-1'].map((region) => `the vault none is not there in ${SOURCE.account}/${region}`),
      );
      const results = await Promise.all(
        [inputOf(near), inputOf(far, SECOND)].map(async (input) => await (await start(rig, input)).result()),
      );
      for (const [index, { outcome, copyArn, verifiedAt }] of results.entries()) {
        assert.equal(outcome, 'copied');
        const copy = points({ world: rig.sandbox.world, ...SOURCE }).get(copyArn ?? '');
        const from = index === 0 ? near : far;
        assert.deepEqual([copy?.resourceArn, copy?.vault], [from.resourceArn, VAULT]);
        assert.ok((verifiedAt ?? '') > new Date(copy?.beganAt ?? Infinity).toISOString());
      }
      // A second one is not the first one's job told again.
      const again = await (await start(rig, inputOf(near))).result();
      assert.notEqual(again.copyArn, results[0]?.copyArn);
    });
  });

  it('tells before it begins what stands in its way, waits for a person, and goes on or ends as told', async () => {
    await withCopies({ noSourcePolicy: true }, async (rig, { near, far }) => {
      const { obstacles } = await planOf(rig, inputOf(near));
      assert.deepEqual(
        obstacles.map(({ code }) => code),
        ['vaultPolicy'],
      );
      assert.match(obstacles[0]?.statement ?? '', /backup:CopyIntoBackupVault/);
      const soon = { deleteAfterDays: 3, moveToColdStorageAfterDays: null, optInToArchive: false };
      const short = await planOf(rig, inputOf(near, BACKUP, { lifecycle: soon }));
      assert.ok(short.obstacles.some(({ code }) => code === 'expiresTooSoon'));
      const gone = inputOf({ ...near, arn: `${near.arn}0` });
      assert.equal((await planOf(rig, gone)).point, null);
      assert.equal((await (await start(rig, gone)).result()).outcome, 'gone');

      const [handle, unwanted] = [await start(rig, inputOf(near)), await start(rig, inputOf(far, SECOND))];
      for (const each of [handle, unwanted]) {
        await waitUntil('it is blocked', async () => (await each.query(copyBackStatusQuery)).leg?.blocked != null);
      }
      const { leg } = await handle.query(copyBackStatusQuery);
      assert.deepEqual([leg?.rule.name, leg?.blocked?.code], [COPY_BACK_LEG, 'vaultPolicy']);
      await unwanted.executeUpdate(abortCopyBackUpdate, { args: [{ by: 'ana', reason: null }] });
      assert.equal((await unwanted.result()).outcome, 'aborted');

      const { world } = rig.sandbox;
      const table = vaults({ world, ...SOURCE });
      const vault = table.get(VAULT) ?? assert.fail('there is no vault');
      const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' }];
      table.set(VAULT, { ...vault, policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
      await handle.executeUpdate(resumeCopyBackUpdate, { args: [{ by: 'ana', reason: null }] });
      assert.equal((await handle.result()).outcome, 'copied');
      assert.deepEqual(
        [BACKUP, SECOND].map((place) => copyJobs({ world, ...place }).all.length),
        [1, 0],
      );
    });
  });
});
