/** `policies.custody:` of `holdfast.yaml`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CUSTODY_DEFAULTS } from '../../domain/custody.ts';
import { configOf, problemsOf } from './texts.ts';

const PRODUCTION = { account: '111122223333', region: 'eu-central-1' };
const ACCOUNTS = `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [eu-central-1, eu-west-1] }
`;
/** Rules as the file has them, from line 9 on. */
const policy = (rules: string, more = ''): string => `${ACCOUNTS}policies:
  custody:
    nightly:
      evidence: { account: production, region: eu-central-1, bucket: reports }
      rules:
${rules}
${more}`;
const LEG = '{ account: backup, region: eu-west-1 }';
const FAR = '{ account: backup, region: eu-central-1, vault: far }';
const AT = 'policies.custody.nightly';

const nightlyOf = (text: string) => configOf(text).custody['nightly'] ?? assert.fail();

describe('a policy of custody', () => {
  it('is valid as the README shows one', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    const [, example = ''] =
      /<!-- checked by test\/config\/custody\.test\.ts -->\s*```yaml\n([^`]+)```/.exec(readme) ?? [];
    const { custody, intake } = configOf(example);
    assert.deepEqual(
      custody['nightly']?.rules.map(({ name }) => name),
      ['databases', 'others'],
    );
    assert.equal(intake.queues.length, 1);
  });

  it('has the old system’s defaults where nothing is said', () => {
    const { rules, ...nightly } = nightlyOf(policy(`        - { name: all, legs: [${LEG}], then: { shortenTo: 7d } }`));
    const { limits, fullListingDays, backupRole, evidencePrefix } = CUSTODY_DEFAULTS;
    assert.deepEqual(nightly, {
      name: 'nightly',
      sources: [PRODUCTION, { account: '444455556666', region: 'eu-central-1' }],
      evidence: { target: PRODUCTION, place: { bucket: 'reports', prefix: evidencePrefix, kmsKeyArn: null } },
      backupRole,
      operatorTopicArn: null,
      limits,
      fullListingDays,
    });
    const nothing = { accounts: [], regions: [], vaults: [], resourceTypes: [], allOf: [], anyOf: [], noneOf: [] };
    assert.deepEqual(rules, [
      {
        name: 'all',
        match: { ...nothing, createdBy: 'onDemand', source: 'original' },
        legs: [
          {
            kind: 'copy',
            name: 'backup-eu-west-1',
            destination: { account: '444455556666', region: 'eu-west-1', alternateRegion: null, vault: null },
            lifecycle: null,
            route: 'direct',
            deadlineHours: 24,
          },
        ],
        then: { kind: 'shorten', days: 7 },
        minRemainingDays: 1,
        minSurvivors: 2,
      },
    ]);
  });

  it('shortens to the old system’s seven days where it does not say to how many', () => {
    const { rules } = nightlyOf(policy(`        - { name: all, legs: [${LEG}], then: shorten }`));
    assert.deepEqual(rules[0]?.then, { kind: 'shorten', days: 7 });
  });

  it('looks after no account and Region that it copies to, unless sources say so', () => {
    const twoHop = '{ account: backup, region: eu-west-1, route: twoHop }';
    assert.deepEqual(nightlyOf(policy(`        - { name: all, legs: [${twoHop}] }`)).sources, [PRODUCTION]);
    const leg = '{ account: backup, region: eu-west-1, alternateRegion: eu-central-1 }';
    assert.deepEqual(nightlyOf(policy(`        - { name: all, legs: [${leg}] }`)).sources, [PRODUCTION]);
    const given = policy(`        - { name: all, legs: [${LEG}] }`, '      sources: [{ account: production }]');
    assert.deepEqual(nightlyOf(given).sources, [PRODUCTION]);
  });

  it('has all that a rule may say, accounts by their ids and durations as numbers', () => {
    const { rules, ...nightly } = nightlyOf(
      policy(
        `
        - name: databases
          match: { accounts: [production], regions: [eu-central-1], vaults: [a_b], resourceTypes: [RDS], tags: { A: b },
            anyTags: { C: [d, e] }, notTags: { F: g }, createdBy: plan, source: any }
          legs:
            - { name: near, account: backup, region: eu-central-1, deadline: 2d,
                lifecycle: { deleteAfterDays: never, moveToColdStorageAfterDays: 30, optInToArchive: true } }
            - { account: backup, region: eu-west-1, alternateRegion: eu-central-1, vault: far, route: twoHop }
          then: delete
          minRemaining: 14d`,
        `      copiesAtOnce: { perVault: 3 }
      fullListing: 1d
      backupRole: backups
      operatorTopicArn: arn:aws:sns:eu-west-1:444455556666:operators`,
      ),
    );
    assert.deepEqual(nightly.limits, { perRegion: 100, perVault: 3 });
    assert.deepEqual([nightly.fullListingDays, nightly.backupRole], [1, 'backups']);
    const [rule = assert.fail()] = rules;
    assert.deepEqual(rule.match, {
      accounts: ['111122223333'],
      regions: ['eu-central-1'],
      vaults: ['a_b'],
      resourceTypes: ['RDS'],
      allOf: [{ key: 'A', value: 'b' }],
      anyOf: [
        { key: 'C', value: 'd' },
        { key: 'C', value: 'e' },
      ],
      noneOf: [{ key: 'F', value: 'g' }],
      createdBy: 'plan',
      source: 'any',
    });
    const [near, far] = rule.legs;
    assert.deepEqual(near?.lifecycle, { deleteAfterDays: null, moveToColdStorageAfterDays: 30, optInToArchive: true });
    assert.deepEqual([near?.deadlineHours, near?.name, far?.name], [48, 'near', 'backup-eu-west-1']);
    assert.deepEqual(
      [far?.destination.alternateRegion, far?.destination.vault, far?.route],
      ['eu-central-1', 'far', 'twoHop'],
    );
    assert.deepEqual([rule.then, rule.minRemainingDays], [{ kind: 'delete' }, 14]);
  });
});

/** What is wrong with rules, and what is said of it. */
const WRONG: readonly [what: string, rules: string, says: readonly RegExp[]][] = [
  [
    'an original that would go without a copy',
    `        - { name: a, match: { vaults: [aa] }, then: { shortenTo: 7d } }
        - { name: b, then: delete }`,
    [
      /^10:53 .*rules\[0\]\.then: needs a copy: give legs, or keep/,
      /^11:28 .*rules\[1\]\.then: needs a copy: give legs, or keep/,
    ],
  ],
  [
    'a deletion with one survivor',
    `        - { name: a, match: { vaults: [aa] }, legs: [${LEG}], then: delete }
        - { name: b, match: { vaults: [bb] }, legs: [${LEG}, { name: x, account: backup, region: eu-west-1 }], then: delete }
        - { name: c, legs: [${LEG}, ${FAR}], then: delete, minSurvivors: 1 }
        - { name: d, match: { source: copy }, legs: [${LEG}, ${FAR}], then: delete, minSurvivors: 3 }`,
    [
      /rules\[0\]\.then: needs copies in 2 vaults: the legs lead to 1; add legs to other vaults, or keep$/,
      /rules\[1\]\.then: needs copies in 2 vaults: the legs lead to 1/,
      /rules\[2\]\.minSurvivors: must be at least 2 for delete, got 1$/,
      /rules\[3\]\.then: needs copies in 3 vaults: the legs lead to 2/,
    ],
  ],
  [
    'accounts and Regions that are not there',
    `        - name: a
          match: { accounts: [produktion] }
          legs:
            - { account: backups, region: eu-west-1 }
            - { account: backup, region: eu-west-2 }
            - { name: x, account: backup, region: eu-west-1, alternateRegion: eu-west-3 }`,
    [
      /^11:31 .*rules\[0\]\.match\.accounts\[0\]: is none of the accounts: "produktion"; did you mean "production"\?/,
      /^13:26 .*legs\[0\]\.account: is none of the accounts: "backups"; did you mean "backup"\?/,
      /^14:42 .*legs\[1\]\.region: is no Region of account backup: "eu-west-2"; did you mean "eu-west-1"\?/,
      /^15:79 .*legs\[2\]\.alternateRegion: is no Region of account backup: "eu-west-3"/,
    ],
  ],
  [
    'names that are given twice',
    `        - { name: a, match: { vaults: [aa] }, legs: [${LEG}, { account: backup, region: eu-west-1, vault: far }] }
        - { name: a }`,
    [
      /rules\[0\]\.legs\[1\]\.name: is given twice: backup-eu-west-1; each needs a name of its own$/,
      /rules\[1\]\.name: is given twice: a; each needs a name of its own$/,
    ],
  ],
  [
    'lifecycles that AWS refuses, or under which a copy is never verified',
    `        - name: a
          legs:
            - { name: a, account: backup, region: eu-west-1, lifecycle: { deleteAfterDays: 100, moveToColdStorageAfterDays: 30 } }
            - { name: b, account: backup, region: eu-west-1, lifecycle: { deleteAfterDays: 8 } }
            - { name: c, account: backup, region: eu-west-1, lifecycle: { deleteAfterDays: 9 } }
            - { name: d, account: backup, region: eu-west-1, lifecycle: { deleteAfterDays: 9, optInToArchive: true } }
            - { name: e, account: backup, region: eu-west-1, alternateRegion: eu-west-1 }
          then: { shortenTo: 7d }`,
    [
      /^12:\d+ .*legs\[0\]\.lifecycle\.deleteAfterDays: must be at least 120, 90 days after moveToColdStorageAfterDays, got 100$/,
      /^13:\d+ .*legs\[1\]\.lifecycle\.deleteAfterDays: must be at least 9, got 8: the original would be kept for 8 days, and the copy must outlive it$/,
      /^15:\d+ .*legs\[3\]\.lifecycle\.optInToArchive: needs moveToColdStorageAfterDays/,
      /^16:\d+ .*legs\[4\]\.alternateRegion: must be another Region than region, got eu-west-1$/,
    ],
  ],
  [
    'a copy that would not remain long enough',
    `        - { name: a, minRemaining: 30d, legs: [{ account: backup, region: eu-west-1, lifecycle: { deleteAfterDays: 30 } }] }`,
    [/deleteAfterDays: must be at least 31, got 30: a copy must have minRemaining before it when it is verified$/],
  ],
  [
    'rules that never match',
    `        - { name: a, match: { resourceTypes: [RDS, EBS], createdBy: any } }
        - { name: b, match: { resourceTypes: [EBS], tags: { A: b } } }
        - { name: c, match: { tags: { A: b }, notTags: { A: b } } }
        - { name: d, match: { regions: [eu-north-1] } }
        - { name: e }
        - { name: f, match: { vaults: [aa] } }`,
    [
      /^11:\d+ .*rules\[1\]\.match: never matches: rule a before it takes all of these; change their order$/,
      /^12:\d+ .*rules\[2\]\.match\.notTags: never matches: A=b is asked for too$/,
      /^13:\d+ .*rules\[3\]\.match\.regions: never matches: the sources are 111122223333\/eu-central-1, 444455556666\/eu-/,
      /^15:\d+ .*rules\[5\]\.match: never matches: rule e before it/,
    ],
  ],
  [
    'two hops where no worker of the file is',
    `        - { name: a, legs: [{ account: production, region: eu-central-1, route: twoHop }] }`,
    [/legs\[0\]\.route: must be direct, or account production needs eu-west-1 among its regions, .*; got twoHop$/],
  ],
  [
    'a copy into the vault that it comes from',
    `        - { name: a, legs: [{ account: production, region: eu-central-1 }] }
      sources: [{ account: production }]`,
    [/^10:9 .*nightly\.rules: copies would go round in a circle: .*111122223333.*Copy into a vault that is no source/],
  ],
  [
    'values of another kind',
    `        - name: a
          match: { resourceTypes: [Dynamo], createdBy: me, vaults: [a] }
          legs: [{ account: backup, region: eu-west-1, route: threeHop, deadline: 30m, lifecycle: { deleteAfterDays: forever } }]
          then: short
          minRemaining: 36h
        - { name: b, match: { source: copy }, legs: [${LEG}], then: { shortenTo: 7 } }`,
    [
      /resourceTypes\[0\]: must be one of Aurora, .*, VirtualMachine, got "Dynamo"$/,
      /createdBy: must be one of onDemand, plan, any, got "me"$/,
      /match\.vaults: must be a list of at most 100 names of vaults, .*got "a"$/,
      /legs\[0\]\.route: must be one of direct, twoHop, got "threeHop"$/,
      /legs\[0\]\.deadline: must be a whole number of hours from 1 to 2160, got 30m$/,
      /lifecycle\.deleteAfterDays: must be a whole number of days, or never, got "forever"$/,
      /rules\[0\]\.then: must be keep, shorten, delete, or how it is shortened, such as \{ shortenTo: 7d \}, got "short"$/,
      /minRemaining: must be a whole number of days from 0 to 36500, got 36h$/,
      /rules\[1\]\.then: must be keep, shorten, delete, or how it is shortened, such as \{ shortenTo: 7d \}, got \{"shortenTo":7\}$/,
    ],
  ],
];

describe('a policy of custody with mistakes', () => {
  for (const [what, rules, says] of WRONG) {
    it(`is refused, each mistake with its place: ${what}`, () => {
      const problems = problemsOf(policy(rules));
      assert.equal(problems.length, says.length, problems.join('\n'));
      for (const [index, pattern] of says.entries()) assert.match(problems[index] ?? '', pattern);
    });
  }

  it('is refused: evidence, topic, role and numbers', () => {
    const more = `      backupRole: /service-role/x
      operatorTopicArn: arn:aws:sns:us-east-1:111122223333:operators
      copiesAtOnce: { perRegion: 0 }
      fullListing: 8d
      sources: [{ account: production }, { account: production, regions: [eu-central-1] }]`;
    const text = policy('        - { name: a }', more).replace('bucket: reports', 'bucket: s3://reports');
    const problems = problemsOf(text).join('\n');
    assert.match(problems, new RegExp(`${AT}\\.evidence\\.bucket: must be the name of a bucket`));
    assert.match(problems, new RegExp(`${AT}\\.backupRole: must be the name of a role, with its path`));
    assert.match(problems, new RegExp(`${AT}\\.operatorTopicArn: must be the ARN of an SNS topic .* of this file`));
    assert.match(problems, new RegExp(`${AT}\\.copiesAtOnce\\.perRegion: must be a whole number of copies from 1`));
    assert.match(problems, new RegExp(`${AT}\\.fullListing: must be a whole number of days from 1 to 7, got 8d`));
    const twice = policy('        - { name: a }', more.split('\n').at(-1));
    assert.match(
      problemsOf(twice).join('\n'),
      /sources\[1\]: is given twice: 111122223333\/eu-central-1; give it once/,
    );
  });
});

describe('policies of custody', () => {
  it('are refused where one copies back, or takes for its own points, what another has copied', () => {
    const rules = (from: string, to: string): string => `
      sources: [{ account: ${from}, regions: [eu-central-1] }]
      evidence: { account: ${from}, region: eu-central-1, bucket: reports }
      rules: [{ name: all, match: { source: any }, legs: [{ account: ${to}, region: eu-central-1 }] }]`;
    const there = `    there:${rules('production', 'backup')}\n`;
    const text = `${ACCOUNTS}policies:\n  custody:\n${there}`;
    assert.deepEqual(Object.keys(configOf(text).custody), ['there']);
    const problems = problemsOf(`${text}    back:${rules('backup', 'production')}\n`);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', /policies\.custody: copies would go round in a circle: .*there.*back/);
    const [own] = problemsOf(`${text}    on:${rules('backup', 'backup').replace(/legs: .*/, 'legs: [] }]')}\n`);
    assert.match(own ?? '', /policies\.custody: the copies of there, .* where rule all of on would take them/);
  });

  const two = (one: string, other: string): string => `${ACCOUNTS}policies:
  custody:
    one:
      sources: [{ account: production }, { account: backup, regions: [eu-west-1] }]
      evidence: { account: production, region: eu-central-1, bucket: reports }
      rules: [{ name: a, match: { vaults: [aa] } }, { name: b, match: ${one} }]
    other:
      sources: [{ account: production }]
      evidence: { account: production, region: eu-central-1, bucket: reports }
      rules: [{ name: c, match: ${other} }]`;

  it('are refused where both are for the points of a vault, and told which rules are', () => {
    for (const text of [two('{ vaults: [bb] }', '{}'), two('{ createdBy: plan }', '{ vaults: [cc] }')]) {
      const problems = problemsOf(text);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(
        problems[0] ?? '',
        /policies\.custody: one \(rule [ab]\) and other \(rule c\) are for recovery points of/,
      );
      assert.match(problems[0] ?? '', /same vaults in 111122223333\/eu-central-1.*into one policy, or give them other/);
    }
  });

  it('may share an account and Region where their rules are for other vaults, or for other Regions', () => {
    for (const text of [
      two('{ vaults: [bb] }', '{ vaults: [cc] }'),
      two('{ regions: [eu-west-1] }', '{ vaults: [bb] }'),
    ])
      assert.deepEqual(Object.keys(configOf(text).custody), ['one', 'other']);
  });
});

describe('schedules of a policy of custody', () => {
  it('sweep its vaults every hour unless they say otherwise', () => {
    const { schedules } = configOf(
      policy(
        '        - { name: a }',
        'schedules: { a: { custody: nightly }, b: { custody: nightly, cron: cron(0 4 * * ? *) } }',
      ),
    );
    assert.deepEqual(schedules['a']?.starts, { capability: 'custody', policy: 'nightly', target: null });
    assert.deepEqual(schedules['a']?.spec.intervals, [{ everySeconds: 3_600, offsetSeconds: 0 }]);
    assert.equal(schedules['b']?.spec.calendars.length, 1);
  });

  it('overlap with none, as each finds what the ones before have missed', () => {
    const text = policy('        - { name: a }', 'schedules: { a: { custody: nightly, overlap: cancelOther } }');
    assert.match(problemsOf(text).join('\n'), /schedules\.a\.overlap: must be skip for a custody, got cancelOther/);
  });
});
