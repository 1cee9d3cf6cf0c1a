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

type Typed = Pick<PointFacts, 'ref' | 'resourceType'>;

const FEATURES = 'https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html';
const ADVANCED = 'https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html';
const COPIES = 'https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html';
const ARNS = 'https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html';
const READ = '2026-11-21';

const cell = (value: Can, source: string, date = READ): Cell => ({ value, source, date });

const MARKS: Readonly<Record<string, Can>> = { y: 'yes', n: 'no' };

/** In the order of the columns; `?` is unknown. */
function row(marks: string, sources: { readonly [Name in keyof Capability]?: string } = {}): Capability {
  const at = (index: number): Can => MARKS[marks[index] ?? '?'] ?? 'unknown';
  return {
    crossAccount: cell(at(0), sources.crossAccount ?? FEATURES),
    crossRegion: cell(at(1), sources.crossRegion ?? FEATURES),
    bothAtOnce: cell(at(2), sources.bothAtOnce ?? COPIES),
    fullyManaged: cell(at(3), sources.fullyManaged ?? FEATURES),
    cold: cell(at(4), sources.cold ?? FEATURES),
    continuous: cell(at(5), sources.continuous ?? FEATURES),
    ownArn: cell(at(6), sources.ownArn ?? ARNS),
  };
}

/** Columns: other account, other Region, both at once, fully managed, cold, continuous, ARN of its own. */
export const BACKUP_TYPES: Readonly<Record<string, Capability>> = {
  EBS: row('yyynynn'),
  EC2: row('yyynnnn'),
  RDS: row('yyynnyn'),
  Aurora: row('yyynnyn'),
  EFS: row('yyyyyny'),
  S3: row('yyyynyy'),
};

/** Null: AWS Backup's own table does not have it, or Holdfast cannot rely on what it says. */
export function capabilityOf({ ref, resourceType }: Typed): Capability | null {
  if (resourceType === 'DynamoDB') return ref.arn.startsWith('arn:aws:dynamodb:') ? STANDARD_DYNAMODB : DYNAMODB;
  return BACKUP_TYPES[resourceType] ?? null;
}

const DYNAMODB = row('yyyyyny', { crossAccount: ADVANCED, crossRegion: ADVANCED, cold: ADVANCED });
const STANDARD_DYNAMODB = row('nnnnnnn', { crossAccount: ADVANCED, crossRegion: ADVANCED, cold: ADVANCED });

/** Whether it can move to cold storage, as far as is known. */
export const canBeCold = (point: Typed): boolean => (capabilityOf(point)?.cold.value ?? 'unknown') !== 'no';
