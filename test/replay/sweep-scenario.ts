/** Sweeps of a custody policy whose histories are kept: one that could not list a vault, of which operators are told, and a whole one. */
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import { policyOf, startCustodyRig, type CustodyRig } from '../rig/custody.ts';
import { reconcile } from '../rig/intake.ts';

/** A partial point begins no custody. */
export const startVaults = async (): Promise<CustodyRig> =>
  await startCustodyRig({
    backupWorld: { vaults: ['nightly', 'weekly'], noEventRule: true },
    points: [{ count: 1, outcome: 'PARTIAL' }],
  });

export async function swept(rig: CustodyRig): Promise<void> {
  const listing = { service: 'backup', operation: 'ListRecoveryPointsByBackupVault', resource: 'weekly' };
  const heal = rig.sandbox.faults.add({ kind: 'error', ...listing, code: 'AccessDeniedException', status: 403 });
  const policy = { ...policyOf(), operatorTopicArn: BACKUP_WORLD.topicArn };
  await reconcile(rig, policy);
  heal();
  await reconcile(rig, policy, true);
}
