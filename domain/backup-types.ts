/** What AWS Backup can do with recovery points of each resource type: one table, each cell with its source and date. */
import type { PointFacts } from './custody.ts';

/** `unknown`: AWS's pages do not settle it, or contradict each other. */
export type Can = 'yes' | 'no' | 'unknown';

export interface Cell {
  readonly value: Can;
  /** Where AWS says so. */
  readonly source: string;
  /** When it was read there. */
  readonly date: string;
}

export interface Capability {
  readonly crossAccount: Cell;
  readonly crossRegion: Cell;
  /** Into another account and another Region by one copy job. */
  readonly bothAtOnce: Cell;
  /** Encrypted by its vault's key, whatever the key of its resource. */
  readonly fullyManaged: Cell;
  /** Can move to cold storage; where it cannot, AWS ignores the setting. */
  readonly cold: Cell;
  /** Can be continuous: restorable to any second. */
  readonly continuous: Cell;
  /** Its recovery points have ARNs of AWS Backup's own, `arn:aws:backup:…`. */
  readonly ownArn: Cell;
}

type Typed = Pick<PointFacts, 'ref' | 'resourceType' | 'resourceArn'>;
type Sources = Readonly<Record<keyof Capability, string>>;

const GUIDE = 'https://docs.aws.amazon.com/aws-backup/latest/devguide/';
const FEATURES = `${GUIDE}backup-feature-availability.html`;
const ENCRYPTION = `${GUIDE}encryption.html`;
const COPIES = `${GUIDE}recov-point-create-a-copy.html`;
const READ = '2026-11-21';

const SOURCES: Sources = {
  crossAccount: FEATURES,
  crossRegion: FEATURES,
  bothAtOnce: COPIES,
  fullyManaged: ENCRYPTION,
  cold: FEATURES,
  continuous: `${GUIDE}point-in-time-recovery.html`,
  ownArn: `${GUIDE}access-control.html`,
};
/** The note on them: since 2025-10-30 in one action, which older pages still deny. */
const DATABASES: Sources = { ...SOURCES, bothAtOnce: FEATURES };
const DYNAMODB: Sources = {
  ...SOURCES,
  crossAccount: `${GUIDE}advanced-ddb-backup.html`,
  crossRegion: `${GUIDE}advanced-ddb-backup.html`,
  cold: `${GUIDE}advanced-ddb-backup.html`,
};

const MARKS: Readonly<Record<string, Can>> = { y: 'yes', n: 'no' };
const COLUMNS = ['crossAccount', 'crossRegion', 'bothAtOnce', 'fullyManaged', 'cold', 'continuous', 'ownArn'] as const;

/** A mark for each column, in their order; `?` is unknown. */
function row(marks: string, sources: Sources = SOURCES): Capability {
  const cells = COLUMNS.map((name, index): [keyof Capability, Cell] => [
    name,
    { value: MARKS[marks[index] ?? '?'] ?? 'unknown', source: sources[name], date: READ },
  ]);
  return Object.fromEntries(cells) as Record<keyof Capability, Cell>;
}

/** By AWS's names. Columns: other account, other Region, both at once, fully managed, cold, continuous, ARN of its own. */
export const BACKUP_TYPES: Readonly<Record<string, Capability>> = {
  Aurora: row('yyynnyn', DATABASES),
  CloudFormation: row('yy?y?ny'),
  DocumentDB: row('yyynnnn', DATABASES),
  DynamoDB: row('yyyyyny', DYNAMODB),
  EBS: row('yyynynn'),
  EC2: row('yyynnnn'),
  EFS: row('yyyyyny'),
  EKS: row('yy????y'),
  FSx: row('yy?nnnn'),
  Neptune: row('yyynnnn', DATABASES),
  RDS: row('yyynnyn', DATABASES),
  Redshift: row('nnnnnnn'),
  'Redshift Serverless': row('nnnnnnn'),
  S3: row('yyyynyy'),
  'SAP HANA on Amazon EC2': row('yy?y?yy'),
  'Storage Gateway': row('yy?nnnn'),
  Timestream: row('yy?y?ny'),
  VirtualMachine: row('yy?y?ny'),
};

/** DynamoDB's own backups, in accounts without AWS Backup's advanced features. */
const STANDARD_DYNAMODB = row('nnnnnnn', DYNAMODB);
/** A cluster of RDS with readable standbys: no copy of it whatever, by the note on the table. */
const MULTI_AZ_CLUSTER = row('nnnnnnn');
/** The table has check marks for all of FSx but ONTAP, of which volumes are backed up, not file systems. */
const ONTAP_VOLUME = row('nnnnnnn');

/** Null: AWS Backup's table does not have the type. */
export function capabilityOf({ ref, resourceType, resourceArn }: Typed): Capability | null {
  if (resourceType === 'DynamoDB' && ref.arn.startsWith('arn:aws:dynamodb:')) return STANDARD_DYNAMODB;
  if (resourceType === 'RDS' && resourceArn.includes(':cluster:')) return MULTI_AZ_CLUSTER;
  if (resourceType === 'FSx' && resourceArn.includes(':volume/')) return ONTAP_VOLUME;
  return BACKUP_TYPES[resourceType] ?? null;
}

/** Whether it can move to cold storage: `no` also for EBS where nobody opted in to its archive. */
export function coldOf(point: Typed, { optInToArchive }: Pick<PointFacts['lifecycle'], 'optInToArchive'>): Can {
  if (point.resourceType === 'EBS' && !optInToArchive) return 'no';
  return capabilityOf(point)?.cold.value ?? 'unknown';
}
