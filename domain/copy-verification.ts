/** Whether a copy is what its leg promises, by what AWS shows of it in its destination. */
import type { Hop, Leg, Lifecycle, Obstacle, PointFacts } from './custody.ts';

export interface CopyCheck {
  /** The original, read now. */
  readonly source: PointFacts;
  /** What the destination shows now; null: it is not there. */
  readonly copy: PointFacts | null;
  readonly leg: Pick<Leg, 'rule'>;
  readonly hop: Pick<Hop, 'to' | 'lifecycle' | 'copyArn'>;
  /** What the original is about to get; null: it keeps what it has, or goes altogether. */
  readonly after: Lifecycle | null;
  readonly minRemainingDays: number;
  /** AWS's time. */
  readonly now: string;
}

/** What it fails, a sentence each; empty: it is verified. */
export function verificationObstacles(_check: CopyCheck): Obstacle[] {
  return [];
}

/** What would keep the copy from ever being verified, said before it is made. */
export function foreseenObstacles(
  _check: Pick<CopyCheck, 'source' | 'leg' | 'hop' | 'after' | 'minRemainingDays' | 'now'>,
): Obstacle[] {
  return [];
}
