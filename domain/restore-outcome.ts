/** How a restore of one WorkSpace ends, and what its report says. */
import type { Strategy } from './image-restore.ts';

export const RESTORE_OUTCOMES = {
  restored: 'restored',
  restoredInPart: 'restored, but not all of its settings could be put back',
  failed: 'AWS did not restore it',
  unconfirmed: 'the call was made, and its effect was not seen in time: look at it',
  refused: 'a check was not passed: nothing was destroyed',
  aborted: 'aborted before anything was destroyed',
} as const;
export type RestoreOutcome = keyof typeof RESTORE_OUTCOMES;

export const isRestored = (outcome: RestoreOutcome | null): boolean =>
  outcome === 'restored' || outcome === 'restoredInPart';

/** One line of the report. Times are AWS's. */
export interface RestoreRow {
  readonly workspaceId: string;
  readonly directoryId: string;
  readonly userName: string;
  readonly computerName: string;
  readonly strategy: Strategy;
  readonly imageId: string | null;
  /** Of the snapshot that was used; null: none was. */
  readonly snapshotTime: string | null;
  /** The WorkSpace that took its place, or the copy; null: none. */
  readonly newWorkspaceId: string | null;
  readonly outcome: RestoreOutcome | null;
  readonly reason: string | null;
  /** When the destructive call was made; null: it was not. */
  readonly actedAt: string | null;
  readonly endedAt: string | null;
  readonly bundleId: string | null;
  readonly bundleKept: boolean;
  readonly lastImageId: string | null;
  readonly approvedBy: string | null;
  readonly userTold: boolean;
  /** Settings that could not be put back, a sentence each. */
  readonly notPutBack: readonly string[];
}
