import assert from 'node:assert/strict';
import { DescribeCopyJobCommand, StartCopyJobCommand } from '@aws-sdk/client-backup';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../../sandbox/backup-world.ts';
import type { BackupWorldSpec, PointsSpec } from '../../../sandbox/backup-world.ts';
import { BACKUP, HERE, ROLE, startBackup, THERE } from './rig.ts';
import type { BackupRig } from './rig.ts';

interface Case {
  readonly title: string;
  readonly world?: BackupWorldSpec;
  readonly point?: Partial<PointsSpec>;
  readonly to?: { readonly account: string; readonly region: string };
  readonly deleteAfterDays?: number;
  /** Undefined: it succeeds. */
  readonly message?: RegExp;
}

const ABROAD = { account: BACKUP, region: THERE };
const lock = { minRetentionDays: 30, maxRetentionDays: 60, lockDate: null };

const CASES: readonly Case[] = [
  { title: 'nothing, for EBS with a shared key' },
  { title: 'nothing, for RDS to another account and Region at once', point: { type: 'RDS' }, to: ABROAD },
  {
    title: 'nothing, for EFS, with keys of AWS’s own',
    point: { type: 'EFS' },
    world: { awsManagedDestinationKey: true },
  },
  { title: 'another organization', world: { otherOrganization: true }, message: /member of the same organization/ },
  { title: 'copies across accounts that are off', world: { crossAccountOff: true }, message: /not enabled/ },
  { title: 'a vault that is not there', world: { noDestinationVault: true }, message: /^Access Denied/ },
  { title: 'a vault that lets nobody in', world: { noDestinationPolicy: true }, message: /^Access Denied/ },
  { title: 'a type that is not opted in', world: { optedOut: ['EBS'] }, message: /EBS is not opted in/ },
  { title: 'a key of AWS’s own', world: { awsManagedSourceKey: true }, message: /AWS managed key/ },
  {
    title: 'a key that is not shared',
    world: { sourceKeyNotShared: true },
    message: /is not shared with account 4444/,
  },
  { title: 'a key that is disabled', world: { sourceKeyDisabled: true }, message: /not accessible/ },
  {
    title: 'a vault with the key of AWS Backup',
    world: { awsManagedDestinationKey: true },
    message: /key of AWS Backup/,
  },
  {
    title: 'a lock of the vault, too short',
    world: { destinationLock: lock },
    deleteAfterDays: 29,
    message: /minimum/,
  },
  { title: 'a lock of the vault, too long', world: { destinationLock: lock }, deleteAfterDays: 61, message: /maximum/ },
  {
    title: 'a lock of the vault, for ever',
    world: { destinationLock: lock },
    point: { lifecycle: {} },
    message: /for ever/,
  },
  { title: 'a type that AWS does not copy', point: { type: 'Redshift' }, message: /initiated for Redshift resources/ },
];

describe('sandbox: what makes a copy job fail', () => {
  let rig: BackupRig;
  beforeEach(async () => {
    rig = await startBackup();
  });
  afterEach(() => rig.close());

  async function copy({ world = {}, point = {}, to, deleteAfterDays: days }: Case) {
    seedBackupWorld(rig.world, world);
    const [source] = seedPoints(rig.world, { count: 1, ...point });
    const { account, region } = to ?? { account: BACKUP, region: HERE };
    const { CopyJobId } = await rig.client.send(
      new StartCopyJobCommand({
        RecoveryPointArn: source?.arn,
        SourceBackupVaultName: BACKUP_WORLD.vault,
        DestinationBackupVaultArn: `arn:aws:backup:${region}:${account}:backup-vault:${BACKUP_WORLD.vault}`,
        IamRoleArn: ROLE,
        ...(days !== undefined && { Lifecycle: { DeleteAfterDays: days } }),
      }),
    );
    rig.pass(3_600_000);
    return (await rig.client.send(new DescribeCopyJobCommand({ CopyJobId }))).CopyJob;
  }

  for (const each of CASES) {
    it(each.title, async () => {
      const job = await copy(each);
      assert.equal(job?.State, each.message ? 'FAILED' : 'COMPLETED', job?.StatusMessage);
      if (each.message) assert.match(job?.StatusMessage ?? '', each.message);
      assert.equal(job?.DestinationRecoveryPointArn === undefined, each.message !== undefined);
    });
  }

  it('a type that AWS copies to another account or Region, but not to both at once', async () => {
    rig.settings({ bothAtOnce: ['EBS'] });
    const aurora = { title: '', point: { type: 'Aurora' } };
    assert.equal((await copy(aurora))?.State, 'COMPLETED');
    assert.match((await copy({ ...aurora, to: ABROAD }))?.StatusMessage ?? '', /from eu-central-1 to eu-west-1/);
  });
});
