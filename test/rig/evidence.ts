/** Custodies at their end, as evidence tells of them. */
import {
  custodyId,
  type CustodyInput,
  type CustodyPolicy,
  type CustodyRule,
  type CustodyState,
  type Hop,
  type PointFacts,
  type PointRef,
} from '../../domain/custody.ts';
import { newCustodyState } from '../../domain/custody-state.ts';
import type { EvidencePlace, IndexEntry } from '../../domain/evidence.ts';
import { entryFacts, indexEntry } from '../../domain/evidence-entry.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { BACKUP_VAULT, lifecycle, MATCH, point, policy as policyWith, rule as ruleWith } from './custody-facts.ts';

export const evidence: EvidencePlace = {
  target: { account: WELL_KNOWN.account, region: WELL_KNOWN.region },
  place: { bucket: WELL_KNOWN.reportBucket, prefix: 'custody/', kmsKeyArn: null },
};
export const vault = { account: WELL_KNOWN.account, region: WELL_KNOWN.region, vault: 'nightly' };

export const pointRef = (number: number): PointRef => ({
  ...vault,
  arn: `arn:aws:ec2:eu-central-1::snapshot/snap-${String(number).padStart(17, '0')}`,
});

export const factsOf = (ref: PointRef, changes: Partial<PointFacts> = {}): PointFacts =>
  point({
    ref,
    at: '2026-03-02T09:00:00.000Z',
    createdAt: '2026-03-02T01:00:00.000Z',
    completedAt: '2026-03-02T01:10:00.000Z',
    ...changes,
  });

export const rule: CustodyRule = ruleWith({ name: 'databases', match: { ...MATCH, vaults: [vault.vault] } });

export const policy: CustodyPolicy = policyWith({ rules: [rule], evidence });

export const inputOf = (ref: PointRef, changes: Partial<CustodyPolicy> = {}): CustodyInput => ({
  point: ref,
  policy: { ...policy, ...changes },
  begunBy: 'event',
});

const hopOf = (ref: PointRef): Hop => {
  const to = BACKUP_VAULT;
  const copyArn = ref.arn.replace('snap-0', 'snap-c');
  return {
    from: ref,
    to,
    lifecycle: lifecycle(35),
    step: 'verified',
    attempt: 1,
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
export const copyingState = (ref: PointRef, changes: Partial<CustodyState> = {}): CustodyState => ({
  ...newCustodyState(),
  phase: 'copying',
  point: factsOf(ref),
  tags: { Name: 'db-1' },
  rule,
  legs: rule.legs.map((leg) => ({
    rule: leg,
    deadlineAt: '2026-03-03T08:00:00.000Z',
    hops: [hopOf(ref)],
    blocked: null,
    retrying: null,
    overdue: false,
    unwantedSince: null,
  })),
  openedAt: '2026-03-02T08:00:00.000Z',
  now: '2026-03-02T08:00:10.000Z',
  ...changes,
});

/** Its original was shortened, and it closes. */
export const closingState = (ref: PointRef, changes: Partial<CustodyState> = {}): CustodyState => {
  const shortened = { lifecycle: lifecycle(8), deleteAt: '2026-03-10T01:00:00.000Z' };
  return copyingState(ref, {
    phase: 'closing',
    point: factsOf(ref, shortened),
    change: {
      kind: 'shorten',
      before: lifecycle(35),
      after: lifecycle(8),
      why: '1 day old, 7 days: 8 days',
      decidedAt: '2026-03-02T08:30:00.000Z',
      gate: [factsOf(ref), hopOf(ref).verified ?? factsOf(ref)],
      askedAt: '2026-03-02T08:30:00.500Z',
      doneAt: '2026-03-02T08:30:01.000Z',
      readBack: factsOf(ref, shortened),
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
