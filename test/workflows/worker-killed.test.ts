/** A worker that dies leaves calls without an end, and its successor knows only what Temporal and AWS tell it. */
import assert from 'node:assert/strict';
import { workspaceLocksId } from '../../domain/workspace-locks.ts';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { desktops, type Desktop } from '../../sandbox/services/workspaces/rows.ts';
import { scriptsRun } from '../../sandbox/services/ssm/commands.ts';
import { statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { locksQuery } from '../../workflows/workspace-locks.messages.ts';
import { forgetCaches, killableWorkers, type KillableWorkers } from '../rig/killable-worker.ts';
import { idOf, outcomesOf, rebuildEffects, rebuildsBegun, reportOf, snapshotsDue } from '../rig/truth.ts';
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

/**
 * An activity that its worker took along is missed after 10 real seconds: five and a half hours of AWS's at speed 2000.
 * So snapshots are waited for, and rebuilds followed, for longer than that.
 */
const patient = { waitTimeoutMinutes: 560, rebuildTimeoutMinutes: 20_160 };

/** Stopped, and their users away for days: what their snapshots hold is enough, however late it is looked at. */
const idle = (...indexes: readonly number[]) => ({ stopped: indexes, quiet: indexes });

const cohortOf = (upgrade: Upgrade): string => `${upgrade.workflowId}/cohort-1`;

/** By index, from the answer by id. */
const byIndex = <T>(rig: Rig, values: Readonly<Record<string, T>>): (T | undefined)[] =>
  rig.fleet.members.map(({ workspaceId }) => values[workspaceId]);

describe('a worker that is killed', function () {
  this.timeout(120_000);
  let rig: Rig;
  let workers: KillableWorkers;

  const begin = async (count: number, special: Parameters<typeof plainFleet>[1] = {}): Promise<void> => {
    rig = await startRig({ fleet: plainFleet(count, { rebuildMinutes: [20, 30], ...special }), worker: false });
    rig.sandbox.clock.pause();
    workers = await killableWorkers(rig);
    await workers.start();
    rig.sandbox.clock.resume();
  };
  const replace = async (upgrade: Upgrade): Promise<void> => {
    await workers.kill();
    rig.sandbox.faults.clear();
    await forgetCaches(rig, [upgrade.workflowId]);
    await workers.start();
  };
  afterEach(async () => {
    await workers.close();
    await rig.close();
  });

  it('in the preflight, and again while the report is written, leaves nothing undone and does nothing twice', async () => {
    await begin(3, { special: idle(0, 1, 2) });
    const { faults, recorder } = rig.sandbox;
    faults.add({ kind: 'slow', operation: 'DescribeWorkspaceImages', seconds: 100_000 });
    const upgrade = await startUpgrade(rig, upgradeInput(patient));
    await waitUntil('the preflight is under way', () => recorder.count({ operation: 'GetResources' }) > 0);
    await replace(upgrade);

    faults.add({ kind: 'slow', operation: 'DeleteObjects', seconds: 100_000 });
    await waitUntil('the report is written', async () => (await upgrade.query(statusQuery)).report !== null);
    await waitUntil('its parts are being removed', () => recorder.calls({ operation: 'ListObjectsV2' }).length === 2);
    await replace(upgrade);

    const result = await upgrade.result();
    assert.equal(result.outcome, 'completed');
    assert.deepEqual(byIndex(rig, rebuildsBegun(rig)), [1, 1, 1]);
    assert.equal((await reportOf(rig)).workspaces.length, 3);
  });

  it('with WorkSpaces at every step changes no outcome, and each is rebuilt once', async () => {
    await begin(11, { special: { ...idle(0), rebuildFails: [8], keyDisabled: [10] } });
    const upgrade = await atEveryStep(rig);
    await replace(upgrade);
    await forgetCaches(rig, [cohortOf(upgrade)]);

    const result = await upgrade.result();
    assert.equal(result.outcome, 'partiallyFailed');
    const outcomes = await outcomesOf(rig, upgrade);
    const [idleOne, ...others] = byIndex(rig, outcomes);
    // Quiet, or read so late that a snapshot had come meanwhile.
    assert.match(idleOne ?? '', /^rebuilt( quiet)?$/);
    assert.deepEqual(others, [
      ...Array.from({ length: 7 }, () => 'rebuilt'),
      'rebuildFailed failed',
      'timedOutWaiting noFreshSnapshot',
      undefined,
    ]);
    assert.deepEqual(byIndex(rig, rebuildsBegun(rig)), [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    assert.deepEqual(rebuildEffects(rig, 5), ['begun'], 'the call that was under way is not made again');
    const warnings = scriptsRun(rig.fleet.place).filter(({ workspaceId }) => workspaceId === idOf(rig, 2));
    assert.equal(warnings.length, 1, 'the warning that was under way is not shown again');
    assert.equal((await reportOf(rig)).workspaces.length, 11);
    const locks = rig.client.workflow.getHandle(workspaceLocksId(rig.fleet.place));
    assert.deepEqual(await locks.query(locksQuery), {});
  });
});

/** Starts an upgrade and holds its WorkSpaces by faults, until one is at each step. */
async function atEveryStep(rig: Rig): Promise<Upgrade> {
  const { faults } = rig.sandbox;
  const { account, region } = rig.fleet.place;
  // Calls that take longer than anybody waits for them are given up after 8 real seconds, and made again.
  const held = { kind: 'slow', seconds: 100_000 } as const;
  const due = [60, 500, 90, 90, 110, 90, 100, 90, 90, 60, 60];
  snapshotsDue(rig, (index) => due[index] ?? 0);
  for (const index of [3, 5, 9]) change(rig, index, { snapshotPauses: [{ from: rig.fleet.start, to: Infinity }] });
  change(rig, 7, { rebuildPlan: { minutes: 450 } });
  change(rig, 8, { rebuildPlan: { minutes: 450, end: 'fail' } });
  faults.add({ ...held, operation: 'DescribeWorkspaceSnapshots', resource: idOf(rig, 0) });
  faults.add({ ...held, operation: 'SendCommand', resource: rig.fleet.members[2]?.instanceIds[0] ?? '' });
  faults.add({ ...held, operation: 'ListCommands' });
  const tagged = `arn:aws:workspaces:${region}:${account}:workspace/${idOf(rig, 4)}`;
  faults.add({ ...held, operation: 'GetResources', resource: tagged });
  faults.add({ ...held, operation: 'RebuildWorkspaces', resource: idOf(rig, 5) });
  faults.add({ kind: 'resetBefore', operation: 'RebuildWorkspaces', resource: idOf(rig, 6), count: 1 });

  const input = upgradeInput({ ...patient, ...warned(600), maxConcurrent: 5 });
  const upgrade = await startUpgrade(rig, input);
  const lost = { operation: 'RebuildWorkspaces', resource: idOf(rig, 6) };
  await waitUntil('the lost rebuild call', () => rig.sandbox.recorder.count(lost) === 1);
  faults.add({ ...held, operation: 'DescribeWorkspaces', resource: idOf(rig, 6) });
  await steps('baseline snapshot warning snapshot lastLook snapshot settle confirm confirm snapshot');
  change(rig, 5, { snapshotPauses: [] });
  await steps('baseline snapshot warning snapshot lastLook rebuild settle confirm confirm snapshot');
  change(rig, 3, { snapshotPauses: [] });
  await steps('baseline snapshot warning turn lastLook rebuild settle confirm confirm snapshot');
  return upgrade;

  async function steps(wanted: string): Promise<void> {
    let present = '';
    const reached = waitUntil(wanted, async () => {
      present = (await rowsOf(rig, upgrade)).map(stepOf).join(' ');
      return present === wanted;
    });
    await reached.catch((error: unknown) => {
      throw new Error(`they are ${present}`, { cause: error });
    });
  }
}

function change(rig: Rig, index: number, changes: Partial<Desktop>): void {
  Object.assign(desktops(rig.fleet.place).get(idOf(rig, index)) ?? {}, changes);
}

/** A WorkSpace whose user is being warned stands at its turn already, and has it after the warning time. */
function stepOf({ step, notified, noticeEndsAt }: Row): string {
  if (step !== 'turn') return step;
  return notified === null ? 'warning' : noticeEndsAt === null ? 'turn' : 'warned';
}
