import assert from 'node:assert/strict';
import {
  BackupClient,
  DeleteRecoveryPointCommand,
  DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  StartRestoreJobCommand,
} from '@aws-sdk/client-backup';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteVolumeCommand,
  DescribeImagesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  LockSnapshotCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import type { PointsSpec } from '../../sandbox/backup-world.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { attachVolume } from '../../sandbox/services/ec2/volumes.ts';
import { optionsFor } from './edge/rig.ts';
import { refused } from './paused.ts';

const { account, region, vault } = BACKUP_WORLD;

describe('sandbox: what was restored', () => {
  let sandbox: Sandbox;
  let backup: BackupClient;
  let ec2: EC2Client;
  let rds: RDSClient;
  let dynamodb: DynamoDBClient;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
    sandbox.clock.pause();
    seedBackupWorld(sandbox.world);
    const options = optionsFor(sandbox, { account, region });
    backup = new BackupClient(options);
    ec2 = new EC2Client(options);
    rds = new RDSClient(options);
    dynamodb = new DynamoDBClient(options);
  });
  afterEach(async () => {
    for (const client of [backup, ec2, rds, dynamodb]) client.destroy();
    await sandbox.close();
  });

  const pass = (minutes: number): void => sandbox.clock.step(minutes * 60_000);

  async function begin(spec: Omit<PointsSpec, 'count'>, target: Record<string, string>): Promise<string | undefined> {
    const [point] = seedPoints(sandbox.world, { count: 1, ageDays: 1, ...spec });
    const RecoveryPointArn = point?.arn;
    const about = { BackupVaultName: vault, RecoveryPointArn };
    const { RestoreMetadata } = await backup.send(new GetRecoveryPointRestoreMetadataCommand(about));
    const Metadata = { ...RestoreMetadata, ...target };
    const start = { RecoveryPointArn, Metadata, CopySourceTagsToRestoredResource: true };
    return (await backup.send(new StartRestoreJobCommand(start))).RestoreJobId;
  }
  const jobOf = (RestoreJobId: string | undefined) => backup.send(new DescribeRestoreJobCommand({ RestoreJobId }));

  /** The ARN of what was made, once it can be used. */
  async function restore(spec: Omit<PointsSpec, 'count'>, target: Record<string, string>): Promise<string> {
    const id = await begin(spec, target);
    pass(30);
    return (await jobOf(id)).CreatedResourceArn ?? assert.fail('nothing was made');
  }

  it('of EBS is a volume, which is deleted for a while and then gone, but not while it is attached', async () => {
    const arn = await restore({ sizeGib: 20, tags: { Team: 'a' } }, { availabilityZone: 'eu-central-1b' });
    const VolumeId = arn.split('/').at(-1) ?? '';
    const look = async () => (await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))).Volumes?.[0];
    const made = await look();
    assert.deepEqual([made?.State, made?.Size, made?.AvailabilityZone], ['available', 20, 'eu-central-1b']);
    assert.deepEqual([made?.Encrypted, made?.Tags], [true, [{ Key: 'Team', Value: 'a' }]]);
    const place = { world: sandbox.world, account, region };
    attachVolume(place, VolumeId, 'i-0123456789abcdef0');
    const remove = () => ec2.send(new DeleteVolumeCommand({ VolumeId }));
    await refused(remove(), 'VolumeInUse', /currently attached to i-0123456789abcdef0/);
    attachVolume(place, VolumeId, null);
    await remove();
    assert.equal((await look())?.State, 'deleting');
    pass(3);
    await refused(look(), 'InvalidVolume.NotFound', /does not exist/);
    await refused(remove(), 'InvalidVolume.NotFound');
  });

  it('finds volumes by filters, a page at a time', async () => {
    for (let number = 0; number < 6; number += 1) await restore({ tags: { Team: 'b' } }, { availabilityZone: 'x' });
    const filter = { Filters: [{ Name: 'tag:Team', Values: ['b'] }], MaxResults: 5 };
    const first = await ec2.send(new DescribeVolumesCommand(filter));
    const second = await ec2.send(new DescribeVolumesCommand({ ...filter, NextToken: first.NextToken }));
    assert.deepEqual([first.Volumes?.length, second.Volumes?.length, second.NextToken], [5, 1, undefined]);
    const none = { Filters: [{ Name: 'status', Values: ['in-use'] }] };
    assert.deepEqual((await ec2.send(new DescribeVolumesCommand(none))).Volumes, []);
  });

  it('of RDS is an instance, whose deletion takes minutes and wants a word about a last snapshot', async () => {
    const DBInstanceIdentifier = 'holdfast-restore-test-1';
    const id = await begin({ type: 'RDS', sizeGib: 30, tags: { Team: 'a' } }, { DBInstanceIdentifier });
    const look = async () =>
      (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0];
    const remove = (SkipFinalSnapshot: boolean) =>
      rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot }));
    assert.equal((await look())?.DBInstanceStatus, 'creating');
    await refused(remove(true), 'InvalidDBInstanceStateFault');
    pass(30);
    const made = await look();
    assert.deepEqual([made?.DBInstanceStatus, made?.AllocatedStorage], ['available', 30]);
    assert.deepEqual([made?.PubliclyAccessible, made?.StorageEncrypted], [false, true]);
    assert.equal((await jobOf(id)).CreatedResourceArn, made?.DBInstanceArn);
    const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName: made?.DBInstanceArn }));
    assert.deepEqual(TagList, [{ Key: 'Team', Value: 'a' }]);
    await refused(remove(false), 'InvalidParameterCombination', /FinalDBSnapshotIdentifier is required/);
    await remove(true);
    assert.equal((await look())?.DBInstanceStatus, 'deleting');
    pass(11);
    await refused(look(), 'DBInstanceNotFoundFault');
  });

  it('of DynamoDB is a table with items, which are counted hours later', async () => {
    const TableName = 'holdfast-restore-test-1';
    await restore({ type: 'DynamoDB', sizeGib: 2 }, { targetTableName: TableName });
    const look = async () => (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
    assert.deepEqual([(await look())?.TableStatus, (await look())?.ItemCount], ['ACTIVE', 0]);
    pass(6 * 60);
    assert.equal((await look())?.ItemCount, 2048);
    const first = await dynamodb.send(new ScanCommand({ TableName, Limit: 3 }));
    const next = await dynamodb.send(new ScanCommand({ TableName, ExclusiveStartKey: first.LastEvaluatedKey }));
    assert.deepEqual([first.Items?.length, next.Items?.[0]], [3, { id: { S: 'item-3' } }]);
    assert.deepEqual((await dynamodb.send(new ListTablesCommand({}))).TableNames, [TableName]);
    await dynamodb.send(new DeleteTableCommand({ TableName }));
    await refused(dynamodb.send(new DeleteTableCommand({ TableName })), 'ResourceInUseException', /being deleted/);
    pass(2);
    await refused(look(), 'ResourceNotFoundException');
  });

  it('does not take a name that is taken: the job fails and says so', async () => {
    const target = { targetTableName: 'holdfast-restore-test-1' };
    await restore({ type: 'DynamoDB' }, target);
    const id = await begin({ type: 'DynamoDB' }, target);
    pass(30);
    const { Status, StatusMessage, CreatedResourceArn } = await jobOf(id);
    assert.deepEqual([Status, CreatedResourceArn], ['FAILED', undefined]);
    assert.match(StatusMessage ?? '', /already exists/);
  });

  it('locked snapshots are told of, and a deletion of their recovery point leaves it EXPIRED', async () => {
    const [point, other] = seedPoints(sandbox.world, { count: 2, ageDays: 1 });
    const [id = '', otherId = ''] = [point, other].map((each) => each?.arn.split('/').at(-1));
    const locked = async () =>
      (await ec2.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: [id, otherId] }))).Snapshots;
    assert.deepEqual(await locked(), []);
    await ec2.send(new LockSnapshotCommand({ SnapshotId: id, LockMode: 'governance', LockDuration: 30 }));
    const [lock, ...more] = (await locked()) ?? [];
    assert.deepEqual([lock?.SnapshotId, lock?.LockState, more.length], [id, 'governance', 0]);
    assert.equal(lock?.LockExpiresOn?.toISOString(), '2026-04-01T08:00:00.000Z');
    const which = { BackupVaultName: vault, RecoveryPointArn: point?.arn };
    await backup.send(new DeleteRecoveryPointCommand(which));
    pass(10);
    assert.equal((await backup.send(new DescribeRecoveryPointCommand(which))).Status, 'EXPIRED');
    const unknown = { SnapshotId: 'snap-0123456789abcdef0', LockMode: 'governance', LockDuration: 1 } as const;
    await refused(ec2.send(new LockSnapshotCommand(unknown)), 'InvalidSnapshot.NotFound');
  });

  it('shows the snapshots of an image, by one of which AWS Backup cannot delete it while that is locked', async () => {
    const [point] = seedPoints(sandbox.world, { count: 1, type: 'EC2', ageDays: 1, sizeGib: 8 });
    const id = point?.arn.split('/').at(-1) ?? '';
    const shown = async (...ids: string[]) => await ec2.send(new DescribeImagesCommand({ ImageIds: ids }));
    const [image, ...others] = (await shown(id)).Images ?? [];
    assert.deepEqual([image?.ImageId, image?.State, others.length], [id, 'available', 0]);
    const snapshots = (image?.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.SnapshotId);
    assert.match(snapshots[0] ?? '', /^snap-0[0-9a-f]{16}$/);
    const lock = { SnapshotId: snapshots.at(-1), LockMode: 'governance', LockDuration: 30 } as const;
    await ec2.send(new LockSnapshotCommand(lock));
    const which = { BackupVaultName: vault, RecoveryPointArn: point?.arn };
    await backup.send(new DeleteRecoveryPointCommand(which));
    pass(10);
    assert.equal((await backup.send(new DescribeRecoveryPointCommand(which))).Status, 'EXPIRED');
    await refused(shown('ami-0123456789abcdef0'), 'InvalidAMIID.NotFound');
    await refused(shown('ami-x'), 'InvalidAMIID.Malformed');
  });
});
