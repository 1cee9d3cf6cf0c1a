import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultTexts, parseFaults } from '../../client/rehearsal-faults.ts';
import type { RehearsedWorkspace } from '../../client/rehearsal-outcome.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { bundleImage, idOf, snapshotsDue } from '../rig/truth.ts';
import { startRig, type Rig } from '../rig/upgrade.ts';
import { run, type Ended } from './holdfast.ts';

const { account, region, bundleId, newImageId, oldImageId, reportBucket } = WELL_KNOWN;
const WHAT = [
  '--account',
  account,
  '--region',
  region,
  '--bundle',
  bundleId,
  '--image',
  newImageId,
  '--tag',
  'Env=Prod',
];
/** The next snapshots come hours later: only those are rebuilt whose users were away long enough. */
const UPGRADE = [...WHAT, '--report-bucket', reportBucket, '--wait-timeout-minutes', '30'];

describe('the faults of a rehearsal', () => {
  it('are shares by kind', () => {
    assert.deepEqual(parseFaults('throttle=20%, lost=2.5%,fail=100%'), { throttle: 20, lost: 2.5, fail: 100 });
    assert.deepEqual(faultTexts({ lost: 2, fail: 1 }), [
      '2 % of the replies of WorkSpaces are lost, after the call had its effect.',
      '1 % of the rebuilds and migrations end in a failure.',
    ]);
  });

  it('are refused where they are none, with what there is', () => {
    for (const wrong of ['', 'throttle', 'throttle=20', 'throttle=0%', 'lost=101%', 'burn=1%', 'fail=1%,fail=2%']) {
      assert.throws(() => parseFaults(wrong), { code: 'commander.invalidArgument' }, wrong);
    }
    assert.throws(() => parseFaults('burn=1%'), /"burn=1%" is none: give kinds \(throttle, lost, fail, stuck\)/);
  });
});

describe('a rehearsal', function () {
  this.timeout(120_000);
  let cwd = '';
  let rig: Rig;
  const holdfast = (...args: string[]): Promise<Ended> =>
    run(['upgrade', ...args], { cwd, env: { TEMPORAL_ADDRESS: rig.address } });

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-rehearse-'));
    const special = { quiet: [0, 1, 2, 3], keyDisabled: [4] };
    rig = await startRig({ fleet: plainFleet(8, { special, outside: { otherBundle: 1, untagged: 1 } }), speed: 1000 });
    snapshotsDue(rig, () => 11 * 60);
  });
  after(async () => {
    await rig.close();
    rmSync(cwd, { recursive: true });
  });

  it('tells how each WorkSpace would end and when, with 3 as some would not be upgraded', async () => {
    const { code, stdout, stderr } = await holdfast('rehearse', ...UPGRADE, '--speed', '2000', '--json');
    assert.equal(code, 3, stderr);
    const { counts, workspaces, beganAt, endedAt, mostRebuildingAtOnce, calls, assumptions, plan } = JSON.parse(stdout);
    assert.deepEqual([counts.rebuilt, counts.timedOutWaiting, counts.skipped], [4, 3, 2]);
    const reasonOf = (id: string) => workspaces.find((each: RehearsedWorkspace) => each.workspaceId === id)?.reason;
    assert.equal(workspaces.length, 9);
    assert.match(reasonOf(idOf(rig, 0)), /its newest snapshot is later than anything its user did/);
    assert.match(reasonOf(idOf(rig, 4)), /key cannot be used.* is Disabled/);
    assert.match(reasonOf(idOf(rig, 5)), /no newer snapshot in time/);
    assert.match(reasonOf('ws-0other0001'), /is on another bundle/);
    assert.ok(Math.abs(Date.parse(beganAt) - Date.parse(plan.asOf)) < 3_600_000, `${beganAt}, read ${plan.asOf}`);
    const minutes = (Date.parse(endedAt) - Date.parse(beganAt)) / 60_000;
    assert.ok(minutes > 20 && minutes < 240, `it took ${minutes} minutes`);
    assert.equal(mostRebuildingAtOnce, 4);
    assert.equal(calls['workspaces:RebuildWorkspaces'], 4);
    assert.ok(assumptions.some((each: string) => /A rebuild takes 20 to 60 minutes/.test(each)));
  });

  it('shows a saved plan with faults, and ends where a person would have to decide', async () => {
    const limits = ['--canary', '1', '--max-failures', '0', '--require-approval', '--notify-seconds', '60'];
    const saved = await holdfast('plan', ...UPGRADE, ...limits, '--save', 'plan.json');
    assert.equal(saved.code, 0, saved.stderr);
    const rehearsal = ['--plan', 'plan.json', '--faults', 'fail=100%', '--speed', '2000'];
    const { code, stdout, stderr } = await holdfast('rehearse', ...rehearsal);
    assert.equal(code, 3, stderr);
    assert.match(stdout, /^ +1 {2}would fail\n +1 × the rebuild ended in a failure/m);
    assert.match(stdout, /^It would stop and wait for a person: 1 of \d+ have failed, 0 may/m);
    assert.match(stdout, /^ +[36] {2}would wait for a person$/m);
    assert.match(
      stdout,
      /^ {2}- But for what --faults asks: 100 % of the rebuilds and migrations end in a failure\.$/m,
    );
  });

  it('is refused with 1 as the upgrade would be, with every problem', async () => {
    const wrong = ['--report-bucket', 'nobodys-bucket', '--image', 'wsi-0nothing01'];
    const { code, stdout } = await holdfast('rehearse', ...UPGRADE, ...wrong, '--json');
    assert.equal(JSON.parse(stdout).plan.problems.length, 2);
    assert.equal(code, 1);
  });

  it('takes no other flags beside a plan, and no faults that it does not know', async () => {
    const beside = await holdfast('rehearse', '--plan', 'plan.json', '--canary', '5');
    assert.match(beside.stderr, /--plan holds all parameters of the upgrade: leave out --canary/);
    assert.equal(beside.code, 2);
    assert.equal((await holdfast('rehearse', ...UPGRADE, '--faults', 'burn=1%')).code, 2);
  });

  it('has only read from AWS, and changed nothing', () => {
    const operations = Object.keys(rig.sandbox.recorder.countsByOperation());
    assert.ok(operations.includes('workspaces:DescribeWorkspaceSnapshots'));
    assert.deepEqual(
      operations.filter((each) => !/:(?:Describe|Get|Head|List)/.test(each)),
      [],
    );
    assert.equal(bundleImage(rig), oldImageId);
  });
});
