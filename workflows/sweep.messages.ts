/** What a sweep is given, and what comes back; loads outside a workflow too. */
import type { SweepItem } from '../domain/sweep.ts';
import { targetName, type Target } from '../domain/target.ts';

export interface SweepInput {
  readonly target: Target;
  /** What may be deleted, by id: what a person saw in the plan; null: only look. */
  readonly ids: readonly string[] | null;
}

export interface SweptItem extends SweepItem {
  /** `notDeleted`: it was to go, and AWS did not delete it: see the last reason. */
  readonly outcome: 'kept' | 'deleted' | 'gone' | 'notDeleted';
}

export interface SweepResult {
  /** Restore bundles first, then images. */
  readonly items: readonly SweptItem[];
}

/** One sweep of a target at a time: the id is the lock. */
export const sweepId = (target: Target): string => `sweep/${targetName(target)}`;
export const sweepPlanId = (target: Target): string => `sweep-plan/${targetName(target)}`;
