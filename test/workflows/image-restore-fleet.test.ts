/** Many restores at once: waves, the threshold, and how many at a time. */
import assert from 'node:assert/strict';
import { NO_SELECTION } from '../../domain/selection.ts';
import type { FleetRestoreInput } from '../../domain/fleet-restore.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import {
  fleetRestoreStatusQuery,
  resumeFleetRestoreUpdate,
  type FleetRestoreResult,
  type FleetRestoreStatus,
} from '../../workflows/image-restore-fleet.messages.ts';
import { fleetRestoreInput, startFleetRestore } from '../rig/restore.ts';
import { filesOf, idOf, snapshotsDue } from '../rig/truth.ts';
import { startRig, waitUntil, type Rig } from '../rig/upgrade.ts';
import { desktopOf } from '../rig/world.ts';

const COUNT = 5;
/** Of these, restored once more. */
const [CANCELLED, BLOCKED, NEXT] = [1, 2, 3];

describe('a restore of many WorkSpaces', function () {
  this.timeout(120_000);
  let rig: Rig;
  let whenHeld = -1;
  let most = 0;
  let result: FleetRestoreResult;
  let refused: FleetRestoreResult;
  let cancelled: FleetRestoreResult;
  let blocked: FleetRestoreStatus;
  let unblocked: FleetRestoreResult;

  const input = (changes: Partial<FleetRestoreInput> = {}) => fleetRestoreInput({ confirmCount: COUNT, ...changes });
  const start = async (given: FleetRestoreInput) => await startFleetRestore(rig, given);
  const restores = (): number => rig.sandbox.recorder.count({ operation: 'RestoreWorkspace' });

  before(async () => {
    rig = await startRig({ fleet: plainFleet(COUNT), speed: 2000 });
    snapshotsDue(rig, () => 660);
    desktopOf(rig, 0).snapshotEpochs = [];
    refused = await (await start(input({ name: 'miscounted', confirmCount: 4 }))).result();
    const fleet = await start(input());
    await waitUntil('it holds', async () => (await fleet.query(fleetRestoreStatusQuery)).halt?.kind === 'held');
    whenHeld = restores();
    await fleet.executeUpdate(resumeFleetRestoreUpdate, { args: [{ by: 'ana', reason: 'one without a snapshot' }] });
    const ended = fleet.result();
    let over = false;
    void ended.finally(() => (over = true));
    await waitUntil('it has ended', async () => {
      const { rows } = await fleet.query(fleetRestoreStatusQuery);
      most = Math.max(most, rows.filter(({ phase }) => phase === 'restoring').length);
      return over;
    });
    result = await ended;
    await Promise.all([cancelledInTime(), blockedForAWhile()]);
  });

  const only = (...indices: number[]) => ({
    selection: { ...NO_SELECTION, workspaceIds: indices.map((index) => idOf(rig, index)) },
    confirmCount: indices.length,
    canarySize: null,
    imageId: WELL_KNOWN.newImageId,
  });

  async function cancelledInTime(): Promise<void> {
    const fleet = await start(input({ ...only(CANCELLED), name: 'cancelled', strategy: 'image', lastImage: true }));
    const asked = { operation: 'CreateWorkspaceImage', resource: idOf(rig, CANCELLED) };
    await waitUntil('its restore is under way', () => rig.sandbox.recorder.count(asked) > 0);
    await fleet.cancel();
    cancelled = await fleet.result();
  }

  async function blockedForAWhile(): Promise<void> {
    const lost = { strategy: 'recreate', notAfter: null, loseUserVolume: true, nobodyToTell: true } as const;
    const error = { kind: 'error', code: 'ResourceLimitExceededException', status: 400 } as const;
    const about = { service: 'workspaces', operation: 'CreateWorkspaces', resource: desktopOf(rig, BLOCKED).userName };
    const fleet = await start(input({ ...only(BLOCKED, NEXT), ...lost, name: 'blocked', maxConcurrent: 1 }));
    const called = { operation: 'TerminateWorkspaces', resource: idOf(rig, BLOCKED) };
    await waitUntil('the old one is being terminated', () => rig.sandbox.recorder.count(called) > 0);
    const mend = rig.sandbox.faults.add({ ...about, ...error });
    await waitUntil('it holds', async () => {
      blocked = await fleet.query(fleetRestoreStatusQuery);
      return blocked.halt !== null;
    });
    mend();
    await fleet.executeUpdate(resumeFleetRestoreUpdate, { args: [{ by: 'ana', reason: 'mended' }] });
    unblocked = await fleet.result();
  }

  after(() => rig.close());

  it('is refused when another number was confirmed than is selected', () => {
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.problems.join(), /4 was confirmed, and 5 WorkSpaces are selected/);
  });

  it('holds when its canary is not restored, and begins no other until a person says so', () => {
    assert.equal(whenHeld, 0);
  });

  it('restores the others then, never more at once than allowed', () => {
    assert.equal(result.outcome, 'partiallyFailed');
    assert.deepEqual(
      result.rows.map(({ workspaceId, outcome }) => [workspaceId, outcome]),
      Array.from({ length: COUNT }, (_, index) => [idOf(rig, index), index === 0 ? 'refused' : 'restored']),
    );
    assert.equal(restores(), COUNT - 1);
    assert.ok(most <= 2, `${most} at once`);
  });

  it('stops the restores that have destroyed nothing when it is cancelled', () => {
    assert.deepEqual([cancelled.outcome, cancelled.rows.map(({ outcome }) => outcome)], ['aborted', ['aborted']]);
    assert.equal(rig.sandbox.recorder.count({ operation: 'MigrateWorkspace', resource: idOf(rig, CANCELLED) }), 0);
  });

  it('counts a restore that waits for a person as not restored, and no longer once it goes on', () => {
    assert.equal(blocked.halt?.kind, 'held');
    assert.match(blocked.rows[0]?.blocked ?? '', /no WorkSpace can be made/);
    assert.deepEqual(
      unblocked.rows.map(({ outcome, blocked: still }) => [outcome, still]),
      [
        ['restored', null],
        ['restored', null],
      ],
    );
  });

  it('writes one report of all', async () => {
    const key = (result.report?.json ?? '').replace(`s3://${WELL_KNOWN.reportBucket}/`, '');
    const { workspaces } = JSON.parse((await filesOf(rig))[key] ?? '{}') as { workspaces: unknown[] };
    assert.equal(workspaces.length, COUNT);
  });
});
