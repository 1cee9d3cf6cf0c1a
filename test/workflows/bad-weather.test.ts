import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { scriptsRun } from '../../sandbox/services/ssm/commands.ts';
import { cohortStatusQuery, statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { outcomesOf, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
import {
  type Rig,
  rowsOf,
  startRig,
  startUpgrade,
  type Upgrade,
  upgradeInput,
  waitUntil,
  warned,
} from '../rig/upgrade.ts';

const COUNT = 6;
const NOTIFY = warned(300);

describe('an upgrade in bad weather', function () {
  this.timeout(180_000);
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ fleet: plainFleet(COUNT, { rebuildMinutes: [20, 30] }) });
    snapshotsDue(rig, (index) => 90 + 5 * index);
  });
  afterEach(async () => await rig.close());

  /** Every WorkSpace was rebuilt, once, and stands in the report: as in fair weather. */
  async function endsAsInFairWeather(upgrade: Upgrade): Promise<void> {
    const { outcome, counts } = await upgrade.result();
    assert.equal(outcome, 'completed');
    assert.equal(counts.rebuilt, COUNT);
    assert.deepEqual(new Set(Object.values(await outcomesOf(rig, upgrade))), new Set(['rebuilt']));
    assert.deepEqual(
      Object.values(rebuildsBegun(rig)),
      Array.from({ length: COUNT }, () => 1),
    );
    const { totals } = await reportOf(rig);
    assert.equal(totals['rebuilt'], COUNT);
  }

  it('ends as in fair weather when AWS throttles 30 % of all calls', async () => {
    rig.sandbox.faults.add({ kind: 'throttle', probability: 0.3 });
    await endsAsInFairWeather(await startUpgrade(rig, upgradeInput(NOTIFY)));
    const calls = rig.sandbox.recorder.calls();
    const throttled = calls.filter(({ outcome }) => /throttl/i.test(outcome)).length;
    assert.ok(throttled > calls.length * 0.15, `${throttled} of ${calls.length} calls were throttled`);
  });

  it('ends as in fair weather when WorkSpaces answers nothing for an hour', async () => {
    const upgrade = await startUpgrade(rig, upgradeInput(NOTIFY));
    const hasBegun = (): boolean => rig.sandbox.recorder.count({ operation: 'RebuildWorkspaces', outcome: 'ok' }) > 0;
    await waitUntil('a rebuild has begun', hasBegun);
    const clear = rig.sandbox.faults.add({
      kind: 'error',
      service: 'workspaces',
      code: 'InternalServerError',
      status: 500,
    });
    const down = rig.sandbox.clock.now();
    await waitUntil('an hour has passed', () => rig.sandbox.clock.now() > down + 3_600_000);
    clear();
    await endsAsInFairWeather(upgrade);
  });

  it('ends as in fair weather, but for the warnings, when Systems Manager is down from the beginning to the end', async () => {
    // The preflight asks for the agents for a while before it goes on without them.
    snapshotsDue(rig, (index) => 270 + 5 * index);
    rig.sandbox.faults.add({ kind: 'error', service: 'ssm' });
    const upgrade = await startUpgrade(rig, upgradeInput(NOTIFY));
    await endsAsInFairWeather(upgrade);
    assert.deepEqual(scriptsRun(rig.fleet.place), []);
    assert.ok((await rowsOf(rig, upgrade)).every(({ notified }) => notified !== 'delivered'));
  });

  it('waits with the report while S3 is down and says so, and writes it whole when S3 is back', async () => {
    const { faults } = rig.sandbox;
    const down = { kind: 'error', service: 's3', code: 'InternalError', status: 500 } as const;
    const upgrade = await startUpgrade(rig);
    const cohort = rig.client.workflow.getHandle(`${upgrade.workflowId}/cohort-1`);
    const healthOf = async (of: { describe: Upgrade['describe'] }) =>
      (await of.describe()).searchAttributes['HoldfastHealth'];
    const allBegun = (): boolean => Object.values(rebuildsBegun(rig)).every((begun) => begun === 1);
    await waitUntil('all rebuilds have begun', allBegun);

    const clear = faults.add(down);
    const page = { offset: 0, limit: 0 };
    const cohortRetries = async () => (await cohort.query(cohortStatusQuery, page)).retrying !== null;
    await waitUntil('the cohort tries again to write its part', cohortRetries);
    assert.deepEqual(await healthOf(cohort), ['retrying']);
    // Its part gets through, the report itself does not.
    faults.add({ ...down, operation: 'ListObjectsV2' });
    clear();
    await waitUntil('the run tries again', async () => (await upgrade.query(statusQuery)).retrying !== null);
    assert.match((await upgrade.query(statusQuery)).retrying ?? '', /s3:PutObject holdfast-reports/);
    assert.deepEqual(await healthOf(upgrade), ['retrying']);
    assert.equal((await upgrade.query(statusQuery)).report, null);

    faults.clear();
    await endsAsInFairWeather(upgrade);
    assert.deepEqual(await healthOf(upgrade), ['ok']);
  });
});
