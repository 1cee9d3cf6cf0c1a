/** What a run has its cohorts do while it goes on; each is answered, and doing it twice changes nothing. */
import type { WindowRule } from './windows.ts';

/** The update's name, on a cohort. */
export const STEER_COHORT = 'steerCohort';

/** Who may begin now. */
export interface CohortSteering {
  /** The last wave that may be rebuilt, from 0. */
  readonly wave: number;
  /** Paused or held: no new rebuild begins. */
  readonly halted: boolean;
  readonly windows: readonly WindowRule[];
}

export type CohortCommand =
  | { readonly command: 'set'; readonly steering: CohortSteering }
  /** One WorkSpace that is blocked, or (null) all. */
  | { readonly command: 'unblock'; readonly workspaceId: string | null }
  | { readonly command: 'skip'; readonly workspaceId: string }
  | { readonly command: 'defer'; readonly workspaceId: string; readonly minutes: number; readonly wave: number }
  | { readonly command: 'retryFailed' };

export interface CohortAnswer {
  /** How many WorkSpaces it was done to. */
  readonly done: number;
  /** Why it was not, of the WorkSpace that was named; null: it was done, or the WorkSpace is not of this cohort. */
  readonly refused: string | null;
  /** The cohort does not run any more. */
  readonly ended?: true;
}

/**
 * Why the windows of a run cannot become these; null: they can. Rows do not keep their tags, so that rules for tags can get
 * other hours, but must stay the same rules.
 */
export function windowsChangeProblem(before: readonly WindowRule[], after: readonly WindowRule[]): string | null {
  if (after.every((rule) => rule.tag === null)) return null;
  const subjects = (rules: readonly WindowRule[]): string =>
    JSON.stringify(rules.map(({ directoryId, tag }) => [directoryId, tag?.key, tag?.value]));
  if (subjects(before) === subjects(after)) return null;
  return 'windows for tags can get other hours while a run goes on, but no other tags, directories or order';
}
