import assert from 'node:assert/strict';
import { callsOf, copyCost } from '../../domain/custody-cost.ts';
import { planPoint } from '../../domain/custody-plan.ts';
import { groupOf, mergedGroups } from '../../domain/custody-vault-plan.ts';
import {
  type CustodyPolicy,
  type CustodyRule,
  type LegRule,
  type PointFacts,
  type RuleMatch,
} from '../../domain/custody.ts';
import { ANY_POINT } from '../../domain/custody-state.ts';
import type { RouteFacts } from '../../domain/copy-route.ts';
import {
  FAR_VAULT,
  legRule,
  lifecycle,
  ORGANIZATION,
  point,
  policy as policyWith,
  rule as ruleWith,
} from '../rig/custody-facts.ts';

const NOW = '2026-03-11T08:00:00.000Z';
const NO_MATCH: RuleMatch = { ...ANY_POINT, source: 'original' };

const leg = (changes: Partial<LegRule> = {}): LegRule =>
  legRule({
    name: 'far',
    destination: { account: FAR_VAULT.account, region: FAR_VAULT.region, alternateRegion: null, vault: null },
    ...changes,
  });
const rule = (changes: Partial<CustodyRule> = {}): CustodyRule =>
  ruleWith({ match: NO_MATCH, legs: [leg()], ...changes });
const policyOf = (...rules: readonly CustodyRule[]): CustodyPolicy => policyWith({ rules });
const facts = (changes: Partial<PointFacts> = {}): PointFacts =>
  point({ at: NOW, createdAt: '2026-03-10T06:00:00.000Z', sizeBytes: 100_000_000_000, ...changes });
const route: RouteFacts = {
  vault: null,
  accessPolicy: null,
  organizations: { source: ORGANIZATION, destination: ORGANIZATION },
  crossAccount: true,
  optedIn: { source: true, destination: true },
  sourceKey: null,
  destinationKey: null,
  backupRoleArn: 'arn:aws:iam::111122223333:role/x',
};

describe('the plan of a recovery point', () => {
  it('says which rule matches, and why those before it do not', () => {
    const policy = policyOf(rule({ name: 'rds', match: { ...NO_MATCH, resourceTypes: ['RDS'] } }), rule(), rule());
    const { verdict, reasons } = planPoint({ policy, facts: facts(), tags: {}, now: NOW });
    assert.equal(verdict.kind === 'covered' && verdict.rule.name, 'all');
    assert.deepEqual(reasons, [
      { rule: 'rds', mismatches: ['its resource type is EBS, not RDS'] },
      { rule: 'all', mismatches: [] },
    ]);
  });

  it('has absolute dates for every copy, from the original’s creation, and for the original as if all were verified now', () => {
    const kept = { ...lifecycle(365, 30), optInToArchive: false };
    const policy = policyOf(rule({ legs: [leg(), leg({ name: 'cold', lifecycle: kept, deadlineHours: 48 })] }));
    const { legs, original } = planPoint({ policy, facts: facts(), tags: {}, now: NOW });
    assert.deepEqual(
      legs.map(({ name, deleteAt, coldAt, deadlineAt }) => ({ name, deleteAt, coldAt, deadlineAt })),
      [
        { name: 'far', deleteAt: '2026-04-14T06:00:00.000Z', coldAt: null, deadlineAt: '2026-03-12T08:00:00.000Z' },
        { name: 'cold', deleteAt: '2027-03-10T06:00:00.000Z', coldAt: null, deadlineAt: '2026-03-13T08:00:00.000Z' },
      ],
    );
    assert.match(legs[1]?.ignored ?? '', /AWS ignores moveToColdStorageAfterDays 30 for the type EBS/);
    assert.deepEqual(
      [original?.kind, original?.deleteAtBefore, original?.deleteAtAfter],
      ['shorten', '2026-04-14T06:00:00.000Z', '2026-03-18T06:00:00.000Z'],
    );
    assert.match(original?.why ?? '', /35 days becomes .*8 days/);
  });

  it('tells what stands in the way, of each hop and of the copy’s end', () => {
    const brief = lifecycle(20);
    const policy = policyOf(rule({ legs: [leg({ route: 'twoHop', lifecycle: brief })] }));
    const [planned] = planPoint({ policy, facts: facts(), tags: {}, now: NOW, routes: [[route, route]] }).legs;
    assert.deepEqual(planned?.places, [
      { account: '444455556666', region: 'eu-central-1', vault: 'nightly' },
      { account: '444455556666', region: 'eu-west-1', vault: 'nightly' },
    ]);
    assert.deepEqual(
      planned.obstacles.map(({ code }) => code),
      ['noVault', 'noVault', 'expiresTooSoon'],
    );
    assert.equal(planned.isChecked, true);
  });

  it('asks the gate of the original, as if all copies were verified: a lock, a hold, and a newer one for a deletion', () => {
    const look = {
      source: facts(),
      survivors: [],
      lock: null,
      legalHolds: [],
      snapshotLock: null,
      incomplete: [],
      newer: false,
      now: NOW,
    };
    const gateOf = (changes: object, then: CustodyRule['then'] = { kind: 'shorten', days: 7 }) => {
      const near = leg({ name: 'near', destination: { ...leg().destination, region: 'eu-central-1' } });
      const policy = policyOf(rule({ legs: [leg(), near], then }));
      return planPoint({ policy, facts: facts(), tags: {}, now: NOW, look: { ...look, ...changes } }).original?.gate;
    };
    assert.equal(gateOf({})?.kind, 'open');
    const locked = gateOf({ lock: { minRetentionDays: 1, maxRetentionDays: null, lockDate: null } });
    assert.equal(locked?.kind, 'blocked');
    assert.match(locked.why ?? '', /Earliest legal date: 2026-04-14T06:00:00\.000Z/);
    assert.match(gateOf({ legalHolds: [{ id: 'hold-1', title: 'trial' }] })?.why ?? '', /legal hold hold-1 \(trial\)/);
    assert.equal(gateOf({}, { kind: 'delete' })?.kind, 'waiting');
    assert.equal(gateOf({ newer: true }, { kind: 'delete' })?.kind, 'open');
    assert.equal(gateOf({}, { kind: 'keep' }), null);
  });

  it('touches nothing that no rule is for, and plans no copy of what cannot be copied', () => {
    const none = planPoint({
      policy: policyOf(rule({ match: { ...NO_MATCH, vaults: ['x'] } })),
      facts: facts(),
      tags: {},
      now: NOW,
    });
    assert.deepEqual([none.verdict.kind === 'ended' && none.verdict.outcome, none.original], ['notCovered', null]);
    const continuous = planPoint({
      policy: policyOf(rule()),
      facts: facts({ isContinuous: true }),
      tags: {},
      now: NOW,
    });
    assert.deepEqual(
      [continuous.verdict.kind === 'ended' && continuous.verdict.outcome, continuous.legs, continuous.calls],
      ['unsupported', [], 0],
    );
  });
});

describe('the cost of a copy', () => {
  const size = { sizeBytes: 100_000_000_000, now: NOW, coldAt: null };

  it('is its storage until its deletion, and the transfer where it leaves the Region', () => {
    const deleteAt = '2026-05-10T08:00:00.000Z';
    const near = copyCost({ ...size, resourceType: 'EBS', crossesRegion: false, deleteAt });
    assert.deepEqual(near, { once: 0, monthly: 5, whole: 10 });
    const far = copyCost({ ...size, resourceType: 'EBS', crossesRegion: true, deleteAt });
    assert.deepEqual(far, { once: 2, monthly: 5, whole: 12 });
  });

  it('is less from the move to cold storage on, without an end where it is never deleted, and unknown without a price', () => {
    const [coldAt, deleteAt] = ['2026-04-10T08:00:00.000Z', '2026-07-09T08:00:00.000Z'];
    const cold = copyCost({ ...size, resourceType: 'EFS', crossesRegion: false, coldAt, deleteAt });
    assert.deepEqual(cold, { once: 0, monthly: 5, whole: 8 });
    assert.equal(copyCost({ ...size, resourceType: 'EFS', crossesRegion: false, deleteAt: null })?.whole, null);
    assert.equal(copyCost({ ...size, resourceType: 'FSx', crossesRegion: false, deleteAt: null }), null);
  });

  it('is counted for the copy on the way as well, and for all copies together', () => {
    const policy = policyOf(rule({ legs: [leg({ route: 'twoHop' })] }));
    const { cost } = planPoint({ policy, facts: facts(), tags: {}, now: NOW });
    assert.deepEqual([cost?.once, cost?.monthly], [2, 10]);
    assert.equal(planPoint({ policy, facts: facts({ sizeBytes: null }), tags: {}, now: NOW }).cost, null);
  });
});

describe('the calls of a custody', () => {
  it('stay within the budget: 12 with one copy and a shortening, 5 for each further one', () => {
    assert.ok(callsOf([1], 'shorten') <= 12, String(callsOf([1], 'shorten')));
    for (const then of ['keep', 'shorten', 'delete'] as const) {
      for (const hops of [[1], [2], [1, 2]]) assert.ok(callsOf([...hops, 1], then) - callsOf(hops, then) <= 5);
    }
  });
});

describe('the points of a vault', () => {
  const tagged = rule({
    name: 'prod',
    match: { ...NO_MATCH, allOf: [{ key: 'Env', value: 'Prod' }], resourceTypes: ['EBS'] },
  });

  it('are counted by rule and outcome as far as a list shows them: where tags decide, that is said', () => {
    const policy = policyOf(tagged, rule());
    const rds = facts({ resourceType: 'RDS', resourceArn: 'arn:aws:rds:eu-central-1:111122223333:db:x' });
    const groups = mergedGroups(
      [facts(), facts(), rds, rds, facts({ isContinuous: true, resourceType: 'S3' })].map((each) =>
        groupOf(policy, each, NOW),
      ),
    );
    assert.deepEqual(
      groups.map(({ kind, rule: name, outcome, resourceType, points }) => [kind, name, outcome, resourceType, points]),
      [
        ['byTags', 'prod or all', null, 'EBS', 2],
        ['covered', 'all', null, 'RDS', 2],
        ['ended', 'all', 'unsupported', 'S3', 1],
      ],
    );
    assert.deepEqual([groups[1]?.bytes, groups[1]?.monthly], [200_000_000_000, 19]);
  });
});
