/**
 * Restore tests: a recovery point of a vault is restored into a place of its own, looked at, and what was made of it is
 * deleted again. What is asked of AWS, what shows that it worked, and what is kept of it.
 */
import type { CustodyPolicy, VaultRef } from './custody.ts';
import type { Target } from './target.ts';

/** Types that are restored into a resource of their own, which can be told from all others. */
export const TESTED_TYPES = ['EBS', 'RDS', 'DynamoDB'] as const;
export type TestedType = (typeof TESTED_TYPES)[number];

/** Where nothing else is: what is restored there reaches nobody, and nobody reaches it. */
export interface IsolatedPlace {
  /** EBS: the volume is made there, attached to nothing. */
  readonly availabilityZone: string | null;
  /** RDS: of a network without a way out. */
  readonly subnetGroup: string | null;
  /** RDS: none of its own means the network's default one. */
  readonly securityGroups: readonly string[];
  /** RDS: null: as the instance that was backed up. */
  readonly instanceClass: string | null;
}

export type RestoreCheck =
  /** What AWS shows: the job is COMPLETED, the resource is available, of the right size, and as encrypted as the point. */
  | { readonly kind: 'aws' }
  /** Besides, a program of the user's, which the worker runs: it ends with 0 when the data are good. */
  | { readonly kind: 'command'; readonly command: readonly string[] };

export interface RestoreTestInput {
  /** The custody policy that it is of. */
  readonly policy: string;
  readonly vault: VaultRef;
  readonly resourceType: TestedType;
  readonly pick: 'newest' | 'random';
  readonly isolated: IsolatedPlace;
  readonly check: RestoreCheck;
  /** From the start of the restore to the end of the check. */
  readonly timeoutMinutes: number;
  readonly backupRole: string;
  readonly evidence: CustodyPolicy['evidence'];
  readonly operatorTopicArn: string | null;
}

/** All restore tests of a custody policy. */
export interface RestoreTestsInput {
  readonly policy: string;
  /** That of the evidence. */
  readonly target: Target;
  readonly tests: readonly RestoreTestInput[];
}

export const RESTORE_TEST_DEFAULTS = { pick: 'newest', timeoutMinutes: 240 } as const;

export type RestoreTestOutcome =
  /** The point came back, and the check was passed. */
  | 'verified'
  | 'failed'
  /** The vault has no completed point of the type. */
  | 'nothingToTest'
  /** A person ended it. */
  | 'cancelled';

/** The recovery point that is restored. */
export interface TestedPoint {
  readonly arn: string;
  readonly resourceArn: string;
  readonly createdAt: string;
  readonly sizeBytes: number | null;
  readonly isEncrypted: boolean;
}

/** One test of a vault and a type at a time: the id is the lock. */
export const restoreTestId = ({ vault, resourceType }: Pick<RestoreTestInput, 'vault' | 'resourceType'>): string =>
  `restore-test/${vault.account}/${vault.region}/${vault.vault}/${resourceType}`;
export const restoreTestsId = (policy: string): string => `restore-tests/${policy}`;

/** Begins every name that a restore test gives: nothing of another name is ever deleted. */
export const RESTORE_TEST_NAME = 'holdfast-restore-test-';

/** @param runId of the workflow run: no two runs give the same name */
export const restoreTestName = (runId: string): string =>
  `${RESTORE_TEST_NAME}${runId.replaceAll(/[^0-9a-f]/g, '').slice(0, 20)}`;

export type Metadata = Readonly<Record<string, string>>;

/**
 * What StartRestoreJob is asked: as AWS says that the point was, but for where it goes, what it is called, and that nobody
 * reaches it. https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-a-backup.html
 */
export function restoreMetadata(test: RestoreTestInput, kept: Metadata, name: string): Metadata {
  const { isolated } = test;
  switch (test.resourceType) {
    case 'EBS':
      return { ...kept, availabilityZone: isolated.availabilityZone ?? '' };
    case 'RDS':
      return { ...without(kept, OF_THE_SOURCE), ...rdsTarget(test, name) };
    case 'DynamoDB':
      return { ...kept, targetTableName: name, encryptionType: kept['encryptionType'] ?? 'Default' };
  }
}

/** What an instance had where it was, and must not have where it is tested. */
const OF_THE_SOURCE = ['AvailabilityZone', 'DBSnapshotIdentifier', 'VpcSecurityGroupIds'];

/** AWS itself chooses the zone in the subnet group. Deletion protection would keep it from being deleted again. */
const rdsTarget = ({ isolated }: RestoreTestInput, name: string): Metadata => ({
  DBInstanceIdentifier: name,
  DBSubnetGroupName: isolated.subnetGroup ?? '',
  PubliclyAccessible: 'false',
  MultiAZ: 'false',
  DeletionProtection: 'false',
  ...(isolated.securityGroups.length > 0 ? { VpcSecurityGroupIds: JSON.stringify(isolated.securityGroups) } : {}),
  ...(isolated.instanceClass === null ? {} : { DBInstanceClass: isolated.instanceClass }),
});

const without = (metadata: Metadata, keys: readonly string[]): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys.includes(key)));

/** What the place lacks for the type, in a sentence; null: nothing. */
export function placeProblem({ resourceType, isolated }: Pick<RestoreTestInput, 'resourceType' | 'isolated'>) {
  if (resourceType === 'EBS' && isolated.availabilityZone === null) {
    return 'a test of EBS needs isolated.availabilityZone: give a zone of the vault’s Region, such as eu-central-1a';
  }
  if (resourceType === 'RDS' && isolated.subnetGroup === null) {
    return 'a test of RDS needs isolated.subnetGroup: give a DB subnet group of a network that nobody uses';
  }
  return null;
}

/** A resource that a restore has made, as its own service shows it. */
export interface RestoredFacts {
  readonly arn: string;
  /** AWS's own word. */
  readonly state: string;
  readonly isAvailable: boolean;
  /** On the way to available. */
  readonly isPending: boolean;
  /** What it holds at most; null: the service does not say. */
  readonly sizeBytes: number | null;
  readonly isEncrypted: boolean | null;
  readonly isPublic: boolean;
}

/** AWS's check, in a sentence; null: passed. Volumes and instances are at least as large as what was backed up. */
export function restoredProblem(point: TestedPoint, restored: RestoredFacts | null): string | null {
  if (restored === null) return 'AWS Backup says that the restore is COMPLETED, but what it made does not exist';
  const { arn, state, isAvailable, sizeBytes, isEncrypted, isPublic } = restored;
  if (!isAvailable) return `${arn} is ${state}, not available`;
  if (isPublic) return `${arn} can be reached by everybody: it must not be`;
  if (sizeBytes !== null && point.sizeBytes !== null && sizeBytes < point.sizeBytes) {
    return `${arn} has ${sizeBytes} bytes, and its recovery point ${point.sizeBytes}`;
  }
  if (point.isEncrypted && isEncrypted === false) return `${arn} is not encrypted, and its recovery point is`;
  return null;
}
