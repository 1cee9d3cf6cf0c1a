/** When images may be begun: so early that their WorkSpaces are back before the window closes. */
import type { Opening } from './windows.ts';

/** AWS takes up to 45 minutes for an image, and its user has no desktop meanwhile. */
const LONGEST_IMAGE = 45 * 60_000;

/** In a window that is too short for that, images begin in its first half. */
const lastStart = ({ from, to }: Opening): number => to - Math.min(LONGEST_IMAGE, (to - from) / 2);

/** @param openings disjoint and sorted, here and below; instants are epoch milliseconds. */
export const mayImage = (openings: readonly Opening[], at: number): boolean =>
  openings.some((opening) => opening.from <= at && at <= lastStart(opening));

/** The first instant from `after` on at which an image may be begun; Infinity: none is known. */
export function imageableAt(openings: readonly Opening[], after: number): number {
  const next = openings.find((opening) => Math.max(opening.from, after) <= lastStart(opening));
  return next === undefined ? Infinity : Math.max(next.from, after);
}

/** The last instant at which one may be begun in the opening of `at`; `at` itself: none is open. */
export function imageableUntil(openings: readonly Opening[], at: number): number {
  const open = openings.find(({ from, to }) => from <= at && at < to);
  return open === undefined ? at : lastStart(open);
}
