import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { matchReasons } from '../../domain/custody-rules.ts';
import { type CustodyPolicy, type CustodyRule, type PointFacts, type RuleMatch } from '../../domain/custody.ts';
import { ANY_POINT } from '../../domain/custody-state.ts';
import { coversAllOf } from '../../domain/rule-cover.ts';

const SOURCES = ['1', '2'].flatMap((account) => ['eu-a-1', 'eu-b-1'].map((region) => ({ account, region })));
const point = fc.record({
  source: fc.constantFrom(...SOURCES),
  vault: fc.constantFrom('v', 'w', 'z'),
  resourceType: fc.constantFrom('EBS', 'RDS', 'EFS'),
  planId: fc.constantFrom(null, 'plan'),
  sourceVaultArn: fc.constantFrom(null, 'arn:aws:backup:eu-a-1:9:backup-vault:v'),
  tags: fc.dictionary(fc.constantFrom('A', 'B'), fc.constantFrom('x', 'y', 'z')),
});
type Point = typeof point extends fc.Arbitrary<infer P> ? P : never;

const tag = fc.record({ key: fc.constantFrom('A', 'B'), value: fc.constantFrom('x', 'y') });
const tags = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(tag, { maxLength: 2 }) },
);
const some = (...values: readonly string[]) => fc.subarray([...new Set(values)]);

/** What it asks for is the point's own, mostly. */
const matchNear = ({ source, vault, resourceType, planId, sourceVaultArn }: Point): fc.Arbitrary<RuleMatch> =>
  fc.record({
    accounts: some(source.account, '2'),
    regions: some(source.region, 'eu-b-1'),
    vaults: some(vault, 'w'),
    resourceTypes: some(resourceType, 'RDS'),
    allOf: tags,
    anyOf: tags,
    noneOf: tags,
    createdBy: fc.constantFrom(planId === null ? 'onDemand' : 'plan', 'any'),
    source: fc.constantFrom(sourceVaultArn === null ? 'original' : 'copy', 'any'),
  });
const pair = point.chain((at) => fc.tuple(fc.constant(at), matchNear(at), matchNear(at)));

const takes = (asked: RuleMatch, { source, vault, tags: carried, ...rest }: Point): boolean => {
  const facts = { ...rest, ref: { ...source, vault, arn: 'arn:x' } } as unknown as PointFacts;
  const policy = {
    sources: SOURCES,
    rules: [{ name: 'r', match: asked, legs: [] } as unknown as CustodyRule],
  } as unknown as CustodyPolicy;
  return matchReasons(policy, facts, carried)[0]?.mismatches.length === 0;
};

describe('a rule that takes all of a later one', () => {
  it('matches every point that the later one matches', () => {
    let covered = 0;
    const property = fc.property(pair, ([at, earlier, later]) => {
      if (!coversAllOf(earlier, later, SOURCES) || !takes(later, at)) return;
      covered += 1;
      assert.ok(takes(earlier, at));
    });
    fc.assert(property, { numRuns: 5_000 });
    assert.ok(covered > 100, String(covered));
  });

  it('is itself, and one that asks for nothing', () => {
    const property = fc.property(
      pair,
      ([, each]) => coversAllOf(each, each, SOURCES) && coversAllOf(ANY_POINT, each, SOURCES),
    );
    fc.assert(property, { numRuns: 300 });
  });
});
