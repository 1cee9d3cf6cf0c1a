import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ended } from './holdfast.ts';

const FLEET = {
  '--account': '111122223333',
  '--region': 'eu-central-1',
  '--bundle': 'wsb-0fleet0001',
  '--image': 'wsi-0fleet0002',
  '--tag': 'Env=Prod',
  '--report-bucket': 'holdfast-reports',
};
const upgrade = (verb: string, changes: Readonly<Record<string, string>>): string[] => [
  'upgrade',
  verb,
  ...Object.entries({ ...FLEET, ...changes }).flat(),
];

/** A wrong value, and what the one line says of it. */
const WRONG_UPGRADE: readonly [flag: string, value: string, says: RegExp][] = [
  ['--account', '1234', /--account must be an account id of 12 digits, such as 111122223333, got "1234"/],
  ['--region', 'Frankfurt', /--region must be a Region, such as eu-central-1, got "Frankfurt"/],
  ['--bundle', 'office', /--bundle must be a bundle id: wsb- .*, got "office"/],
  ['--image', 'ami-12345678', /--image must be an image id: wsi- .*, got "ami-12345678"/],
  ['--tag', 'Env', /'--tag <Key=Value>' argument 'Env' is invalid\. give Key=Value, such as Env=Prod/],
  ['--tag', 'aws:x=y', /--tag must be at most 50 tags, each with a key .* not begin with aws: .*got.*"aws:x"/],
  ['--all', '--pools-too', /--all is the whole bundle, which --tag is not: give one of them/],
  ['--ids-file', '/nowhere/ids', /'\/nowhere\/ids' is invalid\. it cannot be read: ENOENT/],
  ['--directory', 'corp', /--directory must be at most 1000 directory ids.*got.*"corp"/],
  ['--max-resources', '-1', /--max-resources must be a whole number of WorkSpaces from 0 to 100000, got -1/],
  ['--max-resources-percent', '101', /--max-resources-percent must be a number of percent from 0 to 100, got 101/],
  ['--other-bundle', 'ignore', /'ignore' is invalid\. Allowed choices are list, migrate/],
  ['--canary', '0', /--canary must be a number of WorkSpaces such as "5", or a share of them such as "10%", got "0"/],
  ['--waves', '10%,all', /--waves must be at most 20 sizes.*got.*"all"/],
  ['--soak', '30', /'30' is invalid\. give a duration with its unit, such as 30m, 4h or 1d/],
  ['--max-failures', 'few', /--max-failures must be the most that may fail.*got "few"/],
  ['--failure-kinds', 'skipped', /--failure-kinds must be a list of rebuildFailed, .*got.*"skipped"/],
  ['--window', 'at night', /'at night' is invalid\. give <days> <from>-<to> <time zone>, such as Mon-Fri 22:00-05:00/],
  ['--notify-seconds', '86401', /--notify-seconds must be at most 5 whole numbers of seconds from 1 to 86400.*86401/],
  ['--notify-seconds', '5m,30m', /--notify-seconds must be .* the largest first.*300,1800/],
  ['--notify-seconds', 'soon', /'soon' is invalid\. give seconds or durations, such as 600 or 30m,5m; 0 for none/],
  ['--require-delivery', '--pools-too', /--require-delivery needs a warning: give --notify-seconds, such as 600/],
  [
    '--warning-text',
    'in {hours}',
    /--warning-text must be a text .*\{time\}, \{reason\} and \{contact\}.*got "in \{hours\}"/,
  ],
  ['--operator-topic', 'ops', /--operator-topic must be the ARN of an SNS topic .*got "ops"/],
  ['--connected-wait', 'long', /'long' is invalid\. give a duration with its unit/],
  ['--poll-seconds', '5', /--poll-seconds must be a whole number of seconds from 10 to 3600, got 5/],
  ['--wait-timeout-minutes', 'long', /--wait-timeout-minutes must be a whole number of minutes .*, got "long"/],
  ['--max-concurrent', '0', /--max-concurrent must be a whole number of WorkSpaces from 1 to 500, got 0/],
  ['--quiet-margin-hours', '-1', /--quiet-margin-hours must be a number of hours from 0 to 8760, got -1/],
  ['--max-data-loss', '4 hours', /'4 hours' is invalid\. give seconds, or a duration such as 90m, 4h or 1d/],
  [
    '--report-bucket',
    's3://reports',
    /--report-bucket must be the name of a bucket, without s3:\/\/.*got "s3:\/\/reports"/,
  ],
  ['--report-prefix', 'a\tb', /--report-prefix must be a key prefix of at most 900 characters, got "a\\tb"/],
  ['--report-kms-key', 'alias/reports', /--report-kms-key must be the ARN of a KMS key.*got "alias\/reports"/],
  ['--delete-schedule', '', /--delete-schedule must be the id of a schedule.*got ""/],
  ['--delete-stack', '-x-', /--delete-stack must be the name or ARN of a CloudFormation stack, got "-x-"/],
  ['--pools-maybe', 'x', /unknown option '--pools-maybe'/],
];

/** JSON, and no plan. */
const packageJson = join(import.meta.dirname, '../../package.json');

const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  ...WRONG_UPGRADE.map(
    ([flag, value, says], index) => [upgrade(index % 2 === 0 ? 'plan' : 'start', { [flag]: value }), says] as const,
  ),
  [upgrade('start', {}), /there is no terminal to ask on: .* give --yes/],
  [['upgrade', 'status', '--account', '111122223333'], /give --account, --region and --bundle, or none of them/],
  [['upgrade', 'start', '--plan', '/nowhere/plan', '--yes'], /--plan \/nowhere\/plan cannot be read: ENOENT/],
  [
    ['upgrade', 'start', '--plan', packageJson, '--yes'],
    /--plan .*package\.json is no plan of holdfast\/image-upgrade-plan\/2/,
  ],
  [['upgrade', 'skip', 'WSAMZN-1'], /give a WorkSpace id: ws- and 8 to 63 digits or small letters/],
  [['upgrade', 'skip'], /missing required argument 'workspace'/],
  [['upgrade', 'defer', 'ws-000000001', '4'], /'4' is invalid.* give a duration with its unit/],
  [['upgrade', 'defer', 'ws-000000001', '0'], /'0' is invalid.* give a duration from 1m to 30d/],
  [['upgrade', 'defer', 'ws-000000001', '90d'], /'90d' is invalid.* give a duration from 1m to 30d/],
  [['upgrade', 'approve', 'abc'], /'abc' is invalid.* give the hash of a plan: 64 digits or letters from a to f/],
  [
    [...upgrade('plan', {}), '--save', '/nowhere/plan.json'],
    /--save \/nowhere\/plan\.json cannot be written: .*\/nowhere/,
  ],
  [[...upgrade('plan', {}), '--save', '/'], /--save \/ cannot be written: it is a folder/],
  [
    ['upgrade', 'change', '--max-failures', '200%'],
    /'200%' is invalid\. the threshold must be the most that may fail, a number such as "3" .*, got "200%"/,
  ],
  [
    ['upgrade', 'change', '--max-failures', '3', '--no-max-failures'],
    /--max-failures and --no-max-failures contradict each other: give one/,
  ],
  [['upgrade', 'change'], /nothing to change: give --max-concurrent, --max-failures, .*--no-windows/],
  [['upgrade', 'change', '--max-concurrent', '501'], /give a whole number from 1 to 500/],
  [
    ['upgrade', 'change', '--no-windows', '--window', 'Sat 08:00-20:00 UTC'],
    /--window and --no-windows contradict each other/,
  ],
  [['upgrade', 'abort', '--rebuild'], /--rebuild needs --rollback/],
  [['upgrade', 'report', '-o', 'x'], /give --csv or --json with --output/],
  [['worker', '--target', 'production'], /give <account>\/<region>\[=<role ARN>\]/],
  [['worker', '--calls-per-second', '0'], /give a number above 0, at most 100/],
  [
    ['worker', '--speed', '60', '--target', '111122223333/eu-central-1'],
    /--speed 60 is for a sandbox on this machine only/,
  ],
  [['worker'], /which Region\? set AWS_REGION, or give --target/],
  [['sandbox', 'start', '--port', '65536'], /give a whole number from 0 to 65535/],
  [['sandbox', 'start', '--start-time', 'monday'], /--start-time must be an instant such as .*, got "monday"/],
  [['sandbox', 'start', '--fleet', 'huge'], /'huge' is invalid\. Allowed choices are demo, plain, none/],
  [['sandbox', 'start', '--port', '0', '--folder', `${devNull}/x`], /--folder \/dev\/null\/x cannot be used: ENOTDIR/],
  [['dev', '--speed', 'fast'], /'fast' is invalid\. give a number above 0/],
  [['demo', '--seed', '1.5'], /'1\.5' is invalid\. give a whole number/],
  [['frobnicate'], /unknown command 'frobnicate'/],
];

const folder = mkdtempSync(join(tmpdir(), 'holdfast-usage-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs all of them, two at a time: it is the starting of each that takes long. */
async function runAll(
  commands: readonly (readonly string[])[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended[]> {
  const results: Ended[] = [];
  const next = commands.entries();
  const lane = async (): Promise<void> => {
    for (const [index, args] of next) results[index] = await run(args, { cwd: folder, env });
  };
  await Promise.all([lane(), lane()]);
  return results;
}

describe('a command that is used wrongly', () => {
  let results: Ended[] = [];
  before(async function () {
    this.timeout(120_000);
    results = await runAll([
      ...WRONG.map(([args]) => args),
      ['upgrade', 'status', '--bundel', '--json'],
      [...upgrade('plan', { '--bundle': 'office' }), '--json'],
    ]);
  });

  for (const [index, [args, says]] of WRONG.entries()) {
    it(`ends with 2 and one clear line: ${args.slice(0, 2).join(' ')} … ${args.slice(-2).join(' ')}`, () => {
      const { code, stdout, stderr } = results[index] as Ended;
      assert.match(stderr, says);
      assert.match(stderr, /^holdfast: (?!error)/);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.equal(stdout, '');
      assert.equal(code, 2);
    });
  }

  it('answers --json with one document that says the same', () => {
    const { code, stdout } = results.at(-1) as Ended;
    const { error } = JSON.parse(stdout);
    assert.equal(error.code, 2);
    assert.match(error.message, /^--bundle must be a bundle id/);
    assert.equal(code, 2);
  });

  it('answers --json with what the parser of the flags says, too', () => {
    const { error } = JSON.parse((results.at(-2) as Ended).stdout);
    assert.match(error.message, /^unknown option '--bundel'/);
  });

  it('leaves nothing behind', () => assert.deepEqual(readdirSync(folder), []));
});

const NEEDS_A_SERVER = [
  ['upgrade', 'status'],
  ['upgrade', 'abort'],
  ['upgrade', 'report'],
  ['upgrade', 'pause'],
  ['init'],
  upgrade('plan', {}),
  [...upgrade('start', {}), '--yes'],
  ['upgrade', 'status', '--json'],
];

describe('a command without a server', () => {
  let results: Ended[] = [];
  before(async function () {
    this.timeout(120_000);
    results = await runAll(NEEDS_A_SERVER, { TEMPORAL_ADDRESS: '127.0.0.1:9' });
  });

  for (const [index, args] of NEEDS_A_SERVER.entries()) {
    it(`ends with 12, and says what to do: ${args.slice(0, 3).join(' ')}`, () => {
      const { code, stdout, stderr } = results[index] as Ended;
      assert.match(stderr, /no Temporal server answers at 127\.0\.0\.1:9 \(namespace default\)/);
      assert.match(stderr, /holdfast dev/);
      assert.equal(code, 12);
      if (args.includes('--json')) assert.equal(JSON.parse(stdout).error.exit, 'unreachable');
    });
  }
});

describe('a worker without AWS credentials', () => {
  it('ends with 12, and says what to do', async () => {
    const { code, stderr } = await run(['worker', '--target', '111122223333/eu-central-1'], {
      cwd: folder,
      env: { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
    });
    assert.match(stderr, /there are no AWS credentials that work: .*\n.*give credentials as for the AWS CLI/);
    assert.equal(code, 12);
  });
});
