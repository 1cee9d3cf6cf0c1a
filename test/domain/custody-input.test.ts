import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseCustodyPolicy } from '../../domain/custody-input.ts';
import { BACKUP, policyOf, ruleOf, SOURCE } from '../rig/custody.ts';

const problemsOf = (policy: unknown): readonly string[] => {
  const parsed = parseCustodyPolicy(policy);
  return parsed.ok ? [] : parsed.problems;
};

describe('a policy of custody that a workflow is given', () => {
  it('is taken as it is, but for the prefix, which is a folder', () => {
    const policy = policyOf();
    const { evidence } = policy;
    const given = { ...policy, evidence: { ...evidence, place: { ...evidence.place, prefix: '/custody' } } };
    assert.deepEqual(parseCustodyPolicy(given), { ok: true, input: policy });
  });

  it('must be whole: what is missing is told, with its path', () => {
    const { backupRole: _, ...policy } = policyOf();
    const { minSurvivors: __, ...rule } = ruleOf();
    const problems = problemsOf({ ...policy, rules: [rule] });
    assert.equal(problems.length, 2, problems.join('\n'));
    assert.match(problems[0] ?? '', /^backupRole is missing: give the name of a role/);
    assert.match(problems[1] ?? '', /^rules\.0\.minSurvivors is missing: give a whole number of copies from 1 to 10$/);
  });

  it('must know all that it says', () => {
    const [first = assert.fail()] = ruleOf().legs;
    const rule = { ...ruleOf(), legs: [{ ...first, encrypt: true }] };
    assert.match(problemsOf({ ...policyOf(), rules: [rule] }).join(), /^rules\.0\.legs\.0\.encrypt is not known/);
  });

  it('must not have a rule for copies where a leg of it leads', () => {
    const policy = policyOf(ruleOf({ match: { ...ruleOf().match, accounts: [SOURCE.account] } }));
    const of = (source: 'original' | 'copy') =>
      ruleOf({ name: 'copies', match: { ...ruleOf().match, source }, legs: [] });
    const both = { ...policy, sources: [SOURCE, BACKUP] };
    const withRule = (rule: object) =>
      problemsOf({ ...both, rules: [{ ...rule, then: { kind: 'keep' } }, ...policy.rules] });
    assert.match(
      withRule(of('copy')).join(),
      /^rules: the copies of nightly, rule nightly, leg backup go to .* where rule copies/,
    );
    assert.deepEqual(
      problemsOf({ ...both, rules: [...policy.rules, { ...of('original'), then: { kind: 'keep' } }] }),
      [],
    );
  });

  it('is taken or refused, whatever it holds, and nothing is thrown', () => {
    const policy = policyOf();
    const paths = pathsOf(policy);
    const value = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.integer());
    const property = fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), value), { maxLength: 3 }), (changes) => {
      const changed = structuredClone(policy) as unknown as Data;
      for (const [path, by] of changes) put(changed, path, by);
      const parsed = parseCustodyPolicy(changed);
      assert.ok(parsed.ok || parsed.problems.length > 0);
      // What is taken can be taken again: it is what a workflow carries over.
      if (parsed.ok) assert.deepEqual(parseCustodyPolicy(parsed.input), parsed);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

type Data = Record<string, unknown>;

const pathsOf = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => [[key], ...pathsOf(each).map((rest) => [key, ...rest])])
    : [];

/** Where an earlier change has taken away what is around it, nothing is put. */
function put(data: Data, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) data[key] = value;
  else if (typeof data[key] === 'object' && data[key] !== null) put(data[key] as Data, rest, value);
}
