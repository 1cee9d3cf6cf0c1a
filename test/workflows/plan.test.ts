import assert from 'node:assert/strict';
import type { Kind } from '../../sandbox/fleet-kinds.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { planOf } from '../rig/plan.ts';
import { startRig, upgradeInput, warned, type Rig } from '../rig/upgrade.ts';

const { bundleId } = WELL_KNOWN;

describe('a plan', () => {
  let rig: Rig;
  let plan: Awaited<ReturnType<typeof planOf>>;
  // Each kind that the sandbox knows, at the index of its name.
  const VERDICTS: Readonly<Record<Kind, string>> = {
    stopped: 'eligible',
    autoStop: 'eligible',
    suspended: 'later',
    inError: 'eligible',
    unhealthy: 'eligible',
    adminMaintenance: 'later',
    maintenance: 'eligible',
    noAgent: 'eligible',
    agentOffline: 'eligible',
    twoRegistrations: 'eligible',
    connected: 'eligible',
    neverConnected: 'eligible',
    quiet: 'eligible',
    encrypted: 'eligible',
    keyDisabled: 'skipped keyNotUsable',
    standby: 'skipped standby',
    hasStandby: 'skipped standby',
    rebuildFails: 'eligible',
    rebuildStuck: 'eligible',
    noSnapshotYet: 'eligible',
    noFreshSnapshot: 'eligible',
    noSnapshotEver: 'eligible',
    migrateFails: 'eligible',
    modifying: 'later',
  };
  const KINDS = Object.keys(VERDICTS) as Kind[];

  before(async () => {
    const special = Object.fromEntries(KINDS.map((kind, index) => [kind, [index]]));
    const fleet = plainFleet(KINDS.length + 2, {
      // The last but one is stopped and has no snapshot; the last one goes away while it is looked at.
      special: {
        ...special,
        stopped: [0, KINDS.length],
        noSnapshotEver: [KINDS.indexOf('noSnapshotEver'), KINDS.length],
      },
      outside: { otherBundle: 2, untagged: 3 },
      directories: [
        { directoryId: WELL_KNOWN.directoryId, name: 'corp.example.com', usersMayRebuild: false },
        { directoryId: 'd-90670f1ee8', name: 'branch.example.com', usersMayRebuild: true },
      ],
    });
    rig = await startRig({ fleet, speed: 1000, callsPerSecond: 1.2 });
    const { workspaceId: resource } = rig.fleet.members[KINDS.length + 1] ?? assert.fail('too few');
    rig.sandbox.faults.add({
      kind: 'error',
      operation: 'DescribeWorkspaceSnapshots',
      resource,
      code: 'ResourceNotFoundException',
      status: 400,
    });
    plan = await planOf(rig, upgradeInput({ ...warned(300), waitTimeoutMinutes: 360 }));
  });
  after(() => rig.close());

  const rowOf = (kind: Kind) => {
    const { workspaceId } = rig.fleet.members[KINDS.indexOf(kind)] ?? assert.fail(kind);
    return plan.rows.find((row) => row.workspaceId === workspaceId) ?? assert.fail(`${kind} is not in the plan`);
  };

  for (const kind of KINDS) {
    it(`says ‘${VERDICTS[kind]}’ of a WorkSpace of the kind ${kind}`, () => {
      const { verdict, reason } = rowOf(kind);
      assert.equal([verdict, reason?.code].filter(Boolean).join(' '), VERDICTS[kind]);
    });
  }

  it('leaves out what is stopped and has no snapshot', () => {
    const id = rig.fleet.members[KINDS.length]?.workspaceId;
    const row = plan.rows.find(({ workspaceId }) => workspaceId === id);
    assert.deepEqual([row?.verdict, row?.reason?.code], ['skipped', 'noSnapshotStopped']);
  });

  it('leaves out what is gone when its snapshot is looked at', () => {
    const id = rig.fleet.members[KINDS.length + 1]?.workspaceId;
    const row = plan.rows.find(({ workspaceId }) => workspaceId === id);
    assert.deepEqual([row?.verdict, row?.reason?.code], ['skipped', 'gone']);
  });

  it('leaves out what carries the tag and is on another bundle, and names that bundle', () => {
    for (const { workspaceId } of rig.fleet.onOtherBundle) {
      const row = plan.rows.find((each) => each.workspaceId === workspaceId);
      assert.deepEqual(row?.reason, { code: 'otherBundle', detail: WELL_KNOWN.otherBundleId });
    }
    assert.equal(rig.fleet.onOtherBundle.length, 2);
  });

  it('lists what is on the bundle and does not carry the tag, and does not plan it', () => {
    const untagged = rig.fleet.untagged.map(({ workspaceId }) => workspaceId);
    assert.deepEqual(plan.summary.outsideSelection.toSorted(), untagged);
    assert.ok(plan.rows.every(({ workspaceId }) => !untagged.includes(workspaceId)));
    assert.ok(
      plan.summary.notes.some((note) => note.startsWith(`3 WorkSpaces are on ${bundleId} outside the selection`)),
    );
  });

  it('names the directories whose users may rebuild by themselves', () => {
    assert.deepEqual(plan.summary.selfServiceDirectories, ['d-90670f1ee8']);
    assert.ok(plan.summary.notes.some((note) => note.startsWith('users of d-90670f1ee8 may rebuild')));
  });

  it('counts whose users get no warning: no agent, agent offline, or not running', () => {
    const going = plan.rows.filter(({ verdict }) => verdict !== 'skipped');
    assert.equal(going.length, KINDS.length - 3);
    // Stopped, suspended, in error, being modified, without agent, with its agent off.
    assert.equal(plan.summary.counts.withoutWarning, 6);
  });

  it('tells of each when its next snapshot is due, and which are due after the wait', () => {
    const deadline = Date.parse(plan.summary.asOf) + 360 * 60_000;
    const dated = plan.rows.filter(({ dueAt }) => dueAt !== undefined);
    for (const { snapshot, dueAt = '', dueTooLate } of dated) {
      assert.equal(Date.parse(dueAt) - Date.parse(snapshot ?? ''), 12 * 3_600_000);
      assert.equal(dueTooLate, Date.parse(dueAt) > deadline);
    }
    const late = dated.filter(({ dueTooLate }) => dueTooLate);
    assert.ok(late.length > 0 && late.length < dated.length, 'the fleet has some of both');
    assert.equal(plan.summary.counts.dueTooLate, late.length);
  });

  it('estimates by the rate at which its worker calls WorkSpaces', () => {
    const assumed = plan.summary.forecast?.assumptions ?? [];
    assert.ok(
      assumed.some((each) => each.includes(' 1.2 times a second')),
      assumed.join('\n'),
    );
  });

  it('says since when its numbers hold, and what the bundle carries', () => {
    assert.ok(Date.parse(plan.summary.asOf) >= rig.fleet.start);
    assert.equal(plan.summary.previousImageId, WELL_KNOWN.oldImageId);
    assert.deepEqual(plan.summary.bundle, { id: bundleId, name: 'office-desktop', imageId: WELL_KNOWN.oldImageId });
    assert.deepEqual(
      { ...plan.summary.counts, withoutWarning: 0, dueTooLate: 0 },
      {
        selected: KINDS.length + 4,
        eligible: KINDS.length - 6,
        later: 3,
        skipped: 7,
        migrated: 0,
        onBundle: KINDS.length + 5,
        outsideSelection: 3,
        withoutWarning: 0,
        dueTooLate: 0,
      },
    );
  });
});
