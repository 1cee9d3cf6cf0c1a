/** Sweeps of a custody policy whose histories are kept: one that could not list a vault, and a whole one. */
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
  await reconcile(rig, policyOf());
  heal();
  await reconcile(rig, policyOf(), true);
}
