/**
 * What AWS Backup tells EventBridge, in its shapes with all their oddities: rows that wait for their instant. As states
 * follow from the clock, events are written down when what they tell of is settled, with the instant it will happen at.
 */
import { uuidFrom } from '../uuid.ts';
import { calculatedShown } from './lifecycle.ts';
import type { BackupJob, CopyJob, Creator, Lifecycle, Place, Point, RestoreJob } from './rows.ts';
import { NEVER, vaultArn, vaultAt } from './rows.ts';
import { settingsOf } from './settings.ts';

export interface BackupEvent {
  readonly id: string;
  readonly at: number;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Rows are only added; those to come have an instant ahead. */
export const backupEvents = ({ world, account, region }: Place) =>
  world.store.table<BackupEvent>(account, region, 'backup.events');

function tell(place: Place, event: Omit<BackupEvent, 'id'>): void {
  if (event.at >= NEVER) return;
  const table = backupEvents(place);
  const id = uuidFrom(place.world.random(`backup/event/${place.account}/${place.region}/${table.size}`));
  table.set(id, { id, ...event });
}

/** What never happens has no date, and is never told either. */
const iso = (at: number): string => (at < NEVER ? new Date(at).toISOString() : '');

export function tellCopyJob(place: Place, job: CopyJob): void {
  const destination = vaultAt(job.destinationVaultArn);
  const isForeign = destination !== undefined && destination.account !== place.account;
  const places =
    isForeign && settingsOf(place).copyEventsInDestination ? [place, { ...place, ...destination }] : [place];
  for (const where of places) for (const event of copyJobEvents(job)) tell(where, event);
}

function copyJobEvents(job: CopyJob): Omit<BackupEvent, 'id'>[] {
  const common = {
    backupSizeInBytes: job.sizeBytes,
    creationDate: iso(job.createdAt),
    iamRoleArn: job.roleArn,
    resourceArn: job.resourceArn,
    resourceType: job.resourceType,
    sourceBackupVaultArn: job.sourceVaultArn,
    destinationBackupVaultArn: job.destinationVaultArn,
    destinationRecoveryPointArn: {},
    ...(job.createdBy && { createdBy: creatorTold(job.createdBy, job.sourceVaultArn) }),
  };
  const event = (at: number, state: string, more: object) => ({
    at,
    detailType: 'Copy Job State Change',
    resources: [job.sourceArn],
    detail: { ...common, ...more, state },
  });
  const ended = {
    copyJobId: job.id,
    completionDate: iso(job.endsAt),
    ...(job.destinationArn !== null && { destinationRecoveryPointArn: job.destinationArn }),
    ...(job.message !== null && { statusMessage: job.message }),
  };
  return [
    event(job.createdAt, 'CREATED', {}),
    event(job.startsAt, 'RUNNING', { copyJobId: job.id }),
    event(job.endsAt, job.ends, ended),
  ];
}

export function tellBackupJob(place: Place, job: BackupJob): void {
  const common = {
    backupJobId: job.id,
    backupSizeInBytes: String(job.sizeBytes),
    backupVaultArn: vaultArn(place, job.vault),
    backupVaultName: job.vault,
    bytesTransferred: String(job.sizeBytes),
    creationDate: iso(job.createdAt),
    iamRoleArn: job.roleArn,
    resourceArn: job.resourceArn,
    resourceType: job.resourceType,
    startBy: iso(job.startBy),
    retryCount: 0,
    ...(job.createdBy && { createdBy: creatorTold(job.createdBy, vaultArn(place, job.vault)) }),
  };
  const resources = job.pointArn === null ? [] : [job.pointArn];
  const detailType = 'Backup Job State Change';
  const ended = {
    percentDone: 100,
    completionDate: iso(job.endsAt),
    ...(job.message !== null && { statusMessage: job.message }),
  };
  tell(place, {
    at: job.createdAt,
    detailType,
    resources: [],
    detail: { ...common, state: 'CREATED', percentDone: 0 },
  });
  tell(place, { at: job.endsAt, detailType, resources, detail: { ...common, ...ended, state: job.ends } });
}

export function tellRestoreJob(place: Place, job: RestoreJob): void {
  const common = {
    restoreJobId: job.id,
    backupSizeInBytes: String(job.sizeBytes),
    creationDate: iso(job.createdAt),
    iamRoleArn: job.roleArn,
    resourceType: job.resourceType,
  };
  const detailType = 'Restore Job State Change';
  const resources = [job.pointArn];
  const ended = {
    percentDone: 100,
    completionDate: iso(job.endsAt),
    ...(job.createdArn !== null && { createdResourceArn: job.createdArn }),
    ...(job.message !== null && { statusMessage: job.message }),
  };
  // Only the first says `state`.
  tell(place, { at: job.createdAt, detailType, resources, detail: { ...common, state: 'CREATED', percentDone: 0 } });
  tell(place, { at: job.startsAt, detailType, resources, detail: { ...common, status: 'RUNNING', percentDone: 0 } });
  tell(place, { at: job.endsAt, detailType, resources, detail: { ...common, ...ended, status: job.ends } });
}

export type PointEvent = 'COMPLETED' | 'PARTIAL' | 'AVAILABLE' | 'MODIFIED' | 'DELETED' | 'EXPIRED';

export function tellPoint(place: Place, point: Point, status: PointEvent, at: number): void {
  tell(place, {
    at,
    detailType: 'Recovery Point State Change',
    resources: [point.arn],
    detail: {
      backupVaultName: point.vault,
      backupVaultArn: vaultArn(place, point.vault),
      creationDate: iso(point.createdAt),
      resourceType: point.resourceType,
      resourceArn: point.resourceArn,
      status,
      isEncrypted: String(point.keyArn !== null),
      storageClass: 'WARM',
      ...(point.outcome !== 'AVAILABLE' && { completionDate: iso(point.endsAt) }),
      lifecycle: lifecycleTold(point.lifecycle),
      calculatedLifeCycle: calculatedTold(point),
      ...(point.createdBy && { createdBy: creatorTold(point.createdBy, vaultArn(place, point.vault)) }),
    },
  });
}

export function tellVault(
  place: Place,
  name: string,
  state: 'CREATED' | 'MODIFIED' | 'DELETED',
  isLocked = false,
): void {
  tell(place, {
    at: place.world.clock.now(),
    detailType: 'Backup Vault State Change',
    resources: [vaultArn(place, name)],
    detail: { backupVaultName: name, state, ...(state === 'MODIFIED' && { isLocked: String(isLocked) }) },
  });
}

export function tellRegionSettings(place: Place, optIn: Readonly<Record<string, boolean>>): void {
  tell(place, {
    at: place.world.clock.now(),
    detailType: 'Region Setting State Change',
    resources: [],
    detail: { resourceTypeOptInPreference: optIn },
  });
}

function lifecycleTold({ coldAfterDays, deleteAfterDays }: Lifecycle): object {
  return {
    ...(coldAfterDays !== null && { moveToColdStorageAfterDays: coldAfterDays }),
    ...(deleteAfterDays !== null && { deleteAfterDays }),
  };
}

function calculatedTold(point: Point): object {
  const dates = calculatedShown(point) as { MoveToColdStorageAt?: Date; DeleteAt?: Date };
  return {
    ...(dates.MoveToColdStorageAt && { moveToColdStorageAt: dates.MoveToColdStorageAt.toISOString() }),
    ...(dates.DeleteAt && { deleteAt: dates.DeleteAt.toISOString() }),
  };
}

function creatorTold(createdBy: Creator, vault: string): object {
  const { planId, planVersion, ruleId } = createdBy;
  const { account = '', region = '' } = vaultAt(vault) ?? {};
  return {
    backupPlanId: planId,
    backupPlanArn: planArn({ account, region }, planId),
    backupPlanVersion: planVersion,
    backupPlanRuleId: ruleId,
  };
}

export const planArn = ({ account, region }: { account: string; region: string }, planId: string): string =>
  `arn:aws:backup:${region}:${account}:backup-plan:${planId}`;
