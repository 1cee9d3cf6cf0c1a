/** What people do to a run while it goes on: each thing is answered, has its effect, and stands in the report. */
import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import {
  approveUpdate,
  changeUpdate,
  deferUpdate,
  pauseUpdate,
  resumeUpdate,
  skipUpdate,
  statusQuery,
} from '../../workflows/image-upgrade.messages.ts';
import { bundleImage, idOf, outcomesOf, rebuildsBegun, reportOf, setBundleImage, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startRig, startUpgrade, type Rig, type Upgrade, upgradeInput, waitUntil } from '../rig/upgrade.ts';

const nobody = { by: null, reason: null };
const ada = { by: 'ada@desk', reason: 'a test' };

/** Rejects with the message that the person gets. */
async function assertRefused(update: Promise<unknown>, says: RegExp): Promise<void> {
  await assert.rejects(update, (error: Error) => {
    assert.match((error.cause as Error | undefined)?.message ?? error.message, says);
    return true;
  });
}

describe('a person who steers a run', function () {
  this.timeout(180_000);
  let rig: Rig;
  afterEach(async () => await rig.close());

  const rowAt = async (upgrade: Upgrade, index: number): Promise<Row | undefined> => {
    const rows = await rowsOf(rig, upgrade).catch(() => []);
    return rows.find((row) => row.workspaceId === idOf(rig, index));
  };
  const begun = (index: number): number => rebuildsBegun(rig)[idOf(rig, index)] ?? 0;
  const steps = async (upgrade: Upgrade, step: Row['step']): Promise<void> =>
    await waitUntil(`all are at ${step}`, async () => {
      const rows = await rowsOf(rig, upgrade).catch(() => []);
      return rows.length > 0 && rows.every((row) => row.step === step);
    });

  it('pauses it: snapshots are waited for, nothing is rebuilt, also by a worker that comes later', async () => {
    rig = await startRig({ fleet: plainFleet(4, { rebuildMinutes: [20, 22] }), worker: false });
    const first = await rig.startWorker();
    snapshotsDue(rig, () => 90);
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 4 }));
    await steps(upgrade, 'snapshot');
    const { answer } = await upgrade.executeUpdate(pauseUpdate, { args: [ada] });
    assert.match(answer, /nothing new begins: calls that are being made/);
    await first.shutdown();
    await rig.startWorker();
    await steps(upgrade, 'warning');
    const status = await upgrade.query(statusQuery);
    assert.deepEqual([status.halt?.kind, status.halt?.reason], ['paused', 'a test']);
    assert.deepEqual(Object.values(rebuildsBegun(rig)), [0, 0, 0, 0]);
    await upgrade.executeUpdate(resumeUpdate, { args: [{ ...nobody, workspaceId: null }] });
    const { outcome } = await upgrade.result();
    assert.equal(outcome, 'completed');
    const { steering } = (await reportOf(rig)) as unknown as { steering: { what: string; by: string | null }[] };
    assert.deepEqual(
      steering.map(({ what, by }) => [what, by]),
      [
        ['pause', 'ada@desk'],
        ['resume', null],
      ],
    );
  });

  it('skips one, defers another, and lets the rest go on; what was rebuilt cannot be skipped', async () => {
    rig = await startRig({ fleet: plainFleet(4, { rebuildMinutes: [20, 22] }) });
    snapshotsDue(rig, () => 90);
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 4 }));
    await steps(upgrade, 'snapshot');
    const [skipped, deferred, third] = [0, 1, 2].map((index) => idOf(rig, index)) as [string, string, string];
    await upgrade.executeUpdate(skipUpdate, { args: [{ ...ada, workspaceId: skipped }] });
    await upgrade.executeUpdate(deferUpdate, { args: [{ ...ada, workspaceId: deferred, minutes: 600 }] });
    await assertRefused(
      upgrade.executeUpdate(skipUpdate, { args: [{ ...ada, workspaceId: 'ws-000000000' }] }),
      /not upgraded by this run/,
    );
    await assertRefused(upgrade.executeUpdate(skipUpdate, { args: [{ ...ada, workspaceId: 'x' }] }), /must be ws-/);
    await waitUntil('the others are rebuilt', async () => (await rowAt(upgrade, 3))?.outcome === 'rebuilt');
    await waitUntil('the others are rebuilt', async () => (await rowAt(upgrade, 2))?.outcome === 'rebuilt');
    await assertRefused(
      upgrade.executeUpdate(skipUpdate, { args: [{ ...ada, workspaceId: third }] }),
      /has ended already: rebuilt/,
    );
    const { counts } = await upgrade.result();
    assert.deepEqual([counts.rebuilt, counts.skipped], [3, 1]);
    assert.equal((await outcomesOf(rig, upgrade))[skipped], 'skipped skippedByOperator');
    assert.deepEqual([begun(0), begun(1)], [0, 1]);
    const row = await rowAt(upgrade, 1);
    const waited = Date.parse(row?.rebuildRequestedAt ?? '') - rig.fleet.start;
    assert.ok(waited >= 600 * 60_000, `it was rebuilt after ${waited / 60_000} minutes`);
  });

  it('resumes what is blocked: it waits for a person, holds up nobody, and goes on where it was', async () => {
    rig = await startRig({ fleet: plainFleet(3, { rebuildMinutes: [20, 22] }) });
    snapshotsDue(rig, (index) => 90 + index);
    const blocked = idOf(rig, 0);
    rig.sandbox.faults.add({
      kind: 'error',
      code: 'AccessDeniedException',
      status: 400,
      operation: 'RebuildWorkspaces',
      resource: blocked,
    });
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 1 }));
    await waitUntil('it is blocked', async () => (await rowAt(upgrade, 0))?.blocked != null);
    await waitUntil('the others go on', async () => (await rowAt(upgrade, 2))?.outcome === 'rebuilt');
    const row = await rowAt(upgrade, 0);
    assert.equal(row?.blocked?.code, 'AccessDeniedException');
    assert.match(row?.blocked?.remedy ?? '', /permission/);
    await waitUntil('the run tells', async () => (await upgrade.query(statusQuery)).counts.blocked === 1);
    const { searchAttributes } = await upgrade.describe();
    assert.deepEqual(searchAttributes['HoldfastHealth'], ['blocked']);
    await assertRefused(
      upgrade.executeUpdate(resumeUpdate, { args: [{ ...nobody, workspaceId: idOf(rig, 2) }] }),
      /has ended already|is not blocked/,
    );
    rig.sandbox.faults.clear();
    await upgrade.executeUpdate(resumeUpdate, { args: [{ ...ada, workspaceId: blocked }] });
    const { outcome, counts } = await upgrade.result();
    assert.equal(outcome, 'completed');
    assert.equal(counts.rebuilt, 3);
    assert.equal(begun(0), 1);
  });

  it('changes the cap while it runs, and gets told what cannot be changed', async () => {
    rig = await startRig({ fleet: plainFleet(6, { rebuildMinutes: [60, 62] }) });
    snapshotsDue(rig, () => 90);
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 1 }));
    await waitUntil(
      'one is rebuilt',
      async () => (await upgrade.query(statusQuery).catch(() => null)) !== null && begunCount() === 1,
    );
    await assertRefused(
      upgrade.executeUpdate(changeUpdate, { args: [{ ...ada, maxConcurrent: 0 }] }),
      /maxConcurrent must be a whole number from 1 to 500, got 0/,
    );
    await assertRefused(upgrade.executeUpdate(changeUpdate, { args: [ada] }), /nothing to change/);
    await assertRefused(
      upgrade.executeUpdate(approveUpdate, { args: [{ ...ada, hash: 'abc' }] }),
      /the run is upgrading/,
    );
    await upgrade.executeUpdate(changeUpdate, { args: [{ ...ada, maxConcurrent: 5 }] });
    await waitUntil('five more begin at once', () => begunCount() === 6);
    await upgrade.result();
  });

  it('is told what to send when it is no object, or one with wrong parts, and the run answers on', async () => {
    rig = await startRig({ fleet: plainFleet(1) });
    const upgrade = await startUpgrade(rig);
    await steps(upgrade, 'snapshot');
    const anything: { executeUpdate(name: string, options: { args: unknown[] }): Promise<unknown> } = upgrade as never;
    const send = async (name: string, args: unknown[]) => await anything.executeUpdate(name, { args });
    const updates = ['pause', 'resume', 'skip', 'defer', 'retryFailed', 'change', 'approve', 'abort'];
    for (const update of updates) {
      for (const args of [[], [null], ['x'], [[]]]) {
        await assertRefused(send(update, args), /give one argument, an object/);
      }
    }
    await assertRefused(send('pause', [{ by: 7 }]), /by must be a text of at most 1000 characters, or null, got 7/);
    await assertRefused(send('abort', [{ rollback: 'no' }]), /rollback must be true or false, got "no"/);
    const { steering, halt } = await upgrade.query(statusQuery);
    assert.deepEqual([steering, halt], [[], null]);
  });

  it('approves the plan by its hash, before which nothing is changed', async () => {
    rig = await startRig({ fleet: plainFleet(1, { rebuildMinutes: [20, 22] }) });
    snapshotsDue(rig, () => 90);
    const approval = { planHash: null, required: true, expiresMinutes: 1440 };
    const upgrade = await startUpgrade(rig, upgradeInput({ approval }));
    await waitUntil(
      'it waits',
      async () => (await upgrade.query(statusQuery).catch(() => null))?.phase === 'awaitingApproval',
    );
    const { plan } = await upgrade.query(statusQuery);
    await assertRefused(upgrade.executeUpdate(approveUpdate, { args: [{ ...ada, hash: 'abc' }] }), /got "abc"/);
    assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateWorkspaceBundle' }), 0);
    await upgrade.executeUpdate(approveUpdate, { args: [{ ...ada, hash: plan?.hash ?? '' }] });
    assert.equal((await upgrade.result()).outcome, 'completed');
    await rig.close();

    rig = await startRig({ fleet: plainFleet(1) });
    const late = await startUpgrade(rig, upgradeInput({ approval: { ...approval, expiresMinutes: 30 } }));
    const { outcome, plan: refused } = await late.result();
    assert.equal(outcome, 'refused');
    assert.equal(refused.problems[0]?.code, 'approval');
    assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateWorkspaceBundle' }), 0);
  });

  it('is refused by a run whose bundle was set to another image while it waited for approval', async () => {
    rig = await startRig({ fleet: plainFleet(1) });
    const approval = { planHash: null, required: true, expiresMinutes: 20_160 };
    const upgrade = await startUpgrade(rig, upgradeInput({ approval }));
    await waitUntil(
      'it waits',
      async () => (await upgrade.query(statusQuery).catch(() => null))?.phase === 'awaitingApproval',
    );
    setBundleImage(rig, 'wsi-0fleet0009');
    const hash = (await upgrade.query(statusQuery)).plan?.hash ?? '';
    await upgrade.executeUpdate(approveUpdate, { args: [{ ...ada, hash }] });
    const { outcome, plan } = await upgrade.result();
    assert.equal(outcome, 'refused');
    assert.deepEqual(
      plan.problems.map(({ code }) => code),
      ['planChanged'],
    );
    assert.match(plan.problems[0]?.message ?? '', /carried wsi-0fleet0001 when .* carries wsi-0fleet0009 now/);
    assert.equal(bundleImage(rig), 'wsi-0fleet0009');
  });

  const begunCount = (): number => Object.values(rebuildsBegun(rig)).filter((count) => count > 0).length;
});
