/** What is done to a point: another lifecycle, and its deletion. */
import type { Call, Operation } from '../../service.ts';
import { invalidRequest, invalidState, invalidValue } from './errors.ts';
import { tellPoint } from './events.ts';
import { activeHoldOn } from './hold-cover.ts';
import { calculatedShown, deletesAt, lifecycleOf, lifecycleShown } from './lifecycle.ts';
import type { LifecycleInput } from './lifecycle.ts';
import { goneAt, isBusy, isCold, statusAt } from './point-state.ts';
import { pointIn } from './points.ts';
import type { Point } from './rows.ts';
import { points, vaultArn } from './rows.ts';
import { settingsOf } from './settings.ts';
import { vaultNamed } from './vaults.ts';

interface Input {
  readonly BackupVaultName: string;
  readonly RecoveryPointArn: string;
  readonly Lifecycle?: LifecycleInput;
}

/** The lifecycle is replaced as a whole: what the request leaves out is nothing afterwards. */
const updateRecoveryPointLifecycle: Operation = (input: Input, call) => {
  const point = pointIn(call, input.BackupVaultName, input.RecoveryPointArn, call.now);
  checkUnlocked(call, point);
  if (point.outcome === 'AVAILABLE') {
    throw invalidRequest('Cannot update lifecycle of a continuous (point-in-time) recovery point.');
  }
  checkNotNested(point);
  if (statusAt(call, point, call.now) !== point.outcome) {
    throw invalidRequest(`Recovery point ${point.arn} is ${statusAt(call, point, call.now) ?? 'gone'}.`);
  }
  const lifecycle = lifecycleOf(input.Lifecycle ?? {}, point.resourceType, point.arn);
  if (isCold(point, call.now) && lifecycle.coldAfterDays !== point.lifecycle.coldAfterDays) {
    throw invalidValue('MoveToColdStorageAfterDays cannot be changed after a backup has been transitioned to cold');
  }
  const end = deletesAt({ ...point, lifecycle });
  if (end !== null && end <= call.now && settingsOf(call).pastExpiry === 'refused') {
    throw invalidValue(`DeleteAfterDays ${lifecycle.deleteAfterDays} ends in the past`);
  }
  point.lifecycleBefore = point.lifecycle;
  point.lifecycle = lifecycle;
  point.lifecycleSetAt = call.now;
  points(call).touch();
  tellPoint(call, point, 'MODIFIED', call.now);
  return {
    BackupVaultArn: vaultArn(call, point.vault),
    RecoveryPointArn: point.arn,
    Lifecycle: lifecycleShown(lifecycle),
    CalculatedLifecycle: calculatedShown(point),
  };
};

/** An answer of 200 does not mean that it goes: without the rights for it, or as a locked snapshot, it ends EXPIRED. */
const deleteRecoveryPoint: Operation = (input: Input, call) => {
  const point = pointIn(call, input.BackupVaultName, input.RecoveryPointArn, call.now);
  checkUnlocked(call, point);
  checkNotNested(point);
  const hold = activeHoldOn(call, point, call.now);
  if (hold) throw invalidRequest(`Recovery point is under legal hold ${hold.id} and cannot be deleted.`);
  if (isBusy(call, point, call.now)) throw invalidState(`Recovery point ${point.arn} is in use by a job.`);
  const fault = call.world.faults.take(['stuck'], { service: 'backup', operation: 'DeleteRecoveryPoint', input });
  point.deletionFails = fault !== undefined;
  markDeleted(call, point);
  for (const child of points(call).group(`parent ${point.arn}`)) markDeleted(call, child);
  points(call).touch();
  return {};
};

function markDeleted(call: Call, point: Point): void {
  if (statusAt(call, point, call.now) === 'DELETING') return;
  point.deletedAt = call.now;
  const gone = goneAt(call, point, call.now);
  if (gone !== null) tellPoint(call, point, statusAt(call, point, gone) ? 'EXPIRED' : 'DELETED', gone);
}

/** A lock of either kind keeps points as they are, whoever asks. */
function checkUnlocked(call: Call, { vault, arn }: Point): void {
  if (vaultNamed(call, vault).lock === null) return;
  throw invalidRequest(`Recovery point ${arn} cannot be changed or deleted: its backup vault is locked.`);
}

function checkNotNested({ parentArn, arn }: Point): void {
  if (parentArn === null) return;
  throw invalidRequest(`Recovery point ${arn} is nested: change or delete its parent ${parentArn}.`);
}

export const pointChangeOperations = {
  UpdateRecoveryPointLifecycle: updateRecoveryPointLifecycle,
  DeleteRecoveryPoint: deleteRecoveryPoint,
};
