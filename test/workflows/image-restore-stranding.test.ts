/** From the termination on a restore ends in one way only: its user has a desktop. */
import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import {
  abortRestoreUpdate,
  resumeRestoreUpdate,
  type ImageRestoreResult,
  type ImageRestoreStatus,
} from '../../workflows/image-restore.messages.ts';
import { forgetCaches, killableWorkers, type KillableWorkers } from '../rig/killable-worker.ts';
import {
  desktopsOf,
  restoreBundles,
  restoreInput,
  startRestore,
  stateOf,
  untilStatus,
  type Restore,
} from '../rig/restore.ts';
import { idOf } from '../rig/truth.ts';
import { startRig, waitUntil, type Rig } from '../rig/upgrade.ts';
import { desktopOf, HOUR } from '../rig/world.ts';

const CREATE = { service: 'workspaces', operation: 'CreateWorkspaces' };

describe('a restore by recreate, once the old WorkSpace is terminated', function () {
  this.timeout(90_000);
  let rig: Rig;

  const terminations = (index: number): number =>
    rig.sandbox.recorder.count({ operation: 'TerminateWorkspaces', resource: idOf(rig, index) });

  async function recreate(index: number): Promise<Restore> {
    const restore = await startRestore(rig, restoreInput(rig, index, 'recreate'));
    await waitUntil('the old one is being terminated', () => terminations(index) > 0);
    return restore;
  }

  /** Exactly one WorkSpace of the user, another than before, in order. */
  function hasOneNewDesktop(index: number, userName: string): void {
    const found = desktopsOf(rig, userName);
    assert.deepEqual(
      found.map((desktop) => stateOf(rig, desktop)),
      ['AVAILABLE'],
    );
    assert.notEqual(found[0]?.workspaceId, idOf(rig, index));
  }

  describe('while AWS or a person is in the way', () => {
    const users: string[] = [];
    const results: ImageRestoreResult[] = [];
    let refusedFrom = 0;
    let endedAt = 0;
    let blocked: ImageRestoreStatus;
    let abortAnswer: string;

    async function refusedForSixHours(): Promise<ImageRestoreResult> {
      const restore = await recreate(0);
      const code = 'ResourceLimitExceededException';
      refusedFrom = rig.sandbox.clock.now();
      const sixHours = { code, status: 400, lastsSeconds: 6 * 3_600 };
      rig.sandbox.faults.add({ ...CREATE, kind: 'error', resource: users[0] ?? '', ...sixHours });
      blocked = await untilStatus(restore, 'it is blocked', (status) => status.blocked !== null);
      const result = await restore.result();
      endedAt = rig.sandbox.clock.now();
      return result;
    }

    async function endsInErrorUntilMended(): Promise<ImageRestoreResult> {
      const restore = await recreate(1);
      const fail = { kind: 'fail', code: 'DomainJoinFailed', resource: users[1] ?? '' } as const;
      const mend = rig.sandbox.faults.add({ ...CREATE, ...fail });
      await untilStatus(restore, 'it is blocked', (status) => status.blocked !== null);
      mend();
      await restore.executeUpdate(resumeRestoreUpdate, { args: [{ by: 'ana', reason: 'mended' }] });
      return await restore.result();
    }

    async function abortedAndCancelled(): Promise<ImageRestoreResult> {
      const restore = await recreate(2);
      const asked = { by: 'ana', reason: 'a mistake' };
      abortAnswer = (await restore.executeUpdate(abortRestoreUpdate, { args: [asked] })).answer;
      await restore.cancel();
      return await restore.result();
    }

    async function repliesLost(): Promise<ImageRestoreResult> {
      const lost = { kind: 'resetAfter', count: 1 } as const;
      const { workspaceId } = desktopOf(rig, 3);
      rig.sandbox.faults.add({ ...lost, operation: 'TerminateWorkspaces', resource: workspaceId });
      rig.sandbox.faults.add({ ...lost, operation: 'CreateWorkspaceBundle', resource: workspaceId });
      const restore = await recreate(3);
      rig.sandbox.faults.add({ ...lost, ...CREATE, resource: users[3] ?? '' });
      return await restore.result();
    }

    before(async () => {
      rig = await startRig({ fleet: plainFleet(4), speed: 3000 });
      for (const index of [0, 1, 2, 3]) users.push(desktopOf(rig, index).userName);
      const runs = [refusedForSixHours(), endsInErrorUntilMended(), abortedAndCancelled(), repliesLost()];
      results.push(...(await Promise.all(runs)));
    });
    after(() => rig.close());

    const endsWell = (index: number): void => {
      assert.deepEqual([results[index]?.outcome, results[index]?.row.reason], ['restored', null]);
      hasOneNewDesktop(index, users[index] ?? '');
    };

    it('is blocked with the remedy while AWS refuses the new one for six hours, and then makes it by itself', () => {
      const { cause, remedy } = blocked.blocked ?? {};
      assert.match(`${cause} ${remedy}`, /no WorkSpace can be made.*ask AWS for a higher quota/);
      assert.ok(blocked.committed && endedAt - refusedFrom > 6 * HOUR);
      endsWell(0);
    });

    it('goes on at once when a person has mended it and says so, also where each new one ends in ERROR', () =>
      endsWell(1));

    it('obeys an abort and a cancellation only when the new one is AVAILABLE', () => {
      assert.match(abortAnswer, /gets the new one first/);
      endsWell(2);
    });

    it('terminates once and makes one WorkSpace and one bundle, though the reply to each call is lost', () => {
      endsWell(3);
      assert.equal(terminations(3), 1);
      assert.equal(restoreBundles(rig).filter((name) => name.includes(idOf(rig, 3))).length, 1);
    });

    it('keeps the bundles that the new ones are on', () => {
      assert.equal(restoreBundles(rig).length, 4);
      assert.ok(results.every(({ row }) => row.bundleKept));
    });
  });

  describe('when its worker is killed between termination and creation', () => {
    let workers: KillableWorkers;
    before(async () => {
      rig = await startRig({ fleet: plainFleet(1), speed: 1000, worker: false });
      workers = await killableWorkers(rig);
    });
    after(async () => {
      await workers.close();
      await rig.close();
    });

    it('goes on where it was: one termination, one new WorkSpace', async () => {
      await workers.start();
      const { userName } = desktopOf(rig, 0);
      const restore = await recreate(0);
      await untilStatus(restore, 'the termination is known', ({ row }) => row.actedAt !== null);
      await workers.kill();
      assert.ok(desktopsOf(rig, userName).every(({ workspaceId }) => workspaceId === idOf(rig, 0)));
      await Promise.all([forgetCaches(rig, [restore.workflowId]), workers.start()]);
      assert.equal((await restore.result()).outcome, 'restored');
      hasOneNewDesktop(0, userName);
      assert.equal(terminations(0), 1);
    });
  });
});
