import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coverageOf, matchReasons } from '../../domain/custody-rules.ts';
import type { CustodyPolicy, PointFacts, RuleMatch } from '../../domain/custody.ts';
import {
  BACKUP_ACCOUNT,
  MATCH,
  SOURCE_ACCOUNT,
  SOURCE_VAULT,
  legRule,
  point,
  policy,
  rule,
} from '../rig/custody-facts.ts';

type Tags = Readonly<Record<string, string>>;

const matching = (match: Partial<RuleMatch>): CustodyPolicy =>
  policy({ rules: [rule({ match: { ...MATCH, ...match } })] });
const outcome = (given: CustodyPolicy, facts: PointFacts, tags: Tags = {}): string => {
  const coverage = coverageOf(given, facts, tags);
  return coverage.kind === 'ended' ? coverage.outcome : coverage.kind;
};
const copyOutOf = (account: string, region = 'eu-central-1', vault = 'nightly') => ({
  sourceVaultArn: `arn:aws:backup:${region}:${account}:backup-vault:${vault}`,
});
/** Made by others. */
const COPY = copyOutOf('999988887777');
/** AWS does not say out of which vault. */
const UNTOLD = {
  resourceType: 'RDS',
  ref: { ...SOURCE_VAULT, arn: 'arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:copyjob-0a1b2c3d' },
};

describe('coverageOf', () => {
  const parts: readonly [
    title: string,
    match: Partial<RuleMatch>,
    fits: Partial<PointFacts>,
    not: Partial<PointFacts>,
  ][] = [
    ['the vault', { vaults: ['nightly'] }, {}, { ref: { ...SOURCE_VAULT, vault: 'other', arn: 'arn:a' } }],
    [
      'the account',
      { accounts: [SOURCE_ACCOUNT] },
      {},
      { ref: { ...SOURCE_VAULT, account: BACKUP_ACCOUNT, arn: 'arn:a' } },
    ],
    ['the Region', { regions: ['eu-central-1'] }, {}, { ref: { ...SOURCE_VAULT, region: 'eu-west-1', arn: 'arn:a' } }],
    ['the resource type', { resourceTypes: ['EBS', 'EFS'] }, {}, { resourceType: 'RDS' }],
    ['that no plan made it', { createdBy: 'onDemand' }, {}, { planId: 'plan-1' }],
    ['that a plan made it', { createdBy: 'plan' }, { planId: 'plan-1' }, {}],
    ['that it is no copy', { source: 'original' }, {}, COPY],
    ['that it is a copy', { source: 'copy' }, COPY, {}],
    ['that its name is not that of a copy', { source: 'original' }, {}, UNTOLD],
    ['that its name is that of a copy', { source: 'copy' }, UNTOLD, {}],
  ];
  for (const [title, match, fits, not] of parts) {
    it(`asks for ${title} where the rule does`, () => {
      assert.equal(outcome(matching(match), point(fits)), 'covered');
      assert.notEqual(outcome(matching(match), point(not)), 'covered');
      assert.equal(outcome(matching({ createdBy: 'any', source: 'any' }), point(fits)), 'covered');
    });
  }

  it('asks for tags', () => {
    const prod = { key: 'Env', value: 'Prod' };
    const team = { key: 'Team', value: 'A' };
    assert.equal(outcome(matching({ allOf: [prod, team] }), point(), { Env: 'Prod', Team: 'A' }), 'covered');
    assert.equal(outcome(matching({ allOf: [prod, team] }), point(), { Env: 'Prod' }), 'notCovered');
    assert.equal(outcome(matching({ anyOf: [prod, team] }), point(), { Team: 'A' }), 'covered');
    assert.equal(outcome(matching({ anyOf: [prod, team] }), point(), { Team: 'B' }), 'notCovered');
    assert.equal(outcome(matching({ noneOf: [prod] }), point(), {}), 'covered');
    assert.equal(outcome(matching({ noneOf: [prod] }), point(), { Env: 'Prod' }), 'notCovered');
  });

  it('takes those that no plan made where the policy says nothing of it, as the old system did', () => {
    assert.equal(outcome(policy(), point()), 'covered');
    assert.equal(outcome(policy(), point({ planId: 'plan-1' })), 'notCovered');
  });

  it('takes the first rule that matches', () => {
    const rules = [
      rule({ name: 'databases', match: { ...MATCH, resourceTypes: ['RDS'] } }),
      rule({ name: 'volumes', match: { ...MATCH, resourceTypes: ['EBS'] } }),
      rule({ name: 'all' }),
    ];
    const coverage = coverageOf(policy({ rules }), point(), {});
    assert.equal(coverage.kind === 'covered' && coverage.rule.name, 'volumes');
  });

  it('takes only what lies in a source of the policy', () => {
    const elsewhere = point({ ref: { ...SOURCE_VAULT, region: 'us-east-1', arn: 'arn:a' } });
    assert.equal(outcome(matching({}), elsewhere), 'notCovered');
  });

  it('leaves to another custody what is a copy, a part of a composite point, or of something that Holdfast made', () => {
    const any = matching({ source: 'any' });
    assert.equal(outcome(policy(), point(COPY)), 'belongsToAnother');
    assert.equal(outcome(any, point(COPY)), 'covered');
    assert.equal(outcome(any, point({ parentArn: 'arn:parent' })), 'belongsToAnother');
    assert.equal(outcome(any, point({ isParent: true })), 'covered');
    assert.equal(outcome(any, point(COPY), { 'holdfast:run': 'custody/x' }), 'belongsToAnother');
    assert.equal(outcome(any, point(), { 'holdfast:run': 'custody-restore-test/x' }), 'belongsToAnother');
  });

  it('leaves to the custody of the original what may be a copy of the policy’s own, whatever a rule asks for', () => {
    const ref = { ...SOURCE_VAULT, region: 'eu-west-1', arn: 'arn:a' };
    for (const source of ['copy', 'any'] as const) {
      const near = legRule({ destination: { ...legRule().destination, vault: 'nightly' } });
      const far = legRule({ name: 'far', destination: { ...legRule().destination, region: 'eu-north-1' } });
      const given = policy({
        sources: [{ account: SOURCE_ACCOUNT, region: 'eu-west-1' }],
        rules: [rule({ match: { ...MATCH, source }, legs: [near, far] })],
      });
      const is = (copy: Partial<PointFacts>): string => outcome(given, point({ ref, ...copy }));
      assert.equal(is(copyOutOf(SOURCE_ACCOUNT, 'eu-west-1', 'other')), 'belongsToAnother', 'out of a source');
      assert.equal(is(copyOutOf(BACKUP_ACCOUNT)), 'belongsToAnother', 'out of a vault that a leg leads to');
      assert.equal(is(copyOutOf(BACKUP_ACCOUNT, 'eu-west-1')), 'belongsToAnother', 'out of one in between');
      assert.equal(is(copyOutOf(BACKUP_ACCOUNT, 'eu-central-1', 'theirs')), 'covered');
      assert.equal(is(COPY), 'covered');
    }
  });

  it('never touches what AWS Backup cannot copy', () => {
    const standard = {
      ...SOURCE_VAULT,
      arn: `arn:aws:dynamodb:eu-central-1:${SOURCE_ACCOUNT}:table/orders/backup/01-2`,
    };
    assert.equal(outcome(policy(), point({ resourceType: 'DynamoDB', ref: standard })), 'unsupported');
    assert.equal(outcome(policy(), point({ resourceType: 'Redshift' })), 'unsupported');
    assert.equal(outcome(policy(), point({ resourceType: 'Mainframe' })), 'unsupported');
    assert.equal(outcome(policy(), point({ isContinuous: true, status: 'AVAILABLE' })), 'unsupported');
  });

  it('covers what can be copied at least one of the ways that the rule wants', () => {
    const ontoItself = legRule({
      name: 'itself',
      destination: { account: SOURCE_ACCOUNT, region: 'eu-central-1', alternateRegion: null, vault: null },
    });
    assert.equal(outcome(policy({ rules: [rule({ legs: [ontoItself, legRule()] })] }), point()), 'covered');
    assert.equal(outcome(policy({ rules: [rule({ legs: [ontoItself] })] }), point()), 'unsupported');
  });

  const states: readonly [status: string, outcome: string][] = [
    ['COMPLETED', 'covered'],
    ['AVAILABLE', 'covered'],
    ['CREATING', 'early'],
    ['DELETING', 'gone'],
    ['PARTIAL', 'unusable'],
    ['EXPIRED', 'unusable'],
    ['STOPPED', 'unusable'],
    ['ANOTHER', 'unusable'],
  ];
  for (const [status, expected] of states) {
    it(`says ${expected} of a point that is ${status}`, () => {
      assert.equal(outcome(policy(), point({ status })), expected);
    });
  }
});

describe('coverageOf, of a point that no rule is for', () => {
  it('says only that', () => {
    const planned = { planId: 'plan-1' };
    assert.equal(outcome(policy(), point({ ...planned, isContinuous: true, status: 'AVAILABLE' })), 'notCovered');
    assert.equal(outcome(policy(), point({ ...planned, status: 'PARTIAL' })), 'notCovered');
    assert.equal(outcome(policy(), point({ ...planned, resourceType: 'Redshift' })), 'notCovered');
  });

  it('waits until AWS has made it, as it may carry its tags only then', () => {
    assert.equal(outcome(policy(), point({ planId: 'plan-1', status: 'CREATING' })), 'early');
  });
});

describe('matchReasons', () => {
  it('tells of every rule all that does not match', () => {
    const rules = [
      rule({ name: 'databases', match: { ...MATCH, resourceTypes: ['RDS', 'Aurora'], vaults: ['weekly'] } }),
      rule({ name: 'tagged', match: { ...MATCH, allOf: [{ key: 'Env', value: 'Prod' }] } }),
      rule({ name: 'planned', match: { ...MATCH, createdBy: 'plan' } }),
      rule({ name: 'all' }),
    ];
    assert.deepEqual(matchReasons(policy({ rules }), point(), {}), [
      {
        rule: 'databases',
        mismatches: ['its vault is nightly, not weekly', 'its resource type is EBS, not RDS or Aurora'],
      },
      { rule: 'tagged', mismatches: ['it does not carry the tag Env=Prod'] },
      { rule: 'planned', mismatches: ['no backup plan made it'] },
      { rule: 'all', mismatches: [] },
    ]);
  });

  it('has no reason exactly where the rule would cover it', () => {
    const values = {
      vaults: ['nightly', 'weekly'],
      resourceTypes: ['EBS', 'RDS'],
      regions: ['eu-central-1', 'eu-west-1'],
    };
    const match = fc.record({
      vaults: fc.subarray(values.vaults),
      resourceTypes: fc.subarray(values.resourceTypes),
      regions: fc.subarray(values.regions),
      createdBy: fc.constantFrom('onDemand', 'plan', 'any'),
      source: fc.constantFrom('original', 'copy', 'any'),
    });
    const facts = fc
      .record({
        vault: fc.constantFrom(...values.vaults),
        resourceType: fc.constantFrom(...values.resourceTypes),
        planId: fc.constantFrom(null, 'plan-1'),
        sourceVaultArn: fc.constantFrom(null, COPY.sourceVaultArn, copyOutOf(SOURCE_ACCOUNT).sourceVaultArn),
      })
      .map(({ vault, ...rest }) => point({ ...rest, ref: { ...SOURCE_VAULT, vault, arn: 'arn:a' } }));
    fc.assert(
      fc.property(match, facts, (asked, one) => {
        const given = matching(asked as Partial<RuleMatch>);
        const [reasons] = matchReasons(given, one, {});
        assert.equal(reasons?.mismatches.length === 0, outcome(given, one) === 'covered');
      }),
    );
  });
});
