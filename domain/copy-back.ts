/** Copy-back: a copy is brought from the backup account to where it is needed, by one leg of its own. */
import type { CopyQueueLimits } from './copy-queue.ts';
import { legsOf } from './custody-legs.ts';
import {
  type CustodyRule,
  type Leg,
  type Lifecycle,
  type Obstacle,
  type PointFacts,
  type PointRef,
  type VaultRef,
} from './custody.ts';
import { ANY_POINT } from './custody-state.ts';

export interface CopyBackInput {
  /** The copy in the backup account, or any other recovery point. */
  readonly point: PointRef;
  readonly to: VaultRef;
  /** Null: as the point that is copied. AWS counts its days from the creation of the first source. */
  readonly lifecycle: Lifecycle | null;
  readonly deadlineHours: number;
  readonly backupRole: string;
  readonly limits: CopyQueueLimits;
}

/** What would happen, and what stands in the way. */
export interface CopyBackPlan {
  readonly point: PointFacts | null;
  /** Its hops; null: the point is not there. */
  readonly leg: Leg | null;
  /** Of all its hops, as if those before had ended well. */
  readonly obstacles: readonly Obstacle[];
}

export type CopyBackOutcome = 'copied' | 'aborted' | 'gone';

export const copyBackId = (pointArn: string): string => `custody-copy-back/${pointArn}`;
export const COPY_BACK_LEG = 'copy-back';

/** It is wanted for so long at the least. */
export const COPY_BACK_REMAINING_DAYS = 1;

export function copyBackLeg(input: CopyBackInput, facts: PointFacts, now: string): Leg {
  const [leg] = legsOf(copyBackRule(input), facts, now);
  // A rule with one leg makes one.
  return leg as Leg;
}

const copyBackRule = ({ to, lifecycle, deadlineHours }: CopyBackInput): CustodyRule => ({
  name: COPY_BACK_LEG,
  match: ANY_POINT,
  legs: [
    {
      kind: 'copy',
      name: COPY_BACK_LEG,
      destination: { account: to.account, region: to.region, alternateRegion: null, vault: to.vault },
      lifecycle,
      route: 'direct',
      deadlineHours,
    },
  ],
  then: { kind: 'keep' },
  minRemainingDays: COPY_BACK_REMAINING_DAYS,
  minSurvivors: 1,
});
