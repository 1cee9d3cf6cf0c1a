import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration, parseDuration, parseMinutes } from '../../client/duration.ts';
import { realEndpoints } from '../../client/loopback.ts';
import { parseTarget } from '../../client/target-flag.ts';
import { flagsOf } from '../../client/upgrade-choice.ts';
import { windowText } from '../../client/window-flag.ts';
import { DEFAULTS } from '../../domain/image-upgrade.ts';
import { newRow } from '../../domain/upgrade-row.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { upgradeCsv } from '../../report/upgrade-csv.ts';
import { imageUpgradeId, rollbackId } from '../../workflows/image-upgrade.messages.ts';
import { inputOf, WHAT } from './upgrade-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-flags-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(folder, `${(files += 1)}.txt`);
  writeFileSync(path, text);
  return path;
}

const PROD = [...WHAT, '--tag', 'Env=Prod'];

describe('the flags of an upgrade', () => {
  it('leave the defaults where nothing is given', () => {
    const { reportPrefix, ...defaults } = DEFAULTS;
    assert.deepEqual(inputOf(...PROD), {
      ...defaults,
      target: { account: '111122223333', region: 'eu-central-1' },
      bundleId: 'wsb-0fleet0001',
      imageId: 'wsi-0fleet0002',
      selection: { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Prod' }] },
      report: { bucket: 'holdfast-reports', prefix: reportPrefix, kmsKeyArn: null },
      afterwards: { deleteScheduleId: null, deleteStackName: null },
    });
  });

  it('name everything that is missing at once, and that no selection is not the whole bundle', () => {
    assert.throws(() => inputOf(...WHAT.slice(0, 4), ...WHAT.slice(6)), {
      exit: 'usage',
      message:
        '--bundle is missing: give a bundle id: wsb- and 8 to 63 digits or small letters\n' +
        'which WorkSpaces? give --tag Key=Value, --any-tag, --ids-file or --directory, or --all for the whole bundle',
    });
  });

  it('select by tags, directories and ids, each repeated', () => {
    const ids = file('# the pilots\nws-000000001\n\n ws-000000002  # ana\nws-000000001\n');
    const { selection } = inputOf(
      PROD,
      ['--tag', 'Team=A=B', '--any-tag', 'Site=X', '--any-tag', 'Site=Y', '--not-tag', 'Vip=yes'],
      ['--directory', 'd-9000000001', '--directory', 'd-9000000002', '--ids-file', ids],
    );
    assert.deepEqual(selection, {
      allOf: [
        { key: 'Env', value: 'Prod' },
        { key: 'Team', value: 'A=B' },
      ],
      anyOf: [
        { key: 'Site', value: 'X' },
        { key: 'Site', value: 'Y' },
      ],
      noneOf: [{ key: 'Vip', value: 'yes' }],
      workspaceIds: ['ws-000000001', 'ws-000000002'],
      directoryIds: ['d-9000000001', 'd-9000000002'],
    });
  });

  it('select the whole bundle only when that is said, but for some if wanted', () => {
    assert.deepEqual(inputOf(...WHAT, '--all').selection, NO_SELECTION);
    assert.deepEqual(inputOf(...WHAT, '--all', '--not-tag', 'Vip=yes').selection.noneOf, [
      { key: 'Vip', value: 'yes' },
    ]);
    assert.throws(() => inputOf(...WHAT, '--not-tag', 'Vip=yes'), /^CommandError: which WorkSpaces\?/);
    assert.throws(() => inputOf(...PROD, '--all'), /--all is the whole bundle, which --tag is not: give one of them/);
  });

  it('read the ids of a CSV report of an earlier run', () => {
    const report = upgradeCsv({ warnings: DEFAULTS.warnings }, [
      newRow({
        workspaceId: 'ws-000000001',
        computerName: 'a,b',
        userName: '',
        directoryId: 'd-1',
        bundleId: 'wsb-1',
        instanceIds: [],
        action: 'rebuild',
        windowRule: null,
        wave: 0,
        state: 'AVAILABLE',
      }),
    ]);
    assert.deepEqual(inputOf(...WHAT, '--ids-file', file(report)).selection.workspaceIds, ['ws-000000001']);
  });

  for (const [what, text, says] of [
    ['that holds something else', 'ws-000000001\nserver-1\n', /"server-1" is no WorkSpace id: give one ws-… a line/],
    ['that is empty', '# nobody\n', /it names no WorkSpace/],
  ] as const) {
    it(`take no file of ids ${what}`, () => assert.throws(() => inputOf(...WHAT, '--ids-file', file(text)), says));
  }

  it('take no file of ids that is not there', () => {
    assert.throws(() => inputOf(...WHAT, '--ids-file', join(folder, 'none')), /it cannot be read: ENOENT/);
  });

  it('describe waves: a canary, sizes, how long they soak and when failures stop them', () => {
    const args = ['--canary', '5', '--waves', '10%, 30%', '--soak', '30m', '--max-failures', '3', '--failure-kinds'];
    assert.deepEqual(inputOf(...PROD, ...args, 'rebuildFailed,blocked', '--keep-bundle').waves, {
      canary: { size: '5', choose: 'spread', tag: null, workspaceIds: [] },
      sizes: ['10%', '30%'],
      soakMinutes: 30,
      maxFailures: '3',
      failureKinds: ['rebuildFailed', 'blocked'],
    });
  });

  it('choose the canary by tag, or from a file: all of it when no size is given', () => {
    const canary = (...args: string[]) => inputOf(...PROD, ...args).waves.canary;
    const tag = { key: 'Ring', value: '0' };
    const ids = ['ws-000000001', 'ws-000000002'];
    const pilots = file(ids.join('\r\n'));
    assert.deepEqual(canary('--canary', '10%', '--canary-tag', 'Ring=0'), {
      size: '10%',
      choose: 'tag',
      tag,
      workspaceIds: [],
    });
    assert.deepEqual(canary('--canary-file', pilots), { size: '2', choose: 'list', tag: null, workspaceIds: ids });
    assert.equal(canary('--canary-file', pilots, '--canary', '1')?.size, '1');
    assert.throws(() => canary('--canary-tag', 'Ring=0'), /--canary-tag needs --canary/);
    assert.throws(
      () => canary('--canary', '1', '--canary-tag', 'Ring=0', '--canary-file', pilots),
      /--canary-tag and --canary-file both choose the canary/,
    );
  });

  it('limit a plan, and say what becomes of other bundles and of windows that pass', () => {
    const limits = ['--max-resources', '200', '--max-resources-percent', '12.5'];
    const input = inputOf(...PROD, ...limits, '--other-bundle', 'migrate', '--window-passed', 'skip');
    assert.deepEqual([input.maxResources, input.maxResourcesPercent], [200, 12.5]);
    assert.deepEqual([input.otherBundle, input.windowPassed], ['migrate', 'skip']);
  });

  it('open windows, the first rule that is given first', () => {
    const { windows } = inputOf(
      PROD,
      ['--window', 'directory d-9000000001: Sat 08:00-20:00 Europe/Berlin'],
      ['--window', 'Mon-Fri 22:00-05:00 Europe/Berlin'],
    );
    assert.deepEqual(windows.map(windowText), [
      'directory d-9000000001: Sat 08:00-20:00 Europe/Berlin',
      'Mon-Fri 22:00-05:00 Europe/Berlin',
    ]);
  });

  for (const [given, leads] of [
    ['600', [600]],
    ['1800,300', [1_800, 300]],
    ['30m, 5m', [1_800, 300]],
    ['0', []],
  ] as const) {
    it(`--notify-seconds ${given} warns ${leads.join(' and ') || 'nobody'}`, () => {
      assert.deepEqual(inputOf(...PROD, '--notify-seconds', given).warnings.leadSeconds, leads);
    });
  }

  it('say what users read, and what becomes of those who are connected or could not be reached', () => {
    const topic = 'arn:aws:sns:eu-central-1:111122223333:users';
    const input = inputOf(
      PROD,
      ['--notify-seconds', '10m', '--warning-text', 'In {time}: {reason}. {contact}'],
      ['--warning-reason', 'new Office', '--warning-contact', 'call 4711', '--warning-topic', topic],
      ['--require-delivery', '--connected', 'wait', '--connected-wait', '90m', '--connected-then', 'proceed'],
      '--maintenance',
    );
    assert.deepEqual(input.warnings, {
      leadSeconds: [600],
      text: 'In {time}: {reason}. {contact}',
      reason: 'new Office',
      contact: 'call 4711',
      requireDelivery: true,
      topicArn: topic,
    });
    assert.deepEqual(Object.values(input.connectedUsers), ['wait', 90, 'proceed']);
    assert.equal(input.maintenance, true);
  });

  it('ask for approval, and name who is told', () => {
    const topic = 'arn:aws:sns:eu-central-1:111122223333:operators';
    const input = inputOf(...PROD, '--require-approval', '--approval-expires', '4h', '--operator-topic', topic);
    assert.deepEqual(input.approval, { planHash: null, required: true, expiresMinutes: 240 });
    assert.equal(input.operatorTopicArn, topic);
  });
});

describe('a duration', () => {
  for (const [text, seconds] of [
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['4h', 14_400],
    ['1d', 86_400],
    ['', null],
    ['-1', null],
    ['4 hours', null],
    ['1.5h', null],
  ] as const) {
    it(`${JSON.stringify(text)} is ${seconds === null ? 'none' : `${seconds} s`}`, () => {
      assert.equal(parseDuration(text), seconds);
    });
  }

  for (const [seconds, text] of [
    [0, '0 s'],
    [59.4, '59 s'],
    [90, '2 min'],
    [3_599, '1 h'],
    [23_280, '6 h 28 min'],
    [86_399, '1 d'],
    [93_600, '1 d 2 h'],
    [-5, '0 s'],
  ] as const) {
    it(`of ${seconds} s reads ${text}`, () => assert.equal(formatDuration(seconds), text));
  }
});

describe('a duration in minutes', () => {
  for (const [text, minutes] of [
    ['0', 0],
    ['30m', 30],
    ['4h', 240],
    ['90s', 2],
  ] as const) {
    it(`${text} is ${minutes}`, () => assert.equal(parseMinutes(text), minutes));
  }

  it('needs its unit: 30 may be meant as seconds or as minutes', () => {
    assert.throws(() => parseMinutes('30'), /give a duration with its unit, such as 30m, 4h or 1d/);
  });
});

describe('--target', () => {
  it('is an account and a Region, with or without a role', () => {
    const role = 'arn:aws:iam::111122223333:role/ops/holdfast-worker';
    const first = parseTarget('111122223333/eu-central-1');
    assert.deepEqual(first, [{ account: '111122223333', region: 'eu-central-1' }]);
    assert.deepEqual(parseTarget(`111122223333/us-east-1=${role}`, first), [
      ...first,
      { account: '111122223333', region: 'us-east-1', roleArn: role },
    ]);
  });

  for (const wrong of [
    '',
    '111122223333',
    '1234/eu-central-1',
    '111122223333/Frankfurt',
    '111122223333/eu-central-1=role',
  ]) {
    it(`is not ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => parseTarget(wrong), /give <account>\/<region>\[=<role ARN>\], such as/);
    });
  }

  it('takes no role of another account: its calls would be made there', () => {
    assert.throws(
      () => parseTarget('111122223333/eu-central-1=arn:aws:iam::444455556666:role/holdfast'),
      /the role is in account 444455556666: give one in 111122223333/,
    );
  });

  it('is given once for a target', () => {
    assert.throws(
      () => parseTarget('111122223333/eu-central-1', parseTarget('111122223333/eu-central-1')),
      /given twice/,
    );
  });
});

describe('the endpoints of AWS', () => {
  const sandbox = 'http://127.0.0.1:4599';
  for (const [what, env, problem] of [
    ['without an endpoint', {}, 'AWS_ENDPOINT_URL is not set, so calls go to AWS itself'],
    ['elsewhere', { AWS_ENDPOINT_URL: 'https://aws.example.com' }, 'AWS_ENDPOINT_URL is https://aws.example.com'],
    [
      'with one service elsewhere',
      { AWS_ENDPOINT_URL: sandbox, AWS_ENDPOINT_URL_S3: 'https://127.0.0.1.example.com' },
      'AWS_ENDPOINT_URL_S3 is https://127.0.0.1.example.com',
    ],
    [
      'ignored',
      { AWS_ENDPOINT_URL: sandbox, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set, so calls go to AWS itself',
    ],
    ['not a URL', { AWS_ENDPOINT_URL: 'localhost' }, 'AWS_ENDPOINT_URL is localhost'],
  ] as const) {
    it(`are not all of this machine ${what}`, () => assert.deepEqual(realEndpoints(env), [problem]));
  }

  for (const url of [sandbox, 'http://localhost:4599', 'http://[::1]:4599', 'http://s3.localhost:4599']) {
    it(`are of this machine at ${url}`, () => assert.deepEqual(realEndpoints({ AWS_ENDPOINT_URL: url }), []));
  }
});

describe('the flags that name a run', () => {
  it('are read from its id', () => {
    const id = imageUpgradeId({ account: '111122223333', region: 'eu-central-1' }, 'wsb-0fleet0001');
    const flags = '--account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001';
    assert.equal(flagsOf(id), flags);
    assert.equal(flagsOf(rollbackId(id)), `${flags} --rollback-run`);
  });
});
