/** A recovery point, a rule and a copy's way with nothing wrong: tests of the domain change one thing each. */
import type { KeyFacts, RouteFacts } from '../../domain/copy-route.ts';
import { CUSTODY_DEFAULTS } from '../../domain/custody.ts';
import { ANY_POINT } from '../../domain/custody-state.ts';
import type {
  CustodyPolicy,
  CustodyRule,
  LegRule,
  Lifecycle,
  PointFacts,
  RuleMatch,
  VaultRef,
} from '../../domain/custody.ts';

export const SOURCE_ACCOUNT = '111122223333';
export const BACKUP_ACCOUNT = '444455556666';
export const ORGANIZATION = 'o-a1b2c3d4e5';
export const NOW = '2026-03-02T08:00:00.000Z';
const DAY = 86_400_000;
/** So many days from now. */
export const day = (days: number, from = NOW): string => new Date(Date.parse(from) + days * DAY).toISOString();

export const SOURCE_VAULT: VaultRef = { account: SOURCE_ACCOUNT, region: 'eu-central-1', vault: 'nightly' };
export const BACKUP_VAULT: VaultRef = { ...SOURCE_VAULT, account: BACKUP_ACCOUNT };
export const FAR_VAULT: VaultRef = { ...BACKUP_VAULT, region: 'eu-west-1' };

export const lifecycle = (deleteAfterDays: number | null, cold: number | null = null): Lifecycle => ({
  deleteAfterDays,
  moveToColdStorageAfterDays: cold,
  optInToArchive: cold !== null,
});

export const keyArn = (place: { readonly account: string; readonly region: string }): string =>
  `arn:aws:kms:${place.region}:${place.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

/** An EBS snapshot that is a day old. Its dates follow from its lifecycle unless they are given. */
export function point(changes: Partial<PointFacts> = {}): PointFacts {
  const createdAt = changes.createdAt ?? day(-1);
  const kept = changes.lifecycle ?? lifecycle(35);
  const after = (days: number | null): string | null => (days === null ? null : day(days, createdAt));
  return {
    ref: { ...SOURCE_VAULT, arn: 'arn:aws:ec2:eu-central-1::snapshot/snap-0original' },
    at: NOW,
    status: 'COMPLETED',
    statusMessage: null,
    resourceArn: `arn:aws:ec2:eu-central-1:${SOURCE_ACCOUNT}:volume/vol-0data`,
    resourceType: 'EBS',
    createdAt,
    completedAt: createdAt,
    lifecycle: kept,
    moveToColdAt: after(kept.moveToColdStorageAfterDays),
    deleteAt: after(kept.deleteAfterDays),
    storageClass: 'WARM',
    encryptionKeyArn: keyArn(SOURCE_VAULT),
    isEncrypted: true,
    sizeBytes: 2 ** 33,
    planId: null,
    isContinuous: false,
    sourceVaultArn: null,
    isParent: false,
    parentArn: null,
    vaultType: 'BACKUP_VAULT',
    ...changes,
  };
}

export const MATCH: RuleMatch = {
  ...ANY_POINT,
  createdBy: CUSTODY_DEFAULTS.createdBy,
  source: CUSTODY_DEFAULTS.source,
};

export const legRule = (changes: Partial<LegRule> = {}): LegRule => ({
  kind: 'copy',
  name: 'backup',
  destination: { account: BACKUP_ACCOUNT, region: 'eu-central-1', alternateRegion: null, vault: null },
  lifecycle: null,
  route: 'direct',
  deadlineHours: 24,
  ...changes,
});

export const rule = (changes: Partial<CustodyRule> = {}): CustodyRule => ({
  name: 'all',
  match: MATCH,
  legs: [legRule()],
  then: { kind: 'shorten', days: 7 },
  minRemainingDays: 1,
  minSurvivors: 2,
  ...changes,
});

export const policy = (changes: Partial<CustodyPolicy> = {}): CustodyPolicy => ({
  name: 'nightly',
  sources: [{ account: SOURCE_ACCOUNT, region: 'eu-central-1' }],
  rules: [rule()],
  evidence: {
    target: { account: SOURCE_ACCOUNT, region: 'eu-central-1' },
    place: { bucket: 'holdfast-evidence', prefix: 'custody/', kmsKeyArn: null },
  },
  backupRole: CUSTODY_DEFAULTS.backupRole,
  operatorTopicArn: null,
  limits: CUSTODY_DEFAULTS.limits,
  fullListingDays: CUSTODY_DEFAULTS.fullListingDays,
  ...changes,
});

/** A customer-managed key whose policy lets these accounts do all. */
export const key = (place: VaultRef, ...accounts: readonly string[]): KeyFacts => ({
  arn: keyArn(place),
  manager: 'CUSTOMER',
  state: 'Enabled',
  policy: JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  }),
});

export const vaultPolicy = (statement: object = {}): string =>
  JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'backup:CopyIntoBackupVault',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': [ORGANIZATION] } },
        ...statement,
      },
    ],
  });

/** Into the backup account, in the same Region. */
export const route = (changes: Partial<RouteFacts> = {}): RouteFacts => ({
  vault: { type: 'BACKUP_VAULT', state: 'AVAILABLE', keyArn: keyArn(BACKUP_VAULT), lock: null },
  accessPolicy: vaultPolicy(),
  organizations: { source: ORGANIZATION, destination: ORGANIZATION },
  crossAccount: true,
  optedIn: { source: true, destination: true },
  sourceKey: key(SOURCE_VAULT, SOURCE_ACCOUNT, BACKUP_ACCOUNT),
  destinationKey: key(BACKUP_VAULT, BACKUP_ACCOUNT),
  backupRoleArn: `arn:aws:iam::${SOURCE_ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole`,
  ...changes,
});
