/** `restoreTests:` of a policy of custody. */
import assert from 'node:assert/strict';
import { desiredSchedules } from '../../client/schedules/desired.ts';
import { configOf, problemsOf } from './texts.ts';

const file = (tests: string, more = ''): string => `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
policies:
  custody:
    nightly:
      evidence: { account: production, region: eu-central-1, bucket: reports }
      rules: [{ name: all }]
      restoreTests:
${tests}
${more}`;
const WHERE = 'account: production, region: eu-central-1, vault: nightly';

describe('restore tests of a policy', () => {
  it('are one for each type, with the policy’s role and evidence, and are started by a schedule', () => {
    const { restoreTest, custody, schedules } = configOf(
      file(
        `        - { ${WHERE}, resourceTypes: [EBS, DynamoDB], isolated: { availabilityZone: eu-central-1a } }
        - { ${WHERE}, resourceTypes: [RDS], pick: random, isolated: { subnetGroup: tests }, check: { command: [/opt/check, -q] }, timeout: 90m }`,
        `schedules: { weekly: { restoreTest: nightly, every: 7d } }`,
      ),
    );
    const { target, tests } = restoreTest['nightly'] ?? assert.fail();
    assert.deepEqual(
      tests.map(({ resourceType, pick, check, timeoutMinutes }) => [resourceType, pick, check, timeoutMinutes]),
      [
        ['EBS', 'newest', { kind: 'aws' }, 240],
        ['DynamoDB', 'newest', { kind: 'aws' }, 240],
        ['RDS', 'random', { kind: 'command', command: ['/opt/check', '-q'] }, 90],
      ],
    );
    assert.deepEqual(tests[0]?.evidence, custody['nightly']?.evidence);
    assert.equal(tests[0]?.backupRole, custody['nightly']?.backupRole);
    assert.deepEqual([target.region, schedules['weekly']?.starts.capability], ['eu-central-1', 'restoreTest']);
  });

  it('are what their schedule is given', () => {
    const config = configOf(
      file(
        `        - { ${WHERE}, resourceTypes: [DynamoDB] }`,
        'schedules: { weekly: { restoreTest: nightly, every: 7d } }',
      ),
    );
    const [schedule] = desiredSchedules(config, 'holdfast.yaml').schedules;
    const [given] = (schedule?.action.args ?? []) as { capability: string; input: object }[];
    assert.deepEqual([given?.capability, given?.input], ['restoreTest', config.restoreTest['nightly']]);
  });

  it('are refused where they cannot work, each mistake with its place', () => {
    const problems = problemsOf(
      file(`        - { ${WHERE}, resourceTypes: [EBS] }
        - { ${WHERE}, resourceTypes: [RDS], isolated: { availabilityZone: eu-central-1a } }
        - { ${WHERE}, resourceTypes: [EFS] }
        - { ${WHERE}, resourceTypes: [DynamoDB], check: { command: [] }, timeout: 0 }
        - { ${WHERE}, resourceTypes: [DynamoDB] }
        - { account: staging, region: eu-central-1, vault: nightly, resourceTypes: [DynamoDB] }`),
    );
    for (const told of [
      /restoreTests\[0\]\.isolated.*availabilityZone/,
      /restoreTests\[1\]\.isolated.*subnetGroup/,
      /restoreTests\[2\]\.resourceTypes\[0\].*one of EBS, RDS, DynamoDB/,
      /restoreTests\[3\]\.check.*a program/,
      /restoreTests\[4\]\.resourceTypes: has DynamoDB of vault nightly twice/,
      /restoreTests\[5\]\.account: is none of the accounts: "staging"/,
    ]) {
      assert.ok(
        problems.some((problem) => told.test(problem)),
        `${told.source} in\n${problems.join('\n')}`,
      );
    }
  });

  it('have a schedule only where the policy has any', () => {
    const problems = problemsOf(file('        - {}', 'schedules: { weekly: { restoreTest: others, every: 7d } }'));
    assert.ok(
      problems.some((problem) => /names no policy of restoreTest: "others"/.test(problem)),
      problems.join('\n'),
    );
  });
});
