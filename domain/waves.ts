/** A canary, then waves of growing size; and when failures stop them. */
import type { Tag } from './selection.ts';

/** A number of WorkSpaces, `'5'`, or a share of them, `'10%'`. */
export type Share = string;

export interface WavePlan {
  /** The first wave; null: none. `spread`: evenly over directories; otherwise those with the tag, or on the list, first. */
  readonly canary: {
    readonly size: Share;
    readonly choose: 'spread' | 'tag' | 'list';
    readonly tag: Tag | null;
    readonly workspaceIds: readonly string[];
  } | null;
  /** Sizes of the waves after the canary, shares of the whole; the last wave takes who is left. */
  readonly sizes: readonly Share[];
  /** How long a wave is left alone after its last WorkSpace has ended, before the next one begins. */
  readonly soakMinutes: number;
  /** Past so many failures, or such a share of those that have finished in this run, the run holds; null: never. */
  readonly maxFailures: Share | null;
  /** What counts as a failure. */
  readonly failureKinds: readonly FailureKind[];
}

/** Outcomes that can count as failures. `blocked` waits for a person, and counts while it does. */
export const FAILURE_KINDS = ['rebuildFailed', 'rebuildUnconfirmed', 'timedOutWaiting', 'blocked'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const ONE_WAVE: WavePlan = {
  canary: null,
  sizes: [],
  soakMinutes: 0,
  maxFailures: null,
  failureKinds: ['rebuildFailed', 'rebuildUnconfirmed'],
};
