/** What a run would do: the answer of the preflight. */
import type { Forecast } from './forecast.ts';
import type { ImageUpgradeInput, Reason } from './image-upgrade.ts';
import type { Row } from './upgrade-row.ts';

/** One WorkSpace of the plan, with its verdict. */
export interface PlanRow {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly bundleId: string;
  /** As AWS shows it: AVAILABLE, STOPPED, SUSPENDED, … */
  readonly state: string;
  /** `eligible`; `later`: in a state that is waited out; `skipped`: the reason says why. */
  readonly verdict: 'eligible' | 'later' | 'skipped';
  readonly reason: Reason | null;
  readonly action: Row['action'];
  /** From 0; null: skipped. */
  readonly wave: number | null;
  /** Index into the input's `windows`; null: any time. */
  readonly windowRule: number | null;
  /** The newest rebuild snapshot; null: none; absent: not looked at. */
  readonly snapshot?: string | null;
  /** When its next snapshot is due; absent: not known. */
  readonly dueAt?: string;
  /** Due only after the wait would have timed out. */
  readonly dueTooLate?: boolean;
}

/** Trouble that ends the run before anything is changed. All problems are reported at once. */
export interface Problem {
  readonly code:
    | 'bundle'
    | 'image'
    | 'operatingSystem'
    | 'pools'
    | 'reportBucket'
    | 'reportKey'
    | 'permission'
    /** Cohorts of an earlier run of the same bundle are still at work. */
    | 'cohorts'
    /** More WorkSpaces than `maxResources` or `maxResourcesPercent` allow. */
    | 'tooMany'
    /** The fleet no longer matches the plan that was to be run. */
    | 'planChanged'
    | 'selection'
    | 'topic'
    /** Nobody approved the plan in time. */
    | 'approval'
    | 'stack'
    | 'schedule';
  /** What is wrong, the value, what is allowed, what to do. */
  readonly message: string;
}

/** A plan in a file, as `holdfast upgrade plan --save` writes it. */
export interface SavedPlan {
  readonly schema: 'holdfast/image-upgrade-plan/2';
  readonly hash: string;
  readonly input: ImageUpgradeInput;
  readonly summary: PlanSummary;
  readonly workspaces: readonly PlanRow[];
}

export interface PlanSummary {
  /** SHA-256, hex, of what would be done: see `plan-hash.ts`. */
  readonly hash: string;
  /** How many WorkSpaces each wave has. */
  readonly waves: readonly number[];
  /** Whether the bundle can go back to its image, and why not. */
  readonly rollback: { readonly possible: boolean; readonly why: string | null };
  /** Times, calls and cost; null: there is nothing to do, or the snapshots were not looked at. */
  readonly forecast: Forecast | null;
  /** AWS's time when the fleet was read. */
  readonly asOf: string;
  readonly problems: readonly Problem[];
  /** Besides the problems: what an operator should know. */
  readonly notes: readonly string[];
  readonly bundle: { readonly id: string; readonly name: string; readonly imageId: string } | null;
  readonly previousImageId: string | null;
  readonly counts: {
    readonly selected: number;
    readonly eligible: number;
    readonly later: number;
    readonly skipped: number;
    /** Of the eligible ones and those for later: on another bundle, to be migrated. */
    readonly migrated: number;
    /** All WorkSpaces on the bundle, selected or not. */
    readonly onBundle: number;
    /** On the bundle, but without the tag: not touched. */
    readonly outsideSelection: number;
    /** Eligible WorkSpaces without an SSM agent online: their users get no warning. */
    readonly withoutWarning: number;
    /** Of those looked at: due only after the wait timeout. */
    readonly dueTooLate: number;
  };
  readonly outsideSelection: readonly string[];
  readonly selfServiceDirectories: readonly string[];
  readonly poolIds: readonly string[];
}
