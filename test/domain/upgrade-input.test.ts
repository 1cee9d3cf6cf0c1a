import assert from 'node:assert/strict';
import { parseUpgradeInput, UPGRADE_FIELDS } from '../../domain/upgrade-input.ts';

const good = {
  target: { account: '111122223333', region: 'eu-central-1' },
  bundleId: 'wsb-0fleet0001',
  imageId: 'wsi-0fleet0002',
  tag: { key: 'Env', value: 'Prod' },
  notifySeconds: 300,
  pollSeconds: 60,
  waitTimeoutMinutes: 900,
  maxConcurrent: 10,
  quietMarginHours: 24,
  maxDataLossSeconds: null,
  settleSeconds: 300,
  confirmSeconds: 210,
  rebuildTimeoutMinutes: 240,
  poolsToo: false,
  report: { bucket: 'holdfast-reports', prefix: 'workspaces-upgrades/', kmsKeyArn: null },
  afterwards: { deleteScheduleId: null, deleteStackName: null },
};

/** The good input with another value at a path such as `report.bucket`. */
function withValue(path: string, value: unknown): Record<string, unknown> {
  const [head = '', tail] = path.split('.');
  const inner = (good as Record<string, unknown>)[head];
  return { ...good, [head]: tail === undefined ? value : { ...(inner as object), [tail]: value } };
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
  ['tag.key', ''],
  ['tag.key', 'aws:cloudformation:stack-name'],
  ['tag.key', 'k'.repeat(128)],
  ['tag.value', 'v'.repeat(256)],
  ['tag.value', null],
  ['notifySeconds', -1],
  ['notifySeconds', 86_401],
  ['notifySeconds', 1.5],
  ['notifySeconds', '300'],
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
      assert.ok(problem.startsWith(`${path} must be a`) || problem.startsWith(`${path} must be t`), problem);
      const shown = typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 80);
      assert.ok(problem.includes(`got ${shown}`), problem);
      assert.ok(!problem.includes('\n'));
    });
  }

  it('cover every field with a rule that some value breaks', () => {
    assert.deepEqual([...new Set(WRONG.map(([path]) => path))].toSorted(), [...UPGRADE_FIELDS].toSorted());
  });

  it('are told all their problems at once', () => {
    assert.equal(problemsOf({ ...good, bundleId: 'x', imageId: 'y', maxConcurrent: 0 }).length, 3);
  });

  it('are not filled up: a run must not change when a default does', () => {
    for (const field of Object.keys(good)) {
      const { [field as 'bundleId']: _left, ...rest } = good;
      assert.ok(problemsOf(rest).every((problem) => problem.startsWith(field) && problem.includes('is missing: give')));
      assert.notEqual(problemsOf(rest).length, 0);
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
      notifySeconds: [0, 86_400],
      pollSeconds: [10, 3_600],
      waitTimeoutMinutes: [1, 20_160],
      maxConcurrent: [1, 500],
      quietMarginHours: [0, 0.5],
      maxDataLossSeconds: [null, 0],
      'tag.value': [''],
      'target.region': ['us-gov-west-1', 'ap-southeast-4', 'eusc-de-east-1'],
    })) {
      for (const value of values) assert.deepEqual(problemsOf(withValue(path, value)), [], `${path} ${value}`);
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
});
