import assert from 'node:assert/strict';
import {
  CancelLegalHoldCommand,
  CreateLegalHoldCommand,
  DeleteRecoveryPointCommand,
  DescribeRecoveryPointCommand,
  GetLegalHoldCommand,
  ListLegalHoldsCommand,
  ListProtectedResourcesCommand,
  ListRecoveryPointsByBackupVaultCommand,
  ListRecoveryPointsByLegalHoldCommand,
  ListRecoveryPointsByResourceCommand,
  ListTagsCommand,
  paginateListRecoveryPointsByBackupVault,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateRecoveryPointLifecycleCommand,
} from '@aws-sdk/client-backup';
import type { Lifecycle, ListRecoveryPointsByBackupVaultInput } from '@aws-sdk/client-backup';
import { snapshotLocks } from '../../../sandbox/services/ec2/lock-rows.ts';
import { refused } from '../paused.ts';
import { DAY_MS, HERE, SOURCE, startBackup } from './rig.ts';
import type { BackupRig } from './rig.ts';

const HOUR_MS = 3_600_000;
const BackupVaultName = 'nightly';

describe('sandbox: recovery points', () => {
  let rig: BackupRig;
  beforeEach(async () => {
    rig = await startBackup();
  });
  afterEach(() => rig.close());

  const show = (RecoveryPointArn: string, vault = BackupVaultName) =>
    rig.client.send(new DescribeRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn }));
  const list = async (filters: Partial<ListRecoveryPointsByBackupVaultInput> = {}) =>
    (await rig.client.send(new ListRecoveryPointsByBackupVaultCommand({ BackupVaultName, ...filters })))
      .RecoveryPoints ?? [];
  const update = (RecoveryPointArn: string, Lifecycle: Lifecycle | undefined) =>
    rig.client.send(new UpdateRecoveryPointLifecycleCommand({ BackupVaultName, RecoveryPointArn, Lifecycle }));
  const remove = (RecoveryPointArn: string) =>
    rig.client.send(new DeleteRecoveryPointCommand({ BackupVaultName, RecoveryPointArn }));

  it('shows a point, which is CREATING until its backup ends', async () => {
    const { arn, createdAt } = rig.point({ endsAt: rig.now() + 60_000, createdAt: rig.now(), planId: 'plan-1' });
    assert.match(arn, /^arn:aws:ec2:eu-central-1::snapshot\/snap-[0-9a-f]{17}$/);
    const creating = await show(arn);
    assert.deepEqual([creating.Status, creating.CompletionDate], ['CREATING', undefined]);
    rig.pass(60_000);
    const { Status, StorageClass, CreationDate, CreatedBy, IsEncrypted } = await show(arn);
    assert.deepEqual(
      [Status, StorageClass, CreationDate?.getTime(), CreatedBy?.BackupPlanId, IsEncrypted],
      ['COMPLETED', 'WARM', createdAt, 'plan-1', false],
    );
    await refused(show(arn, 'another'), 'ResourceNotFoundException');
    await refused(show(`${arn}0`), 'ResourceNotFoundException');
  });

  it('has ARNs as AWS forms them by type', () => {
    const forms: Record<string, RegExp> = {
      EC2: /^arn:aws:ec2:eu-central-1::image\/ami-[0-9a-f]{17}$/,
      RDS: /^arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:job-[0-9a-f-]{36}$/,
      Aurora: /^arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:awsbackup:job-[0-9a-f-]{36}$/,
      DynamoDB: /^arn:aws:backup:eu-central-1:111122223333:recovery-point:[0-9a-f-]{36}$/,
      EFS: /^arn:aws:backup:eu-central-1:111122223333:recovery-point:[0-9a-f-]{36}$/,
    };
    for (const [resourceType, form] of Object.entries(forms)) assert.match(rig.point({ resourceType }).arn, form);
  });

  it('lists points by page and filter, without storage class and tags', async () => {
    const start = rig.now();
    for (let n = 0; n < 1200; n += 1) {
      const resourceArn = `arn:aws:ec2:${HERE}:${SOURCE}:volume/vol-${n}`;
      rig.point({
        resourceArn,
        createdAt: start - n * HOUR_MS,
        ...(n < 3 && { resourceType: 'EFS', planId: 'daily' }),
      });
    }
    const query = { BackupVaultName };
    const sizes: number[] = [];
    const seen = new Set<string>();
    for await (const { RecoveryPoints = [] } of paginateListRecoveryPointsByBackupVault(
      { client: rig.client },
      query,
    )) {
      sizes.push(RecoveryPoints.length);
      for (const { RecoveryPointArn = '' } of RecoveryPoints) seen.add(RecoveryPointArn);
    }
    assert.deepEqual([sizes, seen.size], [[1000, 200], 1200]);
    const [first] = await list({ MaxResults: 1 });
    assert.ok(first && !('StorageClass' in first) && !('Tags' in first));
    assert.equal((await list({ ByResourceType: 'EFS' })).length, 3);
    assert.equal((await list({ ByBackupPlanId: 'daily' })).length, 3);
    assert.equal((await list({ ByResourceArn: `arn:aws:ec2:${HERE}:${SOURCE}:volume/vol-7` })).length, 1);
    const after = new Date(start - 10 * HOUR_MS);
    assert.equal((await list({ ByCreatedAfter: after })).length, 10);
    assert.equal((await list({ ByCreatedBefore: new Date(start - 1195 * HOUR_MS) })).length, 4);
    await refused(list({ NextToken: 'never given' }), 'InvalidParameterValueException');
    await refused(list({ MaxResults: 1001 }), 'InvalidParameterValueException');
  });

  it('lists the points of a resource, and resources with their last backup', async () => {
    const older = rig.point({ createdAt: rig.now() - 2 * DAY_MS });
    const newer = rig.point({ createdAt: rig.now() - DAY_MS });
    const { resourceArn: ResourceArn } = older;
    const { RecoveryPoints } = await rig.client.send(new ListRecoveryPointsByResourceCommand({ ResourceArn }));
    assert.deepEqual(
      RecoveryPoints?.map((point) => point.RecoveryPointArn),
      [newer.arn, older.arn],
    );
    const { Results } = await rig.client.send(new ListProtectedResourcesCommand({}));
    assert.deepEqual(
      Results?.map((resource) => resource.LastRecoveryPointArn),
      [newer.arn],
    );
  });

  it('keeps tags apart', async () => {
    const { arn: ResourceArn } = rig.point({ tags: { env: 'prod' } });
    const tags = async () => (await rig.client.send(new ListTagsCommand({ ResourceArn }))).Tags;
    await rig.client.send(new TagResourceCommand({ ResourceArn, Tags: { 'holdfast:run': 'a b' } }));
    assert.deepEqual(await tags(), { env: 'prod', 'holdfast:run': 'a b' });
    await rig.client.send(new UntagResourceCommand({ ResourceArn, TagKeyList: ['env'] }));
    assert.deepEqual(await tags(), { 'holdfast:run': 'a b' });
  });

  it('replaces the lifecycle as a whole: what a request leaves out is gone', async () => {
    const lifecycle = { coldAfterDays: 30, deleteAfterDays: 365, archive: true };
    const { arn, createdAt } = rig.point({ lifecycle, createdAt: rig.now() - DAY_MS });
    const before = await show(arn);
    assert.equal(before.CalculatedLifecycle?.MoveToColdStorageAt?.getTime(), createdAt + 30 * DAY_MS);
    const { CalculatedLifecycle } = await update(arn, { DeleteAfterDays: 14 });
    assert.deepEqual(CalculatedLifecycle, { DeleteAt: new Date(createdAt + 14 * DAY_MS) });
    assert.deepEqual((await show(arn)).Lifecycle, { DeleteAfterDays: 14 });
    await update(arn, { DeleteAfterDays: -1, MoveToColdStorageAfterDays: -1 });
    assert.deepEqual((await show(arn)).Lifecycle, {});
  });

  it('shows a lifecycle as it was to a read that is stale', async () => {
    const { arn } = rig.point({ lifecycle: { deleteAfterDays: 30 }, createdAt: rig.now() - DAY_MS });
    rig.pass(60_000);
    await update(arn, { DeleteAfterDays: 14 });
    rig.pass(30_000);
    rig.sandbox.faults.add({ kind: 'stale', operation: 'DescribeRecoveryPoint', seconds: 60, count: 1 });
    assert.deepEqual((await show(arn)).Lifecycle, { DeleteAfterDays: 30 });
    assert.deepEqual((await show(arn)).Lifecycle, { DeleteAfterDays: 14 });
  });

  it('ignores cold storage for types that have none, and EBS without its opting in', async () => {
    const cold = { MoveToColdStorageAfterDays: 30, DeleteAfterDays: 40 };
    for (const resourceType of ['RDS', 'Aurora', 'EC2', 'EBS']) {
      assert.deepEqual((await update(rig.point({ resourceType }).arn, cold)).Lifecycle, { DeleteAfterDays: 40 });
    }
    for (const resourceType of ['EFS', 'DynamoDB']) {
      await refused(update(rig.point({ resourceType }).arn, cold), 'InvalidParameterValueException', /90 days/);
    }
    const archived = { ...cold, DeleteAfterDays: 120, OptInToArchiveForSupportedResources: true };
    assert.deepEqual((await update(rig.point().arn, archived)).Lifecycle, archived);
  });

  it('moves a point to cold storage in time, and does not change when it did', async () => {
    const { arn } = rig.point({ resourceType: 'EFS', lifecycle: { coldAfterDays: 1, deleteAfterDays: 100 } });
    assert.equal((await show(arn)).StorageClass, 'WARM');
    rig.pass(DAY_MS);
    assert.equal((await show(arn)).StorageClass, 'COLD');
    await refused(update(arn, { DeleteAfterDays: 91 }), 'InvalidParameterValueException', /cold/);
    await update(arn, { DeleteAfterDays: 91, MoveToColdStorageAfterDays: 1 });
  });

  it('refuses a lifecycle for continuous and for nested points, and one out of range', async () => {
    const { arn: continuous } = rig.point({ resourceType: 'RDS', outcome: 'AVAILABLE' });
    const shown = await show(continuous);
    assert.deepEqual([shown.Status, shown.CompletionDate], ['AVAILABLE', undefined]);
    await refused(update(continuous, { DeleteAfterDays: 7 }), 'InvalidRequestException', /continuous/);
    const parent = rig.point({ resourceType: 'CloudFormation', isParent: true });
    const child = rig.point({ parentArn: parent.arn });
    await refused(update(child.arn, { DeleteAfterDays: 7 }), 'InvalidRequestException', /nested/);
    await refused(remove(child.arn), 'InvalidRequestException', /nested/);
    for (const DeleteAfterDays of [0, 36_501, -2]) {
      await refused(update(parent.arn, { DeleteAfterDays }), 'InvalidParameterValueException');
    }
    await remove(parent.arn);
    assert.equal((await show(child.arn)).Status, 'DELETING');
  });

  it('lets points go within eight hours after their end', async () => {
    const arns = [1, 2, 3, 4].map((n) => rig.point({ lifecycle: { deleteAfterDays: n } }).arn);
    const left = async () => (await list()).map((point) => point.RecoveryPointArn).toReversed();
    rig.pass(4 * DAY_MS - HOUR_MS);
    assert.deepEqual(await left(), arns.slice(3));
    assert.equal((await show(arns[3] ?? '')).Status, 'COMPLETED');
    rig.pass(9 * HOUR_MS);
    assert.deepEqual(await left(), []);
  });

  it('answers the deletion of a point with 200 though it lacks the rights, and the point ends EXPIRED', async () => {
    const { arn } = rig.point({ undeletable: true });
    const other = rig.point().arn;
    await remove(arn);
    await remove(other);
    assert.equal((await show(arn)).Status, 'DELETING');
    rig.pass(HOUR_MS);
    assert.equal((await show(arn)).Status, 'EXPIRED');
    await refused(show(other), 'ResourceNotFoundException');
    rig.sandbox.faults.add({ kind: 'stuck', operation: 'DeleteRecoveryPoint', count: 1 });
    const third = rig.point().arn;
    await remove(third);
    rig.pass(HOUR_MS);
    assert.equal((await show(third)).Status, 'EXPIRED');
    await remove(third);
    rig.pass(HOUR_MS);
    await refused(show(third), 'ResourceNotFoundException');
  });

  it('keeps a snapshot that EC2 has locked, EXPIRED, and lets it be deleted again when the lock is over', async () => {
    const { arn } = rig.point();
    const snapshotId = arn.split('/')[1] ?? '';
    const lock = { mode: 'governance', createdAt: rig.now(), durationDays: 1, coolOffHours: null } as const;
    snapshotLocks(rig.place).set(snapshotId, { ...lock, snapshotId, expiresAt: rig.now() + DAY_MS });
    await remove(arn);
    rig.pass(HOUR_MS);
    assert.equal((await show(arn)).Status, 'EXPIRED');
    rig.pass(DAY_MS);
    await remove(arn);
    rig.pass(HOUR_MS);
    await refused(show(arn), 'ResourceNotFoundException');
  });

  it('keeps what is under a legal hold from deletion and expiry until the hold is cancelled', async () => {
    const { arn, resourceArn } = rig.point({ lifecycle: { deleteAfterDays: 2 } });
    const { LegalHoldId } = await rig.client.send(
      new CreateLegalHoldCommand({
        Title: 'case 7',
        Description: 'keep',
        RecoveryPointSelection: { ResourceIdentifiers: [resourceArn] },
      }),
    );
    await refused(remove(arn), 'InvalidRequestException', new RegExp(LegalHoldId ?? '-'));
    rig.pass(10 * DAY_MS);
    assert.equal((await show(arn)).Status, 'COMPLETED');
    const holds = await rig.client.send(new ListLegalHoldsCommand({}));
    assert.deepEqual(
      holds.LegalHolds?.map(({ Status }) => Status),
      ['ACTIVE'],
    );
    const held = await rig.client.send(new ListRecoveryPointsByLegalHoldCommand({ LegalHoldId }));
    assert.deepEqual(
      held.RecoveryPoints?.map((point) => point.RecoveryPointArn),
      [arn],
    );
    const cancel = { LegalHoldId, CancelDescription: 'closed', RetainRecordInDays: 1 };
    await rig.client.send(new CancelLegalHoldCommand(cancel));
    rig.pass(9 * HOUR_MS);
    assert.equal((await rig.client.send(new GetLegalHoldCommand({ LegalHoldId }))).Status, 'CANCELED');
    await refused(show(arn), 'ResourceNotFoundException');
    await refused(rig.client.send(new CancelLegalHoldCommand(cancel)), 'InvalidResourceStateException');
  });
});
