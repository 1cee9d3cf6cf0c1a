import { legalHolds } from './rows.ts';
import type { LegalHold, Place, Point } from './rows.ts';

/** The legal holds that are or were on a point, in order of their creation. */
export const holdsOn = (place: Place, point: Point): LegalHold[] =>
  legalHolds(place)
    .values()
    .filter((hold) => covers(hold, point));

/** The one that keeps a point from being deleted now. */
export const activeHoldOn = (place: Place, point: Point, at: number): LegalHold | undefined =>
  holdsOn(place, point).find(({ cancelledAt }) => cancelledAt === null || cancelledAt > at);

/** What a hold leaves out is no condition. */
export function covers({ vaults, resources, from, to }: LegalHold, point: Point): boolean {
  if (vaults.length > 0 && !vaults.includes(point.vault)) return false;
  if (resources.length > 0 && !resources.includes(point.resourceArn)) return false;
  return (from === null || point.createdAt >= from) && (to === null || point.createdAt <= to);
}
