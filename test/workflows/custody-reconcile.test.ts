import assert from 'node:assert/strict';
import { BackupClient, DeleteRecoveryPointCommand } from '@aws-sdk/client-backup';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { custodyReconcileId } from '../../domain/custody-reconcile.ts';
import { monthOf, monthReportStem } from '../../domain/evidence-keys.ts';
import { seedPlan } from '../../sandbox/services/backup/plans.ts';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import { points as pointsOf, type Point } from '../../sandbox/services/backup/rows.ts';
import { custodySweepStatusQuery } from '../../workflows/custody-reconcile.messages.ts';
import { custodyId } from '../../domain/custody.ts';
import { ANY_POINT } from '../../domain/custody-state.ts';
import {
  BACKUP,
  copyAsOthers,
  policyOf,
  refOf,
  ruleOf,
  SECOND,
  SOURCE,
  startCustody,
  untilCustody,
  withCustodyRig,
  type Custody,
  type CustodyRig,
} from '../rig/custody.ts';
import { endOf, isKnown, reconcile } from '../rig/intake.ts';

const policy = policyOf();
const plan = 'a1b2c3d4-0000-4000-8000-000000000001';
const forgottenPlan = 'a1b2c3d4-0000-4000-8000-000000000002';

/** Nothing can be copied, as the destination has no vault: custodies wait. No event tells of anything. */
const rigOptions = {
  speed: 2000,
  seed: 31,
  backupWorld: { vaults: ['nightly', 'weekly'], noDestinationVault: true, noEventRule: true },
  points: [
    { count: 1 },
    { count: 1, vault: 'weekly' },
    { count: 1, outcome: 'PARTIAL' as const },
    { count: 1, planId: plan },
    { count: 1, planId: forgottenPlan },
  ],
  world: ({ world }: CustodyRig['sandbox']) => seedPlan(world, { ...SOURCE, id: plan, name: 'daily' }),
};

const custodyOf = (rig: CustodyRig, { arn }: Point): Custody =>
  rig.client.workflow.getHandle(custodyId(arn)) as Custody;

/** Of the month in which its points were created. */
async function reportOf({ points: [point] }: CustodyRig): Promise<string> {
  const s3 = new S3Client({ region: SOURCE.region });
  const month = monthOf(new Date(point?.createdAt ?? 0).toISOString());
  const Key = `${monthReportStem('custody/', { ...SOURCE, vault: 'nightly' }, month)}.json`;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BACKUP_WORLD.evidenceBucket, Key }));
  const text = (await Body?.transformToString()) ?? '';
  s3.destroy();
  return text;
}

async function deleteBySomebodyElse({ arn, vault }: Point): Promise<void> {
  const backup = new BackupClient({ region: SOURCE.region });
  await backup.send(new DeleteRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: arn }));
  backup.destroy();
}

describe('the sweep of a custody policy', function () {
  this.timeout(120_000);

  it('finds missing, odd and gone points, and draws no conclusion from a vault that could not be listed', async () => {
    await withCustodyRig(rigOptions, async (rig) => {
      const [point, elsewhere, partial, planned, orphan] = rig.points;
      assert.ok(point && elsewhere && partial && planned && orphan);
      const listings = { service: 'backup', operation: 'ListRecoveryPointsByBackupVault', resource: 'weekly' };
      const heal = rig.sandbox.faults.add({ kind: 'error', ...listings, code: 'AccessDeniedException', status: 403 });
      const nightly = `${SOURCE.account}/${SOURCE.region}/nightly`;
      const weekly = `${SOURCE.account}/${SOURCE.region}/weekly`;

      const first = await reconcile(rig, policy);
      assert.equal(first.outcome, 'partlyFailed');
      assert.deepEqual([first.counts.started, first.counts.failedVaults], [4, 1], 'jobs tell of points in any vault');
      assert.deepEqual(
        first.failures.map(({ where }) => where),
        [weekly],
      );
      assert.match(first.failures[0]?.why ?? '', /AccessDenied|backup:ListRecoveryPointsByBackupVault/);
      const odd = first.odd.map(({ oddity, pointArn }) => `${oddity} ${pointArn}`).toSorted();
      assert.deepEqual(odd, [`orphaned ${orphan.arn}`, `partial ${partial.arn}`]);
      assert.deepEqual(first.listedAt, { [nightly]: first.beganAt, [weekly]: null });
      assert.equal(first.oldestListingDays, null);
      assert.equal(await isKnown(rig, partial.arn), false);

      for (const each of [point, elsewhere])
        await untilCustody(custodyOf(rig, each), 'it is blocked', ({ health }) => health === 'blocked');
      await Promise.all([point, elsewhere].map(deleteBySomebodyElse));
      const second = await reconcile(rig, policy, true);
      assert.equal(second.outcome, 'partlyFailed');
      assert.equal((await endOf(rig, point.arn)).outcome, 'gone');
      assert.deepEqual([second.counts.hinted, second.counts.started], [1, 0]);
      assert.equal((await custodyOf(rig, elsewhere).describe()).status.name, 'RUNNING');

      heal();
      const third = await reconcile(rig, policy);
      assert.equal(third.outcome, 'completed');
      assert.equal((await endOf(rig, elsewhere.arn)).outcome, 'gone');
      assert.deepEqual(third.listedAt, { [nightly]: second.beganAt, [weekly]: third.beganAt });
      const handle = rig.client.workflow.getHandle(custodyReconcileId(policy.name));
      const { outcome, oldestListingDays } = await handle.query(custodySweepStatusQuery);
      assert.deepEqual([outcome, oldestListingDays], ['completed', third.oldestListingDays]);
    });
  });

  it('goes through a vault page by page, and on in new histories, and forgets nothing on the way', async () => {
    await withCustodyRig({ ...rigOptions, seed: 33, points: [{ count: 5 }] }, async (rig) => {
      const [first, second, gone] = rig.points;
      assert.ok(first && second && gone);
      assert.equal((await reconcile(rig, policy)).counts.started, 5);
      for (const each of rig.points)
        await untilCustody(custodyOf(rig, each), 'it is blocked', ({ health }) => health === 'blocked');
      await deleteBySomebodyElse(gone);
      const isListing = { operation: 'ListRecoveryPointsByBackupVault' };
      const before = rig.sandbox.recorder.count(isListing);
      const { outcome, counts, listedAt } = await reconcile(rig, policy, true, {
        pageSize: 1,
        continueAfterEvents: 20,
      });
      assert.deepEqual([outcome, counts.started, counts.hinted], ['completed', 0, 1], 'only of the one that is gone');
      assert.equal((await endOf(rig, gone.arn)).outcome, 'gone');
      assert.ok(rig.sandbox.recorder.count(isListing) - before >= 5);
      assert.equal(Object.values(listedAt).length, 2);
      const { events } = await rig.client.workflow.getHandle(custodyReconcileId(policy.name)).fetchHistory();
      const { continuedExecutionRunId } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
      assert.notEqual(continuedExecutionRunId ?? '', '');
    });
  });

  it('sees that a copy has gone after its custody ended, says so in report and digest, and begins none of copies', async () => {
    const told = { ...policyOf(), operatorTopicArn: BACKUP_WORLD.topicArn };
    const points = [{ count: 2 }];
    await withCustodyRig({ speed: 2000, seed: 34, backupWorld: { noEventRule: true }, points }, async (rig) => {
      const digests = (): number => rig.sandbox.recorder.count({ operation: 'Publish' });
      await reconcile(rig, told);
      for (const { arn } of rig.points) assert.equal((await endOf(rig, arn)).outcome, 'shortened');
      const there = await reconcile(rig, told, true);
      assert.deepEqual([there.outcome, there.counts.copyGone, digests()], ['completed', 0, 0]);
      const backup = `${BACKUP.account}/${BACKUP.region}/nightly`;
      assert.equal(there.listedAt[backup], there.beganAt);

      const copies = pointsOf({ world: rig.sandbox.world, ...BACKUP });
      const [lost] = copies.all;
      assert.ok(lost);
      lost.deletedAt = rig.sandbox.clock.now();
      copies.touch();
      const gone = await reconcile(rig, told, true);
      assert.deepEqual([gone.outcome, gone.counts.copyGone, gone.counts.started], ['completed', 1, 0]);
      const [odd] = gone.odd;
      assert.deepEqual([odd?.oddity, odd?.pointArn, odd?.vault], ['copyGone', lost.arn, backup]);
      assert.match(odd?.why ?? '', /does not show it, where it was verified 2026-.* and is to stay until 2026-/);
      const report = JSON.parse(await reportOf(rig)) as { readonly copies: object[]; readonly missingCopies: number };
      assert.equal(report.missingCopies, 1);
      assert.equal(digests(), 1);
      assert.deepEqual(
        [(await reconcile(rig, told)).counts.copyGone, digests()],
        [1, 1],
        'as it was listed last; told once',
      );
      for (const { arn } of [lost, ...copies.all]) assert.equal(await isKnown(rig, arn), false);
    });
  });

  it('begins a custody again whose point AWS did not show before, and none that is settled; counts what AWS cannot copy', async () => {
    const backupWorld = { vaults: ['nightly', 'weekly'], noEventRule: true };
    const points = [{ count: 1 }, { count: 1, type: 'Redshift' }];
    await withCustodyRig({ speed: 2000, seed: 32, backupWorld, points }, async (rig) => {
      const [point, cluster] = rig.points;
      assert.ok(point && cluster);
      const unseen = await startCustody(rig, { ...refOf(point), vault: 'weekly' });
      assert.equal((await unseen.result()).outcome, 'gone');
      assert.equal((await reconcile(rig, policy)).counts.started, 2);
      assert.equal((await endOf(rig, point.arn)).outcome, 'shortened');
      assert.equal((await endOf(rig, cluster.arn)).outcome, 'unsupported');
      const { counts } = await reconcile(rig, policy, true);
      assert.deepEqual([counts.started, counts.unsupported], [0, 1]);
    });
  });

  it('begins custodies of copies that others made, where a rule is for them, when it lists their vault as a whole', async () => {
    const match = { ...ANY_POINT, source: 'copy' } as const;
    const copies = { ...policyOf(ruleOf({ match, legs: [], then: { kind: 'keep' } })), sources: [SECOND] };
    const points = [{ count: 1 }, { count: 1, ...SECOND }];
    await withCustodyRig({ speed: 2000, seed: 35, backupWorld: { noEventRule: true }, points }, async (rig) => {
      const [source, original] = rig.points;
      assert.ok(source && original);
      assert.equal((await reconcile(rig, copies)).counts.started, 1);
      assert.equal((await endOf(rig, original.arn)).outcome, 'notCovered');
      const copy = await copyAsOthers(source, 35, SECOND);
      assert.equal(
        (await reconcile(rig, copies)).counts.started,
        0,
        'the jobs of copies are in their source’s account',
      );
      assert.equal((await reconcile(rig, copies, true)).counts.started, 1);
      assert.equal((await endOf(rig, copy)).outcome, 'kept');
      assert.equal(await isKnown(rig, source.arn), false);
    });
  });
});
