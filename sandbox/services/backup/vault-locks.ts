/** Locks of vaults: governance can be removed for ever, compliance until its date. */
import type { Operation } from '../../service.ts';
import { invalidRequest, invalidValue } from './errors.ts';
import { tellVault } from './events.ts';
import { DAY_MS } from './lifecycle.ts';
import type { Lifecycle, VaultLock } from './rows.ts';
import { vaults } from './rows.ts';
import { isImmutable, vaultNamed } from './vaults.ts';

const LEAST_CHANGEABLE_DAYS = 3;
const MOST_DAYS = 36_500;

interface PutInput {
  readonly BackupVaultName: string;
  readonly MinRetentionDays?: number;
  readonly MaxRetentionDays?: number;
  readonly ChangeableForDays?: number;
}

const putBackupVaultLockConfiguration: Operation = (input: PutInput, call) => {
  const vault = vaultNamed(call, input.BackupVaultName);
  if (isImmutable(vault, call.now))
    throw invalidRequest('Vault lock configuration cannot be changed: it is immutable.');
  const { MinRetentionDays: min, MaxRetentionDays: max, ChangeableForDays: changeable } = input;
  checkDays('MinRetentionDays', min, 1);
  checkDays('MaxRetentionDays', max, 1);
  checkDays('ChangeableForDays', changeable, LEAST_CHANGEABLE_DAYS);
  if (min !== undefined && max !== undefined && min > max) {
    throw invalidValue(`MinRetentionDays ${min} cannot be greater than MaxRetentionDays ${max}`);
  }
  vault.lock = {
    minRetentionDays: min ?? null,
    maxRetentionDays: max ?? null,
    lockDate: changeable === undefined ? null : call.now + changeable * DAY_MS,
  };
  vaults(call).touch();
  tellVault(call, vault.name, 'MODIFIED', true);
  return {};
};

function checkDays(name: string, days: number | undefined, least: number): void {
  if (days === undefined || (days >= least && days <= MOST_DAYS)) return;
  throw invalidValue(`${name} must be between ${least} and ${MOST_DAYS}: ${days}`);
}

const deleteBackupVaultLockConfiguration: Operation = ({ BackupVaultName: name }: PutInput, call) => {
  const vault = vaultNamed(call, name);
  if (isImmutable(vault, call.now))
    throw invalidRequest('Vault lock configuration cannot be deleted: it is immutable.');
  vault.lock = null;
  vaults(call).touch();
  tellVault(call, name, 'MODIFIED', false);
  return {};
};

/** Why a vault's lock does not take a point that is kept so long; undefined: it does. */
export function lockRefusal(lock: VaultLock | null, { deleteAfterDays: days }: Lifecycle): string | undefined {
  const { minRetentionDays: min = null, maxRetentionDays: max = null } = lock ?? {};
  const kept = days === null ? 'kept for ever' : `kept for ${days} days`;
  if (min !== null && days !== null && days < min) {
    return `The recovery point is ${kept}, which is less than the minimum retention of ${min} days of the vault lock`;
  }
  if (max !== null && (days === null || days > max)) {
    return `The recovery point is ${kept}, which is more than the maximum retention of ${max} days of the vault lock`;
  }
  return undefined;
}

export const vaultLockOperations = {
  PutBackupVaultLockConfiguration: putBackupVaultLockConfiguration,
  DeleteBackupVaultLockConfiguration: deleteBackupVaultLockConfiguration,
};
