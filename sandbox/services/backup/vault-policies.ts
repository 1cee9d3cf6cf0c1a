/** Access policies of vaults: who else may copy into one, and read it. */
import { policyAllows } from '../../resource-policy.ts';
import type { Call, Operation } from '../../service.ts';
import { accessDenied, invalidValue, missingValue, notFound } from './errors.ts';
import { organizationIdOf } from '../organizations.ts';
import type { Place } from './rows.ts';
import { vaultArn, vaults } from './rows.ts';
import { vaultNamed } from './vaults.ts';

interface Input {
  readonly BackupVaultName: string;
  readonly Policy?: string;
}

const putBackupVaultAccessPolicy: Operation = ({ BackupVaultName: name, Policy: policy }: Input, call) => {
  const vault = vaultNamed(call, name);
  if (policy === undefined) throw missingValue('Policy is missing');
  if (!isPolicy(policy)) throw invalidValue('Provided policy is invalid');
  vault.policy = policy;
  vaults(call).touch();
  return {};
};

function isPolicy(text: string): boolean {
  try {
    const { Statement: given } = JSON.parse(text) as { Statement?: unknown };
    const statements = Array.isArray(given) ? given : [given];
    return statements.every((each: { Effect?: unknown } | undefined) => /^(Allow|Deny)$/.test(String(each?.Effect)));
  } catch {
    return false;
  }
}

const getBackupVaultAccessPolicy: Operation = ({ BackupVaultName: name }: Input, call) => {
  const { policy } = vaultNamed(call, name);
  const arn = vaultArn(call, name);
  if (policy === null) throw notFound(`Backup vault ${arn} has no access policy.`);
  return { BackupVaultName: name, BackupVaultArn: arn, Policy: policy };
};

const deleteBackupVaultAccessPolicy: Operation = ({ BackupVaultName: name }: Input, call) => {
  vaultNamed(call, name).policy = null;
  vaults(call).touch();
  return {};
};

/** Whether the policy of a vault lets another account do this. */
export function vaultAllows(place: Place, name: string, action: string, account: string): boolean {
  const organization = organizationIdOf(place.world, account);
  const context = {
    'aws:PrincipalAccount': account,
    ...(organization !== undefined && { 'aws:PrincipalOrgID': organization }),
  };
  return policyAllows(vaults(place).get(name)?.policy ?? null, { action, account, context });
}

/** @throws AwsError where the caller is of another account that the vault's policy does not let in. */
export function checkForeignRead(call: Call, place: Place, name: string, action: string): void {
  if (vaultAllows(place, name, action, call.account)) return;
  throw accessDenied(
    `User: arn:aws:iam::${call.account}:root is not authorized to perform: ${action} on resource: ${vaultArn(place, name)}`,
  );
}

export const vaultPolicyOperations = {
  PutBackupVaultAccessPolicy: putBackupVaultAccessPolicy,
  GetBackupVaultAccessPolicy: getBackupVaultAccessPolicy,
  DeleteBackupVaultAccessPolicy: deleteBackupVaultAccessPolicy,
};
