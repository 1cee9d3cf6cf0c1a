/** What can be asked of, and said to, a copy-back; loads outside a workflow too. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { CopyBackInput, CopyBackOutcome } from '../domain/copy-back.ts';
import type { Leg, PointFacts } from '../domain/custody.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';

export { copyBackId } from '../domain/copy-back.ts';

/** Plain data, which continue-as-new carries over. */
export interface CopyBackState {
  point: PointFacts | null;
  leg: Leg | null;
  outcome: CopyBackOutcome | null;
  /** AWS's time, as last heard. */
  now: string;
  /** Of the first history: jobs of one copy-back are never those of another. */
  seed: string;
}

export interface CopyBackStatus extends CopyBackState {
  readonly input: CopyBackInput;
}

export interface CopyBackResult {
  readonly outcome: CopyBackOutcome;
  readonly copyArn: string | null;
  /** AWS's time of the look that verified it. */
  readonly verifiedAt: string | null;
}

export const copyBackStatusQuery = defineQuery<CopyBackStatus>('status');
/** What is blocked is tried again now. */
export const resumeCopyBackUpdate = defineUpdate<SteeringAnswer, [By]>('resume');
/** No copy is begun any more; one under way is AWS's, and comes to its end. */
export const abortCopyBackUpdate = defineUpdate<SteeringAnswer, [By]>('abort');
