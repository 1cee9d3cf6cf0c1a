/** What a run would do: the answer of the preflight. */
import type { Reason } from './image-upgrade.ts';

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
    | 'stack'
    | 'schedule';
  /** What is wrong, the value, what is allowed, what to do. */
  readonly message: string;
}

export interface PlanSummary {
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
