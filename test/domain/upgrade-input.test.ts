import assert from 'node:assert/strict';
import { DEFAULTS } from '../../domain/image-upgrade.ts';
import { parseUpgradeInput, shareProblem, UPGRADE_FIELDS } from '../../domain/upgrade-input.ts';

const { reportPrefix: prefix, ...defaults } = DEFAULTS;
const PILOT = { key: 'Ring', value: 'pilot' };
const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:people';

const good = {
  ...defaults,
  target: { account: '111122223333', region: 'eu-central-1' },
  bundleId: 'wsb-0fleet0001',
  imageId: 'wsi-0fleet0002',
  waves: {
    ...defaults.waves,
    canary: { size: '5%', choose: 'tag', tag: PILOT, workspaceIds: [] },
    sizes: ['10', '50%'],
    maxFailures: '10%',
  },
  warnings: { ...defaults.warnings, leadSeconds: [1_800, 300] },
  report: { bucket: 'holdfast-reports', prefix, kmsKeyArn: null },
  afterwards: { deleteScheduleId: null, deleteStackName: null },
};

/** The good input with another value at a path such as `waves.canary.size`. */
function withValue(path: string, value: unknown, within: object = good): Record<string, unknown> {
  const [head = '', ...tail] = path.split('.');
  const inner = (within as Record<string, unknown>)[head];
  return { ...within, [head]: tail.length === 0 ? value : withValue(tail.join('.'), value, inner as object) };
}

const problemsOf = (raw: unknown): readonly string[] => {
  const parsed = parseUpgradeInput(raw);
  return parsed.ok ? [] : parsed.problems;
};

const WRONG: readonly [path: string, value: unknown][] = [
  ['target.account', '12345'],
  ['target.account', 111122223333],
  ['target.region', 'Frankfurt'],
  ['target.region', 'eu-central'],
  ['bundleId', 'wsb-short'],
  ['bundleId', 'wsi-0fleet0001'],
  ['bundleId', 'wsb-0FLEET0001'],
  ['imageId', 'wsi-12345678'],
  ['imageId', 'ami-0123456789'],
  ['selection.allOf', PILOT],
  ['selection.anyOf', null],
  ['selection.noneOf', 'Ring=pilot'],
  ['selection.workspaceIds', 'ws-0fleet0001'],
  ['selection.directoryIds', 'd-90670f1ee7'],
  ['maxResources', -1],
  ['maxResources', 1.5],
  ['maxResourcesPercent', 100.5],
  ['maxResourcesPercent', '10%'],
  ['otherBundle', 'skip'],
  ['waves.canary.size', '0'],
  ['waves.canary.size', '0%'],
  ['waves.canary.size', '101%'],
  ['waves.canary.size', 5],
  ['waves.canary.size', '5 %'],
  ['waves.canary.choose', 'random'],
  ['waves.canary.tag', { key: 'Ring' }],
  ['waves.canary.tag', { key: 'aws:ring', value: 'pilot' }],
  ['waves.canary.workspaceIds', null],
  ['waves.sizes', '10%'],
  ['waves.soakMinutes', -1],
  ['waves.soakMinutes', 20_161],
  ['waves.maxFailures', 3],
  ['waves.maxFailures', '-1'],
  ['waves.maxFailures', '101%'],
  ['waves.failureKinds', []],
  ['waves.failureKinds', ['rebuildFailed', 'rebuildFailed']],
  ['waves.failureKinds', ['skipped']],
  ['keepBundle', null],
  ['windows', null],
  ['windowPassed', 'report'],
  ['warnings.leadSeconds', 600],
  ['warnings.leadSeconds', [300, 1_800]],
  ['warnings.leadSeconds', [300, 300]],
  ['warnings.leadSeconds', [0]],
  ['warnings.leadSeconds', [86_401]],
  ['warnings.leadSeconds', [1.5]],
  ['warnings.leadSeconds', [6, 5, 4, 3, 2, 1]],
  ['warnings.text', 't'.repeat(501)],
  ['warnings.text', 'Rebuilt in {minutes}'],
  ['warnings.text', 'Rebuilt in {time'],
  ['warnings.text', 'Rebuilt\nsoon'],
  ['warnings.reason', 'r'.repeat(201)],
  ['warnings.contact', null],
  ['warnings.requireDelivery', 1],
  ['warnings.topicArn', 'people'],
  ['warnings.topicArn', `${TOPIC}.fifo`],
  ['connectedUsers.policy', 'ask'],
  ['connectedUsers.waitMinutes', 0],
  ['connectedUsers.afterWait', 'wait'],
  ['maintenance', 'true'],
  ['operatorTopicArn', 'arn:aws:sqs:eu-central-1:111122223333:people'],
  ['approval.planHash', 'f'.repeat(63)],
  ['approval.planHash', 'F'.repeat(64)],
  ['approval.required', null],
  ['approval.expiresMinutes', 0],
  ['pollSeconds', 9],
  ['pollSeconds', 3_601],
  ['waitTimeoutMinutes', 0],
  ['waitTimeoutMinutes', 20_161],
  ['maxConcurrent', 0],
  ['maxConcurrent', 501],
  ['maxConcurrent', Number.NaN],
  ['quietMarginHours', -1],
  ['quietMarginHours', Number.POSITIVE_INFINITY],
  ['maxDataLossSeconds', -1],
  ['settleSeconds', 0],
  ['confirmSeconds', 0],
  ['rebuildTimeoutMinutes', 0],
  ['poolsToo', 'yes'],
  ['report.bucket', 's3://holdfast-reports'],
  ['report.bucket', 'Reports'],
  ['report.bucket', 'ab'],
  ['report.bucket', 'a..b'],
  ['report.bucket', '192.168.0.1'],
  ['report.prefix', 'a\nb'],
  ['report.prefix', 'p'.repeat(901)],
  ['report.kmsKeyArn', '11112222-3333-4444-8555-666677778888'],
  ['report.kmsKeyArn', ''],
  ['afterwards.deleteScheduleId', ''],
  ['afterwards.deleteStackName', '1st-stack'],
];

describe('the parameters of an upgrade', () => {
  it('are taken as they are when nothing is wrong', () => {
    assert.deepEqual(parseUpgradeInput(good), { ok: true, input: good });
  });

  for (const [path, value] of WRONG) {
    it(`are refused when ${path} is ${JSON.stringify(value)?.slice(0, 40)}, in one line with the value and what is allowed`, () => {
      const [problem = '', ...others] = problemsOf(withValue(path, value));
      assert.deepEqual(others, []);
      assert.ok(problem.startsWith(`${path} must be `), problem);
      const shown = typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 80);
      assert.ok(problem.includes(`, got ${shown}`), problem);
      assert.ok(!problem.includes('\n'));
    });
  }

  for (const [path, value, got] of [
    ['selection.allOf', [PILOT, { key: '', value: '' }], '{"key":"","value":""}'],
    ['selection.anyOf', [{ ...PILOT, more: 1 }], '{"key":"Ring","value":"pilot","more":1}'],
    ['selection.noneOf', [{ key: 'k'.repeat(128), value: '' }], '{"key":"kkk'],
    ['selection.noneOf', [{ key: 'Ring', value: 'v'.repeat(256) }], '{"key":"Ring","value":"vvv'],
    ['selection.noneOf', Array.from({ length: 51 }, () => PILOT), '51 of them'],
    ['selection.workspaceIds', ['ws-0fleet0001', 'ws-0FLEET0002'], '"ws-0FLEET0002"'],
    ['selection.workspaceIds', Array.from({ length: 10_001 }, () => 'ws-0fleet0001'), '10001 of them'],
    ['selection.directoryIds', ['d-90670f1ee7', 'd-none'], '"d-none"'],
    ['waves.sizes', ['10', '0%'], '"0%"'],
    ['waves.sizes', Array.from({ length: 21 }, () => '5'), '21 of them'],
  ] as const) {
    it(`are refused for one element of ${path} that is ${got.slice(0, 40)}, or too many, and name just that`, () => {
      const [problem = '', ...others] = problemsOf(withValue(path, value));
      assert.deepEqual(others, []);
      assert.ok(problem.startsWith(`${path} must be at most `) && problem.includes(`, got ${got}`), problem);
    });
  }

  it('cover every field with a rule that some value breaks', () => {
    assert.deepEqual([...new Set(WRONG.map(([path]) => path))].toSorted(), [...UPGRADE_FIELDS].toSorted());
  });

  it('are told all their problems at once', () => {
    assert.equal(problemsOf({ ...good, bundleId: 'x', imageId: 'y', maxConcurrent: 0 }).length, 3);
  });

  it('are not filled up: a run must not change when a default does', () => {
    for (const field of [...Object.keys(good), ...UPGRADE_FIELDS, 'waves.canary']) {
      const rest = problemsOf(withValue(field, undefined));
      assert.ok(rest.every((problem) => problem.startsWith(field) && problem.includes('is missing: give')));
      assert.notEqual(rest.length, 0);
    }
  });

  for (const raw of [null, undefined, 7, 'wsb-0fleet0001', [good]]) {
    it(`are not ${Array.isArray(raw) ? 'a list' : String(raw)}`, () => {
      assert.equal(problemsOf(raw).length, UPGRADE_FIELDS.length);
    });
  }

  it('hold no unknown field: it may be a misspelt one', () => {
    assert.match(
      problemsOf({ ...good, maxConcurent: 5 })[0] ?? '',
      /^maxConcurent is not known: known are .*maxConcurrent/,
    );
    assert.deepEqual(problemsOf(withValue('connectedUsers.polcy', 'wait')), [
      'connectedUsers.polcy is not known: known are connectedUsers.policy, connectedUsers.waitMinutes, connectedUsers.afterWait',
    ]);
    assert.match(problemsOf({ ...good, tags: {}, tag: PILOT })[0] ?? '', /^tag\.key is not known: /);
  });

  it('are called in the problems as their giver calls them', () => {
    const parsed = parseUpgradeInput({ ...good, bundleId: 'x' }, (field) =>
      field === 'bundleId' ? '--bundle' : field,
    );
    assert.ok(!parsed.ok);
    assert.match(parsed.problems[0] ?? '', /^--bundle must be a bundle id: .*, got "x"$/);
  });

  it('take edges of every range', () => {
    for (const [path, values] of Object.entries({
      'selection.allOf': [[], [{ key: 'k'.repeat(127), value: '' }], [{ key: 'Ring', value: 'v'.repeat(255) }]],
      'selection.workspaceIds': [[], Array.from({ length: 10_000 }, () => 'ws-0fleet0001')],
      'selection.directoryIds': [['d-90670f1ee7']],
      maxResources: [null, 0, 10_000],
      maxResourcesPercent: [null, 0, 0.5, 100],
      otherBundle: ['list', 'migrate'],
      'waves.canary': [null],
      'waves.canary.size': ['1', '99999', '1%', '100%'],
      'waves.sizes': [[], Array.from({ length: 20 }, () => '5%')],
      'waves.soakMinutes': [0, 20_160],
      'waves.maxFailures': [null, '0', '0%', '3', '100%'],
      'waves.failureKinds': [['blocked'], ['rebuildFailed', 'rebuildUnconfirmed', 'timedOutWaiting', 'blocked']],
      'warnings.leadSeconds': [[], [86_400, 1], [5, 4, 3, 2, 1]],
      'warnings.text': ['{time}{reason}{contact}', 't'.repeat(500), 'ä'],
      'warnings.requireDelivery': [true],
      'warnings.topicArn': [null, TOPIC],
      operatorTopicArn: [null, TOPIC],
      'approval.planHash': [null, '0'.repeat(64)],
      pollSeconds: [10, 3_600],
      waitTimeoutMinutes: [1, 20_160],
      maxConcurrent: [1, 500],
      quietMarginHours: [0, 0.5],
      maxDataLossSeconds: [null, 0],
      'target.region': ['us-gov-west-1', 'ap-southeast-4', 'eusc-de-east-1'],
    })) {
      for (const value of values)
        assert.deepEqual(problemsOf(withValue(path, value)), [], `${path} ${JSON.stringify(value).slice(0, 40)}`);
    }
  });

  for (const [given, kept] of [
    ['reports', 'reports/'],
    ['/reports/2026/', 'reports/2026/'],
    ['/', ''],
    ['', ''],
  ] as const) {
    it(`make a folder of the report prefix ${JSON.stringify(given)}`, () => {
      const parsed = parseUpgradeInput(withValue('report.prefix', given));
      assert.ok(parsed.ok);
      assert.equal(parsed.input.report.prefix, kept);
    });
  }

  it('name a report key in the Region of the WorkSpaces, where the bucket is', () => {
    const arn = (region: string) => `arn:aws:kms:${region}:111122223333:key/11112222-3333-4444-8555-666677778888`;
    assert.deepEqual(problemsOf(withValue('report.kmsKeyArn', arn('eu-central-1'))), []);
    assert.match(
      problemsOf(withValue('report.kmsKeyArn', arn('us-east-1')))[0] ?? '',
      /^report\.kmsKeyArn must be a key in eu-central-1, .*got "arn:aws:kms:us-east-1/,
    );
  });

  for (const [what, values, problem] of [
    [
      'a canary by tag needs a tag',
      { 'waves.canary.tag': null },
      'waves.canary.tag must be a tag when the canary is chosen by tag, got null',
    ],
    [
      'a canary by list needs a list',
      { 'waves.canary.choose': 'list' },
      'waves.canary.workspaceIds must name WorkSpaces when the canary is chosen by list, got []',
    ],
    ['a warning needs a text', { 'warnings.text': '  ' }, 'warnings.text must be what users are to read, got "  "'],
    [
      'a delivery that is required needs a warning',
      { 'warnings.requireDelivery': true, 'warnings.leadSeconds': [] },
      'warnings.requireDelivery needs a warning: give warnings.leadSeconds, such as 600',
    ],
    [
      'a topic for users is one of the account',
      { 'warnings.topicArn': TOPIC.replace('111122223333', '444455556666') },
      'warnings.topicArn must be a topic of account 111122223333 in eu-central-1, got "arn:aws:sns:eu-central-1:444455556666:people"',
    ],
    [
      'a topic for operators is one of the Region',
      { operatorTopicArn: TOPIC.replace('eu-central-1', 'us-east-1') },
      'operatorTopicArn must be a topic of account 111122223333 in eu-central-1, got "arn:aws:sns:us-east-1:111122223333:people"',
    ],
  ] as const) {
    it(`hold together: ${what}`, () => {
      const raw = Object.entries(values).reduce<object>((all, [path, value]) => withValue(path, value, all), good);
      assert.deepEqual(problemsOf(raw), [problem]);
    });
  }

  it('have their windows judged, each problem by itself and under the name that the giver knows', () => {
    const open = [{ days: ['sat'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' }];
    assert.deepEqual(problemsOf({ ...good, windows: [{ directoryId: null, tag: PILOT, open }] }), []);
    const windows = [
      { directoryId: 'd-none', tag: null, open },
      { directoryId: null, tag: null, open: [{ ...open[0], timeZone: 'Berlin' }] },
    ];
    const problems = problemsOf({ ...good, windows });
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /^rule 1 of windows: directoryId must be .*, got "d-none"$/);
    assert.match(problems[1] ?? '', /^rule 2 of windows: timeZone must be .*, got "Berlin"$/);
    const named = parseUpgradeInput({ ...good, windows }, (field) => (field === 'windows' ? '--window' : field));
    assert.ok(!named.ok && named.problems.every((problem) => problem.startsWith('--window: rule ')));
  });

  it('have windows that outlast the first warning, or nobody warned in them would ever be rebuilt', () => {
    const hours = (from: string, to: string) => [{ days: ['sat'], from, to, timeZone: 'Europe/Berlin' }];
    const withHours = (from: string, to: string, leadSeconds: readonly number[]) =>
      problemsOf({
        ...good,
        warnings: { ...good.warnings, leadSeconds },
        windows: [{ directoryId: null, tag: null, open: hours(from, to) }],
      });
    assert.deepEqual(withHours('23:50', '00:30', [1800, 300]), []);
    assert.deepEqual(withHours('08:00', '08:20', []), []);
    assert.match(
      withHours('08:00', '08:30', [1800])[0] ?? '',
      /longer than the first warning of 1800 seconds by 10 minutes, got 08:00-08:30/,
    );
  });

  it('need no text when nobody is warned', () => {
    assert.deepEqual(problemsOf({ ...good, warnings: { ...good.warnings, leadSeconds: [], text: '' } }), []);
  });
});

describe('shareProblem', () => {
  it('is null for a threshold that can be used', () => {
    for (const share of ['0', '3', '0%', '10%', '100%']) assert.equal(shareProblem(share), null);
  });

  it('says what a threshold must be', () => {
    for (const share of ['', 'ten', '1.5', '-1', '101%', 3, null, undefined]) {
      assert.match(shareProblem(share) ?? '', /^the threshold .*a number such as "3" or a share such as "10%"/);
    }
    assert.match(shareProblem('ten') ?? '', /, got "ten"$/);
  });
});
