/** The ways of copies as `holdfast.yaml` has them: a worker of the file must be wherever a copy lies between two hops. */
import assert from 'node:assert/strict';
import { configOf, problemsOf } from './texts.ts';

const fileWith = (regions: string, match: string): string => `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [${regions}] }
policies:
  custody:
    nightly:
      sources: [{ account: production }]
      evidence: { account: production, region: eu-central-1, bucket: reports }
      rules: [{ name: a, match: ${match}, legs: [{ account: backup, region: eu-west-1 }] }]
`;

describe('direct legs', () => {
  it('are refused for types that go by two hops, where no worker of the file is between them', () => {
    const problems = problemsOf(fileWith('eu-west-1', '{ resourceTypes: [EBS, FSx] }'));
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(
      problems[0] ?? '',
      /rules\[0\]\.legs\[0\]\.route: is direct, and AWS Backup copies FSx .* account backup needs eu-central-1 among its regions/,
    );
  });

  it('are valid where a worker is there, one copy job does it, or AWS copies the type nowhere', () => {
    for (const text of [
      fileWith('eu-central-1, eu-west-1', '{ resourceTypes: [EBS, FSx] }'),
      fileWith('eu-west-1', '{ resourceTypes: [EBS, RDS, Redshift] }'),
      fileWith('eu-west-1', '{}'),
    ]) {
      assert.equal(configOf(text).custody['nightly']?.rules.length, 1);
    }
  });
});
