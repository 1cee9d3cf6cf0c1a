/** Restore tests: what comes back is looked at, and deleted again whatever happens. */
import assert from 'node:assert/strict';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { WorkflowHandle } from '@temporalio/client';
import {
  RESTORE_TEST_NAME,
  restoreTestId,
  restoreTestsId,
  type RestoreTestInput,
  type TestedType,
} from '../../domain/restore-test.ts';
import { restoreTestKey, type RestoreTestDocument } from '../../domain/restore-test-record.ts';
import { scheduledRunId } from '../../domain/schedules.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import type { Point } from '../../sandbox/services/backup/rows.ts';
import { restoreJobs } from '../../sandbox/services/backup/rows.ts';
import { changeSettings } from '../../sandbox/services/backup/settings.ts';
import { putRestoredTable } from '../../sandbox/services/dynamodb.ts';
import type { custodyEvidenceCheck } from '../../workflows/custody-evidence-check.ts';
import type { custodyRestoreProofs } from '../../workflows/custody-restore-proofs.ts';
import type { custodyRestoreTest } from '../../workflows/custody-restore-test.ts';
import { abortRestoreTestUpdate, restoreTestStatusQuery } from '../../workflows/custody-restore-test.messages.ts';
import type { custodyRestoreTests } from '../../workflows/custody-restore-tests.ts';
import type { scheduledRun } from '../../workflows/scheduled-run.ts';
import { policyOf, SOURCE, startCustodyRig, VAULT, withCustodyRig, type CustodyRig } from '../rig/custody.ts';
import { forgetCaches, killableWorkers } from '../rig/killable-worker.ts';
import { waitUntil } from '../rig/upgrade.ts';

const { evidence, backupRole } = policyOf();

const testOf = (resourceType: TestedType, changes: Partial<RestoreTestInput> = {}): RestoreTestInput => ({
  policy: 'nightly',
  vault: { ...SOURCE, vault: VAULT },
  resourceType,
  pick: 'newest',
  isolated: {
    availabilityZone: 'eu-central-1b',
    subnetGroup: 'restore-tests',
    securityGroups: ['sg-0123456789abcdef0'],
    instanceClass: null,
  },
  check: { kind: 'aws' },
  timeoutMinutes: 240,
  backupRole,
  evidence,
  operatorTopicArn: null,
  ...changes,
});

/** A check that the worker runs: what it was told of is in its output. */
const GOOD = [process.execPath, '-e', 'console.log(process.env.HOLDFAST_RESOURCE_ARN)'];
const BAD = [process.execPath, '-e', 'console.error("two rows are missing"); process.exitCode = 3'];

/** An older and a newer one of each type. */
function seedVault({ world }: CustodyRig['sandbox']): Point[] {
  seedBackupWorld(world, { vaults: [VAULT, 'second'] });
  seedPoints(world, { count: 1, vault: 'second', ageDays: 1 });
  return (['EBS', 'RDS', 'DynamoDB'] as const).flatMap((type) => [
    ...seedPoints(world, { count: 1, type, ageDays: 9 }),
    ...seedPoints(world, { count: 1, type, ageDays: 2, sizeGib: 3 }),
  ]);
}

interface Restored {
  readonly id?: string;
  readonly name?: string;
  readonly goneAt: number | null;
}

/** Volumes, instances and tables that are there, or are still being deleted. */
function left(rig: CustodyRig): string[] {
  const { world } = rig.sandbox;
  const now = world.clock.now();
  return ['ec2.volumes', 'rds.instances', 'dynamodb.tables'].flatMap((table) =>
    world.store
      .table<Restored>(SOURCE.account, SOURCE.region, table)
      .values()
      .filter(({ goneAt }) => goneAt === null || now < goneAt)
      .map(({ id, name }) => id ?? name ?? ''),
  );
}

async function recordOf(test: RestoreTestInput, version = 1): Promise<RestoreTestDocument> {
  const s3 = new S3Client({ region: SOURCE.region, forcePathStyle: true });
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({
        Bucket: evidence.place.bucket,
        Key: restoreTestKey(evidence, { ...test, version }),
        ExpectedBucketOwner: SOURCE.account,
      }),
    );
    return JSON.parse((await Body?.transformToString()) ?? '') as RestoreTestDocument;
  } finally {
    s3.destroy();
  }
}

/** Temporal’s number of the state of an activity that no worker has at present. */
const SCHEDULED = 1;

const startTest = async (rig: CustodyRig, test: RestoreTestInput): Promise<WorkflowHandle<typeof custodyRestoreTest>> =>
  await rig.client.workflow.start<typeof custodyRestoreTest>('custodyRestoreTest', {
    workflowId: restoreTestId(test),
    taskQueue: TASK_QUEUE,
    args: [test],
  });

const jobsOf = (rig: CustodyRig) => restoreJobs({ world: rig.sandbox.world, ...SOURCE }).all;

describe('a restore test', function () {
  this.timeout(120_000);

  it('restores the newest point of each type into its place, looks at it, deletes only that, and leaves a record', async () => {
    let seeded: Point[] = [];
    const world = (sandbox: CustodyRig['sandbox']): void => void (seeded = seedVault(sandbox));
    await withCustodyRig({ speed: 2000, world, checkCommands: [GOOD, BAD] }, async (rig) => {
      const place = { world: rig.sandbox.world, ...SOURCE };
      const theirs = `${RESTORE_TEST_NAME}of-somebody-else`;
      putRestoredTable(place, { name: theirs, activeAt: 0, items: 1, sizeBytes: 1 });
      const tests = [
        testOf('EBS'),
        testOf('RDS', { check: { kind: 'command', command: GOOD } }),
        testOf('DynamoDB', { check: { kind: 'command', command: BAD } }),
      ];
      const starts = {
        capability: 'restoreTest',
        input: { policy: 'nightly', target: SOURCE, tests: tests.slice(0, 1) },
      } as const;
      const { outcome, tests: ends } = await rig.client.workflow.execute<typeof custodyRestoreTests>(
        'custodyRestoreTests',
        {
          workflowId: restoreTestsId('nightly'),
          taskQueue: TASK_QUEUE,
          args: [{ policy: 'nightly', target: SOURCE, tests }],
        },
      );
      assert.equal(outcome, 'failed');
      assert.deepEqual(Object.values(ends), ['verified', 'verified', 'failed']);
      const newest = [seeded[1], seeded[3], seeded[5]].map((point) => point?.arn ?? '');
      assert.deepEqual(
        jobsOf(rig)
          .map(({ pointArn }) => pointArn)
          .toSorted(),
        newest.toSorted(),
      );
      assert.deepEqual(left(rig), [theirs]);

      const [ebs, rds, dynamodb] = await Promise.all(tests.map((test) => recordOf(test)));
      const first = ebs?.test ?? assert.fail('there is no record');
      assert.deepEqual([first.ok, first.pointArn, ebs?.lastVerified?.verifiedAt], [true, newest[0], first.verifiedAt]);
      assert.ok((first.secondsToRestore ?? 0) > 200, `${first.secondsToRestore} s`);
      assert.match(
        rds?.test.reason ?? '',
        new RegExp(`^the check ended with 0: arn:aws:rds:.*:db:${RESTORE_TEST_NAME}`),
      );
      assert.deepEqual(
        [dynamodb?.test.ok, dynamodb?.test.reason, dynamodb?.lastVerified],
        [false, 'the check ended with 3: two rows are missing', null],
      );
      const scheduled = await rig.client.workflow.execute<typeof scheduledRun>('scheduledRun', {
        workflowId: scheduledRunId('prove'),
        taskQueue: TASK_QUEUE,
        args: [{ schedule: 'prove', startWithinSeconds: 3_600, jitterSeconds: 0, mayRepeat: false, ...starts }],
      });
      assert.deepEqual([scheduled.outcome, scheduled.workflowId], ['completed', restoreTestsId('nightly')]);
      assert.match((await recordOf(testOf('EBS'), 2)).previousSha256 ?? '', /^[0-9a-f]{64}$/);

      const nowhere = { ...evidence, place: { ...evidence.place, bucket: 'not-there' } };
      const [known, unknown] = await rig.client.workflow.execute<typeof custodyRestoreProofs>('custodyRestoreProofs', {
        workflowId: 'custody-restore-proofs/1',
        taskQueue: TASK_QUEUE,
        args: [[evidence, nowhere]],
      });
      assert.deepEqual(
        known?.proofs.map(({ resourceType, last, lastVerified }) => [
          resourceType,
          last.outcome,
          lastVerified === null,
        ]),
        [
          ['DynamoDB', 'failed', true],
          ['EBS', 'verified', false],
          ['RDS', 'verified', false],
        ],
      );
      assert.match(unknown?.trouble ?? '', /not-there/);
      const scope = { account: null, region: null, vault: null, month: null, pointArn: null };
      const check = await rig.client.workflow.execute<typeof custodyEvidenceCheck>('custodyEvidenceCheck', {
        workflowId: 'custody-evidence-check/1',
        taskQueue: TASK_QUEUE,
        args: [{ evidence, scope }],
      });
      assert.deepEqual([check.restoreTests, check.problems], [4, []]);
    });
  });

  it('that is aborted, whose answer is lost, that AWS fails, or that cannot delete, leaves nothing behind in the end', async () => {
    await withCustodyRig({ speed: 2000, world: (sandbox) => void seedVault(sandbox) }, async (rig) => {
      const { faults, world } = rig.sandbox;
      // Long enough for a person to act.
      changeSettings({ world, ...SOURCE }, { restoreSeconds: { base: 3_600, perGib: 0 } });
      const aborted = await startTest(rig, testOf('RDS'));
      await waitUntil('the restore has begun', () => jobsOf(rig).length === 1);
      await aborted.executeUpdate(abortRestoreTestUpdate, { args: [{ by: 'ana', reason: null }] });
      assert.equal((await aborted.result()).outcome, 'cancelled');
      faults.add({ kind: 'resetAfter', operation: 'StartRestoreJob', count: 1 });
      const lost = await startTest(rig, testOf('EBS', { vault: { ...SOURCE, vault: 'second' } }));
      await waitUntil('its answer is lost', () => jobsOf(rig).length === 2);
      assert.equal((await lost.result()).outcome, 'verified');
      assert.equal(jobsOf(rig).length, 2);
      faults.add({ kind: 'fail', service: 'backup', operation: 'StartRestoreJob', count: 1, message: 'no room' });
      const failed = await startTest(rig, testOf('DynamoDB'));
      await waitUntil('the next has begun', () => jobsOf(rig).length === 3);
      const allow = faults.add({
        kind: 'error',
        operation: 'DeleteVolume',
        code: 'UnauthorizedOperation',
        status: 403,
      });
      const denied = await startTest(rig, testOf('EBS'));
      assert.deepEqual(
        await failed.result().then(({ outcome, reason }) => [outcome, /is FAILED: no room/.test(reason)]),
        ['failed', true],
      );
      await waitUntil('it cannot delete', async () => (await denied.query(restoreTestStatusQuery)).leftBehind !== null);
      assert.match(left(rig).join(), /^vol-[0-9a-f]+$/);
      allow();
      assert.equal((await denied.result()).outcome, 'verified');
      assert.deepEqual(left(rig), []);
    });
  });

  it('whose worker is killed, or whose program no worker may run, deletes what it has restored', async () => {
    const rig = await startCustodyRig({ world: (sandbox) => void seedVault(sandbox), worker: false });
    // Long enough for the worker to die while AWS restores.
    changeSettings({ world: rig.sandbox.world, ...SOURCE }, { restoreSeconds: { base: 2_400, perGib: 0 } });
    const workers = await killableWorkers(rig);
    try {
      await workers.start();
      const test = testOf('EBS', { check: { kind: 'command', command: GOOD } });
      const handle = await startTest(rig, test);
      await waitUntil('it waits between two looks', async () => {
        const [following] = (await handle.describe()).raw.pendingActivities ?? [];
        return (following?.attempt ?? 0) > 12 && following?.state === SCHEDULED;
      });
      await workers.kill();
      await forgetCaches(rig, [handle.workflowId]);
      await workers.start();
      const { outcome, reason } = await handle.result();
      assert.equal(outcome, 'failed');
      assert.match(reason, /this worker does not run .*: start it with --config/);
      assert.equal(jobsOf(rig).length, 1);
      assert.deepEqual(left(rig), []);
    } finally {
      await workers.close();
      await rig.close();
    }
  });
});
