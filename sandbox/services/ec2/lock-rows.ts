/** Which snapshots are locked, and until when. */
import type { Call } from '../../service.ts';
import type { Table } from '../../store.ts';

type Place = Pick<Call, 'world' | 'account' | 'region'>;

export interface SnapshotLock {
  readonly snapshotId: string;
  readonly mode: 'compliance' | 'governance';
  readonly createdAt: number;
  readonly durationDays: number;
  readonly expiresAt: number;
  /** For so long a lock in compliance mode can still be taken off; null: not at all. */
  readonly coolOffHours: number | null;
}

export const snapshotLocks = ({ world, account, region }: Place): Table<SnapshotLock> =>
  world.store.table(account, region, 'ec2.snapshot-locks');

type LockState = 'expired' | 'governance' | 'compliance-cooloff' | 'compliance';

export function lockStateAt({ mode, createdAt, expiresAt, coolOffHours }: SnapshotLock, at: number): LockState {
  if (at >= expiresAt) return 'expired';
  const isCoolingOff = coolOffHours !== null && at < createdAt + coolOffHours * 3_600_000;
  return mode === 'compliance' && isCoolingOff ? 'compliance-cooloff' : mode;
}

/** The snapshots of an image's volumes: one or two. */
export function snapshotsOfImage({ world }: Pick<Place, 'world'>, imageId: string): string[] {
  const random = world.random(`ec2/image/${imageId}`);
  return Array.from({ length: random.between(0, 1) < 0.5 ? 1 : 2 }, () => `snap-0${random.hex(16)}`);
}

/** Whether a recovery point is a snapshot that cannot be deleted now, or an image with such a one. */
export function isSnapshotLocked(place: Place, pointArn: string, at: number): boolean {
  const [, kind, id = ''] = /^arn:aws:ec2:[^:]*::(snapshot|image)\/(.+)$/.exec(pointArn) ?? [];
  if (kind === undefined) return false;
  return (kind === 'image' ? snapshotsOfImage(place, id) : [id]).some((snapshotId) => {
    const lock = snapshotLocks(place).get(snapshotId);
    return lock !== undefined && lockStateAt(lock, at) !== 'expired';
  });
}
