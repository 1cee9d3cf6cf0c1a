/** What a point says of its resource, and what a restore of it needs to be told. */
import { invalidValue } from './errors.ts';
import type { Place, Point } from './rows.ts';

type Metadata = Readonly<Record<string, string>>;

/** The last part of a resource's ARN: a volume's id, the name of a table or of an instance. */
export const nameOf = (resourceArn: string): string => resourceArn.split(/[:/]/).at(-1) ?? resourceArn;

const gib = ({ sizeBytes }: Point): string => String(Math.max(1, Math.ceil(sizeBytes / 2 ** 30)));

const KEPT: Readonly<Record<string, (point: Point, place: Place) => Metadata>> = {
  EBS: (point, { region }) => ({
    volumeId: nameOf(point.resourceArn),
    availabilityZone: `${region}a`,
    volumeType: 'gp3',
    volumeSize: gib(point),
    encrypted: String(point.keyArn !== null),
    ...(point.keyArn !== null && { kmsKeyId: point.keyArn }),
  }),
  RDS: (point, { region }) => ({
    DBInstanceIdentifier: nameOf(point.resourceArn),
    DBInstanceClass: 'db.t3.medium',
    Engine: 'postgres',
    AllocatedStorage: gib(point),
    AvailabilityZone: `${region}a`,
    DBSubnetGroupName: 'default',
    MultiAZ: 'false',
    PubliclyAccessible: 'false',
    StorageType: 'gp3',
    Port: '5432',
    DeletionProtection: 'false',
  }),
  DynamoDB: (point) => ({ originalTableName: nameOf(point.resourceArn), encryptionType: 'Default' }),
  EFS: (point) => ({
    'file-system-id': nameOf(point.resourceArn),
    Encrypted: 'true',
    PerformanceMode: 'generalPurpose',
  }),
};

/** Values are strings, whatever they mean. */
export const keptMetadata = (place: Place, point: Point): Metadata => KEPT[point.resourceType]?.(point, place) ?? {};

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  EBS: ['availabilityZone'],
  RDS: ['DBInstanceIdentifier'],
  DynamoDB: ['targetTableName'],
};

/** @throws AwsError where something is missing that AWS cannot do without. */
export function checkMetadata(resourceType: string, metadata: Metadata): void {
  const missing = (NEEDED[resourceType] ?? []).filter((key) => !metadata[key]);
  if (missing.length === 0) return;
  throw invalidValue(`Invalid restore metadata. Missing or empty: ${missing.join(', ')}`);
}
