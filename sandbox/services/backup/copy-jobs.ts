/** Copy jobs as they are read. */
import type { Call, Operation } from '../../service.ts';
import { invalidValue, notFound } from './errors.ts';
import { DAY_MS, lifecycleShown } from './lifecycle.ts';
import { newestFirst } from './paging.ts';
import type { PageInput } from './paging.ts';
import { creatorShown, isWithin } from './points.ts';
import type { CopyJob } from './rows.ts';
import { copyJobs } from './rows.ts';
import { settingsOf } from './settings.ts';

export function copyJobState({ startsAt, endsAt, ends }: CopyJob, at: number): string {
  if (at >= endsAt) return ends;
  return at < startsAt ? 'CREATED' : 'RUNNING';
}

function copyJobShown(call: Call, job: CopyJob): object {
  const state = copyJobState(job, call.asOf);
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
    const state = copyJobState(child, call.asOf);
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
  if (!job) throw notFound(`Cannot find copy job ${id}.`);
  return { CopyJob: copyJobShown(call, job) };
};

interface ListInput extends PageInput {
  readonly ByResourceArn?: string;
  readonly ByState?: string;
  readonly ByCreatedBefore?: Date;
  readonly ByCreatedAfter?: Date;
  readonly ByResourceType?: string;
  readonly ByDestinationVaultArn?: string;
  readonly ByAccountId?: string;
  readonly ByCompleteBefore?: Date;
  readonly ByCompleteAfter?: Date;
  readonly ByParentJobId?: string;
  readonly BySourceRecoveryPointArn?: string;
}

const listCopyJobs: Operation = (input: ListInput, call) => {
  checkDates(input);
  const jobs = copyJobs(call);
  const { BySourceRecoveryPointArn: source } = input;
  const rows = source === undefined ? jobs.all : jobs.group(`source ${source}`);
  const found = newestFirst(call, 'ListCopyJobs', input, rows, (job) => isWanted(call, job, input));
  return { CopyJobs: found.rows.map((job) => copyJobShown(call, job)), NextToken: found.NextToken };
};

function isWanted(call: Call, job: CopyJob, input: ListInput): boolean {
  if (call.asOf - job.createdAt > settingsOf(call).jobDays * DAY_MS) return false;
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [input.ByResourceArn, job.resourceArn],
    [input.ByResourceType, job.resourceType],
    [input.ByDestinationVaultArn, job.destinationVaultArn],
    [input.ByParentJobId, job.parentJobId],
    [input.ByState, copyJobState(job, call.asOf)],
    [input.ByAccountId, call.account],
  ];
  if (wanted.some(([asked, has]) => asked !== undefined && asked !== '*' && asked !== has)) return false;
  return isWithin(job.createdAt, input.ByCreatedAfter, input.ByCreatedBefore) && hasEndedWithin(job, input, call.asOf);
}

/** Jobs that have not ended are in no span of ends. */
export function hasEndedWithin(
  { endsAt }: { readonly endsAt: number },
  { ByCompleteAfter, ByCompleteBefore }: { readonly ByCompleteAfter?: Date; readonly ByCompleteBefore?: Date },
  at: number,
): boolean {
  if (!ByCompleteAfter && !ByCompleteBefore) return true;
  return endsAt <= at && isWithin(endsAt, ByCompleteAfter, ByCompleteBefore);
}

/** @throws AwsError where a span ends before it begins. */
export function checkDates(input: Pick<ListInput, 'ByCreatedAfter' | 'ByCreatedBefore'>): void {
  const { ByCreatedAfter: after, ByCreatedBefore: before } = input;
  if (after && before && after > before) throw invalidValue('ByCreatedAfter cannot be later than ByCreatedBefore');
}

export const copyJobOperations = { DescribeCopyJob: describeCopyJob, ListCopyJobs: listCopyJobs };
