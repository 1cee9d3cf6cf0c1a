import assert from 'node:assert/strict';
import { BackupClient, DeleteRecoveryPointCommand } from '@aws-sdk/client-backup';
import { custodyReconcileId } from '../../domain/custody-reconcile.ts';
import { seedPlan } from '../../sandbox/services/backup/plans.ts';
import type { Point } from '../../sandbox/services/backup/rows.ts';
import { custodySweepStatusQuery } from '../../workflows/custody-reconcile.messages.ts';
import { custodyId } from '../../domain/custody.ts';
import {
  policyOf,
  refOf,
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

async function deleteBySomebodyElse({ arn, vault }: Point): Promise<void> {
  const backup = new BackupClient({ region: SOURCE.region });
  await backup.send(new DeleteRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: arn }));
  backup.destroy();
}

describe('the sweep of a custody policy', function () {
  this.timeout(30_000);

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
});
