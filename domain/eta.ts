/** When a cohort may be done, by what is known now. An estimate for people; nothing is decided by it. */
import type { Row } from './upgrade-row.ts';

/** AWS names no duration; 20 to 60 minutes are usual. Milliseconds. */
export const USUAL_REBUILD = 40 * 60_000;

/** Epoch milliseconds; null: no WorkSpace is left. */
export function estimateEnd(rows: readonly Row[], now: number, turns: number): number | null {
  const left = rows.filter((row) => row.outcome === null);
  if (left.length === 0) return null;
  const rebuild = meanRebuild(rows);
  const lastLook = Math.max(...left.map((row) => (row.nextLookAt ? Date.parse(row.nextLookAt) : now)));
  const byTurns = now + Math.ceil(left.length / Math.max(1, turns)) * rebuild;
  return Math.max(byTurns, lastLook + rebuild);
}

function meanRebuild(rows: readonly Row[]): number {
  const lengths = rows
    .filter((row) => row.outcome === 'rebuilt' && row.rebuildRequestedAt && row.rebuildConfirmedAt)
    .map((row) => Date.parse(row.rebuildConfirmedAt ?? '') - Date.parse(row.rebuildRequestedAt ?? ''));
  return lengths.length === 0 ? USUAL_REBUILD : lengths.reduce((sum, each) => sum + each, 0) / lengths.length;
}
