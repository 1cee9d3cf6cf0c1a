import assert from 'node:assert/strict';
import {
  DeleteRecoveryPointCommand,
  DescribeCopyJobCommand,
  DescribeRecoveryPointCommand,
  ListCopyJobsCommand,
  StartCopyJobCommand,
} from '@aws-sdk/client-backup';
import type { CopyJob, ListCopyJobsInput, StartCopyJobInput } from '@aws-sdk/client-backup';
import { copyJobsAtOnce } from '../../../sandbox/services/backup/ground-truth.ts';
import type { Point } from '../../../sandbox/services/backup/rows.ts';
import { refused } from '../paused.ts';
import { DAY_MS, HERE, ROLE, SOURCE, startBackup, THERE } from './rig.ts';
import type { BackupRig } from './rig.ts';

const HOUR_MS = 3_600_000;

describe('sandbox: copy jobs', () => {
  let rig: BackupRig;
  let destination: string;
  beforeEach(async () => {
    rig = await startBackup();
    destination = rig.vault();
  });
  afterEach(() => rig.close());

  const start = async (point: Point, changes: Partial<StartCopyJobInput> = {}) => {
    const input = {
      RecoveryPointArn: point.arn,
      SourceBackupVaultName: 'nightly',
      DestinationBackupVaultArn: destination,
      IamRoleArn: ROLE,
      ...changes,
    };
    return (await rig.client.send(new StartCopyJobCommand(input))).CopyJobId ?? '';
  };
  const look = async (CopyJobId: string): Promise<CopyJob> =>
    (await rig.client.send(new DescribeCopyJobCommand({ CopyJobId }))).CopyJob ?? {};
  const list = async (filters: ListCopyJobsInput = {}) =>
    (await rig.client.send(new ListCopyJobsCommand(filters))).CopyJobs ?? [];
  const copyOf = async (job: CopyJob, account = SOURCE, region = THERE) =>
    rig.clientOf(account, region).send(
      new DescribeRecoveryPointCommand({
        BackupVaultName: 'nightly',
        RecoveryPointArn: job.DestinationRecoveryPointArn,
      }),
    );

  it('goes from CREATED through RUNNING to COMPLETED, and names the copy only then', async () => {
    rig.settings({ createdSeconds: [120, 120] });
    const id = await start(rig.point({ sizeGib: 3 }));
    const created = await look(id);
    assert.deepEqual([created.State, created.DestinationRecoveryPointArn], ['CREATED', undefined]);
    rig.pass(120_000);
    assert.equal((await look(id)).State, 'RUNNING');
    rig.pass(91_000);
    const { State, DestinationRecoveryPointArn, CompletionDate } = await look(id);
    assert.equal(State, 'COMPLETED');
    assert.match(DestinationRecoveryPointArn ?? '', /^arn:aws:ec2:eu-west-1::snapshot\/snap-/);
    assert.equal(CompletionDate?.getTime(), rig.now() - 1000);
  });

  it("makes a copy with its source's creation date, tags and, unless told otherwise, its source's end", async () => {
    const source = rig.point({
      createdAt: rig.now() - 20 * DAY_MS,
      lifecycle: { deleteAfterDays: 100 },
      tags: { env: 'prod' },
    });
    const lifecycles: [StartCopyJobInput['Lifecycle'], object][] = [
      [undefined, { DeleteAfterDays: 100 }],
      [{ DeleteAfterDays: -1 }, { DeleteAfterDays: 100 }],
      [{ DeleteAfterDays: 365 }, { DeleteAfterDays: 365 }],
      [{ DeleteAfterDays: 365, MoveToColdStorageAfterDays: 30 }, { DeleteAfterDays: 365 }],
    ];
    const ids: string[] = [];
    for (const [Lifecycle] of lifecycles) ids.push(await start(source, { Lifecycle }));
    rig.pass(HOUR_MS);
    for (const [index, id] of ids.entries()) {
      const copy = await copyOf(await look(id));
      assert.deepEqual(copy.Lifecycle, lifecycles[index]?.[1]);
      assert.deepEqual(copy.CreationDate?.getTime(), source.createdAt);
      assert.equal(copy.SourceBackupVaultArn, `arn:aws:backup:${HERE}:${SOURCE}:backup-vault:nightly`);
    }
  });

  it('is the same job for the same token', async () => {
    const point = rig.point();
    const first = await start(point, { IdempotencyToken: 'once' });
    rig.pass(HOUR_MS);
    assert.equal(await start(point, { IdempotencyToken: 'once' }), first);
    assert.notEqual(await start(point, { IdempotencyToken: 'twice' }), first);
    assert.equal((await list()).length, 2);
  });

  it('refuses at once what is continuous, cold, not complete or not there', async () => {
    const cold = rig.point({ resourceType: 'EFS', createdAt: rig.now() - 2 * DAY_MS, lifecycle: { coldAfterDays: 1 } });
    await refused(start(rig.point({ outcome: 'AVAILABLE' })), 'InvalidRequestException', /continuous/);
    await refused(start(cold), 'InvalidRequestException', /cold/);
    await refused(start(rig.point({ endsAt: rig.now() + 1 })), 'InvalidRequestException', /CREATING/);
    await refused(start(rig.point(), { RecoveryPointArn: 'arn:aws:ec2:x::snapshot/y' }), 'ResourceNotFoundException');
    const missing = { DestinationBackupVaultArn: `${destination}-2` };
    await refused(start(rig.point(), missing), 'ResourceNotFoundException');
    const foreign = { IamRoleArn: ROLE.replace(SOURCE, '444455556666') };
    await refused(start(rig.point(), foreign), 'AccessDeniedException', /pass role/);
    const nowhere = { DestinationBackupVaultArn: 'nightly' };
    await refused(start(rig.point(), nowhere), 'InvalidParameterValueException');
  });

  it('keeps a point that is being copied from deletion', async () => {
    const { arn: RecoveryPointArn } = rig.point();
    const remove = () =>
      rig.client.send(new DeleteRecoveryPointCommand({ BackupVaultName: 'nightly', RecoveryPointArn }));
    await rig.client.send(
      new StartCopyJobCommand({
        RecoveryPointArn,
        SourceBackupVaultName: 'nightly',
        DestinationBackupVaultArn: destination,
        IamRoleArn: ROLE,
      }),
    );
    await refused(remove(), 'InvalidResourceStateException');
    rig.pass(HOUR_MS);
    await remove();
  });

  it('finds jobs by source, end, state and destination', async () => {
    const [one, two] = [rig.point(), rig.point({ resourceArn: 'arn:aws:ec2:eu-central-1:111122223333:volume/vol-2' })];
    const began = new Date(rig.now());
    const first = await start(one);
    rig.pass(HOUR_MS);
    const ended = new Date(rig.now());
    const second = await start(two);
    const ids = async (filters: ListCopyJobsInput) => (await list(filters)).map(({ CopyJobId }) => CopyJobId);
    assert.deepEqual(await ids({ BySourceRecoveryPointArn: one.arn }), [first]);
    assert.deepEqual(await ids({ ByCompleteAfter: began }), [first]);
    assert.deepEqual(await ids({ ByCompleteAfter: ended }), []);
    assert.deepEqual(await ids({ ByState: 'CREATED' }), [second]);
    assert.deepEqual(await ids({ ByDestinationVaultArn: destination }), [second, first]);
    assert.deepEqual(await ids({ ByResourceArn: two.resourceArn }), [second]);
    rig.pass(31 * DAY_MS);
    assert.deepEqual(await ids({}), []);
  });

  it('runs no more at once than the quotas of Region, vault and resource let it', async () => {
    rig.settings({ copiesPerRegion: 3, copiesPerVault: 2, createdSeconds: [0, 60] });
    const weekly = rig.vault({ name: 'weekly' });
    for (let n = 0; n < 30; n += 1) {
      const point = rig.point({ resourceArn: `arn:aws:ec2:${HERE}:${SOURCE}:volume/vol-${n % 10}` });
      await start(point, { DestinationBackupVaultArn: n % 2 === 0 ? destination : weekly });
    }
    const { byRegion, byVault, byResource } = copyJobsAtOnce(rig.place);
    assert.deepEqual([...byRegion], [[THERE, 7]]);
    assert.ok(Math.max(...byVault.values()) <= 5);
    assert.equal(Math.max(...byResource.values()), 1);
    rig.pass(2 * HOUR_MS);
    assert.equal((await list({ ByState: 'COMPLETED' })).length, 30);
  });

  it('keeps a job CREATED for hours or for ever where a fault says so, and fails it', async () => {
    const fault = { service: 'backup', operation: 'StartCopyJob', count: 1 };
    rig.sandbox.faults.add({ ...fault, kind: 'stuck', seconds: 7200 });
    const late = await start(rig.point());
    rig.sandbox.faults.add({ ...fault, kind: 'stuck' });
    const never = await start(rig.point({ resourceArn: 'arn:aws:ec2:eu-central-1:111122223333:volume/vol-2' }));
    rig.sandbox.faults.add({ ...fault, kind: 'fail', message: 'Snapshot quota exceeded' });
    const failed = await start(rig.point({ resourceArn: 'arn:aws:ec2:eu-central-1:111122223333:volume/vol-3' }));
    rig.pass(HOUR_MS);
    assert.equal((await look(late)).State, 'CREATED');
    const end = await look(failed);
    assert.deepEqual([end.State, end.StatusMessage], ['FAILED', 'Snapshot quota exceeded']);
    rig.pass(2 * HOUR_MS);
    assert.equal((await look(late)).State, 'COMPLETED');
    rig.pass(20 * DAY_MS);
    assert.equal((await look(never)).State, 'CREATED');
  });

  it('copies a composite point with all that is nested in it, and is PARTIAL where one fails', async () => {
    const parent = rig.point({ resourceType: 'CloudFormation', isParent: true });
    const nested = [
      rig.point({ parentArn: parent.arn }),
      rig.point({ parentArn: parent.arn, resourceType: 'Redshift', resourceArn: 'arn:aws:redshift:x' }),
    ];
    const id = await start(parent);
    rig.pass(2 * HOUR_MS);
    const job = await look(id);
    assert.deepEqual([job.State, job.NumberOfChildJobs], ['PARTIAL', 2]);
    assert.deepEqual(job.ChildJobsInState, { COMPLETED: 1, FAILED: 1 });
    const [child] = await list({ BySourceRecoveryPointArn: nested[0]?.arn });
    assert.equal(child?.ParentJobId, id);
    assert.equal((await copyOf(child ?? {})).ParentRecoveryPointArn, job.DestinationRecoveryPointArn);
  });
});
