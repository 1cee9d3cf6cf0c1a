import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { run, start, startDev, type Ended, type Running } from './holdfast.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { waitUntil } from '../rig/upgrade.ts';

const TARGET = ['--account', '111122223333', '--region', 'eu-central-1'];
const RUN = [...TARGET, '--bundle', 'wsb-0fleet0001'];
const RUN_ID = 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001';
const WHAT = [...RUN, '--image', 'wsi-0fleet0002', '--report-bucket', 'holdfast-reports'];
const UPGRADE = [...WHAT, '--tag', 'Env=Prod'];
/** Nothing is ready without a newer snapshot, and none is waited for: an upgrade that ends in seconds, in part only. */
const SHORT = ['--wait-timeout-minutes', '1', '--quiet-margin-hours', '0'];
const SPEED = 1000;

describe('the command line, beside holdfast dev', function () {
  this.timeout(120_000);
  let cwd = '';
  let dev: Running;
  const holdfast = (...args: string[]): Promise<Ended> => run(args, { cwd });
  const state = (): { readonly pid: number; readonly address: string; readonly awsEndpoint: string } =>
    JSON.parse(readFileSync(join(cwd, '.holdfast/dev.json'), 'utf8'));

  const withClient = async (use: (client: Client) => Promise<void>): Promise<void> => {
    const connection = await Connection.connect({ address: state().address });
    try {
      await use(new Client({ connection }));
    } finally {
      await connection.close();
    }
  };

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    dev = await startDev(cwd, '--speed', String(SPEED));
  });
  after(async () => {
    dev.process.kill('SIGKILL');
    await dev.ended;
    rmSync(cwd, { recursive: true });
  });

  it('shows where everything is and what to try', () => {
    assert.match(dev.stdout(), /^Temporal UI +http:\/\/127\.0\.0\.1:\d+$/m);
    assert.match(dev.stdout(), /npx holdfast upgrade plan --account 111122223333 --region eu-central-1/);
    assert.match(
      dev.stdout(),
      /npx holdfast custody plan --config .holdfast\/holdfast.yaml --policy nightly --vault nightly/,
    );
  });

  it('plans the custody of its own vault with the file that it has written', async () => {
    const file = ['--config', '.holdfast/holdfast.yaml', '--policy', 'nightly', '--vault', 'nightly'];
    const blocked = 'arn:aws:ec2:eu-central-1::snapshot/snap-0aaaa000000000002';
    const [vault, point] = await Promise.all([
      holdfast('custody', 'plan', ...file),
      holdfast('custody', 'plan', ...file, '--point', blocked),
    ]);
    assert.equal(vault.code, 0, vault.stderr);
    assert.match(vault.stdout, /^covered +databases +RDS +2 /m);
    assert.match(point.stdout, /encrypted with the AWS-managed key .* which no other account can use/);
    assert.equal(point.code, 1);
  });

  it('refuses a second dev in the same folder with 11', async () => {
    const { code, stderr } = await holdfast('dev');
    assert.match(stderr, /runs in this folder already \(process \d+/);
    assert.equal(code, 11);
  });

  it('registers search attributes once, and again without harm', async () => {
    const { code, stdout } = await holdfast('init', '--json');
    assert.deepEqual(JSON.parse(stdout), { namespace: 'default', registered: [] });
    assert.equal(code, 0);
  });

  it('says with 10 that there is no upgrade', async () => {
    const { code, stderr } = await holdfast('upgrade', 'status');
    assert.match(stderr, /there is no upgrade: start one with `holdfast upgrade start`/);
    assert.equal(code, 10);
  });

  it('says with 12 that no worker serves another account, and how to start one', async () => {
    const elsewhere = UPGRADE.map((arg) => (arg === '111122223333' ? '777788889999' : arg));
    const { code, stderr } = await holdfast('upgrade', 'plan', ...elsewhere);
    assert.match(
      stderr,
      /no worker serves 777788889999\/eu-central-1.*`holdfast worker --target 777788889999\/eu-central-1`/,
    );
    assert.equal(code, 12);
  });

  it('plans for people: every WorkSpace with its verdict, then the summary', async () => {
    const { code, stdout, stderr } = await holdfast('upgrade', 'plan', ...UPGRADE);
    assert.equal(stdout.match(/^ws-\w+ /gm)?.length, 206);
    assert.match(stdout, /^ws-0other0001 .* left out: is on another bundle: wsb-0other0001$/m);
    assert.match(stdout, /206 selected \(Env=Prod\), \d+ on the bundle: 198 to upgrade/);
    assert.match(stderr, /Using the set-up of holdfast dev in this folder/);
    assert.equal(code, 0);
  });

  it('plans for programs, and ends with 1 when the upgrade would be refused', async () => {
    const { code, stdout } = await holdfast(
      'upgrade',
      'plan',
      ...UPGRADE,
      '--report-bucket',
      'nobodys-bucket',
      '--json',
    );
    const { plan, workspaces } = JSON.parse(stdout);
    assert.equal(workspaces.length, 206);
    assert.deepEqual(
      plan.problems.map((problem: { code: string }) => problem.code),
      ['reportBucket'],
    );
    assert.equal(code, 1);
  });

  it('starts nothing that is refused: 1, with every problem', async () => {
    const wrong = [...UPGRADE, '--report-bucket', 'nobodys-bucket', '--image', 'wsi-0nothing01', '--yes'];
    const { code, stderr } = await holdfast('upgrade', 'start', ...wrong);
    assert.match(stderr, /2 problems/);
    assert.match(stderr, /nobodys-bucket/);
    assert.match(stderr, /wsi-0nothing01/);
    assert.equal(code, 1);
    const status = JSON.parse((await holdfast('upgrade', 'status', '--json')).stdout);
    assert.equal(status.phase, 'refused');
  });

  it('answers --json with one document when it is refused: the run, and the plan with its problems', async () => {
    const wrong = [...UPGRADE, '--report-bucket', 'nobodys-bucket', '--yes', '--json'];
    const { code, stdout } = await holdfast('upgrade', 'start', ...wrong);
    const { workflowId, runId, plan } = JSON.parse(stdout);
    assert.equal(workflowId, 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001');
    assert.match(runId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      plan.problems.map((problem: { code: string }) => problem.code),
      ['reportBucket'],
    );
    assert.equal(code, 1);
  });

  it('ends with 0 when there is nothing to upgrade, waited for or not', async () => {
    const none = [...WHAT, '--tag', 'Env=Nowhere', '--yes', '--json'];
    assert.equal((await holdfast('upgrade', 'start', ...none)).code, 0);
    await holdfast('upgrade', 'status', '--watch');
    const waited = await holdfast('upgrade', 'start', ...none, '--wait');
    assert.equal(JSON.parse(waited.stdout).result.outcome, 'nothingToDo');
    assert.equal(waited.code, 0);
  });

  it('follows an upgrade to its end: 3 when some WorkSpaces were not upgraded, with the report', async () => {
    const { code, stdout } = await holdfast('upgrade', 'start', ...UPGRADE, ...SHORT, '--yes', '--wait', '--json');
    const { result } = JSON.parse(stdout);
    assert.equal(result.outcome, 'partiallyFailed');
    assert.equal(result.counts.skipped, 8);
    assert.equal(code, 3);
    const places = await holdfast('upgrade', 'report');
    assert.equal(places.stdout, `${result.report.csv}\n${result.report.json}\n`);
  });

  it('tells of an upgrade that has ended, with every WorkSpace', async () => {
    const { stdout, code } = await holdfast('upgrade', 'status', '--json', ...RUN);
    const status = JSON.parse(stdout);
    assert.equal(status.execution, 'COMPLETED');
    assert.equal(status.workspaces.length, 198);
    assert.ok(status.workspaces.every((each: { outcome: string | null }) => each.outcome !== null));
    assert.equal(code, 0);
    assert.match((await holdfast('upgrade', 'status')).stdout, /done \(completed\)/);
  });

  it('refuses a second upgrade of a bundle with 11, aborts the first, and has nothing left to abort', async () => {
    const first = await holdfast('upgrade', 'start', ...UPGRADE, '--yes');
    assert.match(first.stdout, /^Started image-upgrade\/111122223333\/eu-central-1\/wsb-0fleet0001$/m);
    assert.equal(first.code, 0);
    const second = await holdfast('upgrade', 'start', ...UPGRADE, '--yes', '--json');
    assert.match(
      JSON.parse(second.stdout).error.message,
      /running already: image-upgrade\/.*\n.*holdfast upgrade status/,
    );
    assert.equal(second.code, 11);

    const abort = await holdfast('upgrade', 'abort', '--reason', 'a trial', '--json');
    const { followed, notRebuilt } = JSON.parse(abort.stdout);
    assert.ok(followed + notRebuilt > 0);
    assert.equal(abort.code, 0);
    const watched = await holdfast('upgrade', 'status', '--watch');
    assert.match(watched.stdout, /not rebuilt, aborted/);
    assert.equal(watched.code, 0);
    const again = await holdfast('upgrade', 'abort');
    assert.match(again.stderr, /no upgrade runs/);
    assert.equal(again.code, 10);
  });

  it('prints the rows as CSV and JSON, to stdout and to a file', async () => {
    const csv = await holdfast('upgrade', 'report', '--csv');
    assert.equal(csv.stdout.match(/\r\n/g)?.length, 199);
    assert.match(csv.stdout, /^WorkspaceId,ComputerName,BaselineSnapshotIso,/);
    const file = join(cwd, 'upgrade.json');
    assert.equal((await holdfast('upgrade', 'report', '--json', '-o', file)).code, 0);
    const report = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal(report.schema, 'holdfast/image-upgrade-report/1');
    assert.equal(report.workspaces.length, 198);
  });

  it('has another worker join, and end in order', async () => {
    const worker = start(['worker'], { cwd });
    await waitUntil('the worker serves', () => worker.stderr().includes('Serving 111122223333/eu-central-1'));
    assert.match(worker.stderr(), /Joining the set-up of holdfast dev/);
    worker.process.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
  });

  it('ends a watch by Ctrl-C with 130, and the upgrade goes on', async () => {
    await holdfast('upgrade', 'start', ...UPGRADE, '--yes');
    const watch = start(['upgrade', 'status', '--watch'], { cwd });
    await waitUntil('it watches', () => watch.stdout().includes('waiting for a snapshot'));
    watch.process.kill('SIGINT');
    assert.equal((await watch.ended).code, 130);
    assert.equal(JSON.parse((await holdfast('upgrade', 'status', '--json')).stdout).execution, 'RUNNING');
  });

  it('says with 1 that a run was terminated, and why', async () => {
    await withClient(async (client) => void (await client.workflow.getHandle(RUN_ID).terminate('the wrong fleet')));
    for (const flag of ['--watch', '--json']) {
      const { code, stdout, stderr } = await holdfast('upgrade', 'status', flag);
      assert.match(stdout, /the wrong fleet/);
      assert.match(stderr, /did not come to its end \(terminated\)/);
      assert.equal(code, 1);
      if (flag === '--json') assert.match(JSON.parse(stdout).failure, /the wrong fleet/);
    }
    const report = await holdfast('upgrade', 'report');
    assert.match(report.stderr, /ended without a report .*the wrong fleet/);
    assert.equal(report.code, 10);
  });

  it('tells the rest when a cohort does not answer, and which one it is', async () => {
    await withClient(async (client) => {
      const [cohort = ''] = (await client.workflow.getHandle(RUN_ID).query(statusQuery)).cohorts;
      // It may have ended by itself: nobody gathers any more.
      await client.workflow
        .getHandle(cohort)
        .terminate()
        .catch(() => undefined);
      // No worker knows this workflow: its task fails again and again.
      const stuck = await client.workflow.start('noSuchWorkflow', { workflowId: cohort, taskQueue: TASK_QUEUE });
      const { stdout } = await holdfast('upgrade', 'status', '--json');
      const { retrying, counts } = JSON.parse(stdout);
      assert.ok(retrying.some((each: string) => each.startsWith(`cohort ${cohort} does not answer: `)));
      assert.equal(counts.skipped, 8);
      await stuck.terminate();
    });
  });

  it('ends a start with 1 when its run ends before the fleet is read', async () => {
    const faults = `${state().awsEndpoint}/_holdfast/faults`;
    const rule = { kind: 'throttle', service: 'workspaces', operation: 'DescribeWorkspaces' };
    assert.equal((await fetch(faults, { method: 'POST', body: JSON.stringify(rule) })).status, 200);
    const begun = start(['upgrade', 'start', ...UPGRADE, '--yes'], { cwd });
    await waitUntil('it has begun', () => begun.stdout().includes('Started'));
    await withClient(async (client) => {
      const run = client.workflow.getHandle(RUN_ID);
      assert.equal((await run.query(statusQuery)).phase, 'preflight');
      await run.terminate('the wrong tag');
    });
    const { code, stderr } = await begun.ended;
    assert.match(stderr, /did not come to its end \(terminated\): .*the wrong tag/);
    assert.equal(code, 1);
    await fetch(faults, { method: 'DELETE' });
  });

  it('ends everything by Ctrl-C, and says that nothing runs then', async () => {
    const { address } = state();
    dev.process.kill('SIGINT');
    const { code, stderr } = await dev.ended;
    assert.equal(code, 0, stderr);
    assert.ok(!existsSync(join(cwd, '.holdfast/dev.json')));
    const after = await run(['upgrade', 'status'], { cwd, env: { TEMPORAL_ADDRESS: address } });
    assert.equal(after.code, 12);
  });
});
