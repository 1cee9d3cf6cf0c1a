/** What a restore makes, in the service that has it from then on. */
import type { Random } from '../../random.ts';
import { arnOfTable, putRestoredTable, tableAt } from '../dynamodb.ts';
import { putRestoredVolume } from '../ec2/volumes.ts';
import { arnOfInstance, instanceAt, putRestoredInstance } from '../rds.ts';
import { nameOf } from './restore-metadata.ts';
import type { Place, Point } from './rows.ts';

type Metadata = Readonly<Record<string, string>>;

interface Restored {
  readonly point: Point;
  readonly Metadata: Metadata;
  readonly CopySourceTagsToRestoredResource?: boolean;
  readonly at: number;
  readonly random: Random;
}

const GIB = 2 ** 30;
/** What an item of a table takes, so that a larger table has more of them. */
const ITEM_BYTES = 1024 * 1024;

/** Why a restore fails in its job: its name is taken; null: it does not. */
export function restoreRefusal(place: Place, point: Point, metadata: Metadata): string | null {
  const now = place.world.clock.now();
  const { DBInstanceIdentifier: instance = '', targetTableName: table = '' } = metadata;
  if (point.resourceType === 'RDS' && instanceAt(place, instance, now)) {
    return `DB instance already exists: ${arnOfInstance(place, instance)}`;
  }
  if (point.resourceType === 'DynamoDB' && tableAt(place, table, now)) {
    return `Table already exists: ${arnOfTable(place, table)}`;
  }
  return null;
}

/** Makes it, and says its ARN. */
export function putRestored(place: Place, restored: Restored): string {
  const { point, random } = restored;
  const make = MAKERS[point.resourceType];
  return make?.(place, restored) ?? `${point.resourceArn.slice(0, -nameOf(point.resourceArn).length)}${random.id(12)}`;
}

const MAKERS: Readonly<Record<string, (place: Place, restored: Restored) => string>> = {
  EBS: (place, { point, Metadata: metadata, at, random, CopySourceTagsToRestoredResource: keepsTags }) => {
    const id = putRestoredVolume(place, random, {
      availableAt: at,
      sizeGib: Math.max(gibOf(point), Number(metadata['volumeSize'] ?? 0)),
      snapshotId: nameOf(point.arn),
      zone: metadata['availabilityZone'] ?? '',
      type: metadata['volumeType'] ?? 'gp2',
      keyArn: metadata['encrypted'] === 'false' ? point.keyArn : (metadata['kmsKeyId'] ?? point.keyArn),
      tags: keepsTags ? point.tags : {},
    });
    return `arn:aws:ec2:${place.region}:${place.account}:volume/${id}`;
  },

  RDS: (place, { point, Metadata: metadata, at, CopySourceTagsToRestoredResource: keepsTags }) =>
    putRestoredInstance(place, {
      name: metadata['DBInstanceIdentifier'] ?? '',
      availableAt: at,
      sizeGib: Math.max(gibOf(point), Number(metadata['AllocatedStorage'] ?? 0)),
      engine: metadata['Engine'] ?? 'postgres',
      instanceClass: metadata['DBInstanceClass'] ?? 'db.t3.medium',
      subnetGroup: metadata['DBSubnetGroupName'] ?? 'default',
      publiclyAccessible: metadata['PubliclyAccessible'] === 'true',
      deletionProtection: metadata['DeletionProtection'] === 'true',
      keyArn: point.keyArn,
      tags: keepsTags ? point.tags : {},
    }),

  DynamoDB: (place, { point, Metadata: metadata, at }) =>
    putRestoredTable(place, {
      name: metadata['targetTableName'] ?? '',
      activeAt: at,
      items: Math.ceil(point.sizeBytes / ITEM_BYTES),
      sizeBytes: point.sizeBytes,
    }),
};

const gibOf = ({ sizeBytes }: Point): number => Math.max(1, Math.ceil(sizeBytes / GIB));
