/** What a restore of one WorkSpace is given. */
import type { ReportPlace } from './image-upgrade.ts';
import type { Target } from './target.ts';

export const STRATEGIES = [
  /** Temporary bundle of the image, then MigrateWorkspace: root volume from the image, user volume from the last snapshot. */
  'image',
  /** Temporary bundle, terminate, create for the same user: the user volume is destroyed. */
  'recreate',
  /** RestoreWorkspace: both volumes from the last snapshot. */
  'snapshot',
  /** RebuildWorkspaces: root volume from the bundle, user volume from the last snapshot. */
  'rebuild',
  /** A second WorkSpace for another user from the image; the old one is not touched. */
  'copy',
] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** All that a run of `imageRestore` needs: one WorkSpace. */
export interface ImageRestoreInput {
  readonly target: Target;
  readonly workspaceId: string;
  readonly strategy: Strategy;
  /** `image`, `recreate`, `copy`: the image; null for the others. */
  readonly imageId: string | null;
  /** The snapshot's time as the plan showed it: another one is refused right before the act. Null: any that `notAfter` allows. */
  readonly snapshotTime: string | null;
  /** A snapshot later than this is refused: it holds the damage. Null: any. */
  readonly notAfter: string | null;
  /** `recreate`: it was said that the user volume may be lost. */
  readonly loseUserVolume: boolean;
  /** The id as it was typed again: the destructive step needs it. */
  readonly confirm: string | null;
  /** `copy`, or the canary of another strategy: the user of the second WorkSpace in the same directory. */
  readonly otherUser: string | null;
  /** A WorkSpace of the image for `otherUser` must become AVAILABLE before anything is destroyed. */
  readonly canary: boolean;
  /** An image of the WorkSpace as it is now is made first. */
  readonly lastImage: boolean;
  readonly approval: { readonly required: boolean; readonly expiresMinutes: number };
  readonly operatorTopicArn: string | null;
  /** `recreate` without a topic: it was said that nobody is told when its user is left without a desktop. */
  readonly nobodyToTell: boolean;
  readonly report: ReportPlace;
}
