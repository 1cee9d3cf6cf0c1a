/** What state a point is in at an instant. Nothing runs by timers: it follows from its row, the holds and the clock. */
import { isSnapshotLocked } from '../ec2/lock-rows.ts';
import { holdsOn } from './hold-cover.ts';
import { deletesAt, movesToColdAt } from './lifecycle.ts';
import type { Place, Point } from './rows.ts';
import { copyJobs, restoreJobs } from './rows.ts';
import { settingsOf } from './settings.ts';

export type PointStatus = 'CREATING' | 'COMPLETED' | 'PARTIAL' | 'AVAILABLE' | 'DELETING' | 'EXPIRED';

/** Undefined: it is not there yet, or not any more. */
export function statusAt(place: Place, point: Point, at: number): PointStatus | undefined {
  if (at < point.beganAt) return undefined;
  const gone = goneAt(place, point, at);
  if (gone === null || at < gone - deletingMs(place, point)) return at < point.endsAt ? 'CREATING' : point.outcome;
  if (at < gone) return 'DELETING';
  return isKept(place, point, gone) ? 'EXPIRED' : undefined;
}

/** Whether AWS Backup cannot delete it at that instant. */
const isKept = (place: Place, point: Point, at: number): boolean =>
  point.undeletable || point.deletionFails === true || isSnapshotLocked(place, point.arn, at);

/** When it goes, as it looks at that instant; null: not yet settled, or never. */
export function goneAt(place: Place, point: Point, at: number): number | null {
  if (point.deletedAt !== null && point.deletedAt <= at) return point.deletedAt + deletingMs(place, point);
  const end = deletesAt(point);
  if (end === null || end > at) return null;
  const lag = Math.round(lagOf(place, point, 'expiry') * settingsOf(place).expiryHours * 3_600_000);
  let free = Math.max(end, point.lifecycleSetAt);
  for (const { createdAt, cancelledAt } of holdsOn(place, point)) {
    const isInTime = createdAt < free + lag && (cancelledAt ?? Infinity) > free;
    if (isInTime) free = cancelledAt ?? Infinity;
  }
  return free > at ? null : free + lag;
}

/** While a point is copied or restored, or is being made, AWS does not delete it. */
export function isBusy(place: Place, point: Point, at: number): boolean {
  const isOpen = ({ createdAt, endsAt }: { readonly createdAt: number; readonly endsAt: number }): boolean =>
    createdAt <= at && at < endsAt;
  return (
    at < point.endsAt ||
    copyJobs(place).group(`source ${point.arn}`).some(isOpen) ||
    restoreJobs(place).group(`point ${point.arn}`).some(isOpen)
  );
}

export function isCold(point: Point, at: number): boolean {
  const cold = movesToColdAt(point);
  return cold !== null && Math.max(cold, point.lifecycleSetAt) <= at && at >= point.endsAt;
}

function deletingMs(place: Place, point: Point): number {
  const [least, most] = settingsOf(place).deletingSeconds;
  return Math.round((least + lagOf(place, point, 'deletion') * (most - least)) * 1000);
}

/** In [0, 1), of this point only. */
const lagOf = ({ world }: Place, { arn }: Point, purpose: string): number =>
  world.random(`backup/${purpose}/${arn}`).next();
