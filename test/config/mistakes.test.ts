import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { loadConfig, problemText } from '../../config/index.ts';
import { ACCOUNTS, BACKUP, ENVIRONMENT, file, folder, load, problemsOf, UPGRADE } from './texts.ts';

/** A file, and all that is said of it. */
const WRONG: readonly [what: string, text: string, says: readonly RegExp[]][] = [
  ['an empty file', '', [/^1:1 {2}must be a mapping with name, environment, accounts, .*, got null$/]],
  ['a list', '- accounts', [/^1:1 {2}must be a mapping with/]],
  ['no accounts', 'schedules: {}', [/^1:1 {2}accounts: is missing: give a list of accounts$/]],
  ['no account', 'accounts: []', [/^1:11 {2}accounts: must be a list of accounts, at least one, got \[\]$/]],
  ['broken YAML', 'accounts:\n  - id: [1\n', [/^\d+:\d+ {2}.* \(YAML\)$/]],
  ['two documents', 'accounts: []\n---\naccounts: []\n', [/^2:1 {2}.*multiple documents.* \(YAML\)$/i]],
  ['an alias of nothing', 'accounts: *none', [/^1:1 {2}Unresolved alias .*none/]],
  [
    'a name given twice',
    `${BACKUP}    golden: { account: lab, region: eu-central-1, report: { bucket: others } }`,
    [/^8:5 {2}"golden" is given twice: give it once$/],
  ],
  [
    'names that are not known',
    `${ACCOUNTS}polices: {}\nfoobar: 1`,
    [
      /^4:1 {2}polices: is not known: did you mean "policies"\? known are name, environment, accounts, policies, schedules/,
      /^5:1 {2}foobar: is not known: known are name, environment/,
    ],
  ],
  [
    'an account id without quotes',
    'accounts:\n  - { id: 012345678901, regions: [eu-central-1] }',
    [
      /^2:11 {2}accounts\[0\]\.id: must be .* 12 digits in quotes, .*got the number 012345678901, which YAML reads as 12345678901: put it in quotes, "012345678901"$/,
    ],
  ],
  [
    'accounts that are given twice or have a role elsewhere',
    `
accounts:
  - { id: "111122223333", name: lab, regions: [eu-central-1, eu-central-1] }
  - { id: "111122223333", name: lab, regions: [Frankfurt] }
  - { id: "444455556666", roleArn: arn:aws:iam::111122223333:role/x, regions: [us-east-1] }
  - { id: "777788889999", externalId: secret, regions: [us-east-1] }`,
    [
      /^3:62 {2}accounts\[0\]\.regions\[1\]: eu-central-1 is given twice: give it once$/,
      /^4:11 {2}accounts\[1\]\.id: account 111122223333 is given twice: give it once$/,
      /^4:33 {2}accounts\[1\]\.name: the name lab is given twice/,
      /^4:48 {2}accounts\[1\]\.regions\[0\]: must be a Region, such as eu-central-1, got "Frankfurt"$/,
      /^5:36 {2}accounts\[2\]\.roleArn: is a role of account 111122223333: give one of account 444455556666$/,
      /^6:39 {2}accounts\[3\]\.externalId: needs a roleArn: only roles ask for an external id$/,
    ],
  ],
  [
    'an account and a Region that are not declared',
    `${BACKUP}
    other: { account: labor, region: eu-central-1, report: { bucket: reports } }
    third: { account: lab, region: eu-central-2, report: { bucket: reports } }`,
    [
      /^9:23 {2}policies\.imageBackup\.other\.account: is none of the accounts: "labor"; known are lab$/,
      /^10:36 {2}policies\.imageBackup\.third\.region: is no Region of account lab: "eu-central-2"; did you mean "eu-central-1"\?/,
    ],
  ],
  [
    'values that the run refuses, where they are in the file',
    `${UPGRADE.replace('wsb-0fleet0001', 'office')}
      waves: { soak: 70d, maxFailures: few }
      maxConcurrent: 0
      windows: [{ open: [{ days: [weekend], from: "08:00", to: "20:00", timeZone: UTC }] }]
      operatorTopicArn: arn:aws:sns:us-east-1:111122223333:operators`,
    [
      /^10:15 {2}policies\.imageUpgrade\.office\.bundle: must be a bundle id: wsb- .*, got "office"$/,
      /^15:22 {2}policies\.imageUpgrade\.office\.waves\.soak: must be a whole number of minutes from 0 to 20160, got 70d$/,
      /^15:40 {2}policies\.imageUpgrade\.office\.waves\.maxFailures: must be the most that may fail, .*got "few"$/,
      /^16:22 {2}policies\.imageUpgrade\.office\.maxConcurrent: must be a whole number of WorkSpaces from 1 to 500, got 0$/,
      /^17:17 {2}policies\.imageUpgrade\.office\.windows\[0\]: days must be a list of mon, .*got \["weekend"\]$/,
    ],
  ],
  [
    'what must hold of values together',
    `${UPGRADE.replace('all: true', 'maintenance: true')}
      operatorTopicArn: arn:aws:sns:us-east-1:111122223333:operators
      warnings: { requireDelivery: true }`,
    [
      /^8:7 {2}policies\.imageUpgrade\.office: does not say which WorkSpaces: give tags, .*all: true for the whole bundle$/,
      /^15:25 {2}policies\.imageUpgrade\.office\.operatorTopicArn: must be a topic of account 111122223333 in eu-central-1/,
      /^16:36 {2}policies\.imageUpgrade\.office\.warnings\.requireDelivery: needs a warning: give warnings\.leads/,
    ],
  ],
  ...[
    ['tags: {}', 'tags has nothing in it'],
    ['anyTags: {}', 'anyTags has nothing in it'],
    ['anyTags: { Env: [] }', 'anyTags has nothing in it'],
    ['workspaceIds: []', 'workspaceIds has nothing in it'],
    ['directoryIds: []\n      tags: {}', 'tags and directoryIds has nothing in it'],
    ['notTags: { Env: Prod }', ''],
    ['all: false', ''],
  ].map(([selection = '', why]): (typeof WRONG)[number] => [
    `an upgrade of nobody in particular, by ${selection.replace('\n', '')}`,
    UPGRADE.replace('all: true', selection),
    [
      new RegExp(
        `^8:7 {2}policies\\.imageUpgrade\\.office: does not say which WorkSpaces${why ? `, as ${why}` : ''}: give`,
      ),
    ],
  ]),
  [
    'ranges of a backup',
    BACKUP.replace('report:', 'retention: { days: null, keepAtLeast: 0 }, imageTimeout: 1m, report:'),
    [
      /^7:108 {2}policies\.imageBackup\.golden\.imageTimeout: must be a whole number of minutes from 45 to 1440, got 1m$/,
    ],
  ],
  [
    'a retention that would keep nothing',
    BACKUP.replace('report:', 'retention: { days: null, keepAtLeast: 0 }, report:'),
    [/^7:\d+ {2}policies\.imageBackup\.golden\.retention\.days: the retention policy is empty/],
  ],
  [
    'values of another kind',
    BACKUP.replace('report:', 'tags: { AutoBackup: true, Ring: 0 }, runTimeout: 90, startStopped: "yes", report:'),
    [
      /golden\.tags\.AutoBackup: must be the value of a tag, a text, got the boolean true: put it in quotes, "true"$/,
      /golden\.tags\.Ring: must be the value of a tag, a text, got the number 0: put it in quotes, "0"$/,
      /golden\.runTimeout: must be a duration with its unit, such as 90s, 30m, 12h or 2d, got the number 90: put it in quotes/,
      /golden\.startStopped: must be true or false, got "yes"$/,
    ],
  ],
  [
    'schedules of nothing, of two things, at no time and at two',
    `${BACKUP}
schedules:
  a: { imageBackup: goldne }
  b: { cron: cron(0 2 * * ? *) }
  c: { imageBackup: golden, imageUpgrade: golden }
  d: { imageBackup: golden, cron: cron(0 2 * * ? *), every: 1h }
  e_: { imageBackup: golden }`,
    [
      /^10:21 {2}schedules\.a\.imageBackup: names no policy of imageBackup: "goldne"; did you mean "golden"\? known are golden$/,
      /^11:6 {2}schedules\.b: must start one policy: give imageBackup, imageUpgrade, custody or restoreTest, got 0 of them$/,
      /^12:6 {2}schedules\.c: must start one policy: .*got 2 of them$/,
      /^13:6 {2}schedules\.d: must say when: give one of cron, calendars and every, got cron and every$/,
      /^14:3 {2}schedules\.e_: must have a name of 1 to 40 letters, digits and hyphens/,
    ],
  ],
  [
    'times that are none',
    `${BACKUP}
schedules:
  a: { imageBackup: golden, cron: "0 2 * * *", timeZone: Berlin }
  b: { imageBackup: golden, cron: cron(0 2 * * MON *) }
  c: { imageBackup: golden, every: 1h, offset: 2h, catchUp: 5s }
  d: { imageBackup: golden, offset: 5m }
  e: { imageBackup: golden, calendars: [{ hour: 24 }, { dayOfWeek: 1 }] }
  f: { imageBackup: golden, overlap: terminateOther }`,
    [
      /^10:35 {2}schedules\.a\.cron: must be AWS’s cron\(/,
      /^10:58 {2}schedules\.a\.timeZone: must be IANA’s name of a time zone, .*got "Berlin"$/,
      /^11:35 {2}schedules\.b\.cron: exactly one of day of month and day of week must be \?/,
      /^12:48 {2}schedules\.c\.offset: must be shorter than every, 1h; got 2h$/,
      /^12:61 {2}schedules\.c\.catchUp: must be from 10s to 365d, got 5s$/,
      /^13:37 {2}schedules\.d\.offset: needs every: give that too, or leave this out$/,
      /^14:49 {2}schedules\.e\.calendars\[0\]\.hour: must be 0 to 23: .*; got 24$/,
      /^14:68 {2}schedules\.e\.calendars\[1\]\.dayOfWeek: must be mon to sun by name \(AWS counts from 1, Temporal from 0\)/,
      /^15:38 {2}schedules\.f\.overlap: must be one of skip, /,
    ],
  ],
  [
    'what Temporal’s server refuses',
    `${BACKUP}
schedules:
  a: { imageBackup: golden, calendars: [{ year: 1999 }] }
  b: { imageBackup: golden, timeZone: europe/berlin }
  c: { imageBackup: golden, every: 30s, catchUp: 366d, jitter: 2d }
  d: { imageBackup: golden, every: 1h, timeZone: Europe/Berlin }
  e: { imageBackup: golden, cron: rate(1 day), timeZone: UTC }
  f: { imageBackup: golden, timeZone: Asia/Kolkata }`,
    [
      /^10:\d+ {2}schedules\.a\.calendars\[0\]\.year: must be 2000 to 2100: .*; got 1999$/,
      /^11:\d+ {2}schedules\.b\.timeZone: must be IANA’s name .*, got "europe\/berlin": write Europe\/Berlin$/,
      /^12:\d+ {2}schedules\.c\.every: must be from 1m to 365d, got 30s$/,
      /^12:\d+ {2}schedules\.c\.catchUp: must be from 10s to 365d, got 366d$/,
      /^12:\d+ {2}schedules\.c\.jitter: must be from 0 to 1d, got 2d$/,
      /^13:\d+ {2}schedules\.d\.timeZone: is of cron and calendars only/,
      /^14:\d+ {2}schedules\.e\.timeZone: is of cron and calendars only/,
    ],
  ],
  [
    'days that never come',
    `${BACKUP}
schedules:
  a: { imageBackup: golden, calendars: [{ month: feb, dayOfMonth: 31 }] }
  b: { imageBackup: golden, calendars: [{ month: feb, dayOfMonth: 29, year: 2027 }] }
  c: { imageBackup: golden, cron: cron(0 20 14 3 ? 2020) }`,
    [
      /^10:\d+ {2}schedules\.a\.calendars: never comes: no day is like that in 2000 to 2100$/,
      /^11:\d+ {2}schedules\.b\.calendars: never comes/,
    ],
  ],
  [
    'an upgrade that waits behind another, or has it abort',
    `${UPGRADE}
schedules:
  a: { imageUpgrade: office, cron: cron(0 20 ? * SAT *), overlap: bufferOne }
  b: { imageUpgrade: office, cron: cron(0 20 ? * SAT *), overlap: cancelOther }`,
    [
      /^16:67 {2}schedules\.a\.overlap: must be skip for an imageUpgrade, got bufferOne: a run that/,
      /^17:\d+ .*got cancelOther/,
    ],
  ],
  [
    'the environment in a tag',
    `environment: [LAB_EXTERNAL_ID]\n${BACKUP.replace('report:', 'anyTags: { Env: ["${LAB_EXTERNAL_ID}"] }, report:')}`,
    [/anyTags\.Env\[0\]: must be written out, got "\$\{LAB_EXTERNAL_ID\}": only role ARNs/],
  ],
  [
    'the environment where it may not be, is not declared, or is not set',
    `
environment: [LAB_EXTERNAL_ID, NOT_SET, NO_EXTERNAL_ID]
accounts:
  - { id: "111122223333", name: "\${LAB_EXTERNAL_ID}", regions: [eu-central-1] }
  - { id: "444455556666", roleArn: "\${HOLDFAST_EXTERNAL_ID}", externalId: "\${NOT_SET}", regions: [us-east-1] }
  - { id: "777788889999", roleArn: arn:aws:iam::777788889999:role/x, externalId: "\${NO_EXTERNAL_ID}", regions: [us-east-1] }`,
    [
      /^4:33 {2}accounts\[0\]\.name: must be written out, got "\$\{LAB_EXTERNAL_ID\}": only role ARNs, external ids, buckets/,
      /^5:36 {2}accounts\[1\]\.roleArn: names \$\{HOLDFAST_EXTERNAL_ID\}, which environment does not declare: .*known are LAB_/,
      /^5:75 {2}accounts\[1\]\.externalId: needs the environment variable NOT_SET, which is not set: set it$/,
      /^6:82 {2}accounts\[2\]\.externalId: must be an external id: .*, got "\$\{NO_EXTERNAL_ID\}"$/,
    ],
  ],
];

describe('a configuration with mistakes', () => {
  for (const [what, text, says] of WRONG) {
    it(`is refused, each mistake with its place: ${what}`, () => {
      const problems = problemsOf(text);
      for (const [index, expected] of says.entries()) assert.match(problems[index] ?? problems.join('\n'), expected);
      assert.equal(problems.length, says.length, problems.join('\n'));
    });
  }

  it('is told with the value as it stands in the file, and what is allowed', () => {
    const loaded = load(UPGRADE.replace('all: true', 'all: true\n      waves: { soak: 70d }'));
    assert.ok(!loaded.ok);
    assert.deepEqual(loaded.problems, [
      {
        file,
        line: 13,
        column: 22,
        path: 'policies.imageUpgrade.office.waves.soak',
        message: 'must be a whole number of minutes from 0 to 20160, got 70d',
        value: '70d',
        allowed: 'a whole number of minutes from 0 to 20160',
      },
    ]);
  });

  it('is told to be missing when it is', () => {
    const loaded = loadConfig(join(folder, 'none.yaml'), {});
    assert.ok(!loaded.ok);
    assert.match(problemText(loaded.problems[0] ?? assert.fail()), /none\.yaml:1:1 {2}cannot be read: ENOENT/);
  });

  it('never shows what came from the environment as a secret', () => {
    const text = `
environment: [NO_EXTERNAL_ID]
accounts:
  - { id: "111122223333", roleArn: x, externalId: "\${NO_EXTERNAL_ID}", regions: [eu-central-1] }`;
    const loaded = load(text);
    assert.ok(!loaded.ok);
    assert.equal(loaded.problems.length, 2);
    assert.ok(!JSON.stringify(loaded.problems).includes(ENVIRONMENT.NO_EXTERNAL_ID));
  });
});

/** Whatever stands in a file by mistake. */
const anything = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1.5, '', 'x', '0', '1h', '${X}', '${LAB_EXTERNAL_ID}', '${', [], {}, [null], [{}]),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Every place of a value, the file as a whole left out. */
const placesOf = (value: unknown): (string | number)[][] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, each]) => {
        const part = Array.isArray(value) ? Number(key) : key;
        return [[part], ...placesOf(each).map((place) => [part, ...place])];
      });

function changed(value: unknown, [part, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (part === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[part] = changed(copy[part], rest, by);
  return copy;
}

describe('a configuration with any mistake at all', () => {
  const examples = ['two-accounts', 'custody'].map((name): [string, unknown] => {
    return [name, parse(readFileSync(join(import.meta.dirname, `../../config/examples/${name}.yaml`), 'utf8'))];
  });

  for (const [name, valid] of examples) {
    it(`is read or refused, with places that are in the file: ${name}`, () => isReadOrRefused(valid));
  }

  function isReadOrRefused(valid: unknown): void {
    const property = fc.property(
      fc.array(fc.tuple(fc.constantFrom(...placesOf(valid)), anything), { minLength: 1, maxLength: 3 }),
      (mistakes) => {
        let data = valid;
        for (const [place, by] of mistakes)
          if (placesOf(data).some((each) => each.join() === place.join())) data = changed(data, place, by);
        const text = stringify(data);
        const lines = text.split('\n');
        const loaded = load(text);
        if (loaded.ok) return;
        for (const { line, column, message } of loaded.problems) {
          assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
          assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `column ${column}`);
          assert.doesNotMatch(message, /undefined|\[object|\u2068/);
        }
      },
    );
    fc.assert(property, { numRuns: 150 });
  }
});
