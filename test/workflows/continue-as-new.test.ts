/** Runs that go on in new histories, and cohorts that share one cap: nobody may notice. */
import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { mostRebuildingAtOnce, rebuildIntervals } from '../../sandbox/services/workspaces/ground-truth.ts';
import type { ImageUpgradeOptions } from '../../workflows/image-upgrade.ts';
import { statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { locksHeld } from '../rig/locks.ts';
import { idOf, outcomesOf, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
import { type Rig, rowsOf, startRig, startUpgrade, upgradeInput, waitUntil, warned } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

const CAP = 3;

/** Whether the history that a workflow is in now is not its first one. */
async function wentOn(rig: Rig, workflowId: string): Promise<boolean> {
  const { events } = await rig.client.workflow.getHandle(workflowId).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return (started?.continuedExecutionRunId ?? '') !== '';
}

/** How many minutes before each rebuild call its WorkSpace's snapshots were read. */
function agesOfLastLooks(rig: Rig): number[] {
  const { recorder } = rig.sandbox;
  return recorder.calls({ operation: 'RebuildWorkspaces' }).map(({ at, resources }) => {
    const filter = { operation: 'DescribeWorkspaceSnapshots', resource: resources[0] };
    const looks = recorder.calls(filter).filter((look) => look.at < at);
    return (at - (looks.at(-1)?.at ?? 0)) / 60_000;
  });
}

describe('an upgrade that goes on in new histories', function () {
  this.timeout(120_000);

  /** One rebuild fails, one WorkSpace gets no snapshot, one needs no newer one. */
  const upgradeWith = async (options: ImageUpgradeOptions) => {
    const special = { rebuildFails: [2], stopped: [5], quiet: [5] };
    const rig = await startRig({ fleet: plainFleet(12, { special, rebuildMinutes: [10, 15] }) });
    try {
      snapshotsDue(rig, (index) => 90 + index * 5);
      desktopOf(rig, 7).snapshotPauses = [{ from: rig.fleet.start, to: Infinity }];
      const input = upgradeInput({ maxConcurrent: CAP, waitTimeoutMinutes: 160, ...warned(300) });
      const upgrade = await startUpgrade(rig, input, options);
      const { outcome, counts } = await upgrade.result();
      const { cohorts } = await upgrade.query(statusQuery);
      const workflows = [upgrade.workflowId, ...cohorts];
      return {
        outcome,
        counts,
        outcomes: await outcomesOf(rig, upgrade),
        rebuilds: rebuildsBegun(rig),
        most: mostRebuildingAtOnce(rig.fleet.place),
        reported: (await reportOf(rig)).totals,
        locks: await locksHeld(rig),
        oldestLook: Math.max(...agesOfLastLooks(rig)),
        wentOn: await Promise.all(workflows.map((id) => wentOn(rig, id))),
      };
    } finally {
      await rig.close();
    }
  };

  it('ends as it would have in one, and passes the cap no more than there', async () => {
    const inOne = await upgradeWith({});
    const inMany = await upgradeWith({ continueAfterEvents: 80, cohortSize: 6 });
    assert.deepEqual(inOne.wentOn, [false, false]);
    assert.deepEqual(inMany.wentOn, [true, true, true], 'the run and both of its cohorts went on');
    for (const what of ['outcome', 'counts', 'outcomes', 'rebuilds', 'reported', 'locks'] as const) {
      assert.deepEqual(inMany[what], inOne[what], what);
    }
    assert.equal(inMany.counts.rebuilt, 10);
    assert.ok(inMany.most <= CAP && inOne.most <= CAP, `${inMany.most} and ${inOne.most} at once`);
    assert.deepEqual(inMany.locks, {});
    // A look lasts 15 minutes, and a call stands in the queue for 15 at most: nobody is rebuilt on a look from before.
    assert.ok(
      inMany.oldestLook <= 31,
      `the last look at a snapshot was ${inMany.oldestLook} minutes old at the rebuild`,
    );
  });
});

describe('several cohorts of one upgrade', function () {
  this.timeout(120_000);
  let rig: Rig;
  afterEach(async () => await rig.close());

  it('share the cap: turns go to whoever wants them, and never more than there are', async () => {
    rig = await startRig({ fleet: plainFleet(12, { rebuildMinutes: [60, 62] }) });
    // The last cohort begins without a turn, and its WorkSpaces are the first whose snapshots come.
    const dueOfCohort = [330, 250, 170, 90];
    snapshotsDue(rig, (index) => dueOfCohort[Math.floor(index / 3)] ?? 0);
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: CAP }), { cohortSize: 3 });
    await upgrade.result();
    assert.deepEqual(new Set(Object.values(await outcomesOf(rig, upgrade))), new Set(['rebuilt']));
    assert.deepEqual(new Set(Object.values(rebuildsBegun(rig))), new Set([1]));
    assert.equal(mostRebuildingAtOnce(rig.fleet.place), CAP);
    for (const [cohort, due] of dueOfCohort.entries()) {
      const ids = [0, 1, 2].map((nth) => idOf(rig, cohort * 3 + nth));
      const begun = rebuildIntervals(rig.fleet.place).filter(({ workspaceId }) => ids.includes(workspaceId));
      const atOnce = begun.some(({ from }, nth) => nth > 0 && from < (begun[nth - 1]?.to ?? Infinity));
      assert.ok(atOnce, `cohort ${cohort + 1}, due after ${due} minutes, had more than the one turn of its share`);
    }
  });

  it('are noticed when they are terminated, also while they wait for turns, and the run reports what it has', async () => {
    rig = await startRig({ fleet: plainFleet(4, { rebuildMinutes: [20, 30] }) });
    snapshotsDue(rig, () => 90);
    const options = { cohortSize: 2, continueAfterEvents: 60 };
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 1 }), options);
    // A run in its first history is told of a cohort's end by Temporal; one that went on in another has to ask.
    await waitUntil('a cohort waits for a turn, and the run went on', async () => {
      const { counts } = await upgrade.query(statusQuery);
      return counts.queued > 0 && (await wentOn(rig, upgrade.workflowId));
    });
    const [, second = ''] = (await upgrade.query(statusQuery)).cohorts;
    const ofFirst = (await rowsOf(rig, upgrade)).slice(0, 2).map(({ workspaceId }) => workspaceId);
    await rig.client.workflow.getHandle(second).terminate('a test');
    const result = await upgrade.result();
    assert.equal(result.outcome, 'partiallyFailed');
    assert.equal(result.counts.rebuilt, 2);
    const { workspaces } = await reportOf(rig);
    assert.deepEqual(workspaces.map(({ workspaceId }) => workspaceId).toSorted(), ofFirst.toSorted());
    // What the terminated one may have held is free for whoever asks.
    assert.deepEqual(
      Object.values(await locksHeld(rig)).filter((holder) => holder !== second),
      [],
    );
  });
});
