/** What can be asked of, and said to, an image upgrade; loads outside a workflow too. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { STEER_COHORT, type CohortAnswer, type CohortCommand } from '../domain/cohort-steering.ts';
import type { Member } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { PhaseCounts, Row } from '../domain/upgrade-row.ts';
import type { Bundle } from '../domain/rebuild-gate.ts';
import type { Connection } from '../domain/snapshots.ts';
import type { By, Page, PageRequest, ReportFiles, SteeringAnswer, SteeringLine } from '../domain/steering.ts';
import type { Target } from '../domain/target.ts';
import type { WindowRule } from '../domain/windows.ts';
import type { PlanRow, PlanSummary } from '../domain/upgrade-plan.ts';

export type { By, Page, PageRequest, ReportFiles, SteeringAnswer, SteeringLine };

/** One bundle is upgraded once at a time: the id is the lock. */
export const imageUpgradeId = (target: Target, bundleId: string): string =>
  `image-upgrade/${target.account}/${target.region}/${bundleId}`;

/** The run that rebuilds onto the previous image what another run rebuilt. */
export const rollbackId = (workflowId: string): string => `${workflowId}/rollback`;

export const imageUpgradePlanId = (target: Target, bundleId: string): string =>
  `image-upgrade-plan/${target.account}/${target.region}/${bundleId}`;

export const imageUpgradeFleetId = (target: Target, bundleId: string): string =>
  `image-upgrade-fleet/${target.account}/${target.region}/${bundleId}`;

export interface ImageUpgradeStatus {
  readonly phase: 'preflight' | 'awaitingApproval' | 'refused' | 'upgrading' | 'reporting' | 'rollingBack' | 'done';
  readonly input: ImageUpgradeInput;
  readonly plan: PlanSummary | null;
  /** As last told by the cohorts; ask those for the present. */
  readonly counts: PhaseCounts;
  readonly cohorts: readonly string[];
  /** AWS's time; null: it was not aborted. */
  readonly aborted: { readonly reason: string | null; readonly at: string } | null;
  /** What people may change while it goes on, as it is now. */
  readonly present: {
    readonly maxConcurrent: number;
    readonly maxFailures: string | null;
    readonly windows: readonly WindowRule[];
  };
  /** AWS's time until which the plan can be approved; null: it does not wait for approval. */
  readonly approvalExpiresAt: string | null;
  /** No new rebuild begins: a person paused the run, or failures stopped it. */
  readonly halt: Halt | null;
  /** The wave that may be rebuilt, from 0, of how many; when the next may begin at the earliest, while this one soaks. */
  readonly wave: { readonly open: number; readonly of: number; readonly soakEndsAt: string | null };
  /** When each wave began and ended, the first one first: AWS's times. */
  readonly waveTimes: readonly { readonly beganAt: string; readonly endedAt: string | null }[];
  /** Who approved the plan; null: nobody, yet or at all. */
  readonly approved: By | null;
  /** The image that the bundle was last set to; null: it was not touched. */
  readonly bundleSetTo: string | null;
  /** What people did, the first one first. */
  readonly steering: readonly SteeringLine[];
  /** The workflow that rebuilds onto the old image what was rebuilt; null: none. */
  readonly rollback: string | null;
  /** What stands in the way of the report and is tried again; null: nothing. */
  readonly retrying: string | null;
  /** AWS's time when the run's clock began. */
  readonly startedAt: string | null;
  readonly report: ReportFiles | null;
}

export interface Halt {
  /** `held`: failures passed the threshold. */
  readonly kind: 'paused' | 'held';
  readonly reason: string;
  /** AWS's time. */
  readonly at: string;
}

export interface ImageUpgradeResult {
  /** `completed`: every selected WorkSpace was rebuilt; `refused`: preflight found problems, nothing was changed. */
  readonly outcome: 'completed' | 'partiallyFailed' | 'aborted' | 'refused' | 'nothingToDo';
  /** What became of the rebuilds onto the old image; null: none were asked for. */
  readonly rollback: Pick<ImageUpgradeResult, 'outcome' | 'counts' | 'report'> | null;
  readonly plan: PlanSummary;
  readonly counts: PhaseCounts;
  readonly previousImageId: string | null;
  /** The image that the bundle was last set to; null: it was not touched. */
  readonly bundleSetTo: string | null;
  readonly report: ReportFiles | null;
  /** What was removed afterwards, or could not be, a sentence each. */
  readonly afterwards: readonly string[];
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

/** One WorkSpace as a rehearsal has to know it. */
export interface FleetWorkspace extends Member {
  /** The newest rebuild snapshot when the fleet was read; null: none, or not looked at, as it is left out. */
  readonly snapshot: string | null;
  /** Null: not looked at, as it is left out, or AWS does not say. */
  readonly connection: Connection | null;
  /** Those that the run goes by, value by key. */
  readonly tags: Readonly<Record<string, string>>;
  readonly keyUnusable: boolean;
  /** Known only where users are to be warned. */
  readonly agentOnline: boolean;
}

/** What a rehearsal needs besides its WorkSpaces; without bundles and images where there is nothing to rehearse. */
export interface ImageUpgradeFleet {
  readonly plan: PlanSummary;
  readonly bundles: readonly (Bundle & { readonly imageId: string })[];
  readonly images: readonly {
    readonly imageId: string;
    readonly name: string;
    readonly state: string;
    readonly operatingSystem: string | null;
    readonly byol: boolean;
  }[];
}

export const fleetQuery = defineQuery<Page<FleetWorkspace>, [PageRequest]>('fleet');
export const statusQuery = defineQuery<ImageUpgradeStatus>('status');
export const cohortStatusQuery = defineQuery<CohortStatus, [PageRequest]>('status');
export const planRowsQuery = defineQuery<Page<PlanRow>, [PageRequest]>('rows');

/** No new rebuild begins; snapshots are waited for, and rebuilds under way are followed. */
export const pauseUpdate = defineUpdate<SteeringAnswer, [By]>('pause');
/** Without a WorkSpace: the run goes on, and all that is blocked with it. With one: that one goes on. */
export const resumeUpdate = defineUpdate<SteeringAnswer, [By & { readonly workspaceId: string | null }]>('resume');
/** The WorkSpace is not rebuilt in this run. */
export const skipUpdate = defineUpdate<SteeringAnswer, [By & { readonly workspaceId: string }]>('skip');
/** The WorkSpace is rebuilt later, and goes to the last wave. */
export const deferUpdate = defineUpdate<
  SteeringAnswer,
  [By & { readonly workspaceId: string; readonly minutes: number }]
>('defer');
/** Those that failed begin again: `rebuildFailed`, `rebuildUnconfirmed` and `timedOutWaiting`. */
export const retryFailedUpdate = defineUpdate<SteeringAnswer, [By]>('retryFailed');

export interface Change {
  readonly maxConcurrent?: number;
  /** As in `waves.maxFailures`. */
  readonly maxFailures?: string | null;
  readonly windows?: readonly WindowRule[];
}
/** What is absent stays as it is. */
export const changeUpdate = defineUpdate<SteeringAnswer, [By & Change]>('change');
/** The plan with that hash may run. */
export const approveUpdate = defineUpdate<SteeringAnswer, [By & { readonly hash: string }]>('approve');

export interface AbortRequest extends Partial<By> {
  readonly reason: string | null;
  /** The bundle goes back to its previous image. @default false: it stays as it is */
  readonly rollback?: boolean;
  /** With `rollback`: what was rebuilt is rebuilt onto the previous image, with the same care. @default false */
  readonly rebuild?: boolean;
}

export interface AbortAnswer {
  /** WorkSpaces under rebuild, which are followed to their end. */
  readonly followed: number;
  /** WorkSpaces that will not be rebuilt. */
  readonly notRebuilt: number;
  /** The image that the bundle was last set to. */
  readonly bundleSetTo: string | null;
  /** WorkSpaces that have the new image: a rollback rebuilds those that were rebuilt, and leaves those that were migrated. */
  readonly rebuilt: number;
  readonly migrated: number;
}
export const abortUpdate = defineUpdate<AbortAnswer, [AbortRequest]>('abort');

/** From a cohort to its run, gathered: how far it is, and the turns it needs or gives back. */
export interface CohortProgress {
  readonly cohort: string;
  /** The run's first, by which it knows its own cohorts. */
  readonly runId: string;
  /** AWS's time. */
  readonly at: string;
  readonly counts: PhaseCounts;
  /** WorkSpaces that are ready and have no turn. */
  readonly queued: number;
  /** Turns given back with this message. */
  readonly returned: number;
  readonly aborted: boolean;
  /** WorkSpaces that have not ended, by wave. */
  readonly left: readonly number[];
  /** Halted or aborted, and no rebuild call is being made: the bundle can be set to another image. */
  readonly quiet: boolean;
  /** Every WorkSpace has ended; the cohort waits for `finish`. */
  readonly settled: boolean;
  /** The rows are settled and their part of the report is written. */
  readonly done: boolean;
}
export const cohortProgressSignal = defineSignal<[CohortProgress]>('cohortProgress');
/** From a run to its cohort: so many more turns. */
export const grantSignal = defineSignal<[{ readonly turns: number }]>('grant');
/** From a run to its cohorts: start no new rebuild. Answered with `cohortProgress`. */
export const abortCohortSignal = defineSignal('abort');
/** From a run to its cohorts: all WorkSpaces of the run have ended; write the report's part and end. */
export const finishSignal = defineSignal('finish');

/** From a run to its cohorts, through an activity: what a person wants done. */
export const steerCohortUpdate = defineUpdate<CohortAnswer, [CohortCommand]>(STEER_COHORT);
