/** What AWS Backup can do with each type of resource, and how the ARNs of their recovery points look. */
import type { Random } from '../../random.ts';
import { uuidFrom } from '../uuid.ts';

interface ResourceTypeFacts {
  /** AWS Backup encrypts its points with the key of their vault, whatever the resource has. */
  readonly fullyManaged: boolean;
  readonly cold: 'never' | 'always' | 'optIn';
  readonly crossRegion: boolean;
  readonly crossAccount: boolean;
}

const plain = { fullyManaged: false, cold: 'never', crossRegion: true, crossAccount: true } as const;
const managed = { fullyManaged: true, cold: 'always', crossRegion: true, crossAccount: true } as const;

const TYPES: Readonly<Record<string, ResourceTypeFacts>> = {
  Aurora: plain,
  CloudFormation: managed,
  DocumentDB: plain,
  DynamoDB: managed,
  EBS: { ...plain, cold: 'optIn' },
  EC2: plain,
  EFS: managed,
  FSx: plain,
  Neptune: plain,
  RDS: plain,
  Redshift: { ...plain, crossRegion: false, crossAccount: false },
  S3: { ...managed, cold: 'never' },
  'Storage Gateway': plain,
  Timestream: managed,
  VirtualMachine: managed,
};

/** As DynamoDB's own backups, which an account without advanced features has: they stay where they are. */
const STANDARD_DYNAMODB: ResourceTypeFacts = { ...plain, crossRegion: false, crossAccount: false };

export const KNOWN_TYPES: readonly string[] = Object.keys(TYPES);

export function factsOf(resourceType: string, pointArn: string): ResourceTypeFacts {
  if (resourceType === 'DynamoDB' && pointArn.startsWith('arn:aws:dynamodb:')) return STANDARD_DYNAMODB;
  return TYPES[resourceType] ?? { ...plain, crossRegion: false, crossAccount: false };
}

const OWN_ARNS: Readonly<Record<string, (where: string, account: string, kind: string, random: Random) => string>> = {
  EBS: (region, _account, _kind, random) => `arn:aws:ec2:${region}::snapshot/snap-0${random.hex(16)}`,
  EC2: (region, _account, _kind, random) => `arn:aws:ec2:${region}::image/ami-0${random.hex(16)}`,
  RDS: (region, account, kind, random) =>
    `arn:aws:rds:${region}:${account}:snapshot:awsbackup:${kind}-${uuidFrom(random)}`,
  Aurora: (region, account, kind, random) =>
    `arn:aws:rds:${region}:${account}:cluster-snapshot:awsbackup:${kind}-${uuidFrom(random)}`,
};

/** A new point's ARN. Those of EBS and EC2 name no account. */
export function pointArnOf(
  { account, region }: { readonly account: string; readonly region: string },
  resourceType: string,
  kind: 'job' | 'copyjob',
  random: Random,
): string {
  const own = OWN_ARNS[resourceType];
  return (
    own?.(region, account, kind, random) ?? `arn:aws:backup:${region}:${account}:recovery-point:${uuidFrom(random)}`
  );
}

/** The ARN of a point of DynamoDB's own. */
export const standardDynamodbArn = (tableArn: string, random: Random): string =>
  `${tableArn}/backup/0${Math.floor(random.between(1e12, 9e12))}-${random.hex(8)}`;

const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^arn:aws:ec2:.*:volume\//, 'EBS'],
  [/^arn:aws:ec2:.*:instance\//, 'EC2'],
  [/^arn:aws:rds:.*:db:/, 'RDS'],
  [/^arn:aws:rds:.*:cluster:/, 'Aurora'],
  [/^arn:aws:dynamodb:.*:table\//, 'DynamoDB'],
  [/^arn:aws:elasticfilesystem:/, 'EFS'],
  [/^arn:aws:s3:::/, 'S3'],
  [/^arn:aws:cloudformation:.*:stack\//, 'CloudFormation'],
  [/^arn:aws:fsx:/, 'FSx'],
];

/** The type of a resource that is backed up; undefined: none that AWS Backup takes. */
export const typeOfResource = (arn: string): string | undefined => SERVICES.find(([form]) => form.test(arn))?.[1];
