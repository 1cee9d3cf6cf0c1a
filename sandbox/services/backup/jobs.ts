/** What backup, copy and restore jobs have in common: their state at an instant, and how lists are narrowed. */
import type { Call } from '../../service.ts';
import { invalidValue } from './errors.ts';
import { DAY_MS } from './lifecycle.ts';
import type { PageInput } from './paging.ts';
import { isWithin } from './points.ts';
import { settingsOf } from './settings.ts';

interface JobTimes {
  readonly createdAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly ends: string;
}

/** @param waiting AWS's word for a job that has not started */
export function jobState({ startsAt, endsAt, ends }: JobTimes, at: number, waiting = 'CREATED'): string {
  if (at >= endsAt) return ends;
  return at < startsAt ? waiting : 'RUNNING';
}

export interface JobFilters extends PageInput {
  readonly ByResourceArn?: string;
  readonly ByResourceType?: string;
  readonly ByAccountId?: string;
  readonly ByParentJobId?: string;
  readonly ByCreatedBefore?: Date;
  readonly ByCreatedAfter?: Date;
  readonly ByCompleteBefore?: Date;
  readonly ByCompleteAfter?: Date;
}

type Listed = JobTimes & {
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly parentJobId?: string | null;
};

/** Whether a list that is narrowed so shows this job. */
export const isListed = (call: Call, job: Listed, input: JobFilters): boolean =>
  job.createdAt <= call.asOf &&
  call.asOf - job.createdAt <= settingsOf(call).jobDays * DAY_MS &&
  isAsked(input.ByResourceArn, job.resourceArn) &&
  isAsked(input.ByResourceType, job.resourceType) &&
  isAsked(input.ByParentJobId, job.parentJobId) &&
  (input.ByAccountId === '*' || isAsked(input.ByAccountId, call.account)) &&
  isWithin(job.createdAt, input.ByCreatedAfter, input.ByCreatedBefore) &&
  hasEndedWithin(job, input, call.asOf);

export const isAsked = (asked: string | undefined, has: string | null | undefined): boolean =>
  asked === undefined || asked === has;

/** Jobs that have not ended are in no span of ends. */
function hasEndedWithin({ endsAt }: JobTimes, { ByCompleteAfter, ByCompleteBefore }: JobFilters, at: number): boolean {
  if (!ByCompleteAfter && !ByCompleteBefore) return true;
  return endsAt <= at && isWithin(endsAt, ByCompleteAfter, ByCompleteBefore);
}

/** @throws AwsError where a span ends before it begins. */
export function checkDates(input: JobFilters): void {
  for (const kind of ['Created', 'Complete'] as const) {
    const after = input[`By${kind}After`];
    const before = input[`By${kind}Before`];
    if (after && before && after > before) throw invalidValue(`By${kind}After cannot be later than By${kind}Before`);
  }
}
