import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTagsCommand, DeleteTagsCommand, WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { waitUntil } from '../rig/upgrade.ts';
import { run, startDev, type Ended, type Running } from './holdfast.ts';
import { WHAT } from './upgrade-flags.ts';

const UPGRADE = [...WHAT, '--tag', 'Env=Prod'];
const FLAGS = '--account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001';

describe('an upgrade steered from the command line, beside holdfast dev', function () {
  this.timeout(120_000);
  let cwd = '';
  let dev: Running;
  let endpoint = '';
  const upgrade = (...args: string[]): Promise<Ended> => run(['upgrade', ...args], { cwd });
  /** One document, of a command that ends with this code. */
  const json = async (exit: number, ...args: string[]) => {
    const { code, stdout, stderr } = await upgrade(...args, '--json');
    assert.equal(code, exit, stderr);
    return JSON.parse(stdout);
  };
  const fault = async (rule: object): Promise<void> => {
    const faults = { method: 'POST', body: JSON.stringify({ service: 'workspaces', ...rule }) };
    assert.equal((await fetch(`${endpoint}/_holdfast/faults`, faults)).status, 200);
  };
  const noFaults = async (): Promise<void> => void (await fetch(`${endpoint}/_holdfast/faults`, { method: 'DELETE' }));

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-steering-'));
    dev = await startDev(cwd, '--speed', '1000');
    endpoint = JSON.parse(readFileSync(join(cwd, '.holdfast/dev.json'), 'utf8')).awsEndpoint;
  });
  after(async () => {
    dev.process.kill('SIGINT');
    await dev.ended;
    rmSync(cwd, { recursive: true });
  });

  it('saves a plan, and refuses to start it with other flags, or when the fleet no longer matches', async () => {
    const saved = await upgrade('plan', ...UPGRADE, '--require-approval', '--save', 'plan.json');
    assert.match(saved.stderr, /Saved the plan: start it with {2}holdfast upgrade start --plan plan\.json/);
    assert.equal(saved.code, 0);
    const more = await upgrade('start', '--plan', 'plan.json', '--yes', '--all', '--image', 'wsi-0fleet0002');
    assert.match(more.stderr, /--plan holds all parameters of the upgrade: leave out --image, --all/);
    assert.equal(more.code, 2);

    const aws = new WorkSpacesClient({
      endpoint,
      region: WELL_KNOWN.region,
      credentials: { accessKeyId: WELL_KNOWN.account, secretAccessKey: 'sandbox' },
    });
    const ResourceId = 'ws-0fleet0100';
    await aws.send(new DeleteTagsCommand({ ResourceId, TagKeys: ['Env'] }));
    const changed = await upgrade('start', '--plan', 'plan.json', '--yes');
    assert.match(
      changed.stderr,
      /the fleet no longer matches the plan of .*\n.*ws-0fleet0100 .* is gone from the plan/,
    );
    assert.equal(changed.code, 1);
    await aws.send(new CreateTagsCommand({ ResourceId, Tags: [{ Key: 'Env', Value: 'Prod' }] }));
    aws.destroy();
  });

  it('starts that plan, and waits for the approval of its hash: status ends with 4 meanwhile', async () => {
    const { hash } = JSON.parse(readFileSync(join(cwd, 'plan.json'), 'utf8'));
    const started = await upgrade('start', '--plan', 'plan.json', '--yes');
    assert.ok(started.stderr.includes(`It waits for:  holdfast upgrade approve ${hash} ${FLAGS}`), started.stderr);
    assert.equal(started.code, 0);
    const status = await upgrade('status');
    assert.ok(status.stdout.includes(`holdfast upgrade approve ${hash} ${FLAGS}`));
    assert.equal(status.code, 4);
    const other = await upgrade('approve', '0'.repeat(64));
    assert.match(other.stderr, new RegExp(`the plan that waits for approval is ${hash}, got "000`));
    assert.equal(other.code, 1);
    assert.equal((await json(0, 'approve', hash, '--reason', 'CHG-1234')).answer, `plan ${hash} may run`);
  });

  it('pauses, skips, defers, changes and resumes, and reports each with who did it and why', async () => {
    await json(0, 'pause', '--reason', 'lunch');
    const paused = await upgrade('status');
    assert.match(paused.stdout, /^Paused since .*: lunch$/m);
    assert.equal(paused.code, 0);
    await json(0, 'skip', 'ws-0fleet0108', '--reason', 'presents tonight');
    await json(0, 'defer', 'ws-0fleet0169', '4h');
    await json(0, 'change', '--max-concurrent', '25', '--max-failures', '10%');
    assert.match((await upgrade('status')).stdout, /changed while it ran: rebuilds at once: 25 \(at the start: 10\)/);
    const changed = { maxConcurrent: 25, maxFailures: '10%', windows: [] };
    assert.deepEqual((await json(0, 'status')).present, changed);
    assert.match((await upgrade('resume')).stdout, /^Resumed: the run goes on/m);
    const again = await upgrade('resume');
    assert.match(again.stderr, /nothing to resume/);
    assert.equal(again.code, 1);

    const { present, steering, workspaces } = await json(0, 'report');
    assert.deepEqual(present, changed);
    const lines = steering.map(({ what, reason }: { what: string; reason: string | null }) => [what, reason]);
    assert.deepEqual(lines, [
      ['approve', 'CHG-1234'],
      ['pause', 'lunch'],
      ['skip ws-0fleet0108', 'presents tonight'],
      ['defer ws-0fleet0169', null],
      ['change', null],
      ['resume', null],
    ]);
    assert.ok(steering.every(({ by }: { by: string }) => /^\S+@\S+$/.test(by)));
    const skipped = workspaces.find((each: { workspaceId: string }) => each.workspaceId === 'ws-0fleet0108');
    assert.equal(skipped.reason.code, 'skippedByOperator');
  });

  it('says of WorkSpaces that AWS denies what blocks them, and goes on once that is mended', async () => {
    await fault({ kind: 'error', operation: 'RebuildWorkspaces', code: 'AccessDeniedException', status: 400 });
    await waitUntil('one is blocked', async () => (await upgrade('status')).code === 4);
    const { stdout } = await upgrade('status');
    assert.match(stdout, /^Blocked since .*: \d+ WorkSpaces?, AccessDenied/m);
    assert.match(stdout, /^To do: .*; then\n(.*\n)? {2}holdfast upgrade resume ws-\w+ --account/m);
    await noFaults();
    const { answer } = await json(0, 'resume', '--reason', 'the role may rebuild');
    assert.match(answer, /[1-9]\d* blocked WorkSpaces with it/);
    assert.equal((await json(0, 'status')).counts.blocked, 0);
  });

  it('aborts with the bundle set back to its previous image', async () => {
    const { notRebuilt, bundleSetTo } = await json(0, 'abort', '--rollback', '--reason', 'a trial');
    assert.ok(notRebuilt > 0);
    assert.equal(bundleSetTo, WELL_KNOWN.oldImageId);
    assert.match((await upgrade('status', '--watch')).stdout, /not rebuilt, aborted/);
    const late = await upgrade('pause', ...FLAGS.split(' '));
    assert.match(late.stderr, /does not run any more \(completed\)/);
    assert.equal(late.code, 10);
  });
});
