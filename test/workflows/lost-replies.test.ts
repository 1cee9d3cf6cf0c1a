/** Replies that never come, come late, or show an old state: the effects must be there once all the same. */
import assert from 'node:assert/strict';
import type { ImageUpgradeResult } from '../../workflows/image-upgrade.messages.ts';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { scriptsRun } from '../../sandbox/services/ssm/commands.ts';
import {
  bundleImage,
  filesOf,
  idOf,
  outcomesOf,
  rebuildEffects,
  rebuildsBegun,
  reportOf,
  snapshotsDue,
} from '../rig/truth.ts';
import { type Rig, rowsOf, startRig, startUpgrade, upgradeInput, warned } from '../rig/upgrade.ts';

const fleet = (count: number) => plainFleet(count, { rebuildMinutes: [20, 30] });

/** The calls for the nth WorkSpace, one word each. */
const callsFor = (rig: Rig, index: number, operation: string): string[] =>
  rig.sandbox.recorder.calls({ operation, resource: idOf(rig, index) }).map(({ outcome }) => outcome);

describe('an upgrade whose calls get no reply', function () {
  this.timeout(120_000);
  let rig: Rig;
  let result: ImageUpgradeResult;
  let rows: Map<string, Row>;
  const row = (index: number): Row => rows.get(idOf(rig, index)) as Row;

  before(async () => {
    rig = await startRig({ fleet: fleet(9) });
    snapshotsDue(rig, (index) => 90 + index * 5);
    const { faults } = rig.sandbox;
    const rebuild = { service: 'workspaces', operation: 'RebuildWorkspaces' };
    faults.add({ ...rebuild, kind: 'resetAfter', resource: idOf(rig, 0), count: 1 });
    faults.add({ ...rebuild, kind: 'resetBefore', resource: idOf(rig, 1), count: 1 });
    faults.add({ ...rebuild, kind: 'throttle', resource: idOf(rig, 2), count: 2 });
    faults.add({ ...rebuild, kind: 'error', resource: idOf(rig, 3), count: 1 });
    // A client gives a call up after 8 real seconds: 16,000 of AWS's at this speed.
    faults.add({ ...rebuild, kind: 'slow', resource: idOf(rig, 4), seconds: 20_000, count: 1 });
    faults.add({ ...rebuild, kind: 'resetBefore', resource: idOf(rig, 5) });
    faults.add({ kind: 'resetAfter', operation: 'UpdateWorkspaceBundle', count: 1 });
    faults.add({
      kind: 'resetAfter',
      operation: 'SendCommand',
      resource: rig.fleet.members[6]?.instanceIds[0] ?? '',
      count: 1,
    });
    const { account, region } = rig.fleet.place;
    // The tags of one WorkSpace are read in its last look only.
    const tagged = `arn:aws:workspaces:${region}:${account}:workspace/${idOf(rig, 7)}`;
    faults.add({ kind: 'slow', operation: 'GetResources', resource: tagged, seconds: 20_000, count: 1 });
    faults.add({ kind: 'resetAfter', operation: 'PutObject', count: 3 });
    const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(300) }));
    result = await upgrade.result();
    rows = new Map((await rowsOf(rig, upgrade)).map((each) => [each.workspaceId, each]));
  });
  after(async () => await rig.close());

  it('rebuilds once when the reply of the rebuild is lost', () => {
    assert.deepEqual(callsFor(rig, 0, 'RebuildWorkspaces'), ['resetAfter']);
    assert.deepEqual(rebuildEffects(rig, 0), ['begun']);
    assert.equal(row(0).outcome, 'rebuilt');
  });

  it('calls again, behind a new last look, when the call was lost before it had an effect', () => {
    assert.deepEqual(callsFor(rig, 1, 'RebuildWorkspaces'), ['resetBefore', 'ok']);
    assertLastLookBetween(rig, 1);
    assert.equal(row(1).rebuildCalls, 2);
    assert.equal(row(1).outcome, 'rebuilt');
  });

  it('calls again no sooner than the settle window has passed', () => {
    const [first, second] = rig.sandbox.recorder.calls({ operation: 'RebuildWorkspaces', resource: idOf(rig, 1) });
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= upgradeInput().settleSeconds * 1000);
  });

  it('makes a throttled rebuild call again behind a last look, as often as it takes', () => {
    assert.deepEqual(callsFor(rig, 2, 'RebuildWorkspaces'), ['throttle', 'throttle', 'ok']);
    assertLastLookBetween(rig, 2);
    assert.equal(row(2).outcome, 'rebuilt');
  });

  it('calls again after an error of AWS’s own that had no effect', () => {
    assert.deepEqual(callsFor(rig, 3, 'RebuildWorkspaces'), ['InternalFailure', 'ok']);
    assert.deepEqual(rebuildEffects(rig, 3), ['begun']);
    assert.equal(row(3).outcome, 'rebuilt');
  });

  it('rebuilds once when the reply comes after the call was given up', () => {
    assert.deepEqual(rebuildEffects(rig, 4), ['begun']);
    assert.equal(row(4).rebuildCalls, 1);
    assert.equal(row(4).outcome, 'rebuilt');
  });

  it('gives a WorkSpace up whose calls never get through, and says how they ended', () => {
    assert.equal(row(5).outcome, 'rebuildFailed');
    assert.deepEqual(row(5).reason, { code: 'errorFromAws', detail: 'TimeoutError' });
    assert.deepEqual(rebuildEffects(rig, 5), []);
  });

  it('shows one warning although the reply of SendCommand is lost', () => {
    const shown = scriptsRun(rig.fleet.place).filter(({ workspaceId }) => workspaceId === idOf(rig, 6));
    assert.equal(shown.length, 1);
    assert.equal(row(6).notified, 'delivered');
  });

  it('goes on when a look takes longer than anybody waits for it', () => {
    assert.equal(row(7).outcome, 'rebuilt');
  });

  it('sets the bundle although the reply is lost, and rebuilds nothing before', () => {
    const updates = rig.sandbox.recorder.calls({ operation: 'UpdateWorkspaceBundle' });
    const rebuilds = rig.sandbox.recorder.calls({ operation: 'RebuildWorkspaces' });
    assert.deepEqual(
      updates.map(({ outcome }) => outcome),
      ['resetAfter', 'ok'],
    );
    assert.ok((updates.at(-1)?.at ?? Infinity) < (rebuilds[0]?.at ?? 0));
    assert.equal(bundleImage(rig), rig.fleet.spec.newImageId);
  });

  it('writes one report with every WorkSpace once, although replies of S3 are lost', async () => {
    const { workspaces } = await reportOf(rig);
    assert.equal(rig.sandbox.recorder.count({ operation: 'PutObject', outcome: 'resetAfter' }), 3);
    assert.deepEqual(workspaces.map(({ workspaceId }) => workspaceId).toSorted(), [...rows.keys()].toSorted());
    assert.deepEqual(Object.keys(await filesOf(rig)).length, 2, 'a CSV and its JSON twin, and no parts');
  });

  it('ends partially failed, for the one WorkSpace only', () => {
    assert.equal(result.outcome, 'partiallyFailed');
    assert.equal(result.counts.rebuilt, 8);
    assert.equal(result.counts.rebuildFailed, 1);
  });
});

/** Between two calls for a WorkSpace, everything that the rebuild depends on was read again. */
function assertLastLookBetween(rig: Rig, index: number): void {
  const calls = rig.sandbox.recorder.calls();
  const rebuilds = calls.flatMap((call, at) =>
    call.operation === 'RebuildWorkspaces' && call.resources.includes(idOf(rig, index)) ? [at] : [],
  );
  for (const [nth, at] of rebuilds.slice(1).entries()) {
    const between = calls.slice((rebuilds[nth] ?? 0) + 1, at);
    const about = between.filter(({ resources }) => resources.some((each) => each.includes(idOf(rig, index))));
    const operations = new Set(
      [...about, ...between.filter((call) => call.operation === 'DescribeWorkspaceBundles')].map(
        (call) => call.operation,
      ),
    );
    for (const wanted of [
      'DescribeWorkspaceSnapshots',
      'DescribeWorkspacesConnectionStatus',
      'GetResources',
      'DescribeWorkspaceBundles',
    ]) {
      assert.ok(operations.has(wanted), `${wanted} between two rebuild calls`);
    }
  }
}

describe('an upgrade whose looks show an old state', function () {
  this.timeout(120_000);

  it('rebuilds once when the reply is lost and every look within the settle window is stale', async () => {
    const rig = await startRig({ fleet: fleet(3) });
    try {
      snapshotsDue(rig, () => 90);
      const rebuild = { service: 'workspaces', operation: 'RebuildWorkspaces' };
      rig.sandbox.faults.add({ ...rebuild, kind: 'resetAfter', resource: idOf(rig, 0), count: 1 });
      rig.sandbox.faults.add({ ...rebuild, kind: 'resetBefore', resource: idOf(rig, 1), count: 1 });
      rig.sandbox.faults.add({ kind: 'stale', operation: 'DescribeWorkspaces', seconds: 280 });
      const upgrade = await startUpgrade(rig);
      await upgrade.result();
      assert.deepEqual(new Set(Object.values(await outcomesOf(rig, upgrade))), new Set(['rebuilt']));
      assert.deepEqual(new Set(Object.values(rebuildsBegun(rig))), new Set([1]));
      assert.deepEqual(
        [0, 1, 2].map((index) => rebuildEffects(rig, index)),
        [['begun'], ['begun'], ['begun']],
      );
    } finally {
      await rig.close();
    }
  });
});
