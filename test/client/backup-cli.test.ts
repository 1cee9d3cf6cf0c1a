/** Image backups from the command line, beside `holdfast dev`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startDev, type Ended, type Running } from './holdfast.ts';

const TARGET = ['--account', '111122223333', '--region', 'eu-central-1'];
const GOLDEN = [...TARGET, '--policy', 'golden'];
const WHAT = [...GOLDEN, '--days', 'none', '--keep-at-least', '2', '--report-bucket', 'holdfast-reports'];

describe('holdfast backup', function () {
  this.timeout(120_000);
  let cwd = '';
  let dev: Running;
  const backup = (...args: string[]): Promise<Ended> => run(['backup', ...args], { cwd });

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    dev = await startDev(cwd, '--speed', '2000');
  });
  after(async () => {
    dev.process.kill('SIGKILL');
    await dev.ended;
    rmSync(cwd, { recursive: true });
  });

  it('plans, with the verdicts, the room and the warning about ordinary desktops', async () => {
    const { code, stdout, stderr } = await backup('plan', ...WHAT);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Image backup by policy golden in 111122223333\/eu-central-1: AutoBackup=enabled$/m);
    assert.match(stdout, /^ {2}4 of 4 WorkSpaces would be imaged, 4 at once$/m);
    assert.match(stdout, /room for one run a day: 4 WorkSpaces × 2 kept \+ 4 made at once \+ \d+ other images = /);
    assert.match(stdout, /rarely right for ordinary desktops/);
  });

  it('ends with 1 where the plan would be refused, and says it in JSON too', async () => {
    const { code, stdout } = await backup('plan', ...WHAT, '--image-quota', '5', '--json');
    const { plan } = JSON.parse(stdout) as { plan: { problems: { code: string; message: string }[] } };
    assert.deepEqual([code, plan.problems.map((each) => each.code)], [1, ['quota']]);
    assert.match(plan.problems[0]?.message ?? '', /ask AWS for a quota of \d+/);
  });

  it('makes the images, lists them, and tells how it ended and where the report lies', async () => {
    const started = await backup('start', ...WHAT, '--yes', '--wait', '--json');
    assert.equal(started.code, 0, started.stderr);
    const { result } = JSON.parse(started.stdout) as { result: { outcome: string; report: { csv: string } } };
    assert.equal(result.outcome, 'completed');

    const listed = await backup('list', ...TARGET, '--json');
    const { images } = JSON.parse(listed.stdout) as { images: { policy: string; workspaceState: string }[] };
    assert.deepEqual([images.length, new Set(images.map(({ policy }) => policy))], [4, new Set(['golden'])]);
    assert.match((await backup('status')).stdout, /^ {2}imaged +4$/m);
    assert.equal((await backup('report', ...GOLDEN)).stdout.split('\n')[0], result.report.csv);
    const { stdout: csv } = await backup('report', '--csv');
    assert.match(csv, /^WorkspaceId,ComputerName,UserName,DirectoryId,Verdict,Outcome,Reason,ImageId,/);
    const refused = await backup('abort', ...GOLDEN);
    assert.deepEqual([refused.code, /does not run any more/.test(refused.stderr)], [10, true]);
  });

  it('says what is wrong with flags all at once, before any server is asked', async () => {
    const { code, stderr } = await backup('plan', '--policy', 'not a name', '--keep-at-least', '0', '--days', 'none');
    assert.equal(code, 2);
    for (const flag of ['--account', '--region', '--policy', '--report-bucket']) assert.ok(stderr.includes(flag), flag);
    const file = await backup('plan', '--config', 'holdfast.yaml', '--start-stopped');
    assert.deepEqual([file.code, /leave out --start-stopped/.test(file.stderr)], [2, true]);
  });
});
