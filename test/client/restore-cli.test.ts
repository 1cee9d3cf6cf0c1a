/** A restore from the command line: what must be said before anything is destroyed, and what the exit codes tell. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { restoreBundles, stateOf } from '../rig/restore.ts';
import { idOf, snapshotsDue } from '../rig/truth.ts';
import { startRig, waitUntil, type Rig } from '../rig/upgrade.ts';
import { run, type Ended } from './holdfast.ts';

describe('a restore from the command line', function () {
  this.timeout(120_000);
  let rig: Rig;
  let cwd = '';
  let what: string[] = [];
  const restore = (...args: string[]): Promise<Ended> =>
    run(['restore', ...args], { cwd, env: { TEMPORAL_ADDRESS: rig.address } });

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-restore-'));
    rig = await startRig({ fleet: plainFleet(2), speed: 2000 });
    snapshotsDue(rig, () => 660);
    const { account, region } = WELL_KNOWN;
    what = ['--account', account, '--region', region, '--workspace', idOf(rig, 0)];
  });
  after(async () => {
    await rig.close();
    rmSync(cwd, { recursive: true });
  });

  const report = ['--report-bucket', WELL_KNOWN.reportBucket];

  it('is planned with what each strategy keeps and loses', async () => {
    const { code, stdout, stderr } = await restore('plan', ...what, '--image', WELL_KNOWN.newImageId, ...report);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /image +recreate +snapshot +rebuild +copy/);
    assert.match(stdout, /user volume +back +lost +back +back +kept/);
    assert.match(stdout, /DESTROYED: the user volume of \d+ GiB/);
    assert.match(stdout, /AWS’s next snapshot is due 20\d\d-/);
  });

  it('is not begun without the id typed again, with another one, or without a word on the user volume', async () => {
    const recreate = ['start', ...what, '--strategy', 'recreate', '--image', WELL_KNOWN.newImageId, ...report];
    const silent = await restore(...recreate);
    assert.deepEqual([silent.code, /give --confirm ws-/.test(silent.stderr)], [2, true]);
    const keeping = await restore(...recreate, '--confirm', idOf(rig, 0));
    assert.deepEqual([keeping.code, /--lose-user-volume/.test(keeping.stderr)], [1, true]);
    const other = await restore(...recreate, '--lose-user-volume', '--confirm', idOf(rig, 1));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /nothing was changed|would be refused/);
    assert.deepEqual([stateOf(rig, { workspaceId: idOf(rig, 0) }), restoreBundles(rig)], ['AVAILABLE', []]);
  });

  it('waits for approval, is approved, and ends as restored', async () => {
    const confirmed = ['--confirm', idOf(rig, 0), '--require-approval'];
    const started = await restore('start', ...what, '--strategy', 'snapshot', ...report, ...confirmed, '--json');
    assert.equal(started.code, 0, started.stderr);
    const { workflowId } = JSON.parse(started.stdout) as { workflowId: string };
    const again = await restore('start', ...what, '--strategy', 'snapshot', ...report, ...confirmed);
    assert.equal(again.code, 11);
    let waiting: Ended = again;
    await waitUntil('it waits for approval', async () => {
      waiting = await restore('status');
      return waiting.code !== 0;
    });
    assert.deepEqual([waiting.code, /waits for approval until/.test(waiting.stdout)], [4, true], waiting.stderr);
    assert.equal((await restore('resume')).code, 1);
    assert.equal((await restore('approve', '--reason', 'CHG-1')).code, 0);
    await rig.client.workflow.getHandle(workflowId).result();
    const { code, stdout } = await restore('status', '--json');
    const { row } = JSON.parse(stdout) as { row: { outcome: string; approvedBy: string } };
    assert.deepEqual([code, row.outcome, /.+@.+/.test(row.approvedBy)], [0, 'restored', true]);
  });
});
