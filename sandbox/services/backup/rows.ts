/** What AWS Backup keeps. Times are virtual milliseconds since the epoch. */
import type { Call } from '../../service.ts';
import { indexedTable } from './indexed-table.ts';
import type { IndexedTable } from './indexed-table.ts';

export type Place = Pick<Call, 'world' | 'account' | 'region'>;

export interface VaultLock {
  readonly minRetentionDays: number | null;
  readonly maxRetentionDays: number | null;
  /** From then on nobody can remove it (compliance); null: it can be removed for ever (governance). */
  readonly lockDate: number | null;
}

export interface Vault {
  readonly name: string;
  readonly createdAt: number;
  readonly keyArn: string;
  readonly creatorRequestId: string | null;
  policy: string | null;
  lock: VaultLock | null;
  tags: Record<string, string>;
}

/** Days since the creation of the point; null: not set. */
export interface Lifecycle {
  readonly coldAfterDays: number | null;
  readonly deleteAfterDays: number | null;
  readonly archive: boolean;
}

export interface Creator {
  readonly planId: string;
  readonly planVersion: string;
  readonly ruleId: string;
}

export type Outcome = 'COMPLETED' | 'PARTIAL' | 'AVAILABLE';

export interface Point {
  readonly arn: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly resourceName: string | null;
  /** Of a copy: its source's. */
  readonly createdAt: number;
  /** It is CREATING from then until it ends. */
  readonly beganAt: number;
  readonly endsAt: number;
  /** `AVAILABLE`: a continuous one. */
  readonly outcome: Outcome;
  readonly statusMessage: string | null;
  readonly sizeBytes: number;
  lifecycle: Lifecycle;
  /** Nothing expires before the lifecycle that makes it do so was set. */
  lifecycleSetAt: number;
  /** The one before, which a stale read still shows. */
  lifecycleBefore?: Lifecycle;
  /** Null: it is not encrypted. */
  readonly keyArn: string | null;
  /** Null: made on demand. */
  readonly createdBy: Creator | null;
  /** Of a copy: where its source lies. */
  readonly sourceVaultArn: string | null;
  readonly isParent: boolean;
  readonly parentArn: string | null;
  readonly roleArn: string;
  /** AWS Backup lacks the rights to delete it: it ends EXPIRED instead. */
  readonly undeletable: boolean;
  /** Its last deletion does not get through. */
  deletionFails?: boolean;
  deletedAt: number | null;
  tags: Record<string, string>;
}

interface Job {
  readonly id: string;
  readonly createdAt: number;
  /** Infinity does not survive JSON: a job that never starts or ends has `NEVER` here. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly message: string | null;
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly sizeBytes: number;
  readonly roleArn: string;
}

export const NEVER = Number.MAX_SAFE_INTEGER;

export interface CopyJob extends Job {
  readonly ends: 'COMPLETED' | 'FAILED' | 'PARTIAL';
  readonly sourceVaultArn: string;
  readonly sourceArn: string;
  readonly destinationVaultArn: string;
  readonly destinationRegion: string;
  /** Known once it has COMPLETED. */
  readonly destinationArn: string | null;
  readonly destinationKeyArn: string | null;
  readonly lifecycle: Lifecycle | null;
  readonly createdBy: Creator | null;
  readonly isParent: boolean;
  readonly parentJobId: string | null;
}

export interface BackupJob extends Job {
  readonly ends: 'COMPLETED' | 'FAILED' | 'EXPIRED' | 'PARTIAL';
  readonly vault: string;
  readonly pointArn: string | null;
  readonly startBy: number;
  readonly lifecycle: Lifecycle | null;
  readonly createdBy: Creator | null;
  readonly isParent: boolean;
  readonly parentJobId: string | null;
}

export interface RestoreJob extends Job {
  readonly ends: 'COMPLETED' | 'FAILED';
  readonly pointArn: string;
  readonly pointCreatedAt: number;
  readonly vaultArn: string;
  /** What it made, once it has COMPLETED. */
  readonly createdArn: string | null;
}

export interface LegalHold {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly createdAt: number;
  readonly vaults: readonly string[];
  readonly resources: readonly string[];
  /** Of the points' creation; null: any. */
  readonly from: number | null;
  readonly to: number | null;
  cancelledAt: number | null;
  cancelDescription: string | null;
  retainUntil: number | null;
}

export const vaults = ({ world, account, region }: Place) => world.store.table<Vault>(account, region, 'backup.vaults');
export const legalHolds = ({ world, account, region }: Place) =>
  world.store.table<LegalHold>(account, region, 'backup.legal-holds');

const POINTS = {
  table: 'backup.points',
  idOf: ({ arn }: Point) => arn,
  keysOf: ({ vault, resourceArn, parentArn }: Point) => [
    `vault ${vault}`,
    `resource ${resourceArn}`,
    ...(parentArn === null ? [] : [`parent ${parentArn}`]),
  ],
};
const COPY_JOBS = {
  table: 'backup.copy-jobs',
  idOf: ({ id }: CopyJob) => id,
  keysOf: ({ sourceArn, parentJobId }: CopyJob) => [
    `source ${sourceArn}`,
    ...(parentJobId === null ? [] : [`parent ${parentJobId}`]),
  ],
};
const BACKUP_JOBS = { table: 'backup.backup-jobs', idOf: ({ id }: BackupJob) => id, keysOf: () => [] };
const RESTORE_JOBS = {
  table: 'backup.restore-jobs',
  idOf: ({ id }: RestoreJob) => id,
  keysOf: ({ pointArn }: RestoreJob) => [`point ${pointArn}`],
};

export const points = ({ world, account, region }: Place): IndexedTable<Point> =>
  indexedTable(world.store, account, region, POINTS);
export const copyJobs = ({ world, account, region }: Place): IndexedTable<CopyJob> =>
  indexedTable(world.store, account, region, COPY_JOBS);
export const backupJobs = ({ world, account, region }: Place): IndexedTable<BackupJob> =>
  indexedTable(world.store, account, region, BACKUP_JOBS);
export const restoreJobs = ({ world, account, region }: Place): IndexedTable<RestoreJob> =>
  indexedTable(world.store, account, region, RESTORE_JOBS);

export const vaultArn = ({ account, region }: Omit<Place, 'world'>, name: string): string =>
  `arn:aws:backup:${region}:${account}:backup-vault:${name}`;

/** Where an ARN says that its vault is; undefined: it is none. */
export function vaultAt(arn: string): { account: string; region: string; name: string } | undefined {
  const [, region, account, name] = /^arn:aws:backup:([a-z0-9-]+):(\d{12}):backup-vault:(.+)$/.exec(arn) ?? [];
  return region && account && name ? { account, region, name } : undefined;
}
