/** ADMIN_MAINTENANCE: nobody signs in between the end of the warning and the rebuild, and nobody stays locked out. */
import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { rebuildCallsOf } from '../../sandbox/services/workspaces/ground-truth.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';
import {
  abortUpdate,
  pauseUpdate,
  resumeUpdate,
  skipUpdate,
  statusQuery,
} from '../../workflows/image-upgrade.messages.ts';
import { forgetCaches } from '../rig/killable-worker.ts';
import { holdLocks } from '../rig/locks.ts';
import { idOf, rebuildsBegun, shownOn } from '../rig/truth.ts';
import {
  rowsOf,
  startRig,
  startUpgrade,
  type Rig,
  type Upgrade,
  upgradeInput,
  waitUntil,
  warned,
  withRig,
} from '../rig/upgrade.ts';
import { desktopOf, enter, MINUTE } from '../rig/world.ts';

const LEAD = 10 * MINUTE;
const nobody = { by: null, reason: null };
const everybody = (count: number) => Array.from({ length: count }, (_, index) => index);

const stateOf = (rig: Rig, index: number) => viewAt(desktopOf(rig, index), rig.sandbox.clock.now())?.state;
const isLockedOut = (rig: Rig, index: number): boolean => stateOf(rig, index) === 'ADMIN_MAINTENANCE';
const lockedOut = (rig: Rig): number[] =>
  everybody(rig.fleet.members.length).filter((index) => isLockedOut(rig, index));

const cohortsOf = async (upgrade: Upgrade): Promise<readonly string[]> => (await upgrade.query(statusQuery)).cohorts;

/** When it was in ADMIN_MAINTENANCE, the first time first. */
function timesLockedOut(rig: Rig, index: number): { from: number; to: number }[] {
  const { log } = desktopOf(rig, index);
  return log.flatMap(({ at, state }, place) =>
    state === 'ADMIN_MAINTENANCE' ? [{ from: at, to: log[place + 1]?.at ?? Infinity }] : [],
  );
}

describe('a run with maintenance', function () {
  this.timeout(120_000);
  const COUNT = 6;
  let rig: Rig;
  let upgrade: Upgrade;
  let rows: readonly Row[];
  let skipped: number;
  let paused: readonly number[];
  let skippedWas: string | undefined;

  before(async () => {
    const fleet = plainFleet(COUNT, {
      special: { quiet: everybody(COUNT), rebuildFails: [0] },
      rebuildMinutes: [60, 60],
    });
    rig = await startRig({ fleet, worker: false });
    const first = await rig.startWorker();
    // The reply to the first is lost: it is made again, and left all the same.
    rig.sandbox.faults.add({ kind: 'resetAfter', operation: 'ModifyWorkspaceState', count: 1 });
    upgrade = await startUpgrade(rig, upgradeInput({ ...warned(LEAD / 1000), maintenance: true, maxConcurrent: 1 }));
    await waitUntil('one is being rebuilt', () => Object.values(rebuildsBegun(rig)).some(Boolean));
    await waitUntil('the others wait for their turn', () => lockedOut(rig).length === COUNT - 1);
    const workflows = [upgrade.workflowId, ...(await cohortsOf(upgrade))];
    await first.shutdown();
    await forgetCaches(rig, workflows);
    await rig.startWorker();
    skipped = lockedOut(rig)[0] ?? assert.fail('nobody waits');
    await upgrade.executeUpdate(skipUpdate, { args: [{ ...nobody, workspaceId: idOf(rig, skipped) }] });
    await waitUntil('it has ended', async () => (await rowsOf(rig, upgrade))[skipped]?.step === 'done');
    skippedWas = stateOf(rig, skipped);
    await upgrade.executeUpdate(pauseUpdate, { args: [nobody] });
    await waitUntil('nobody is locked out while it is paused', () => lockedOut(rig).length === 0);
    paused = everybody(COUNT).filter((index) => index !== skipped && rebuildsBegun(rig)[idOf(rig, index)] === 0);
    await upgrade.executeUpdate(resumeUpdate, { args: [{ ...nobody, workspaceId: null }] });
    await waitUntil('three were begun', () => Object.values(rebuildsBegun(rig)).filter(Boolean).length === 3);
    await waitUntil('two wait for their turn', () => lockedOut(rig).length === 2);
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test' }] });
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  it('locks nobody out before the time is over that the warning gave', () => {
    for (const index of everybody(COUNT)) {
      const shown = shownOn(rig, index).map(({ at }) => at);
      const times = timesLockedOut(rig, index);
      assert.ok(times.length > 0, `${index} was never locked out`);
      for (const { from } of times) {
        const last = shown.findLast((at) => at < from) ?? assert.fail(`${index} was not warned`);
        assert.ok(from - last >= LEAD, `${index}: locked out ${(from - last) / MINUTE} minutes after the warning`);
      }
    }
  });

  it('leaves it right before the rebuild, which AWS would ignore otherwise', () => {
    const begun = everybody(COUNT).filter((index) => rebuildCallsOf(rig.fleet.place, idOf(rig, index)).length > 0);
    assert.equal(begun.length, 3);
    for (const index of begun) {
      const calls = rebuildCallsOf(rig.fleet.place, idOf(rig, index));
      assert.deepEqual(
        calls.map(({ effect }) => effect),
        ['begun'],
      );
      const left = timesLockedOut(rig, index).findLast(({ to }) => to <= (calls[0]?.at ?? 0));
      const open = ((calls[0]?.at ?? Infinity) - (left?.to ?? 0)) / MINUTE;
      // A tenth of a real second is three minutes here, and a last look is some calls.
      assert.ok(open < 59, `${index} was open for ${open} minutes before its rebuild`);
    }
  });

  it('leaves it while the run is paused, warns again, and enters it again', () => {
    assert.ok(paused.length >= 3, `${paused.length} were left`);
    const again = paused.filter((index) => timesLockedOut(rig, index).length >= 2);
    // One may have had its turn, and goes on where it was.
    assert.ok(again.length >= paused.length - 1, `${again.length} of ${paused.length} were locked out again`);
    for (const index of again) assert.equal(shownOn(rig, index).length, 2);
  });

  it('leaves nobody locked out: after a rebuild that failed, a skip and an abort', () => {
    assert.equal(skippedWas, 'AVAILABLE');
    assert.deepEqual(lockedOut(rig), []);
    assert.equal(rows[skipped]?.outcome, 'skipped');
    assert.equal(rows.filter(({ outcome }) => outcome === 'aborted').length, 2);
    assert.ok(rows.every(({ step, inMaintenance }) => step === 'done' && !inMaintenance));
  });
});

describe('a run that may not enter or leave maintenance', function () {
  this.timeout(120_000);

  it('tries on until it may, also when it was aborted, and leaves what a person put there alone', async () => {
    const THEIRS = 1;
    const fleet = plainFleet(3, { special: { quiet: [0, 1, 2] }, rebuildMinutes: [60, 60] });
    await withRig({ fleet }, async (rig) => {
      enter(rig, THEIRS, 'ADMIN_MAINTENANCE');
      const upgrade = await startUpgrade(rig, upgradeInput({ maintenance: true, maxConcurrent: 1 }));
      await waitUntil('one waits for its turn', () => isLockedOut(rig, 0) || isLockedOut(rig, 2));
      await waitUntil('the other is being rebuilt', () => Object.values(rebuildsBegun(rig)).some(Boolean));
      const ours = [0, 2].find((index) => isLockedOut(rig, index)) ?? assert.fail('nobody waits');
      const denied = { operation: 'ModifyWorkspaceState', code: 'AccessDeniedException', status: 400 };
      rig.sandbox.faults.add({ kind: 'error', ...denied });
      await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'a test' }] });
      await waitUntil(
        'it was tried more than once',
        () => rig.sandbox.recorder.count({ operation: denied.operation, outcome: denied.code }) > 1,
      );
      const [cohort = ''] = await cohortsOf(upgrade);
      await waitUntil('that is told', async () => {
        const { searchAttributes } = await rig.client.workflow.getHandle(cohort).describe();
        return searchAttributes['HoldfastHealth']?.[0] === 'retrying';
      });
      assert.ok(isLockedOut(rig, ours));
      rig.sandbox.faults.clear();
      const { counts } = await upgrade.result();
      assert.deepEqual([counts.aborted, counts.rebuilt], [2, 1]);
      assert.deepEqual(lockedOut(rig), [THEIRS]);
    });
  });

  it('locks nobody out of a WorkSpace that another operation works on', async () => {
    const THEIRS = 1;
    const fleet = plainFleet(3, { special: { quiet: [0, 1, 2] }, rebuildMinutes: [60, 60] });
    await withRig({ fleet }, async (rig) => {
      const other = await holdLocks(rig, [idOf(rig, THEIRS)]);
      const upgrade = await startUpgrade(rig, upgradeInput({ maintenance: true, maxConcurrent: 2 }));
      await waitUntil(
        'the others are rebuilt',
        async () => (await rowsOf(rig, upgrade)).filter(({ outcome }) => outcome === 'rebuilt').length === 2,
      );
      assert.deepEqual(timesLockedOut(rig, THEIRS), []);
      await other.release();
      const { counts } = await upgrade.result();
      assert.equal(counts.rebuilt, 3);
      assert.deepEqual(lockedOut(rig), []);
    });
  });
});

describe('a run with maintenance and a long queue', function () {
  this.timeout(120_000);
  const COUNT = 24;
  /** As many as wait near their turn, in a cohort. */
  const NEAR = 10;

  it('locks out only those whose turn is near, and everybody before their rebuild', async () => {
    const fleet = plainFleet(COUNT, { special: { quiet: everybody(COUNT) }, rebuildMinutes: [60, 60] });
    await withRig({ fleet }, async (rig) => {
      const upgrade = await startUpgrade(rig, upgradeInput({ maintenance: true, maxConcurrent: 8 }));
      const { counts } = await upgrade.result();
      assert.equal(counts.rebuilt, COUNT);
      const times = everybody(COUNT).map((index) => timesLockedOut(rig, index));
      assert.deepEqual(
        times.map((each) => each.length > 0),
        times.map(() => true),
      );
      const all = times.flat();
      const most = Math.max(...all.map(({ from }) => all.filter((each) => each.from <= from && from < each.to).length));
      // AWS shows for a moment that one is in it still, who has its turn already.
      assert.ok(most >= 2 && most <= NEAR + 8, `${most} were locked out at once`);
    });
  });
});
