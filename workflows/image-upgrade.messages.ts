/** What can be asked of, and said to, an image upgrade; loads outside a workflow too. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ImageUpgradeInput, PhaseCounts, Row } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import type { PlanRow, PlanSummary } from '../domain/upgrade-plan.ts';

/** One bundle is upgraded once at a time: the id is the lock. */
export const imageUpgradeId = (target: Target, bundleId: string): string =>
  `image-upgrade/${target.account}/${target.region}/${bundleId}`;

export const imageUpgradePlanId = (target: Target, bundleId: string): string =>
  `image-upgrade-plan/${target.account}/${target.region}/${bundleId}`;

export interface ImageUpgradeStatus {
  readonly phase: 'preflight' | 'refused' | 'upgrading' | 'reporting' | 'done';
  readonly input: ImageUpgradeInput;
  readonly plan: PlanSummary | null;
  /** As last told by the cohorts; ask those for the present. */
  readonly counts: PhaseCounts;
  readonly cohorts: readonly string[];
  readonly aborted: boolean;
  /** What stands in the way of the report and is tried again; null: nothing. */
  readonly retrying: string | null;
  /** AWS's time when the run's clock began. */
  readonly startedAt: string | null;
  readonly report: ReportFiles | null;
}

export interface ReportFiles {
  /** `s3://bucket/key`. */
  readonly csv: string;
  readonly json: string;
}

export interface ImageUpgradeResult {
  /** `completed`: every selected WorkSpace was rebuilt; `refused`: preflight found problems, nothing was changed. */
  readonly outcome: 'completed' | 'partiallyFailed' | 'aborted' | 'refused' | 'nothingToDo';
  readonly plan: PlanSummary;
  readonly counts: PhaseCounts;
  readonly previousImageId: string | null;
  readonly report: ReportFiles | null;
  /** What was removed afterwards, or could not be, a sentence each. */
  readonly afterwards: readonly string[];
}

/** One page of a cohort's or plan's rows. `of` is the number of all rows that match. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly of: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}

export interface CohortStatus {
  readonly counts: PhaseCounts;
  /** AWS's time as the cohort knows it. */
  readonly now: string;
  /** When the last WorkSpace may be done, by what is known now; null: nothing is known yet. */
  readonly eta: string | null;
  readonly retrying: string | null;
  /** WorkSpaces whose lock the cohort holds. */
  readonly locked: readonly string[];
  readonly rows: Page<Row>;
}

export const statusQuery = defineQuery<ImageUpgradeStatus>('status');
export const cohortStatusQuery = defineQuery<CohortStatus, [PageRequest]>('status');
export const planRowsQuery = defineQuery<Page<PlanRow>, [PageRequest]>('rows');

export interface AbortAnswer {
  /** WorkSpaces under rebuild, which are followed to their end. */
  readonly followed: number;
  /** WorkSpaces that will not be rebuilt. */
  readonly notRebuilt: number;
}
export const abortUpdate = defineUpdate<AbortAnswer, [{ readonly reason: string | null }]>('abort');

/** From a cohort to its run, gathered: how far it is, and the turns it needs or gives back. */
export interface CohortProgress {
  readonly cohort: string;
  /** AWS's time. */
  readonly at: string;
  readonly counts: PhaseCounts;
  /** WorkSpaces that are ready and have no turn. */
  readonly queued: number;
  /** Turns given back with this message. */
  readonly returned: number;
  readonly aborted: boolean;
  /** The rows are settled and their part of the report is written. */
  readonly done: boolean;
}
export const cohortProgressSignal = defineSignal<[CohortProgress]>('cohortProgress');
/** From a run to its cohort: so many more turns. */
export const grantSignal = defineSignal<[{ readonly turns: number }]>('grant');
/** From a run to its cohorts: start no new rebuild. Answered with `cohortProgress`. */
export const abortCohortSignal = defineSignal('abort');
