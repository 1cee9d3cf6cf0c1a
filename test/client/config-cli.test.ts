import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { ownTemporal, type OwnTemporal } from '../rig/own-temporal.ts';
import { waitUntil } from '../rig/upgrade.ts';
import { run, start, type Ended } from './holdfast.ts';

const examples = join(import.meta.dirname, '../../config/examples');

const TWO_ACCOUNTS = `
environment: [LAB_EXTERNAL_ID]
accounts:
  - { id: "111122223333", regions: [eu-central-1] }
  - id: "444455556666"
    roleArn: arn:aws:iam::444455556666:role/holdfast
    externalId: \${LAB_EXTERNAL_ID}
    regions: [us-east-1]
  - { id: "777788889999", roleArn: arn:aws:iam::777788889999:role/closed, regions: [us-east-1] }
`;
/** As STS says it of a role that does not trust the caller. */
const CLOSED =
  '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>';
const TWO_MISTAKES = `
accounts:
  - { id: 012345678901, regions: [eu-central-1] }
polices: {}
`;

describe('holdfast config validate', function () {
  this.timeout(120_000);
  let cwd = '';
  before(() => (cwd = mkdtempSync(join(tmpdir(), 'holdfast-config-cli-'))));
  after(() => rmSync(cwd, { recursive: true }));
  const validate = (...flags: string[]): Promise<Ended> =>
    run(['config', 'validate', ...flags], { cwd, env: { HOLDFAST_EXTERNAL_ID: 'a-secret-of-ours' } });

  it('ends with 0 and says what there is, but no secret', async () => {
    const [text, json] = await Promise.all([
      validate('--file', join(examples, 'golden-images.yaml')),
      validate('--file', join(examples, 'golden-images.yaml'), '--json'),
    ]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /golden-images\.yaml is valid/);
    assert.match(text.stdout, /^imageBackup +golden +111122223333\/eu-central-1$/m);
    assert.match(text.stdout, /^nightly-golden +imageBackup golden +UTC +skip +no$/m);
    assert.doesNotMatch(text.stdout + json.stdout, /a-secret-of-ours/);
    const { file: _, ...said } = JSON.parse(json.stdout);
    assert.deepEqual(said, {
      valid: true,
      targets: ['111122223333/eu-central-1'],
      policies: { imageBackup: ['golden'], imageUpgrade: [], custody: [] },
      schedules: ['nightly-golden'],
      warnings: [],
    });
  });

  it('warns of hours that a change of the clocks leaves out or doubles, and of times that are over', async () => {
    const schedules = `  spring: { imageBackup: golden, cron: cron(0 2 * * ? *), timeZone: Europe/Berlin }
  over: { imageBackup: golden, cron: cron(0 20 14 3 ? 2020) }
  day: { imageBackup: golden, cron: cron(0 12 * * ? *), timeZone: Europe/Berlin }
`;
    const example = readFileSync(join(examples, 'golden-images.yaml'), 'utf8');
    writeFileSync(join(cwd, 'clocks.yaml'), example.replace(/schedules:\n/, `schedules:\n${schedules}`));
    const { code, stdout } = await validate('--file', 'clocks.yaml', '--json');
    assert.equal(code, 0, stdout);
    const { warnings } = JSON.parse(stdout);
    assert.match(
      warnings[0],
      /^schedules\.spring: the clocks of Europe\/Berlin change on 20\d\d-03-\d\d, 20\d\d-03-\d\d, and/,
    );
    assert.equal(warnings[1], 'schedules.over: no time is left, the last was 2020-03-14T20:00:00.000Z');
    assert.equal(warnings.length, 2);
  });

  it('ends with 2 and tells every problem on a line of its own, with its place', async () => {
    writeFileSync(join(cwd, 'holdfast.yaml'), TWO_MISTAKES);
    const [text, json] = await Promise.all([validate(), validate('--json')]);
    assert.equal(text.code, 2);
    const [first, second, ...others] = text.stdout.trim().split('\n');
    assert.match(first ?? '', /^holdfast\.yaml:3:11 {2}accounts\[0\]\.id: must be .*put it in quotes, "012345678901"$/);
    assert.match(second ?? '', /^holdfast\.yaml:4:1 {2}polices: is not known: did you mean "policies"\?/);
    assert.deepEqual(others, []);
    assert.match(text.stderr, /holdfast\.yaml has 2 problems/);
    assert.equal(json.code, 2);
    const { valid, problems } = JSON.parse(json.stdout);
    assert.equal(valid, false);
    assert.deepEqual(
      problems.map(({ file, line, column, path }: Record<string, unknown>) => [file, line, column, path]),
      [
        ['holdfast.yaml', 3, 11, 'accounts[0].id'],
        ['holdfast.yaml', 4, 1, 'polices'],
      ],
    );
  });

  it('is what a worker asks first: a file with problems serves nothing, nor does one beside --target', async () => {
    const wrong = await run(['worker', '--config', 'holdfast.yaml'], { cwd });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /holdfast\.yaml:3:11 {2}accounts\[0\]\.id: must be/);
    const both = await run(['worker', '--config', 'x.yaml', '--target', '111122223333/eu-central-1'], { cwd });
    assert.equal(both.code, 2);
    assert.match(both.stderr, /'--config <file>' cannot be used with option '--target/);
  });
});

describe('holdfast worker --config', function () {
  this.timeout(120_000);
  let cwd = '';
  let sandbox: Sandbox;
  let temporal: OwnTemporal;
  let sts: Server;
  /** What STS was asked, as it went over the wire. */
  const asked: URLSearchParams[] = [];

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-worker-'));
    [sandbox, temporal] = await Promise.all([startSandbox(), ownTemporal()]);
    sts = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        asked.push(new URLSearchParams(body));
        if (asked.at(-1)?.get('RoleArn')?.endsWith('/closed')) {
          response.writeHead(403, { 'content-type': 'text/xml' }).end(CLOSED);
          return;
        }
        const { authorization = '' } = request.headers;
        const headers = { ...(request.headers as Record<string, string>), authorization };
        void fetch(sandbox.endpoint, { method: 'POST', headers, body }).then(async (answer) => {
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
          response.end(await answer.text());
        });
      });
    });
    await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    sts.close();
    await Promise.all([sandbox.close(), temporal.close()]);
    rmSync(cwd, { recursive: true });
  });

  it('serves every account and Region of the file that it can enter, each with its role and external id, and tells of others', async () => {
    writeFileSync(join(cwd, 'holdfast.yaml'), TWO_ACCOUNTS);
    const worker = start(['worker', '--config', 'holdfast.yaml'], {
      cwd,
      env: {
        AWS_ENDPOINT_URL: sandbox.endpoint,
        AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
        AWS_ACCESS_KEY_ID: '111122223333',
        AWS_SECRET_ACCESS_KEY: 'sandbox',
        AWS_REGION: 'eu-central-1',
        AWS_CONFIG_FILE: devNull,
        AWS_SHARED_CREDENTIALS_FILE: devNull,
        TEMPORAL_ADDRESS: temporal.address,
        LAB_EXTERNAL_ID: 'a-secret-of-the-lab',
      },
    });
    await waitUntil('the worker serves', () => worker.stderr().includes('Serving') || worker.process.exitCode !== null);
    assert.match(worker.stderr(), /Serving 111122223333\/eu-central-1, 444455556666\/us-east-1 at /);
    assert.match(
      worker.stderr(),
      /Not serving 777788889999\/us-east-1 until a restart: the role \S+role\/closed cannot be taken: .*not authorized/,
    );
    worker.process.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
    const taken = asked.filter((call) => call.get('Action') === 'AssumeRole');
    assert.deepEqual(
      taken.map((call) => [call.get('RoleArn'), call.get('ExternalId')]),
      [
        ['arn:aws:iam::444455556666:role/holdfast', 'a-secret-of-the-lab'],
        ['arn:aws:iam::777788889999:role/closed', null],
      ],
    );
  });
});
