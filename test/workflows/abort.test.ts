/** An abort begins nothing new, follows what is under way to its end, and tells the truth about both. */
import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import type { FleetSpec } from '../../sandbox/fleet.ts';
import { abortUpdate, statusQuery, type AbortAnswer } from '../../workflows/image-upgrade.messages.ts';
import { locksHeld } from '../rig/locks.ts';
import { bundleImage, idOf, outcomesOf, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
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

type Counts = Pick<AbortAnswer, 'followed' | 'notRebuilt'>;
const countsOf = ({ followed, notRebuilt }: AbortAnswer): Counts => ({ followed, notRebuilt });

describe('an abort', function () {
  this.timeout(180_000);
  let rig: Rig;
  const begin = async (count: number, changes: Partial<FleetSpec> = {}): Promise<void> => {
    rig = await startRig({ fleet: plainFleet(count, { rebuildMinutes: [20, 30], ...changes }) });
  };
  afterEach(async () => await rig.close());

  const abort = async (upgrade: Upgrade): Promise<{ answer: Counts; at: number }> => {
    const answer = countsOf(await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test' }] }));
    return { answer, at: rig.sandbox.clock.now() };
  };
  const stepsOf = async (upgrade: Upgrade): Promise<string> => {
    // A history that has just begun answers nothing yet.
    const rows = await rowsOf(rig, upgrade).catch(() => []);
    return rows.map(({ step }) => step).join(' ');
  };

  /** What holds of every aborted run when it has ended. */
  const assertAborted = async (upgrade: Upgrade, { answer, at }: { answer: Counts; at: number }): Promise<void> => {
    const result = await upgrade.result();
    assert.equal(result.outcome, 'aborted');
    const late = rig.sandbox.recorder.calls({ operation: 'RebuildWorkspaces' }).filter((call) => call.at > at);
    assert.deepEqual(late, [], 'no rebuild is called after the answer');
    assert.equal(result.counts.aborted, answer.notRebuilt, 'as many are left out as was answered');
    const { workspaces, aborted, totals } = await reportOf(rig);
    assert.equal(aborted?.reason, 'a test');
    assert.equal(workspaces.length, rig.fleet.members.length);
    assert.equal(totals.unfinished, 0);
    assert.equal(totals.aborted, answer.notRebuilt);
    assert.deepEqual(await locksHeld(rig), {});
  };

  it('in the preflight changes nothing at all, and reports every WorkSpace', async () => {
    await begin(3);
    rig.sandbox.faults.add({ kind: 'slow', operation: 'DescribeWorkspaceImages', seconds: 2000, count: 1 });
    const upgrade = await startUpgrade(rig);
    await waitUntil('the preflight', () => rig.sandbox.recorder.count({ operation: 'GetResources' }) > 0);
    const aborted = await abort(upgrade);
    await assertAborted(upgrade, aborted);
    assert.deepEqual(aborted.answer, { followed: 0, notRebuilt: 3 });
    assert.equal(bundleImage(rig), rig.fleet.spec.bundle.imageId);
  });

  it('while all wait for their snapshots ends the run at once', async () => {
    await begin(3);
    const upgrade = await startUpgrade(rig);
    await waitUntil('all wait', async () => (await stepsOf(upgrade)) === 'snapshot snapshot snapshot');
    const aborted = await abort(upgrade);
    await assertAborted(upgrade, aborted);
    assert.deepEqual(aborted.answer, { followed: 0, notRebuilt: 3 });
  });

  it('while AWS does not answer is answered all the same', async () => {
    await begin(3);
    rig.sandbox.faults.add({ kind: 'error', operation: 'DescribeWorkspaceSnapshots' });
    const upgrade = await startUpgrade(rig);
    const looks = { operation: 'DescribeWorkspaceSnapshots' };
    await waitUntil('calls are made again', () => rig.sandbox.recorder.count(looks) > 20);
    await assertAborted(upgrade, await abort(upgrade));
  });

  // Going on takes a real second each time, so that there is no telling who would have a turn before whom.
  const alone = {
    options: {},
    due: [90, 90, 180, 195, 195, 600],
    wanted: 'confirm confirm rebuild turn warning snapshot',
    heldSeconds: 8000,
  };
  const goingOn = {
    options: { cohortSize: 3, continueAfterEvents: 120 },
    due: [90, 90, 180, 600, 600, 600],
    wanted: 'confirm confirm rebuild snapshot snapshot snapshot',
    heldSeconds: 9000,
  };
  for (const [how, { options, due, wanted, heldSeconds }] of [
    ['in one history', alone],
    ['in cohorts that go on in new histories', goingOn],
  ] as const) {
    it(`follows what is under way, ${how}, and sends the others away`, async () => {
      await begin(6, { special: { rebuildFails: [1] }, rebuildMinutes: [420, 430] });
      snapshotsDue(rig, (index) => due[index] ?? 0);
      const { faults } = rig.sandbox;
      faults.add({
        kind: 'slow',
        operation: 'RebuildWorkspaces',
        resource: idOf(rig, 2),
        seconds: heldSeconds,
        count: 1,
      });
      const agent = rig.fleet.members[4]?.instanceIds[0] ?? '';
      faults.add({ kind: 'slow', operation: 'SendCommand', resource: agent, seconds: heldSeconds, count: 1 });
      const input = upgradeInput({ maxConcurrent: 3, ...warned(300), rebuildTimeoutMinutes: 1200 });
      const upgrade = await startUpgrade(rig, input, options);
      await waitUntil('all are on their way', async () => (await stepsOf(upgrade)) === wanted);

      const aborted = await abort(upgrade);
      assert.deepEqual(aborted.answer, { followed: 3, notRebuilt: 3 });
      const again = countsOf(await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'again' }] }));
      assert.deepEqual(again, aborted.answer, 'a second abort changes nothing');
      await assertAborted(upgrade, aborted);
      const left = 'aborted abortedByOperator';
      const expected = ['rebuilt', 'rebuildFailed failed', 'rebuilt', left, left, left];
      assert.deepEqual(Object.values(await outcomesOf(rig, upgrade)), expected);
      assert.deepEqual(Object.values(rebuildsBegun(rig)), [1, 1, 1, 0, 0, 0]);
    });
  }

  it('by a cancellation in Temporal follows what is under way all the same, and writes the report', async () => {
    await begin(3, { rebuildMinutes: [100, 105] });
    snapshotsDue(rig, (index) => (index === 0 ? 90 : 600));
    const upgrade = await startUpgrade(rig);
    await waitUntil('one is under rebuild', async () => (await stepsOf(upgrade)) === 'confirm snapshot snapshot');
    await upgrade.cancel();
    const { outcome, counts } = await upgrade.result();
    assert.equal(outcome, 'aborted');
    assert.deepEqual([counts.rebuilt, counts.aborted], [1, 2]);
    const { aborted, totals, steering } = await reportOf(rig);
    assert.equal(aborted?.reason, 'cancelled in Temporal');
    assert.deepEqual([totals.rebuilt, totals.aborted], [1, 2]);
    assert.deepEqual(
      steering.map(({ what, answer }) => [what, answer]),
      [['abort', '1 followed, 2 not rebuilt']],
    );
    assert.deepEqual(Object.values(rebuildsBegun(rig)), [1, 0, 0]);
    assert.deepEqual(await locksHeld(rig), {});
  });

  it('while the cohorts are being started reaches all of them', async () => {
    await begin(8);
    const upgrade = await startUpgrade(rig, upgradeInput(), { cohortSize: 1 });
    const first = rig.client.workflow.getHandle(`${upgrade.workflowId}/cohort-1`);
    await waitUntil('the first cohort', async () => await first.describe().then(Boolean, () => false));
    const aborted = await abort(upgrade);
    await assertAborted(upgrade, aborted);
    assert.deepEqual(aborted.answer, { followed: 0, notRebuilt: 8 });
  });

  it('of a run that has ended its work is refused', async () => {
    await begin(1, { special: { keyDisabled: [0] } });
    rig.sandbox.faults.add({ kind: 'error', operation: 'ListObjectsV2' });
    const upgrade = await startUpgrade(rig);
    await waitUntil('the report', async () => (await upgrade.query(statusQuery)).phase === 'reporting');
    await assert.rejects(abort(upgrade), (error: Error) => {
      assert.match(String(error.cause), /nothing can be aborted: the run is reporting/);
      return true;
    });
    rig.sandbox.faults.clear();
    const result = await upgrade.result();
    assert.equal(result.outcome, 'nothingToDo');
    await assert.rejects(abort(upgrade), { name: 'WorkflowNotFoundError' });
  });
});
