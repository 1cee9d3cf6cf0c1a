/** Recovery points as they are read. A list shows no storage class, and neither shows tags. */
import type { Call, Operation } from '../../service.ts';
import { notFound } from './errors.ts';
import { planArn } from './events.ts';
import { calculatedShown, lifecycleShown } from './lifecycle.ts';
import { newestFirst } from './paging.ts';
import type { PageInput } from './paging.ts';
import { isCold, statusAt } from './point-state.ts';
import type { Creator, Place, Point } from './rows.ts';
import { points, vaultArn } from './rows.ts';
import { checkForeignRead } from './vault-policies.ts';
import { vaultNamed } from './vaults.ts';

/** The point of that ARN in that vault, as long as it is there. */
export function pointIn(place: Place, vault: string, arn: string, at: number): Point {
  vaultNamed(place, vault);
  const point = points(place).get(arn);
  if (point?.vault === vault && statusAt(place, point, at) !== undefined) return point;
  throw notFound(`Cannot find recovery point ${arn}.`);
}

interface PointInput {
  readonly BackupVaultName: string;
  readonly RecoveryPointArn: string;
  readonly BackupVaultAccountId?: string;
}

/** Another account's vault is read where its policy lets this account. */
export function placeOf(
  call: Call,
  input: { BackupVaultName: string; BackupVaultAccountId?: string },
  action: string,
): Place {
  const { BackupVaultAccountId: account = call.account } = input;
  if (account === call.account) return call;
  const place = { ...call, account };
  checkForeignRead(call, place, input.BackupVaultName, action);
  return place;
}

const describeRecoveryPoint: Operation = (input: PointInput, call) => {
  const place = placeOf(call, input, 'backup:DescribeRecoveryPoint');
  const point = pointIn(place, input.BackupVaultName, input.RecoveryPointArn, call.asOf);
  return { ...pointShown(place, point, call.asOf), StorageClass: isCold(point, call.asOf) ? 'COLD' : 'WARM' };
};

function pointShown(place: Place, row: Point, at: number): object {
  const point = at < row.lifecycleSetAt ? { ...row, lifecycle: row.lifecycleBefore ?? row.lifecycle } : row;
  const status = statusAt(place, point, at);
  return {
    RecoveryPointArn: point.arn,
    BackupVaultName: point.vault,
    BackupVaultArn: vaultArn(place, point.vault),
    SourceBackupVaultArn: point.sourceVaultArn ?? undefined,
    ResourceArn: point.resourceArn,
    ResourceType: point.resourceType,
    ResourceName: point.resourceName ?? undefined,
    CreatedBy: point.createdBy === null ? undefined : creatorShown(place, point.createdBy),
    IamRoleArn: point.roleArn,
    Status: status,
    StatusMessage: status === 'EXPIRED' ? EXPIRED_MESSAGE : (point.statusMessage ?? undefined),
    CreationDate: new Date(point.createdAt),
    InitiationDate: new Date(point.beganAt),
    CompletionDate: at < point.endsAt || point.outcome === 'AVAILABLE' ? undefined : new Date(point.endsAt),
    BackupSizeInBytes: point.sizeBytes,
    CalculatedLifecycle: calculatedShown(point),
    Lifecycle: lifecycleShown(point.lifecycle),
    EncryptionKeyArn: point.keyArn ?? undefined,
    IsEncrypted: point.keyArn !== null,
    ParentRecoveryPointArn: point.parentArn ?? undefined,
    IsParent: point.isParent,
    VaultType: 'BACKUP_VAULT',
  };
}

const EXPIRED_MESSAGE = 'Insufficient permission to delete the recovery point.';

export function creatorShown(place: Place, { planId, planVersion, ruleId }: Creator): object {
  return {
    BackupPlanId: planId,
    BackupPlanArn: planArn(place, planId),
    BackupPlanVersion: planVersion,
    BackupRuleId: ruleId,
  };
}

interface ListByVaultInput extends PageInput {
  readonly BackupVaultName: string;
  readonly BackupVaultAccountId?: string;
  readonly ByResourceArn?: string;
  readonly ByResourceType?: string;
  readonly ByBackupPlanId?: string;
  readonly ByCreatedBefore?: Date;
  readonly ByCreatedAfter?: Date;
  readonly ByParentRecoveryPointArn?: string;
}

const listRecoveryPointsByBackupVault: Operation = (input: ListByVaultInput, call) => {
  const place = placeOf(call, input, 'backup:ListRecoveryPointsByBackupVault');
  vaultNamed(place, input.BackupVaultName);
  const all = points(place).group(`vault ${input.BackupVaultName}`);
  const fits = (point: Point): boolean => isWanted(point, input) && statusAt(place, point, call.asOf) !== undefined;
  const { rows, NextToken } = newestFirst(call, 'ListRecoveryPointsByBackupVault', input, all, fits);
  return { RecoveryPoints: rows.map((point) => pointShown(place, point, call.asOf)), NextToken };
};

function isWanted(point: Point, input: ListByVaultInput): boolean {
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [input.ByResourceArn, point.resourceArn],
    [input.ByResourceType, point.resourceType],
    [input.ByBackupPlanId, point.createdBy?.planId],
    [input.ByParentRecoveryPointArn, point.parentArn],
  ];
  if (wanted.some(([asked, has]) => asked !== undefined && asked !== has)) return false;
  return isWithin(point.createdAt, input.ByCreatedAfter, input.ByCreatedBefore);
}

export const isWithin = (at: number, after: Date | undefined, before: Date | undefined): boolean =>
  (!after || at > after.getTime()) && (!before || at < before.getTime());

interface ListByResourceInput extends PageInput {
  readonly ResourceArn: string;
}

const listRecoveryPointsByResource: Operation = (input: ListByResourceInput, call) => {
  const all = points(call).group(`resource ${input.ResourceArn}`);
  const fits = (point: Point): boolean => statusAt(call, point, call.asOf) !== undefined;
  const { rows, NextToken } = newestFirst(call, 'ListRecoveryPointsByResource', input, all, fits);
  return { RecoveryPoints: rows.map((point) => byResourceShown(call, point)), NextToken };
};

function byResourceShown(call: Call, point: Point): object {
  return {
    RecoveryPointArn: point.arn,
    CreationDate: new Date(point.createdAt),
    Status: statusAt(call, point, call.asOf),
    StatusMessage: point.statusMessage ?? undefined,
    EncryptionKeyArn: point.keyArn ?? undefined,
    BackupSizeBytes: point.sizeBytes,
    BackupVaultName: point.vault,
    IsParent: point.isParent,
    ParentRecoveryPointArn: point.parentArn ?? undefined,
    ResourceName: point.resourceName ?? undefined,
    VaultType: 'BACKUP_VAULT',
  };
}

const listProtectedResources: Operation = (input: PageInput, call) => {
  const last = new Map<string, Point>();
  for (const point of points(call).all) {
    const known = last.get(point.resourceArn);
    if (known && known.createdAt > point.createdAt) continue;
    if (point.sourceVaultArn === null && statusAt(call, point, call.asOf)) last.set(point.resourceArn, point);
  }
  const { rows, NextToken } = newestFirst(call, 'ListProtectedResources', input, [...last.values()], () => true);
  return { Results: rows.map((point) => resourceShown(call, point)), NextToken };
};

function resourceShown(place: Place, point: Point): object {
  return {
    ResourceArn: point.resourceArn,
    ResourceType: point.resourceType,
    ResourceName: point.resourceName ?? undefined,
    LastBackupTime: new Date(point.createdAt),
    LastBackupVaultArn: vaultArn(place, point.vault),
    LastRecoveryPointArn: point.arn,
  };
}

export const pointOperations = {
  DescribeRecoveryPoint: describeRecoveryPoint,
  ListRecoveryPointsByBackupVault: listRecoveryPointsByBackupVault,
  ListRecoveryPointsByResource: listRecoveryPointsByResource,
  ListProtectedResources: listProtectedResources,
};
