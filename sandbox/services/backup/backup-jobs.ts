/** Backups on demand, and backup jobs as they are read. */
import { uuidFrom } from '../uuid.ts';
import type { Call, Operation } from '../../service.ts';
import { hasAdvancedDynamodb } from './account-settings.ts';
import { keepBusy, resourceFreeAt } from './copy-schedule.ts';
import { invalidValue, notFound } from './errors.ts';
import { tellBackupJob, tellPoint } from './events.ts';
import { checkDates, isAsked, isListed, jobState } from './jobs.ts';
import type { JobFilters } from './jobs.ts';
import { FOR_EVER, lifecycleOf, lifecycleShown } from './lifecycle.ts';
import type { LifecycleInput } from './lifecycle.ts';
import { newestFirst } from './paging.ts';
import { creatorShown } from './points.ts';
import { checkRole } from './roles.ts';
import type { BackupJob, Vault } from './rows.ts';
import { NEVER, backupJobs, points, vaultArn } from './rows.ts';
import { settingsOf } from './settings.ts';
import { jobOfToken, keepToken } from './tokens.ts';
import { factsOf, pointArnOf, standardDynamodbArn, typeOfResource } from './types.ts';
import { lockRefusal } from './vault-locks.ts';
import { vaultNamed } from './vaults.ts';

interface StartInput {
  readonly BackupVaultName: string;
  readonly ResourceArn: string;
  readonly IamRoleArn: string;
  readonly IdempotencyToken?: string;
  readonly StartWindowMinutes?: number;
  readonly Lifecycle?: LifecycleInput;
  readonly RecoveryPointTags?: Record<string, string>;
}

const LEAST_WINDOW_MINUTES = 60;
const WINDOW_MINUTES = 480;
const GIB_BY_DEFAULT = 8;

const startBackupJob: Operation = (input: StartInput, call) => {
  checkRole(input.IamRoleArn, call.account);
  const vault = vaultNamed(call, input.BackupVaultName);
  const known = jobOfToken(call, 'backup', input.IdempotencyToken);
  const job = (known !== undefined && backupJobs(call).get(known)) || begin(call, input, vault);
  if (input.IdempotencyToken !== undefined && known === undefined) {
    keepToken(call, 'backup', input.IdempotencyToken, job.id);
  }
  // Only of what AWS Backup manages fully is the ARN known before the end.
  const isKnown = job.pointArn !== null && factsOf(job.resourceType, job.pointArn).fullyManaged;
  return {
    BackupJobId: job.id,
    RecoveryPointArn: isKnown ? job.pointArn : undefined,
    CreationDate: new Date(job.createdAt),
    IsParent: false,
  };
};

function begin(call: Call, input: StartInput, vault: Vault): BackupJob {
  const resourceType = typeOfResource(input.ResourceArn);
  if (resourceType === undefined) throw invalidValue(`Invalid resource ARN: ${input.ResourceArn}`);
  const window = input.StartWindowMinutes ?? WINDOW_MINUTES;
  if (window < LEAST_WINDOW_MINUTES) {
    throw invalidValue(`StartWindowMinutes cannot be less than ${LEAST_WINDOW_MINUTES} minutes: ${window}`);
  }
  const random = call.world.random(`backup/job/${call.account}/${call.region}/${backupJobs(call).all.length}`);
  const id = uuidFrom(random).toUpperCase();
  const isStandard = resourceType === 'DynamoDB' && !hasAdvancedDynamodb(call);
  const arn = isStandard
    ? standardDynamodbArn(input.ResourceArn, random)
    : pointArnOf(call, resourceType, 'job', random);
  const lifecycle = input.Lifecycle ? lifecycleOf(input.Lifecycle, resourceType, arn) : FOR_EVER;
  const fault = call.world.faults.take(['stuck', 'fail'], { service: 'backup', operation: 'StartBackupJob', input });
  const refusal = fault?.kind === 'fail' ? (fault.message ?? 'Internal failure') : lockRefusal(vault.lock, lifecycle);
  const startBy = call.now + window * 60_000;
  const sizeBytes = sizeOf(call, input.ResourceArn);
  const delay = random.between(...settingsOf(call).createdSeconds) * 1000;
  const times = timesOf(call, {
    resourceArn: input.ResourceArn,
    isStuck: fault?.kind === 'stuck',
    delay,
    sizeBytes,
    startBy,
  });
  const job: BackupJob = {
    id,
    createdAt: call.now,
    ...times,
    ends: times.startsAt === NEVER ? 'EXPIRED' : refusal === undefined ? 'COMPLETED' : 'FAILED',
    message: times.startsAt === NEVER ? 'Backup job expired before completion.' : (refusal ?? null),
    resourceArn: input.ResourceArn,
    resourceType,
    sizeBytes,
    roleArn: input.IamRoleArn,
    vault: vault.name,
    pointArn: times.startsAt === NEVER || refusal !== undefined ? null : arn,
    startBy,
    lifecycle,
    createdBy: null,
    isParent: false,
    parentJobId: null,
  };
  backupJobs(call).add(job);
  tellBackupJob(call, job);
  if (job.pointArn !== null) makePoint(call, job, vault, job.pointArn, input.RecoveryPointTags ?? {});
  return job;
}

/** As large as its newest point, as far as there is one. */
function sizeOf(call: Call, resourceArn: string): number {
  return points(call).group(`resource ${resourceArn}`).at(-1)?.sizeBytes ?? GIB_BY_DEFAULT * 2 ** 30;
}

interface Timing {
  readonly resourceArn: string;
  readonly isStuck: boolean;
  readonly delay: number;
  readonly sizeBytes: number;
  readonly startBy: number;
}

/** What has not started by the end of its window has expired. */
function timesOf(call: Call, { resourceArn, isStuck, delay, sizeBytes, startBy }: Timing) {
  const startsAt = Math.round(Math.max(call.now + delay, resourceFreeAt(call, resourceArn)));
  if (isStuck || startsAt > startBy) return { startsAt: NEVER, endsAt: startBy };
  const { base, perGib } = settingsOf(call).backupSeconds;
  const endsAt = startsAt + Math.round((base + (perGib * sizeBytes) / 2 ** 30) * 1000);
  keepBusy(call, resourceArn, endsAt);
  return { startsAt, endsAt };
}

function makePoint(call: Call, job: BackupJob, vault: Vault, arn: string, tags: Record<string, string>): void {
  const point = points(call).add({
    arn,
    vault: vault.name,
    resourceArn: job.resourceArn,
    resourceType: job.resourceType,
    resourceName: null,
    createdAt: job.startsAt,
    beganAt: job.startsAt,
    endsAt: job.endsAt,
    outcome: 'COMPLETED',
    statusMessage: null,
    sizeBytes: job.sizeBytes,
    lifecycle: job.lifecycle ?? FOR_EVER,
    lifecycleSetAt: job.startsAt,
    keyArn: factsOf(job.resourceType, arn).fullyManaged ? vault.keyArn : null,
    createdBy: null,
    sourceVaultArn: null,
    isParent: false,
    parentArn: null,
    roleArn: job.roleArn,
    undeletable: false,
    deletedAt: null,
    tags,
  });
  tellPoint(call, point, 'COMPLETED', job.endsAt);
}

function backupJobShown(call: Call, job: BackupJob): object {
  const hasEnded = call.asOf >= job.endsAt;
  const state = jobState(job, call.asOf);
  return {
    AccountId: call.account,
    BackupJobId: job.id,
    BackupVaultName: job.vault,
    BackupVaultArn: vaultArn(call, job.vault),
    VaultType: 'BACKUP_VAULT',
    RecoveryPointArn: call.asOf >= job.startsAt ? (job.pointArn ?? undefined) : undefined,
    RecoveryPointLifecycle: job.lifecycle === null ? undefined : lifecycleShown(job.lifecycle),
    ResourceArn: job.resourceArn,
    ResourceType: job.resourceType,
    CreationDate: new Date(job.createdAt),
    InitiationDate: new Date(job.createdAt),
    CompletionDate: hasEnded ? new Date(job.endsAt) : undefined,
    State: state,
    StatusMessage: hasEnded ? (job.message ?? undefined) : undefined,
    MessageCategory: state === 'COMPLETED' ? 'SUCCESS' : undefined,
    PercentDone: hasEnded ? '100.0' : '0.0',
    BackupSizeInBytes: hasEnded ? job.sizeBytes : 0,
    BytesTransferred: hasEnded ? job.sizeBytes : 0,
    IamRoleArn: job.roleArn,
    CreatedBy: job.createdBy === null ? undefined : creatorShown(call, job.createdBy),
    StartBy: new Date(job.startBy),
    ParentJobId: job.parentJobId ?? undefined,
    IsParent: job.isParent,
  };
}

const describeBackupJob: Operation = ({ BackupJobId: id }: { BackupJobId: string }, call) => {
  const job = backupJobs(call).get(id);
  if (!job || job.createdAt > call.asOf) throw notFound(`Cannot find backup job ${id}.`);
  return backupJobShown(call, job);
};

const listBackupJobs: Operation = (input: JobFilters & { ByState?: string; ByBackupVaultName?: string }, call) => {
  checkDates(input);
  const fits = (job: BackupJob): boolean =>
    isListed(call, job, input) &&
    isAsked(input.ByState, jobState(job, call.asOf)) &&
    isAsked(input.ByBackupVaultName, job.vault);
  const found = newestFirst(call, 'ListBackupJobs', input, backupJobs(call).all, fits);
  return { BackupJobs: found.rows.map((job) => backupJobShown(call, job)), NextToken: found.NextToken };
};

export const backupJobOperations = {
  StartBackupJob: startBackupJob,
  DescribeBackupJob: describeBackupJob,
  ListBackupJobs: listBackupJobs,
};
