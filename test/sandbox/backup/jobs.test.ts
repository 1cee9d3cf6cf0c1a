import assert from 'node:assert/strict';
import {
  DescribeBackupJobCommand,
  DescribeGlobalSettingsCommand,
  DescribeRecoveryPointCommand,
  DescribeRegionSettingsCommand,
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  ListBackupJobsCommand,
  ListRestoreJobsCommand,
  PutBackupVaultLockConfigurationCommand,
  StartBackupJobCommand,
  StartRestoreJobCommand,
  UpdateGlobalSettingsCommand,
  UpdateRegionSettingsCommand,
} from '@aws-sdk/client-backup';
import type { StartBackupJobInput } from '@aws-sdk/client-backup';
import { BACKUP_WORLD, seedBackupWorld } from '../../../sandbox/backup-world.ts';
import { backupEvents } from '../../../sandbox/services/backup/events.ts';
import { refused } from '../paused.ts';
import { HERE, ROLE, SOURCE, startBackup } from './rig.ts';
import type { BackupRig } from './rig.ts';

const HOUR_MS = 3_600_000;
const BackupVaultName = 'nightly';
const FILE_SYSTEM = `arn:aws:elasticfilesystem:${HERE}:${SOURCE}:file-system/fs-1`;
const VOLUME = `arn:aws:ec2:${HERE}:${SOURCE}:volume/vol-1`;

describe('sandbox: backup and restore jobs, settings and events', () => {
  let rig: BackupRig;
  beforeEach(async () => {
    rig = await startBackup();
  });
  afterEach(() => rig.close());

  const start = (ResourceArn: string, changes: Partial<StartBackupJobInput> = {}) =>
    rig.client.send(new StartBackupJobCommand({ BackupVaultName, ResourceArn, IamRoleArn: ROLE, ...changes }));
  const look = (BackupJobId: string | undefined) => rig.client.send(new DescribeBackupJobCommand({ BackupJobId }));

  it('makes a backup on demand, and says its ARN at once only of what AWS Backup manages fully', async () => {
    const files = await start(FILE_SYSTEM, { IdempotencyToken: 'one', RecoveryPointTags: { by: 'hand' } });
    assert.match(files.RecoveryPointArn ?? '', /:recovery-point:/);
    assert.equal((await start(FILE_SYSTEM, { IdempotencyToken: 'one' })).BackupJobId, files.BackupJobId);
    const volume = await start(VOLUME, { Lifecycle: { DeleteAfterDays: 7 } });
    assert.equal(volume.RecoveryPointArn, undefined);
    assert.equal((await look(volume.BackupJobId)).State, 'CREATED');
    rig.pass(HOUR_MS);
    const { State, RecoveryPointArn } = await look(volume.BackupJobId);
    assert.equal(State, 'COMPLETED');
    const point = await rig.client.send(new DescribeRecoveryPointCommand({ BackupVaultName, RecoveryPointArn }));
    assert.deepEqual([point.Status, point.Lifecycle], ['COMPLETED', { DeleteAfterDays: 7 }]);
    const { BackupJobs } = await rig.client.send(new ListBackupJobsCommand({ ByCompleteAfter: new Date(0) }));
    assert.deepEqual(
      BackupJobs?.map(({ BackupJobId }) => BackupJobId),
      [volume.BackupJobId, files.BackupJobId],
    );
  });

  it('fails a backup that the lock of its vault does not take, and lets one expire that cannot start in time', async () => {
    await rig.client.send(new PutBackupVaultLockConfigurationCommand({ BackupVaultName, MaxRetentionDays: 30 }));
    rig.sandbox.faults.add({ kind: 'stuck', operation: 'StartBackupJob', resource: VOLUME });
    const long = await start(FILE_SYSTEM, { Lifecycle: { DeleteAfterDays: 31 } });
    const stuck = await start(VOLUME, { StartWindowMinutes: 60 });
    rig.pass(HOUR_MS);
    const failed = await look(long.BackupJobId);
    assert.deepEqual([failed.State, /maximum/.test(failed.StatusMessage ?? '')], ['FAILED', true]);
    assert.equal((await look(stuck.BackupJobId)).State, 'EXPIRED');
    await refused(start(VOLUME, { StartWindowMinutes: 59 }), 'InvalidParameterValueException');
    await refused(start('arn:aws:iam::1:role/x'), 'InvalidParameterValueException');
  });

  it('restores a point from what it says of itself and where it is to go', async () => {
    const { arn: RecoveryPointArn } = rig.point({ resourceArn: VOLUME, sizeGib: 10 });
    const { RestoreMetadata = {} } = await rig.client.send(
      new GetRecoveryPointRestoreMetadataCommand({ BackupVaultName, RecoveryPointArn }),
    );
    assert.deepEqual([RestoreMetadata['volumeId'], RestoreMetadata['volumeSize']], ['vol-1', '10']);
    const restore = (Metadata: Record<string, string>) =>
      rig.client.send(
        new StartRestoreJobCommand({ RecoveryPointArn, Metadata, IamRoleArn: ROLE, IdempotencyToken: 'restore' }),
      );
    await refused(restore({ encrypted: 'false' }), 'InvalidParameterValueException', /availabilityZone/);
    const { RestoreJobId } = await restore({ ...RestoreMetadata, availabilityZone: `${HERE}a` });
    assert.equal((await restore({ availabilityZone: `${HERE}a` })).RestoreJobId, RestoreJobId);
    const job = () => rig.client.send(new DescribeRestoreJobCommand({ RestoreJobId }));
    assert.deepEqual([(await job()).Status, (await job()).CreatedResourceArn], ['PENDING', undefined]);
    rig.pass(60_000);
    assert.equal((await job()).Status, 'RUNNING');
    rig.pass(HOUR_MS);
    const { Status, CreatedResourceArn, PercentDone } = await job();
    assert.deepEqual([Status, PercentDone], ['COMPLETED', '100.00%']);
    assert.match(CreatedResourceArn ?? '', /:volume\/vol-0/);
    const { RestoreJobs } = await rig.client.send(new ListRestoreJobsCommand({ ByStatus: 'COMPLETED' }));
    assert.equal(RestoreJobs?.length, 1);
  });

  it('lets only the management account change what holds for the organization, and merges settings of a Region', async () => {
    const global = () => rig.client.send(new DescribeGlobalSettingsCommand({}));
    await refused(global(), 'InvalidRequestException', /not a member/);
    seedBackupWorld(rig.world, { crossAccountOff: true });
    const change = (account: string, value = 'true') =>
      rig
        .clientOf(account, HERE)
        .send(new UpdateGlobalSettingsCommand({ GlobalSettings: { isCrossAccountBackupEnabled: value } }));
    await refused(change(SOURCE), 'InvalidRequestException', /management account/);
    await refused(change(BACKUP_WORLD.managementAccount, 'yes'), 'InvalidParameterValueException');
    await change(BACKUP_WORLD.managementAccount);
    assert.equal((await global()).GlobalSettings?.['isCrossAccountBackupEnabled'], 'true');
    await rig.client.send(new UpdateRegionSettingsCommand({ ResourceTypeOptInPreference: { EFS: false } }));
    const { ResourceTypeOptInPreference: optIn = {} } = await rig.client.send(new DescribeRegionSettingsCommand({}));
    assert.deepEqual([optIn['EFS'], optIn['EBS']], [false, true]);
  });

  it('tells of a backup in the shapes of AWS: the point in the resources, sizes as strings, the state or the status', async () => {
    const { arn } = rig.point({ resourceArn: VOLUME, lifecycle: { deleteAfterDays: 7 } });
    rig.pass(HOUR_MS);
    const told = backupEvents(rig.place).values();
    const [job, point] = told.filter(({ resources }) => resources[0] === arn);
    assert.equal(job?.detailType, 'Backup Job State Change');
    assert.deepEqual([job?.detail['state'], job?.detail['backupSizeInBytes']], ['COMPLETED', String(2 ** 30)]);
    assert.equal(point?.detailType, 'Recovery Point State Change');
    assert.deepEqual([point?.detail['status'], point?.detail['isEncrypted']], ['COMPLETED', 'false']);
    assert.deepEqual(Object.keys(point?.detail['calculatedLifeCycle'] as object), ['deleteAt']);
  });
});
