/** From the termination on a restore ends in one way only: its user has a desktop. */
import assert from 'node:assert/strict';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages } from '../../sandbox/services/sns.ts';
import { bundles, desktops, directories, type Desktop } from '../../sandbox/services/workspaces/rows.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { plan } from '../../sandbox/services/workspaces/timeline.ts';
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
  this.timeout(180_000);
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

  describe('while AWS is late, or fails', () => {
    const [LATE, STUCK, UNHEALTHY, FAILS, STAYS, NO_USER, NO_BUNDLE, EARLY] = [0, 1, 2, 3, 4, 5, 6, 7];
    const COUNT = 8;
    const users: string[] = [];
    const results = new Map<number, ImageRestoreResult>();
    let stuck: ImageRestoreStatus;
    let noUser: ImageRestoreStatus;
    let begun = 0;
    let freshId = '';

    const newOf = (index: number): Desktop | undefined =>
      desktopsOf(rig, users[index] ?? '').find(({ workspaceId }) => workspaceId !== idOf(rig, index));
    const directory = () => directories(rig.fleet.place).get(WELL_KNOWN.directoryId) ?? assert.fail('no directory');
    const bundlesOf = (index: number): string[] =>
      restoreBundles(rig).filter((name) => name.includes(idOf(rig, index)));

    async function ends(index: number, run: Promise<Restore>): Promise<void> {
      results.set(index, await (await run).result());
    }

    async function becomesUnhealthy(): Promise<void> {
      const restore = await recreate(UNHEALTHY);
      await waitUntil('the new one is begun', () => newOf(UNHEALTHY) !== undefined);
      const fresh = newOf(UNHEALTHY) ?? assert.fail();
      freshId = fresh.workspaceId;
      const now = rig.sandbox.clock.now();
      plan(fresh, now, [{ at: now, state: 'UNHEALTHY', ipAddress: '10.0.0.9' }]);
      desktops(rig.fleet.place).touch();
      await ends(UNHEALTHY, Promise.resolve(restore));
    }

    async function staysPending(): Promise<void> {
      rig.sandbox.faults.add({ ...CREATE, kind: 'stuck', resource: users[STUCK] ?? '' });
      const restore = await recreate(STUCK);
      stuck = await untilStatus(restore, 'it is blocked', (status) => status.blocked !== null);
      await waitUntil('some hours', () => rig.sandbox.clock.now() - begun > 4 * HOUR);
    }

    async function hasNoUser(): Promise<void> {
      const restore = await recreate(NO_USER);
      noUser = await untilStatus(restore, 'it is blocked', (status) => status.blocked !== null);
      directory().users = users;
      await restore.executeUpdate(resumeRestoreUpdate, { args: [{ by: 'ana', reason: 'back again' }] });
      await ends(NO_USER, Promise.resolve(restore));
    }

    async function losesItsBundle(): Promise<void> {
      const restore = await recreate(NO_BUNDLE);
      const table = bundles(rig.fleet.place);
      const bundle = table.values().find(({ name }) => name.includes(idOf(rig, NO_BUNDLE))) ?? assert.fail('no bundle');
      table.set(bundle.bundleId, { ...bundle, deletedAt: rig.sandbox.clock.now() });
      await ends(NO_BUNDLE, Promise.resolve(restore));
    }

    async function isAbortedUnanswered(): Promise<void> {
      const error = { kind: 'error', code: 'InternalServerException', status: 500 } as const;
      const about = { service: 'workspaces', operation: 'DescribeWorkspaces', resource: idOf(rig, EARLY) };
      rig.sandbox.faults.add({ ...about, ...error });
      const restore = await startRestore(rig, restoreInput(rig, EARLY, 'recreate'));
      await untilStatus(restore, 'it tries again', ({ retrying }) => retrying !== null);
      await restore.executeUpdate(abortRestoreUpdate, { args: [{ by: 'ana', reason: null }] });
      await ends(EARLY, Promise.resolve(restore));
    }

    before(async () => {
      rig = await startRig({ fleet: plainFleet(COUNT), speed: 2000 });
      begun = rig.sandbox.clock.now();
      for (let index = 0; index < COUNT; index += 1) users.push(desktopOf(rig, index).userName);
      changeSettings(rig.fleet.place, { lagSeconds: [900, 960], existsSeen: 'first' });
      directory().users = users.filter((_, index) => index !== NO_USER);
      const fail = { kind: 'fail', service: 'workspaces', operation: 'TerminateWorkspaces' } as const;
      rig.sandbox.faults.add({ ...fail, resource: idOf(rig, FAILS), code: 'InternalError.Terminate', count: 1 });
      rig.sandbox.faults.add({ ...fail, resource: idOf(rig, STAYS), code: 'InternalError.Terminate' });
      await Promise.all([
        ends(LATE, recreate(LATE)),
        staysPending(),
        becomesUnhealthy(),
        ends(FAILS, recreate(FAILS)),
        ends(STAYS, recreate(STAYS)),
        hasNoUser(),
        losesItsBundle(),
        isAbortedUnanswered(),
      ]);
    });
    after(() => rig.close());

    const endsWell = (index: number): void => {
      const { outcome, row } = results.get(index) ?? assert.fail(`no result ${index}`);
      assert.deepEqual([outcome, row.reason, row.bundleKept], ['restored', null, true]);
      hasOneNewDesktop(index, users[index] ?? '');
    };

    it('makes the new one, and keeps the bundle, though the termination shows late', () => {
      endsWell(LATE);
      assert.equal(bundlesOf(LATE).length, 1);
    });

    it('is blocked when the new one stays PENDING, and tells so once', () => {
      assert.match(stuck.blocked?.cause ?? '', /is still PENDING/);
      const subject = `Restore of ${idOf(rig, STUCK)} needs a person`;
      assert.equal(publishedMessages(rig.fleet.place).filter((each) => each.subject === subject).length, 1);
    });

    it('leaves a new one that is UNHEALTHY to its user, and says so', () => {
      const { outcome, row } = results.get(UNHEALTHY) ?? assert.fail();
      assert.equal(outcome, 'restoredInPart');
      assert.match(row.notPutBack.join(), /is UNHEALTHY/);
      assert.equal(rig.sandbox.recorder.count({ operation: 'TerminateWorkspaces', resource: freshId }), 0);
    });

    it('terminates again when AWS failed to, and makes the new one', () => {
      endsWell(FAILS);
      assert.ok(terminations(FAILS) > 1);
    });

    it('gives up where AWS never manages to terminate: the old one is there, and no bundle', () => {
      const { outcome, row } = results.get(STAYS) ?? assert.fail();
      assert.equal(outcome, 'failed');
      assert.match(row.reason ?? '', /could not terminate it in 5 calls .* still there/);
      assert.deepEqual([stateOf(rig, { workspaceId: idOf(rig, STAYS) }), bundlesOf(STAYS)], ['ERROR', []]);
    });

    it('is blocked for a user whom AWS finds missing only then, and goes on when the user is back', () => {
      assert.match(noUser.blocked?.remedy ?? '', /bring the user back/);
      endsWell(NO_USER);
    });

    it('makes another bundle when somebody deleted the first', () => endsWell(NO_BUNDLE));

    it('ends an abort that came before AWS’s first answer, without a report', () => {
      const { outcome, report } = results.get(EARLY) ?? assert.fail();
      assert.deepEqual([outcome, report, terminations(EARLY)], ['aborted', null, 0]);
    });
  });
});
