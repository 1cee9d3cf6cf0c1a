/** Accounts with vaults as they should be for copies from one to the other, or with one thing wrong. */
import { WELL_KNOWN } from './scenarios.ts';
import type { World } from './service.ts';
import { seedGlobalSettings, seedRegionSettings } from './services/backup/account-settings.ts';
import type { Lifecycle, Outcome, Point, VaultLock } from './services/backup/rows.ts';
import { seedPoint, seedVault } from './services/backup/seeds.ts';
import type { EventFaults, EventRuleSeed } from './services/eventbridge.ts';
import { seedEventRule } from './services/eventbridge.ts';
import { findKey, seedKey } from './services/kms.ts';
import { seedMembership } from './services/organizations.ts';
import { seedBucket } from './services/s3.ts';
import { seedTopic } from './services/sns.ts';
import { seedQueue } from './services/sqs.ts';

const DAY_MS = 24 * 3_600_000;

export const BACKUP_WORLD = {
  account: WELL_KNOWN.account,
  region: WELL_KNOWN.region,
  backupAccount: '444455556666',
  backupRegions: [WELL_KNOWN.region, 'eu-west-1'],
  managementAccount: '999900001111',
  organizationId: 'o-holdfast01',
  vault: 'nightly',
  evidenceBucket: 'holdfast-evidence',
  /** Of the backup account, where evidence is kept there. */
  backupEvidenceBucket: 'holdfast-evidence-backup',
  topicArn: WELL_KNOWN.topicArn,
  queueName: 'holdfast-events',
  queueArn: `arn:aws:sqs:${WELL_KNOWN.region}:${WELL_KNOWN.account}:holdfast-events`,
  deadLetterQueueName: 'holdfast-events-dead',
  deadLetterQueueArn: `arn:aws:sqs:${WELL_KNOWN.region}:${WELL_KNOWN.account}:holdfast-events-dead`,
} as const;

/** Each is one thing that differs from a world in which every copy succeeds. */
export interface BackupWorldSpec {
  /** Of the source account, beside eu-central-1. */
  readonly moreSourceRegions?: readonly string[];
  /** Names of the vaults, in each place the same. @default ['nightly'] */
  readonly vaults?: readonly string[];
  readonly sourceLock?: VaultLock;
  readonly destinationLock?: VaultLock;
  readonly noDestinationVault?: boolean;
  /** The backup account's vaults let nobody in. */
  readonly noDestinationPolicy?: boolean;
  /** The source's vaults let nobody in, so that nothing can be copied back. */
  readonly noSourcePolicy?: boolean;
  /** What the source's resources are encrypted with is a key of AWS's own. */
  readonly awsManagedSourceKey?: boolean;
  /** The source's key is its account's own, and not shared. */
  readonly sourceKeyNotShared?: boolean;
  readonly sourceKeyDisabled?: boolean;
  /** The backup account's vaults are encrypted with a key of AWS's own. */
  readonly awsManagedDestinationKey?: boolean;
  /** The backup account is in an organization of its own. */
  readonly otherOrganization?: boolean;
  readonly crossAccountOff?: boolean;
  /** Types that are not opted in, in the source account and the backup account. */
  readonly optedOut?: readonly string[];
  readonly evidenceInBackupAccount?: boolean;
  /** How events come to the queue. @default none is lost, doubled, held back or late */
  readonly eventFaults?: EventFaults;
  readonly eventForm?: EventRuleSeed['form'];
  /** No rule sends events to the queue. */
  readonly noEventRule?: boolean;
  /** Events of the backup account come to the queue too. */
  readonly eventsOfBackupAccount?: boolean;
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The accounts, Regions, keys, vaults, the organization, the bucket, topic and queues, with nothing in the vaults. */
export function seedBackupWorld(world: World, spec: BackupWorldSpec = {}): void {
  seedOrganization(world, spec);
  for (const place of sourcesOf(spec)) seedSource(world, place, spec);
  for (const place of destinations()) seedDestination(world, place, spec);
  const optIn = Object.fromEntries((spec.optedOut ?? []).map((type) => [type, false]));
  for (const place of [...sourcesOf(spec), ...destinations()]) seedRegionSettings({ world, ...place }, optIn);
  seedSurroundings(world, spec);
}

const sourcesOf = ({ moreSourceRegions = [] }: BackupWorldSpec): Place[] =>
  [BACKUP_WORLD.region, ...moreSourceRegions].map((region) => ({ account: BACKUP_WORLD.account, region }));

const destinations = (): Place[] =>
  BACKUP_WORLD.backupRegions.map((region) => ({ account: BACKUP_WORLD.backupAccount, region }));

function seedOrganization(world: World, { otherOrganization, crossAccountOff }: BackupWorldSpec): void {
  const { account, backupAccount, managementAccount, organizationId } = BACKUP_WORLD;
  const membership = { organizationId, managementAccount };
  seedMembership(world, managementAccount, { ...membership, name: 'management' });
  seedMembership(world, account, { ...membership, name: 'workloads' });
  const other = { organizationId: 'o-elsewhere1', managementAccount: backupAccount };
  seedMembership(world, backupAccount, { ...(otherOrganization ? other : membership), name: 'backup' });
  const isCrossAccountBackupEnabled = String(!crossAccountOff);
  for (const manager of [managementAccount, ...(otherOrganization ? [backupAccount] : [])]) {
    seedGlobalSettings(world, manager, { isCrossAccountBackupEnabled });
  }
}

/** Lets everybody in the organization copy into a vault. */
const letsOrganizationIn = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'CopyFromOrganization',
      Effect: 'Allow',
      Principal: '*',
      Action: 'backup:CopyIntoBackupVault',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': BACKUP_WORLD.organizationId } },
    },
  ],
};

/** Ends in what tells the Region and the account apart. */
const keyIdOf = ({ account, region }: Place): string =>
  `bbbb1111-2222-4333-8444-${Buffer.from(region).toString('hex').slice(-6)}${account.slice(0, 6)}`;

const vaultsOf = ({ vaults = [BACKUP_WORLD.vault] }: BackupWorldSpec): readonly string[] => vaults;

function seedSource(world: World, place: Place, spec: BackupWorldSpec): void {
  const key = seedKey(world, {
    ...place,
    keyId: keyIdOf(place),
    aliases: ['alias/holdfast-source'],
    state: spec.sourceKeyDisabled ? 'Disabled' : 'Enabled',
    sharedWith: spec.sourceKeyNotShared ? [] : [BACKUP_WORLD.backupAccount],
  });
  for (const name of vaultsOf(spec)) {
    seedVault(world, {
      ...place,
      name,
      keyArn: spec.awsManagedSourceKey ? undefined : key.arn,
      policy: spec.noSourcePolicy ? undefined : letsOrganizationIn,
      lock: spec.sourceLock,
    });
  }
}

function seedDestination(world: World, place: Place, spec: BackupWorldSpec): void {
  const aliases = ['alias/holdfast-backup'];
  const key = seedKey(world, { ...place, keyId: keyIdOf(place), aliases, sharedWith: [BACKUP_WORLD.account] });
  if (spec.noDestinationVault) return;
  for (const name of vaultsOf(spec)) {
    seedVault(world, {
      ...place,
      name,
      keyArn: spec.awsManagedDestinationKey ? undefined : key.arn,
      policy: spec.noDestinationPolicy ? undefined : letsOrganizationIn,
      lock: spec.destinationLock,
    });
  }
}

function seedSurroundings(world: World, spec: BackupWorldSpec): void {
  const { account, region, backupAccount, queueName, queueArn, deadLetterQueueName, deadLetterQueueArn } = BACKUP_WORLD;
  seedBucket(world, { name: BACKUP_WORLD.evidenceBucket, account, region });
  if (spec.evidenceInBackupAccount) {
    seedBucket(world, { name: BACKUP_WORLD.backupEvidenceBucket, account: backupAccount, region });
  }
  seedTopic(world, { account, region, name: WELL_KNOWN.topicName, subscriptions: 1 });
  seedQueue(world, { account, region, name: deadLetterQueueName });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount: 5 });
  seedQueue(world, { account, region, name: queueName, attributes: { VisibilityTimeout: '120', RedrivePolicy } });
  if (spec.noEventRule) return;
  for (const place of [...sourcesOf(spec), ...(spec.eventsOfBackupAccount ? destinations() : [])]) {
    const form = spec.eventForm ?? 'backup';
    seedEventRule(world, { ...place, queueArn, form, ...(spec.eventFaults && { faults: spec.eventFaults }) });
  }
}

export interface PointsSpec {
  readonly count: number;
  /** @default 'EBS' */
  readonly type?: string;
  /** @default 1 */
  readonly sizeGib?: number;
  /** Days since they were created. @default 0: they are completed now */
  readonly ageDays?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** @default deleted after 35 days */
  readonly lifecycle?: Partial<Lifecycle>;
  /** A backup plan made them, and this is its id. @default made on demand */
  readonly planId?: string;
  /** How many resources they are of, by turns. @default one each */
  readonly resources?: number;
  /** The one resource that all are of. */
  readonly resourceArn?: string;
  /** Of a single one. @default as AWS forms it */
  readonly arn?: string;
  /** Spread over so many minutes to come in which they are completed, as in a night. @default all at the same time */
  readonly completeWithinMinutes?: number;
  /** @default that of the source */
  readonly account?: string;
  readonly region?: string;
  readonly vault?: string;
  readonly outcome?: Outcome;
  /** @default what the source's resources of that type are encrypted with; null: nothing */
  readonly keyArn?: string | null;
  /** Their deletion is answered with 200, and they end EXPIRED. */
  readonly undeletable?: boolean;
  /** Whether AWS tells of them. @default when they are completed now or later */
  readonly told?: boolean;
}

/** Puts recovery points into a vault; the answer has them in order. */
export function seedPoints(world: World, spec: PointsSpec): Point[] {
  const { count, type: resourceType = 'EBS', sizeGib = 1, ageDays = 0, completeWithinMinutes = 0 } = spec;
  const { account = BACKUP_WORLD.account, region = BACKUP_WORLD.region, vault = BACKUP_WORLD.vault } = spec;
  const keyArn = spec.keyArn === undefined ? usualKeyOf(world, { account, region }, vault, resourceType) : spec.keyArn;
  const { tags = {}, planId, outcome, undeletable, told } = spec;
  const now = world.clock.now();
  return Array.from({ length: count }, (_, index) =>
    seedPoint(world, {
      account,
      region,
      vault,
      resourceType,
      resourceArn:
        spec.resourceArn ?? resourceArnOf({ account, region }, resourceType, index % (spec.resources ?? count)),
      ...(spec.arn !== undefined && { arn: spec.arn }),
      sizeGib,
      tags,
      lifecycle: spec.lifecycle ?? { deleteAfterDays: 35 },
      ...(ageDays > 0
        ? { createdAt: now - ageDays * DAY_MS }
        : { endsAt: Math.floor(now + (completeWithinMinutes * 60_000 * index) / count) }),
      ...(keyArn === undefined ? {} : { keyArn }),
      ...(planId !== undefined && { planId }),
      ...(outcome && { outcome }),
      ...(undeletable !== undefined && { undeletable }),
      // The clock may run: what is completed now is past a moment later.
      told: told ?? ageDays === 0,
    }),
  );
}

/** Of a type that AWS Backup does not manage fully: its own key. Undefined: that of the vault. */
function usualKeyOf(world: World, place: Place, vault: string, type: string): string | undefined {
  const own = OWN_KEYS[type];
  if (own === undefined) return undefined;
  const vaultKey = vaultKeyOf(world, place, vault);
  const isAwsManaged = vaultKey === undefined || findKey({ world, ...place }, vaultKey).manager === 'AWS';
  return isAwsManaged ? findKey({ world, ...place }, own).arn : vaultKey;
}

const vaultKeyOf = (world: World, { account, region }: Place, vault: string): string | undefined =>
  world.store.table<{ readonly keyArn: string }>(account, region, 'backup.vaults').get(vault)?.keyArn;

/** The keys of AWS's own that such resources are encrypted with where nobody chose one. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  Aurora: 'alias/aws/rds',
  EBS: 'alias/aws/ebs',
  EC2: 'alias/aws/ebs',
  RDS: 'alias/aws/rds',
};

const hex = (number: number): string => number.toString(16).padStart(16, '0');

const RESOURCE_ARNS: Readonly<Record<string, (region: string, account: string, number: number) => string>> = {
  Aurora: (region, account, n) => `arn:aws:rds:${region}:${account}:cluster:orders-${n}`,
  DynamoDB: (region, account, n) => `arn:aws:dynamodb:${region}:${account}:table/orders-${n}`,
  EBS: (region, account, n) => `arn:aws:ec2:${region}:${account}:volume/vol-0${hex(n)}`,
  EC2: (region, account, n) => `arn:aws:ec2:${region}:${account}:instance/i-0${hex(n)}`,
  EFS: (region, account, n) => `arn:aws:elasticfilesystem:${region}:${account}:file-system/fs-0${hex(n)}`,
  RDS: (region, account, n) => `arn:aws:rds:${region}:${account}:db:orders-${n}`,
  S3: (_region, _account, n) => `arn:aws:s3:::orders-${n}`,
};

/** The ARN of the nth resource of a type in an account's Region. */
function resourceArnOf({ account, region }: Place, type: string, number: number): string {
  const form = RESOURCE_ARNS[type];
  return form?.(region, account, number) ?? `arn:aws:${type.toLowerCase()}:${region}:${account}:resource/${number}`;
}
