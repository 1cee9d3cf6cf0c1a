import assert from 'node:assert/strict';
import { BackupClient, ListCopyJobsCommand, StartCopyJobCommand } from '@aws-sdk/client-backup';
import type { CopyJob } from '@aws-sdk/client-backup';
import type { BackupWorldSpec, PointsSpec } from '../../sandbox/backup-world.ts';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { optionsFor } from './edge/rig.ts';

const { account, region, backupAccount, vault } = BACKUP_WORLD;

/** The copy of one point to the backup account, in the same Region, as it ended. */
async function copyIn(spec: BackupWorldSpec, points: Omit<PointsSpec, 'count'> = {}): Promise<CopyJob | undefined> {
  const sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
  const client = new BackupClient(optionsFor(sandbox, { account, region }));
  try {
    sandbox.clock.pause();
    seedBackupWorld(sandbox.world, spec);
    const [point] = seedPoints(sandbox.world, { count: 1, ageDays: 1, ...points });
    await client.send(
      new StartCopyJobCommand({
        RecoveryPointArn: point?.arn,
        SourceBackupVaultName: vault,
        DestinationBackupVaultArn: `arn:aws:backup:${region}:${backupAccount}:backup-vault:${vault}`,
        IamRoleArn: `arn:aws:iam::${account}:role/service-role/AWSBackupDefaultServiceRole`,
      }),
    );
    sandbox.clock.step(3_600_000);
    return (await client.send(new ListCopyJobsCommand({}))).CopyJobs?.[0];
  } finally {
    client.destroy();
    await sandbox.close();
  }
}

describe('sandbox: accounts to copy between', () => {
  for (const type of ['EBS', 'RDS', 'Aurora', 'DynamoDB', 'EFS']) {
    it(`let a copy of ${type} from one to the other succeed`, async () => {
      const job = await copyIn({}, { type });
      assert.equal(job?.State, 'COMPLETED', job?.StatusMessage);
    });
  }

  const wrong: readonly (readonly [name: string, spec: BackupWorldSpec, message: RegExp])[] = [
    ['the key is AWS’s own', { awsManagedSourceKey: true }, /AWS managed key/],
    ['the key is not shared', { sourceKeyNotShared: true }, /not shared/],
    ['the key is disabled', { sourceKeyDisabled: true }, /not accessible/],
    ['the destination’s key is AWS’s own', { awsManagedDestinationKey: true }, /key of AWS Backup/],
    ['there is no vault', { noDestinationVault: true }, /Access Denied/],
    ['the vault lets nobody in', { noDestinationPolicy: true }, /Access Denied/],
    ['they are in different organizations', { otherOrganization: true }, /same organization/],
    ['copies across accounts are off', { crossAccountOff: true }, /not enabled/],
    ['the type is not opted in', { optedOut: ['EBS'] }, /not opted in/],
    [
      'the lock of the vault wants it kept longer',
      { destinationLock: { minRetentionDays: 90, maxRetentionDays: null, lockDate: null } },
      /retention/i,
    ],
  ];
  for (const [name, spec, message] of wrong) {
    it(`fail a copy where ${name}`, async () => {
      const job = await copyIn(spec);
      assert.equal(job?.State, 'FAILED');
      assert.match(job.StatusMessage ?? '', message);
    });
  }
});
