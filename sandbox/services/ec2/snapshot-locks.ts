/** Locks of snapshots. The snapshots are recovery points of AWS Backup's, or belong to such images: there are no others here. */
import { paginate } from '../../pagination.ts';
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import type { Table } from '../../store.ts';
import { statusAt } from '../backup/point-state.ts';
import { points } from '../backup/rows.ts';
import { fitsFilters } from './filters.ts';
import type { Filter } from './filters.ts';
import type { SnapshotLock } from './lock-rows.ts';
import { lockStateAt, snapshotLocks, snapshotsOfImage } from './lock-rows.ts';

const DAY_MS = 86_400_000;
const MOST_PER_PAGE = 1000;

interface LockSnapshotInput {
  readonly SnapshotId: string;
  readonly LockMode: SnapshotLock['mode'];
  readonly CoolOffPeriod?: number;
  readonly LockDuration?: number;
  readonly ExpirationDate?: Date;
}

const lockSnapshot: Operation = (input: LockSnapshotInput, call) => {
  const { SnapshotId: snapshotId, LockMode: mode, LockDuration, ExpirationDate, CoolOffPeriod } = input;
  checkInput(input, call);
  const durationDays = LockDuration ?? Math.ceil(((ExpirationDate?.getTime() ?? 0) - call.now) / DAY_MS);
  const kept = snapshotLocks(call).get(snapshotId);
  if (kept && lockStateAt(kept, call.now) === 'compliance' && durationDays < kept.durationDays) {
    throw new AwsError('SnapshotLocked', `The lock of snapshot ${snapshotId} is in compliance mode.`);
  }
  const lock: SnapshotLock = {
    snapshotId,
    mode,
    createdAt: call.now,
    durationDays,
    expiresAt: call.now + durationDays * DAY_MS,
    coolOffHours: mode === 'compliance' ? (CoolOffPeriod ?? null) : null,
  };
  snapshotLocks(call).set(snapshotId, lock);
  return shown(lock, call);
};

function checkInput({ SnapshotId: id, LockMode, CoolOffPeriod, ...end }: LockSnapshotInput, call: Call): void {
  if ((end.LockDuration === undefined) === (end.ExpirationDate === undefined)) {
    const message = 'Specify either LockDuration or ExpirationDate, and not both.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  if (end.ExpirationDate && end.ExpirationDate.getTime() <= call.now) {
    throw new AwsError('InvalidParameterValue', 'ExpirationDate must be in the future.');
  }
  if (LockMode === 'governance' && CoolOffPeriod !== undefined) {
    const message = 'CoolOffPeriod is not supported in governance mode.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  const holder =
    points(call).get(`arn:aws:ec2:${call.region}::snapshot/${id}`) ??
    points(call).all.find(({ arn }) => isSnapshotOf(call, arn, id));
  if (holder && statusAt(call, holder, call.now) !== undefined) return;
  throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
}

const isSnapshotOf = (call: Call, arn: string, snapshotId: string): boolean =>
  arn.startsWith(`arn:aws:ec2:${call.region}::image/`) &&
  snapshotsOfImage(call, arn.split('/').at(-1) ?? '').includes(snapshotId);

function shown(lock: SnapshotLock, { account, asOf }: Call): object {
  const coolOffUntil = lock.coolOffHours === null ? undefined : lock.createdAt + lock.coolOffHours * 3_600_000;
  return {
    OwnerId: account,
    SnapshotId: lock.snapshotId,
    LockState: lockStateAt(lock, asOf),
    LockDuration: lock.durationDays,
    CoolOffPeriod: lock.coolOffHours ?? undefined,
    CoolOffPeriodExpiresOn: coolOffUntil === undefined ? undefined : new Date(coolOffUntil),
    LockCreatedOn: new Date(lock.createdAt),
    LockDurationStartTime: new Date(lock.createdAt),
    LockExpiresOn: new Date(lock.expiresAt),
  };
}

interface DescribeLockedSnapshotsInput {
  readonly SnapshotIds?: readonly string[];
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Only those that are, or once were, locked: a snapshot that never was is not an error. */
const describeLockedSnapshots: Operation = (input: DescribeLockedSnapshotsInput, call) => {
  const { SnapshotIds, Filters = [], MaxResults, NextToken } = input;
  const malformed = SnapshotIds?.find((id) => !/^snap-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined) {
    throw new AwsError('InvalidSnapshotID.Malformed', `Value (${malformed}) for parameter snapshotId is invalid.`);
  }
  const locks = locksOf(call, SnapshotIds).filter((lock) =>
    fitsFilters(Filters, { 'lock-state': lockStateAt(lock, call.asOf) }, {}),
  );
  const page = paginate(
    {
      operation: 'DescribeLockedSnapshots',
      items: locks,
      idOf: ({ snapshotId }) => snapshotId,
      pageSize: MaxResults ?? MOST_PER_PAGE,
      token: NextToken,
      parameters: { SnapshotIds, Filters },
      invalidToken: () => new AwsError('InvalidParameterValue', 'Unable to parse pagination token'),
    },
    call,
  );
  return { Snapshots: page.items.map((lock) => shown(lock, call)), NextToken: page.nextToken };
};

function locksOf(call: Call, ids: readonly string[] | undefined): SnapshotLock[] {
  const table: Table<SnapshotLock> = snapshotLocks(call);
  return ids ? ids.map((id) => table.get(id)).filter((lock) => lock !== undefined) : table.values();
}

export const snapshotLockOperations: Readonly<Record<string, Operation>> = {
  DescribeLockedSnapshots: describeLockedSnapshots,
  LockSnapshot: lockSnapshot,
};
