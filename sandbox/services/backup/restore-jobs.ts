/** Restores, and restore jobs as they are read: what they make appears in its own service when they have COMPLETED. */
import { uuidFrom } from '../uuid.ts';
import type { Random } from '../../random.ts';
import type { Call, Operation } from '../../service.ts';
import { invalidRequest, notFound } from './errors.ts';
import { tellRestoreJob } from './events.ts';
import { checkDates, isAsked, isListed, jobState } from './jobs.ts';
import type { JobFilters } from './jobs.ts';
import { newestFirst } from './paging.ts';
import { statusAt } from './point-state.ts';
import { pointIn, placeOf } from './points.ts';
import { checkMetadata, keptMetadata } from './restore-metadata.ts';
import { putRestored, restoreRefusal } from './restored.ts';
import { checkRole } from './roles.ts';
import type { Point, RestoreJob } from './rows.ts';
import { NEVER, points, restoreJobs, vaultArn } from './rows.ts';
import { settingsOf } from './settings.ts';
import { jobOfToken, keepToken } from './tokens.ts';

interface MetadataInput {
  readonly BackupVaultName: string;
  readonly RecoveryPointArn: string;
  readonly BackupVaultAccountId?: string;
}

const getRecoveryPointRestoreMetadata: Operation = (input: MetadataInput, call) => {
  const place = placeOf(call, input, 'backup:GetRecoveryPointRestoreMetadata');
  const point = pointIn(place, input.BackupVaultName, input.RecoveryPointArn, call.asOf);
  return {
    BackupVaultArn: vaultArn(place, point.vault),
    RecoveryPointArn: point.arn,
    ResourceType: point.resourceType,
    RestoreMetadata: keptMetadata(place, point),
  };
};

interface StartInput {
  readonly RecoveryPointArn: string;
  readonly Metadata: Readonly<Record<string, string>>;
  readonly IamRoleArn?: string;
  readonly IdempotencyToken?: string;
  readonly CopySourceTagsToRestoredResource?: boolean;
}

const startRestoreJob: Operation = (input: StartInput, call) => {
  if (input.IamRoleArn !== undefined) checkRole(input.IamRoleArn, call.account);
  const known = jobOfToken(call, 'restore', input.IdempotencyToken);
  const id = known ?? begin(call, input).id;
  if (input.IdempotencyToken !== undefined && known === undefined)
    keepToken(call, 'restore', input.IdempotencyToken, id);
  return { RestoreJobId: id };
};

function begin(call: Call, input: StartInput): RestoreJob {
  const point = points(call).get(input.RecoveryPointArn);
  if (!point || statusAt(call, point, call.now) === undefined) {
    throw notFound(`Cannot find recovery point ${input.RecoveryPointArn}.`);
  }
  const status = statusAt(call, point, call.now);
  if (status !== point.outcome)
    throw invalidRequest(`Recovery point ${point.arn} is ${status ?? 'gone'} and cannot be restored.`);
  checkMetadata(point.resourceType, input.Metadata);
  const random = call.world.random(`backup/restore/${call.account}/${call.region}/${restoreJobs(call).all.length}`);
  const id = uuidFrom(random).toUpperCase();
  const job = { ...endOf(call, input, point, random), ...jobBase(call, input, point), id };
  const createdArn = job.ends === 'COMPLETED' ? putRestored(call, { ...input, point, at: job.endsAt, random }) : null;
  const made = restoreJobs(call).add({ ...job, createdArn });
  tellRestoreJob(call, made);
  return made;
}

function jobBase(call: Call, input: StartInput, point: Point) {
  return {
    createdAt: call.now,
    resourceArn: point.resourceArn,
    resourceType: point.resourceType,
    sizeBytes: point.sizeBytes,
    roleArn: input.IamRoleArn ?? point.roleArn,
    pointArn: point.arn,
    pointCreatedAt: point.createdAt,
    vaultArn: vaultArn(call, point.vault),
  };
}

function endOf(
  call: Call,
  input: StartInput,
  point: Point,
  random: Random,
): Pick<RestoreJob, 'startsAt' | 'endsAt' | 'ends' | 'message'> {
  const fault = call.world.faults.take(['stuck', 'fail'], { service: 'backup', operation: 'StartRestoreJob', input });
  const { restoreSeconds, failSeconds } = settingsOf(call);
  const startsAt = call.now + Math.round(random.between(0, 30) * 1000);
  if (fault?.kind === 'stuck') return { startsAt, endsAt: NEVER, ends: 'FAILED', message: null };
  const message = fault ? (fault.message ?? 'Internal failure') : restoreRefusal(call, point, input.Metadata);
  const seconds =
    message === null
      ? restoreSeconds.base + (restoreSeconds.perGib * point.sizeBytes) / 2 ** 30
      : random.between(...failSeconds);
  const endsAt = startsAt + Math.round(seconds * 1000);
  return { startsAt, endsAt, ends: message === null ? 'COMPLETED' : 'FAILED', message };
}

function restoreJobShown(call: Call, job: RestoreJob): object {
  const hasEnded = call.asOf >= job.endsAt;
  return {
    AccountId: call.account,
    RestoreJobId: job.id,
    RecoveryPointArn: job.pointArn,
    RecoveryPointCreationDate: new Date(job.pointCreatedAt),
    SourceResourceArn: job.resourceArn,
    BackupVaultArn: job.vaultArn,
    CreationDate: new Date(job.createdAt),
    CompletionDate: hasEnded ? new Date(job.endsAt) : undefined,
    Status: jobState(job, call.asOf, 'PENDING'),
    StatusMessage: hasEnded ? (job.message ?? undefined) : undefined,
    PercentDone: hasEnded ? '100.00%' : '0.00%',
    BackupSizeInBytes: job.sizeBytes,
    IamRoleArn: job.roleArn,
    CreatedResourceArn: hasEnded ? (job.createdArn ?? undefined) : undefined,
    ResourceType: job.resourceType,
    IsParent: false,
  };
}

const describeRestoreJob: Operation = ({ RestoreJobId: id }: { RestoreJobId: string }, call) => {
  const job = restoreJobs(call).get(id);
  if (!job || job.createdAt > call.asOf) throw notFound(`Cannot find restore job ${id}.`);
  return restoreJobShown(call, job);
};

/** None is of a restore testing plan: the sandbox has no such plans. */
const listRestoreJobs: Operation = (
  input: JobFilters & { ByStatus?: string; ByRestoreTestingPlanArn?: string },
  call,
) => {
  checkDates(input);
  const fits = (job: RestoreJob): boolean =>
    isListed(call, job, input) &&
    isAsked(input.ByStatus, jobState(job, call.asOf, 'PENDING')) &&
    input.ByRestoreTestingPlanArn === undefined;
  const found = newestFirst(call, 'ListRestoreJobs', input, restoreJobs(call).all, fits);
  return { RestoreJobs: found.rows.map((job) => restoreJobShown(call, job)), NextToken: found.NextToken };
};

export const restoreJobOperations = {
  GetRecoveryPointRestoreMetadata: getRecoveryPointRestoreMetadata,
  StartRestoreJob: startRestoreJob,
  DescribeRestoreJob: describeRestoreJob,
  ListRestoreJobs: listRestoreJobs,
};
