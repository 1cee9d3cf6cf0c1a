/** Vaults: they are made, shown, and deleted once they are empty. */
import { findKey } from '../kms.ts';
import type { Call, Operation } from '../../service.ts';
import { accessDenied, alreadyExists, invalidRequest, notFound } from './errors.ts';
import { tellVault } from './events.ts';
import { newestFirst } from './paging.ts';
import type { PageInput } from './paging.ts';
import { goneAt, statusAt } from './point-state.ts';
import type { Place, Point, Vault } from './rows.ts';
import { points, vaultArn, vaults } from './rows.ts';
import { settingsOf } from './settings.ts';

/** A vault of this account and Region. */
export function vaultNamed(place: Place, name: string): Vault {
  const vault = vaults(place).get(name);
  if (vault) return vault;
  throw notFound(`Backup vault ${vaultArn(place, name)} does not exist.`);
}

/** Compliance begins at the lock date; both kinds hold what they lock from the first moment. */
export const isImmutable = ({ lock }: Vault, at: number): boolean =>
  lock !== null && lock.lockDate !== null && lock.lockDate <= at;

interface CreateInput {
  readonly BackupVaultName: string;
  readonly BackupVaultTags?: Record<string, string>;
  readonly EncryptionKeyArn?: string;
  readonly CreatorRequestId?: string;
}

const createBackupVault: Operation = (input: CreateInput, call) => {
  const { BackupVaultName: name, CreatorRequestId: creatorRequestId = null } = input;
  const known = vaults(call).get(name);
  if (known && (creatorRequestId === null || known.creatorRequestId !== creatorRequestId)) {
    throw alreadyExists(`Backup vault with the same name already exists`, {
      Arn: vaultArn(call, name),
      CreatorRequestId: known.creatorRequestId ?? undefined,
    });
  }
  const vault = known ?? makeVault(call, { ...input, creatorRequestId });
  return { BackupVaultName: name, BackupVaultArn: vaultArn(call, name), CreationDate: new Date(vault.createdAt) };
};

function makeVault(call: Call, input: CreateInput & { readonly creatorRequestId: string | null }): Vault {
  const vault: Vault = {
    name: input.BackupVaultName,
    createdAt: call.now,
    keyArn: input.EncryptionKeyArn ?? findKey(call, 'alias/aws/backup').arn,
    creatorRequestId: input.creatorRequestId,
    policy: null,
    lock: null,
    tags: input.BackupVaultTags ?? {},
  };
  vaults(call).set(vault.name, vault);
  tellVault(call, vault.name, 'CREATED');
  return vault;
}

interface DescribeInput {
  readonly BackupVaultName: string;
  readonly BackupVaultAccountId?: string;
}

const describeBackupVault: Operation = (input: DescribeInput, call) => {
  const { BackupVaultName: name, BackupVaultAccountId: account = call.account } = input;
  if (account === call.account) return vaultShown(call, vaultNamed(call, name), call.asOf);
  throw accessDenied(`Vault ${name} of account ${account} is not shared with ${call.account}.`);
};

function vaultShown(place: Place, vault: Vault, at: number): object {
  const { lock } = vault;
  return {
    BackupVaultName: vault.name,
    BackupVaultArn: vaultArn(place, vault.name),
    VaultType: 'BACKUP_VAULT',
    VaultState: 'AVAILABLE',
    EncryptionKeyArn: vault.keyArn,
    EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY',
    CreationDate: new Date(vault.createdAt),
    CreatorRequestId: vault.creatorRequestId ?? undefined,
    NumberOfRecoveryPoints: pointCount(place, vault, at),
    Locked: lock !== null,
    MinRetentionDays: lock?.minRetentionDays ?? undefined,
    MaxRetentionDays: lock?.maxRetentionDays ?? undefined,
    LockDate: lock?.lockDate == null ? undefined : new Date(lock.lockDate),
  };
}

const COUNT_HOLDS_MS = 300_000;
const MANY = 1000;
const counts = new WeakMap<Vault, { count: number; at: number }>();

/** Of a large vault it is counted anew every five minutes only. */
function pointCount(place: Place, vault: Vault, at: number): number {
  const all = points(place).group(`vault ${vault.name}`);
  const last = counts.get(vault);
  if (all.length > MANY && last && at >= last.at && at - last.at < COUNT_HOLDS_MS) return last.count;
  const count = all.filter((point) => statusAt(place, point, at) !== undefined).length;
  counts.set(vault, { count, at });
  return count;
}

const listBackupVaults: Operation = (input: PageInput & { ByVaultType?: string; ByShared?: boolean }, call) => {
  const all = vaults(call).values();
  const fits = (): boolean => (input.ByVaultType ?? 'BACKUP_VAULT') === 'BACKUP_VAULT' && input.ByShared !== true;
  const { rows, NextToken } = newestFirst(call, 'ListBackupVaults', input, all, fits);
  return { BackupVaultList: rows.map((vault) => vaultShown(call, vault, call.asOf)), NextToken };
};

const deleteBackupVault: Operation = ({ BackupVaultName: name }: { BackupVaultName: string }, call) => {
  const vault = vaultNamed(call, name);
  if (isImmutable(vault, call.now)) throw invalidRequest('Backup vault cannot be deleted because it is locked.');
  const isFull = points(call)
    .group(`vault ${name}`)
    .some((point) => holdsOpen(call, point));
  if (isFull) {
    throw invalidRequest('Backup vault cannot be deleted because it contains recovery points.', 'ERROR_9101');
  }
  vaults(call).delete(name);
  tellVault(call, name, 'DELETED');
  return {};
};

/** Whether a point keeps its vault from being deleted: it is there, on its way, or has gone only just now. */
function holdsOpen(call: Call, point: Point): boolean {
  if (point.beganAt > call.now || statusAt(call, point, call.now) !== undefined) return true;
  return (goneAt(call, point, call.now) ?? 0) > call.now - settingsOf(call).vaultEmptySeconds * 1000;
}

export const vaultOperations = {
  CreateBackupVault: createBackupVault,
  DescribeBackupVault: describeBackupVault,
  ListBackupVaults: listBackupVaults,
  DeleteBackupVault: deleteBackupVault,
};
