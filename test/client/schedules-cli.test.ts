/** `holdfast schedules` as its users run it, on the real server and without a worker. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { scheduleIdOf } from '../../domain/schedules.ts';
import { deleteSchedules } from '../rig/schedules.ts';
import { testTemporal } from '../rig/temporal.ts';
import { waitUntil } from '../rig/upgrade.ts';
import { run, type Ended } from './holdfast.ts';

const FILE = `accounts:
  - { id: "111122223333", regions: [eu-central-1] }
policies:
  imageBackup:
    golden: { account: "111122223333", region: eu-central-1, report: { bucket: holdfast-reports } }
schedules:
  nightly: { imageBackup: golden }
`;

describe('holdfast schedules', function () {
  this.timeout(120_000);
  let cwd = '';
  let client: Client;
  let env: Record<string, string> = {};
  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    writeFileSync(join(cwd, 'holdfast.yaml'), FILE);
    const temporal = await testTemporal();
    client = temporal.client;
    env = { TEMPORAL_ADDRESS: temporal.address };
  });
  after(async () => {
    await deleteSchedules(client);
    rmSync(cwd, { recursive: true });
  });
  const schedules = async (...args: string[]): Promise<Ended> => await run(['schedules', ...args], { cwd, env });

  it('shows every problem of the file with its line before a server is asked: 2', async () => {
    writeFileSync(join(cwd, 'wrong.yaml'), FILE.replace('imageBackup: golden', 'imageBackup: gold, overlap: never'));
    const { code, stderr } = await run(['schedules', 'diff', '--config', 'wrong.yaml'], { cwd });
    assert.match(stderr, /wrong\.yaml:7:\d+ +schedules\.nightly\.overlap/);
    assert.equal(code, 2);
  });

  it('tells the difference, with --exit-code by 1, and applies nothing without a terminal or --yes: 2', async () => {
    const diff = await schedules('diff', '--exit-code');
    assert.match(diff.stdout, /^create +nightly +imageBackup golden: minute 0, hour 2 \(UTC\)$/m);
    assert.match(diff.stdout, /2 to create, 0 to change, 0 to delete, 0 unchanged/);
    assert.equal(diff.code, 1);
    const apply = await schedules('apply');
    assert.match(apply.stderr, /no terminal to ask on: give --yes/);
    assert.equal(apply.code, 2);
    await assert.rejects(client.schedule.getHandle(scheduleIdOf('nightly')).describe());
  });

  it('applies, and has nothing to change then', async () => {
    const first = await schedules('apply', '--yes');
    assert.deepEqual([first.code, first.stdout], [0, 'Applied 2 changes\n']);
    const second = await schedules('apply', '--yes');
    assert.deepEqual([second.code, second.stdout], [0, 'Nothing to change\n']);
  });

  it('leaves alone what is no longer in the file, but for --delete', async () => {
    const more = FILE.replace('golden }', 'golden }\n  often: { imageBackup: golden, every: 12h }');
    writeFileSync(join(cwd, 'more.yaml'), more);
    assert.equal((await schedules('apply', '--config', 'more.yaml', '--yes')).code, 0);
    const kept = await schedules('apply', '--yes');
    assert.match(kept.stderr, /^delete +often +no longer in the file .*: `schedules apply --delete` removes it$/m);
    await client.schedule.getHandle(scheduleIdOf('often')).describe();
    await schedules('apply', '--delete', '--yes');
    await assert.rejects(client.schedule.getHandle(scheduleIdOf('often')).describe());
  });

  it('pauses, lists and resumes', async () => {
    assert.equal((await schedules('pause', 'nightly', '--reason', 'image freeze')).stdout, 'Paused nightly\n');
    const text = (await schedules('list')).stdout;
    assert.match(text, /^nightly +imageBackup golden +paused: image freeze +– +0 \/ 0 \/ 0$/m);
    assert.match(text, /The watchdog has not looked yet/);
    assert.equal((await schedules('pause', 'holdfast/nightly', '--resume')).stdout, 'Resumed nightly\n');
    const [nightly] = JSON.parse((await schedules('list', '--json')).stdout).schedules;
    assert.deepEqual([nightly.name, nightly.paused, nightly.runs], ['nightly', false, []]);
    assert.match(nightly.nextAt, /T02:00:00.000Z$/);
  });

  it('tells that the watchdog’s last run failed, and ends with 1 then', async () => {
    const watchdog = client.schedule.getHandle(scheduleIdOf('watchdog'));
    await watchdog.trigger('ALLOW_ALL');
    await waitUntil('it runs', async () => (await watchdog.describe()).info.recentActions.length > 0);
    const { workflowId, firstExecutionRunId } = (await watchdog.describe()).info.recentActions[0]!.action.workflow;
    await client.workflow.getHandle(workflowId, firstExecutionRunId).terminate('a test');
    const { code, stdout, stderr } = await schedules('list');
    assert.match(
      stdout,
      /The watchdog has not looked yet \(every 15 min\)\n {2}its last run failed: schedule-watchdog-\S+ ended as terminated/,
    );
    assert.match(stderr, /nobody looks after the schedules: see what is said of watchdog/);
    assert.equal(code, 1);
  });

  it('does not know what is not there: 10', async () => {
    const unknown = await schedules('trigger', 'weekly');
    assert.match(unknown.stderr, /there is no schedule weekly: there are nightly, watchdog/);
    assert.equal(unknown.code, 10);
  });

  it('deletes one of ours only', async () => {
    const others = await client.schedule.create({
      scheduleId: scheduleIdOf('others'),
      spec: { intervals: [{ every: '365d' }] },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other' },
    });
    const refused = await schedules('delete', 'others', '--yes');
    assert.match(refused.stderr, /holdfast\/others exists and was not made by Holdfast/);
    assert.equal(refused.code, 1);
    await others.delete();
    assert.equal((await schedules('delete', 'nightly')).code, 2);
    await client.schedule.getHandle(scheduleIdOf('nightly')).describe();
    assert.match((await schedules('delete', 'nightly', '--yes')).stdout, /^Deleted nightly/);
  });
});
