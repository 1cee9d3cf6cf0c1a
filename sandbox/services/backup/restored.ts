/** What a restore makes. */
import type { Random } from '../../random.ts';
import { nameOf } from './restore-metadata.ts';
import type { Place, Point } from './rows.ts';

interface Restored {
  readonly point: Point;
  readonly Metadata: Readonly<Record<string, string>>;
  readonly CopySourceTagsToRestoredResource?: boolean;
  readonly at: number;
  readonly random: Random;
}

/** Why a restore fails in its job; null: it does not. */
export function restoreRefusal(
  _place: Place,
  _point: Point,
  _metadata: Readonly<Record<string, string>>,
): string | null {
  return null;
}

/** The ARN of what it makes. */
export function putRestored({ account, region }: Place, { point, Metadata: metadata, random }: Restored): string {
  switch (point.resourceType) {
    case 'EBS':
      return `arn:aws:ec2:${region}:${account}:volume/vol-0${random.id(16)}`;
    case 'RDS':
      return `arn:aws:rds:${region}:${account}:db:${metadata['DBInstanceIdentifier'] ?? ''}`;
    case 'DynamoDB':
      return `arn:aws:dynamodb:${region}:${account}:table/${metadata['targetTableName'] ?? ''}`;
    default:
      return `${point.resourceArn.slice(0, -nameOf(point.resourceArn).length)}${random.id(12)}`;
  }
}
