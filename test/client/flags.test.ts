import assert from 'node:assert/strict';
import { formatDuration, parseDuration } from '../../client/duration.ts';
import { realEndpoints } from '../../client/loopback.ts';
import { parseTarget } from '../../client/target-flag.ts';
import { flagsOf } from '../../client/upgrade-choice.ts';
import { upgradeInput } from '../../client/upgrade-flags.ts';
import { DEFAULTS } from '../../domain/image-upgrade.ts';
import { imageUpgradeId } from '../../workflows/image-upgrade.messages.ts';

const flags = {
  ...DEFAULTS,
  account: '111122223333',
  region: 'eu-central-1',
  bundle: 'wsb-0fleet0001',
  image: 'wsi-0fleet0002',
  tag: { key: 'Env', value: 'Prod' },
  reportBucket: 'holdfast-reports',
};

describe('the flags of an upgrade', () => {
  it('leave the defaults where nothing is given', () => {
    const { reportPrefix, ...defaults } = DEFAULTS;
    assert.deepEqual(upgradeInput(flags), {
      ...defaults,
      target: { account: '111122223333', region: 'eu-central-1' },
      bundleId: 'wsb-0fleet0001',
      imageId: 'wsi-0fleet0002',
      tag: { key: 'Env', value: 'Prod' },
      report: { bucket: 'holdfast-reports', prefix: reportPrefix, kmsKeyArn: null },
      afterwards: { deleteScheduleId: null, deleteStackName: null },
    });
  });

  it('name the bundle and the tag once each when they are missing', () => {
    const { bundle: _bundle, tag: _tag, ...rest } = flags;
    assert.throws(() => upgradeInput(rest), {
      exit: 'usage',
      message:
        '--bundle is missing: give a bundle id: wsb- and 8 to 63 digits or small letters\n' +
        '--tag is missing: give Key=Value, such as Env=Prod',
    });
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
    assert.equal(flagsOf(id), '--account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001');
  });
});
