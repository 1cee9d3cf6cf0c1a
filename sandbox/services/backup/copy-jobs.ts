/** Copy jobs as they are read. */
import type { Call, Operation } from '../../service.ts';
import { notFound } from './errors.ts';
import { checkDates, isAsked, isListed, jobState } from './jobs.ts';
import type { JobFilters } from './jobs.ts';
import { lifecycleShown } from './lifecycle.ts';
import { newestFirst } from './paging.ts';
import { creatorShown } from './points.ts';
import type { CopyJob } from './rows.ts';
import { copyJobs } from './rows.ts';

function copyJobShown(call: Call, job: CopyJob): object {
  const state = jobState(job, call.asOf);
  const hasEnded = call.asOf >= job.endsAt;
  return {
    AccountId: call.account,
    CopyJobId: job.id,
    SourceBackupVaultArn: job.sourceVaultArn,
    SourceRecoveryPointArn: job.sourceArn,
    DestinationBackupVaultArn: job.destinationVaultArn,
    DestinationVaultType: 'BACKUP_VAULT',
    DestinationRecoveryPointArn: hasEnded ? (job.destinationArn ?? undefined) : undefined,
    DestinationEncryptionKeyArn: job.destinationKeyArn ?? undefined,
    DestinationRecoveryPointLifecycle: job.lifecycle === null ? undefined : lifecycleShown(job.lifecycle),
    ResourceArn: job.resourceArn,
    ResourceType: job.resourceType,
    CreationDate: new Date(job.createdAt),
    CompletionDate: hasEnded ? new Date(job.endsAt) : undefined,
    State: state,
    StatusMessage: hasEnded ? (job.message ?? undefined) : undefined,
    MessageCategory: hasEnded ? categoryOf(job) : undefined,
    BackupSizeInBytes: job.sizeBytes,
    IamRoleArn: job.roleArn,
    CreatedBy: job.createdBy === null ? undefined : creatorShown(call, job.createdBy),
    ParentJobId: job.parentJobId ?? undefined,
    IsParent: job.isParent,
    ...(job.isParent && childrenShown(call, job)),
  };
}

function childrenShown(call: Call, { id }: CopyJob): object {
  const counts: Record<string, number> = {};
  const children = copyJobs(call).group(`parent ${id}`);
  for (const child of children) {
    const state = jobState(child, call.asOf);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return { NumberOfChildJobs: children.length, ChildJobsInState: counts };
}

function categoryOf({ ends, message }: CopyJob): string {
  if (ends === 'COMPLETED') return 'SUCCESS';
  return message?.startsWith('Access') ? 'AccessDenied' : 'FAILURE';
}

const describeCopyJob: Operation = ({ CopyJobId: id }: { CopyJobId: string }, call) => {
  const job = copyJobs(call).get(id);
  if (!job || job.createdAt > call.asOf) throw notFound(`Cannot find copy job ${id}.`);
  return { CopyJob: copyJobShown(call, job) };
};

interface ListInput extends JobFilters {
  readonly ByState?: string;
  readonly ByDestinationVaultArn?: string;
  readonly BySourceRecoveryPointArn?: string;
}

const listCopyJobs: Operation = (input: ListInput, call) => {
  checkDates(input);
  const jobs = copyJobs(call);
  const { BySourceRecoveryPointArn: source } = input;
  const rows = source === undefined ? jobs.all : jobs.group(`source ${source}`);
  const fits = (job: CopyJob): boolean =>
    isListed(call, job, input) &&
    isAsked(input.ByState, jobState(job, call.asOf)) &&
    isAsked(input.ByDestinationVaultArn, job.destinationVaultArn);
  const found = newestFirst(call, 'ListCopyJobs', input, rows, fits);
  return { CopyJobs: found.rows.map((job) => copyJobShown(call, job)), NextToken: found.NextToken };
};

export const copyJobOperations = { DescribeCopyJob: describeCopyJob, ListCopyJobs: listCopyJobs };
