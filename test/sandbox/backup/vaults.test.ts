import assert from 'node:assert/strict';
import {
  CreateBackupVaultCommand,
  DeleteBackupVaultAccessPolicyCommand,
  DeleteBackupVaultCommand,
  DeleteBackupVaultLockConfigurationCommand,
  DeleteRecoveryPointCommand,
  DescribeBackupVaultCommand,
  DescribeRecoveryPointCommand,
  GetBackupVaultAccessPolicyCommand,
  ListBackupVaultsCommand,
  PutBackupVaultAccessPolicyCommand,
  PutBackupVaultLockConfigurationCommand,
  UpdateRecoveryPointLifecycleCommand,
} from '@aws-sdk/client-backup';
import type { BackupServiceException } from '@aws-sdk/client-backup';
import { refused } from '../paused.ts';
import { BACKUP, DAY_MS, HERE, SOURCE, startBackup } from './rig.ts';
import type { BackupRig } from './rig.ts';

describe('sandbox: backup vaults', () => {
  let rig: BackupRig;
  beforeEach(async () => {
    rig = await startBackup();
  });
  afterEach(() => rig.close());

  const name = { BackupVaultName: 'nightly' };
  const describeVault = (BackupVaultName = 'nightly') =>
    rig.client.send(new DescribeBackupVaultCommand({ BackupVaultName }));

  it('makes a vault once, with the key of AWS Backup unless one is named', async () => {
    const create = (CreatorRequestId: string) =>
      rig.client.send(new CreateBackupVaultCommand({ BackupVaultName: 'weekly', CreatorRequestId }));
    const made = await create('first');
    assert.equal(made.BackupVaultArn, `arn:aws:backup:${HERE}:${SOURCE}:backup-vault:weekly`);
    assert.deepEqual((await create('first')).CreationDate, made.CreationDate);
    await refused(create('second'), 'AlreadyExistsException');
    const { EncryptionKeyArn, Locked, NumberOfRecoveryPoints } = await describeVault('weekly');
    assert.match(EncryptionKeyArn ?? '', /^arn:aws:kms:/);
    assert.deepEqual([Locked, NumberOfRecoveryPoints], [false, 0]);
    const { BackupVaultList } = await rig.client.send(new ListBackupVaultsCommand({}));
    assert.deepEqual(BackupVaultList?.map((vault) => vault.BackupVaultName).toSorted(), ['nightly', 'weekly']);
    await refused(describeVault('Nightly'), 'ResourceNotFoundException', /Nightly/);
    await refused(
      rig.client.send(new CreateBackupVaultCommand({ BackupVaultName: 'no spaces' })),
      'InvalidParameterValueException',
      /backupVaultName/,
    );
  });

  it('deletes a vault only once it is empty, and at times not at once then', async () => {
    const { arn } = rig.point();
    rig.settings({ vaultEmptySeconds: 600 });
    const remove = () => rig.client.send(new DeleteBackupVaultCommand(name));
    await assert.rejects(remove(), (error: BackupServiceException & { Code?: string }) => {
      assert.deepEqual([error.name, error.Code], ['InvalidRequestException', 'ERROR_9101']);
      return true;
    });
    await rig.client.send(new DeleteRecoveryPointCommand({ ...name, RecoveryPointArn: arn }));
    rig.pass(301_000);
    assert.equal((await describeVault()).NumberOfRecoveryPoints, 0);
    await refused(remove(), 'InvalidRequestException', /contains recovery points/);
    rig.pass(600_000);
    await remove();
    await refused(describeVault(), 'ResourceNotFoundException');
  });

  it('lets a governance lock be removed at any time, a compliance lock until its date', async () => {
    const lock = (ChangeableForDays?: number) =>
      rig.client.send(new PutBackupVaultLockConfigurationCommand({ ...name, MinRetentionDays: 7, ChangeableForDays }));
    const unlock = () => rig.client.send(new DeleteBackupVaultLockConfigurationCommand(name));
    await lock();
    rig.pass(400 * DAY_MS);
    await unlock();
    await refused(lock(2), 'InvalidParameterValueException', /ChangeableForDays/);
    await lock(3);
    const { Locked, LockDate, MinRetentionDays } = await describeVault();
    assert.deepEqual([Locked, LockDate?.getTime(), MinRetentionDays], [true, rig.now() + 3 * DAY_MS, 7]);
    rig.pass(2 * DAY_MS);
    await unlock();
    await lock(3);
    rig.pass(3 * DAY_MS);
    await refused(unlock(), 'InvalidRequestException', /immutable/);
    await refused(lock(3), 'InvalidRequestException', /immutable/);
  });

  it('keeps the points of a locked vault as they are, whichever lock it has', async () => {
    const point = { ...name, RecoveryPointArn: rig.point({ lifecycle: { deleteAfterDays: 30 } }).arn };
    await rig.client.send(new PutBackupVaultLockConfigurationCommand({ ...name, MinRetentionDays: 1 }));
    await refused(rig.client.send(new DeleteRecoveryPointCommand(point)), 'InvalidRequestException', /locked/);
    for (const DeleteAfterDays of [7, 300]) {
      const update = new UpdateRecoveryPointLifecycleCommand({ ...point, Lifecycle: { DeleteAfterDays } });
      await refused(rig.client.send(update), 'InvalidRequestException', /locked/);
    }
    const { Lifecycle } = await rig.client.send(new DescribeRecoveryPointCommand(point));
    assert.deepEqual(Lifecycle, { DeleteAfterDays: 30 });
  });

  it('keeps an access policy, which lets another account read', async () => {
    const { arn } = rig.point();
    const get = () => rig.client.send(new GetBackupVaultAccessPolicyCommand(name));
    const put = (Policy: string) => rig.client.send(new PutBackupVaultAccessPolicyCommand({ ...name, Policy }));
    const foreign = rig.clientOf(BACKUP, HERE);
    const read = () =>
      foreign.send(new DescribeRecoveryPointCommand({ ...name, RecoveryPointArn: arn, BackupVaultAccountId: SOURCE }));
    await refused(get(), 'ResourceNotFoundException');
    await refused(put('{"Statement": [{}]}'), 'InvalidParameterValueException');
    await refused(read(), 'AccessDeniedException', /backup:DescribeRecoveryPoint/);
    const Principal = { AWS: `arn:aws:iam::${BACKUP}:root` };
    const policy = { Statement: [{ Effect: 'Allow', Principal, Action: 'backup:Describe*', Resource: '*' }] };
    await put(JSON.stringify(policy));
    assert.deepEqual(JSON.parse((await get()).Policy ?? ''), policy);
    assert.equal((await read()).RecoveryPointArn, arn);
    await rig.client.send(new DeleteBackupVaultAccessPolicyCommand(name));
    await refused(read(), 'AccessDeniedException');
  });
});
