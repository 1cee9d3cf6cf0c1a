/** Custodies at their end, as evidence tells of them. */
import {
  custodyId,
  type CustodyInput,
  type CustodyPolicy,
  type CustodyRule,
  type CustodyState,
  type Hop,
  type Lifecycle,
  type PointFacts,
  type PointRef,
} from '../../domain/custody.ts';
import type { EvidencePlace, IndexEntry } from '../../domain/evidence.ts';
import { entryFacts, indexEntry } from '../../domain/evidence-entry.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';

export const evidence: EvidencePlace = {
  target: { account: WELL_KNOWN.account, region: WELL_KNOWN.region },
  place: { bucket: WELL_KNOWN.reportBucket, prefix: 'custody/', kmsKeyArn: null },
};
export const vault = { account: WELL_KNOWN.account, region: WELL_KNOWN.region, vault: 'nightly' };

const lifecycle = (deleteAfterDays: number): Lifecycle => ({
  moveToColdStorageAfterDays: null,
  deleteAfterDays,
  optInToArchive: false,
});

export const pointRef = (number: number): PointRef => ({
  ...vault,
  arn: `arn:aws:ec2:eu-central-1::snapshot/snap-${String(number).padStart(17, '0')}`,
});

export const factsOf = (ref: PointRef, changes: Partial<PointFacts> = {}): PointFacts => ({
  ref,
  at: '2026-03-02T09:00:00.000Z',
  status: 'COMPLETED',
  statusMessage: null,
  resourceArn: 'arn:aws:ec2:eu-central-1:111122223333:volume/vol-00000000000000001',
  resourceType: 'EBS',
  createdAt: '2026-03-02T01:00:00.000Z',
  completedAt: '2026-03-02T01:10:00.000Z',
  lifecycle: lifecycle(35),
  moveToColdAt: null,
  deleteAt: '2026-04-06T01:00:00.000Z',
  storageClass: 'WARM',
  encryptionKeyArn: null,
  isEncrypted: false,
  sizeBytes: 3_221_225_472,
  planId: null,
  isContinuous: false,
  sourceVaultArn: null,
  isParent: false,
  parentArn: null,
  vaultType: 'BACKUP_VAULT',
  ...changes,
});

export const rule: CustodyRule = {
  name: 'databases',
  match: {
    accounts: [],
    regions: [],
    vaults: ['nightly'],
    resourceTypes: [],
    allOf: [],
    anyOf: [],
    noneOf: [],
    createdBy: 'onDemand',
    source: 'original',
  },
  legs: [
    {
      kind: 'copy',
      name: 'backup',
      destination: { account: '444455556666', region: 'eu-central-1', alternateRegion: null, vault: null },
      lifecycle: null,
      route: 'direct',
      deadlineHours: 24,
    },
  ],
  then: { kind: 'shorten', days: 7 },
  minRemainingDays: 1,
  minSurvivors: 2,
};

export const policy: CustodyPolicy = {
  name: 'nightly',
  sources: [evidence.target],
  rules: [rule],
  evidence,
  backupRole: 'service-role/AWSBackupDefaultServiceRole',
  operatorTopicArn: null,
  limits: { perRegion: 100, perVault: 5 },
  fullListingDays: 7,
};

export const inputOf = (point: PointRef, changes: Partial<CustodyPolicy> = {}): CustodyInput => ({
  point,
  policy: { ...policy, ...changes },
  begunBy: 'event',
});

const hopOf = (point: PointRef): Hop => {
  const to = { account: '444455556666', region: 'eu-central-1', vault: 'nightly' };
  const copyArn = point.arn.replace('snap-0', 'snap-c');
  return {
    from: point,
    to,
    lifecycle: lifecycle(35),
    step: 'verified',
    attempt: 1,
    position: null,
    jobId: '0175DE71-0000-4000-8000-000000000001',
    jobState: 'COMPLETED',
    startedAt: '2026-03-02T08:10:00.000Z',
    adopted: false,
    earlierJobs: [],
    endedAt: '2026-03-02T08:20:00.000Z',
    copyArn,
    verified: factsOf({ ...to, arn: copyArn }),
    verifiedAt: '2026-03-02T08:21:00.000Z',
  };
};

/** Its leg is being copied. */
export const copyingState = (point: PointRef, changes: Partial<CustodyState> = {}): CustodyState => ({
  phase: 'copying',
  point: factsOf(point),
  tags: { Name: 'db-1' },
  rule,
  legs: rule.legs.map((leg) => ({
    rule: leg,
    deadlineAt: '2026-03-03T08:00:00.000Z',
    hops: [hopOf(point)],
    blocked: null,
    retrying: null,
    overdue: false,
    unwantedSince: null,
  })),
  change: null,
  waiting: null,
  blocked: null,
  retrying: null,
  outcome: null,
  reason: null,
  openedAt: '2026-03-02T08:00:00.000Z',
  closedAt: null,
  evidence: { versions: 0, sha256: null, key: null },
  steering: [],
  now: '2026-03-02T08:00:10.000Z',
  ...changes,
});

/** Its original was shortened, and it closes. */
export const closingState = (point: PointRef, changes: Partial<CustodyState> = {}): CustodyState => {
  const shortened = { lifecycle: lifecycle(8), deleteAt: '2026-03-10T01:00:00.000Z' };
  return copyingState(point, {
    phase: 'closing',
    point: factsOf(point, shortened),
    change: {
      kind: 'shorten',
      before: lifecycle(35),
      after: lifecycle(8),
      why: '1 day old, 7 days: 8 days',
      decidedAt: '2026-03-02T08:30:00.000Z',
      gate: [factsOf(point), hopOf(point).verified ?? factsOf(point)],
      askedAt: '2026-03-02T08:30:00.500Z',
      doneAt: '2026-03-02T08:30:01.000Z',
      readBack: factsOf(point, shortened),
    },
    outcome: 'shortened',
    reason: '1 day old, 7 days: 8 days',
    closedAt: '2026-03-02T08:30:02.000Z',
    now: '2026-03-02T08:30:02.000Z',
    ...changes,
  });
};

/** A line of the index, of a custody of which there is no evidence. */
export function entryOf(number: number, changes: Partial<IndexEntry> = {}): IndexEntry {
  const facts = entryFacts(closingState(pointRef(number)));
  if (!facts) throw new Error(`${custodyId(pointRef(number).arn)} has no outcome`);
  return { ...indexEntry(facts, null, 'policy'), ...changes };
}
