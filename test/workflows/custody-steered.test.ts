import assert from 'node:assert/strict';
import { custodyId, vaultArn, type CustodyState, type PointRef } from '../../domain/custody.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { copyJobs, legalHolds, points, type Point } from '../../sandbox/services/backup/rows.ts';
import { changeSettings } from '../../sandbox/services/backup/settings.ts';
import type { custody } from '../../workflows/custody.ts';
import type { Unheard } from '../../workflows/custody-run.ts';
import { adoptRuleUpdate, releaseCustodyUpdate } from '../../workflows/custody.messages.ts';
import {
  ANA,
  BACKUP,
  done,
  HOLD,
  legTo,
  nth,
  placeOf,
  policyOf,
  refOf,
  resume,
  ruleOf,
  seedNewer,
  SECOND,
  SOURCE,
  startCustody,
  untilCustody,
  VAULT,
  withCustodyRig,
  type Custody,
  type CustodyRig,
} from '../rig/custody.ts';

const TO_SECOND = vaultArn({ ...SECOND, vault: VAULT });
const DAYS_400 = { moveToColdStorageAfterDays: null, deleteAfterDays: 400, optInToArchive: false };

const start = (rig: CustodyRig, index: number, changes: Parameters<typeof ruleOf>[0] = {}): Promise<Custody> =>
  startCustody(rig, refOf(nth(rig, index)), policyOf(ruleOf(changes)));
const release = (handle: Custody) => handle.executeUpdate(releaseCustodyUpdate, { args: [ANA] });
const adopt = (handle: Custody, changes: Parameters<typeof ruleOf>[0]) =>
  handle.executeUpdate(adoptRuleUpdate, { args: [{ ...ANA, rule: ruleOf(changes) }] });
const blockedLeg = (handle: Custody) =>
  untilCustody(handle, 'a leg is blocked', ({ legs }) => legs.some(({ blocked }) => blocked !== null));
const settling = (handle: Custody) =>
  untilCustody(handle, 'it settles', ({ phase, retrying }) => phase === 'settling' && retrying !== null);

describe('a custody that people steer', function () {
  // The first one waits for the server and the bundle.
  this.timeout(120_000);

  it('sees to its end what it asked AWS to do with the original, and says so to who would end it', async () => {
    const two = [{ count: 2, type: 'EFS', resources: 1, ageDays: 1 }];
    await withCustodyRig({ points: two, world: seedNewer }, async (rig) => {
      changeSettings(placeOf(rig), { deletingSeconds: [3600, 3600] });
      const handle = await start(rig, 0, { then: { kind: 'delete' }, legs: [legTo(BACKUP), legTo(SECOND)] });
      await untilCustody(handle, 'it deletes', ({ change }) => (change?.askedAt ?? null) !== null);
      await assert.rejects(release(handle), hasCause(/its deletion is under way since/));
      await assert.rejects(adopt(handle, { then: { kind: 'keep' } }), hasCause(/its deletion is under way since/));
      await handle.cancel();
      const { change } = await done(handle, 'deleted');
      assert.ok(change?.doneAt);
      assert.equal(rig.sandbox.recorder.count({ operation: 'DeleteRecoveryPoint' }), 1);
    });
  });

  it('does not take for its own deletion what others deleted after AWS had refused it', async () => {
    const two = [{ count: 2, type: 'EFS', resources: 1, ageDays: 1 }];
    await withCustodyRig({ points: two, world: seedNewer }, async (rig) => {
      const [operation, code] = ['DeleteRecoveryPoint', 'AccessDeniedException'];
      rig.sandbox.faults.add({ kind: 'error', operation, code, status: 403 });
      const handle = await start(rig, 0, { then: { kind: 'delete' }, legs: [legTo(BACKUP), legTo(SECOND)] });
      const { change } = await untilCustody(handle, 'it is refused', ({ blocked }) => blocked?.code === 'accessDenied');
      assert.equal(change, null);
      lose(rig, nth(rig, 0).arn, SOURCE);
      await resume(handle);
      assert.equal((await done(handle, 'gone')).change, null);
    });
  });

  it('opens the gate under another rule for copies only that are what that one asks for', async () => {
    await withCustodyRig({ points: [{ count: 3, type: 'EFS' }] }, async (rig) => {
      const { faults } = rig.sandbox;
      faults.add({ kind: 'fail', operation: 'StartCopyJob', resource: TO_SECOND, message: 'It is not supported' });
      const locked = 'The retention is below the minimum of the vault lock';
      faults.add({ kind: 'fail', operation: 'StartCopyJob', resource: nth(rig, 2).arn, message: locked, count: 1 });
      const mend = faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      const [fewer, longer, failed] = [
        await start(rig, 0, { legs: [legTo(BACKUP), legTo(SECOND)] }),
        await start(rig, 1),
        await start(rig, 2),
      ];
      await untilCustody(fewer, 'one of two is blocked', ({ legs: [near, far] }) =>
        [near?.hops[0]?.step === 'verified', far?.blocked].every(Boolean),
      );
      await settling(longer);
      await blockedLeg(failed);
      await adopt(fewer, {});
      for (const handle of [longer, failed]) await adopt(handle, { legs: [legTo(BACKUP, { lifecycle: DAYS_400 })] });
      mend();
      assert.equal((await done(fewer)).legs.length, 1);
      for (const handle of [longer, failed]) {
        const { legs, change } = await done(handle);
        assert.equal(legs[0]?.hops[0]?.verified?.lifecycle.deleteAfterDays, 400);
        assert.equal(change?.gate.length, 2);
      }
      const { legs } = await untilCustody(longer, 'it answers', () => true);
      assert.deepEqual(
        legs.map(({ unwantedSince }) => unwantedSince === null),
        [true, false],
      );
    });
  });

  it('believes that its point has gone only after several looks', async () => {
    await withCustodyRig({ points: [{ count: 3, type: 'EFS' }] }, async (rig) => {
      const { faults } = rig.sandbox;
      const notFound = (index: number, count?: number) =>
        faults.add({
          kind: 'error',
          operation: 'DescribeRecoveryPoint',
          resource: nth(rig, index).arn,
          code: 'ResourceNotFoundException',
          status: 400,
          ...(count && { count }),
        });
      const mend = faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      notFound(0, 1);
      notFound(1);
      const [once, gone, atGate] = [await start(rig, 0), await start(rig, 1), await start(rig, 2)];
      assert.match((await done(gone, 'gone')).reason ?? '', /is not in the vault nightly any more/);
      await settling(once);
      await settling(atGate);
      notFound(2, 1);
      mend();
      for (const handle of [once, atGate]) await done(handle);
    });
  });

  it('ends as gone when others delete its original, whether that waited for a newer one or a legal hold kept it', async () => {
    await withCustodyRig({ points: [{ count: 2, type: 'EFS' }] }, async (rig) => {
      const held = { ...HOLD, resources: [nth(rig, 1).resourceArn] };
      legalHolds(placeOf(rig)).set(held.id, held);
      const handles = [
        await start(rig, 0, { then: { kind: 'delete' }, legs: [legTo(BACKUP), legTo(SECOND)] }),
        await start(rig, 1),
      ];
      for (const [index, handle] of handles.entries()) {
        await untilCustody(handle, 'its gate is closed', (it) => (index === 0 ? it.waiting : it.blocked) !== null);
        lose(rig, nth(rig, index).arn, SOURCE);
        await resume(handle);
      }
      for (const handle of handles) {
        const { reason, change } = await done(handle, 'gone');
        assert.match(reason ?? '', /is not in the vault nightly any more/);
        assert.equal(change, null);
      }
    });
  });

  it('ends as unusable, in the words of AWS, when AWS could not delete its point before its copies were verified', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS', undeletable: true }] }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'fail', operation: 'StartCopyJob', message: 'Nobody knows why' });
      const handle = await start(rig, 0);
      await blockedLeg(handle);
      lose(rig, nth(rig, 0).arn, SOURCE);
      await handle.signal('hint', { ...running(''), kind: 'point', state: 'EXPIRED' });
      assert.match((await done(handle, 'unusable')).reason ?? '', /is EXPIRED \(.+\): it was so before its copies/);
    });
  });

  it('finds its way out of each dead end by a word, or by itself', async () => {
    await withCustodyRig({ points: [{ count: 3, type: 'EFS' }], speed: 2000 }, async (rig) => {
      const { faults } = rig.sandbox;
      const mend = faults.add({
        kind: 'error',
        operation: 'StartCopyJob',
        code: 'AccessDeniedException',
        status: 403,
        resource: TO_SECOND,
      });
      const [twoHops, stuck, late] = [nth(rig, 0), nth(rig, 1), nth(rig, 2)];
      faults.add({ kind: 'stuck', operation: 'StartCopyJob', seconds: 400 * 3600, count: 1, resource: stuck.arn });
      faults.add({
        kind: 'fail',
        operation: 'StartCopyJob',
        count: 1,
        resource: late.arn,
        message: 'Internal failure',
      });
      const handles = [
        await start(rig, 0, { legs: [legTo(SECOND, { route: 'twoHop' })] }),
        await start(rig, 1, { legs: [legTo(BACKUP, { deadlineHours: 1 })] }),
        await start(rig, 2),
      ] as const;
      // Late word of a job that has failed is no job of others.
      const failed = await untilCustody(handles[2], 'it is tried again', ({ health }) => health === 'retrying');
      const [jobId = ''] = jobsOf(rig, late);
      assert.equal(failed.legs[0]?.hops[0]?.jobId, jobId);
      for (let times = 0; times < 3; times += 1) await handles[2].signal('hint', running(jobId));
      // What lies on the way has gone.
      const { legs } = await blockedLeg(handles[0]);
      lose(rig, legs[0]?.hops[0]?.copyArn ?? assert.fail('there is no copy'));
      mend();
      await resume(handles[0]);
      // AWS does not begin with it.
      await untilCustody(handles[1], 'it is overdue', ({ health }) => health === 'overdue');
      await resume(handles[1]);
      // In the sandbox, too, a resource's next job waits for the one before.
      await untilCustody(handles[1], 'another job is started', () => jobsOf(rig, stuck).length === 2);
      const [again, afterwards] = [await done(handles[0]), await done(handles[2])];
      assert.equal(again.legs[0]?.hops[0]?.attempt, 2);
      assert.equal(jobsOf(rig, twoHops).length, 2);
      assert.equal(afterwards.legs[0]?.hops[0]?.adopted, false);
    });
  });

  it('makes a copy anew at the gate that is not what it was, once a person has asked for it', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const mend = rig.sandbox.faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      const handle = await start(rig, 0);
      const { legs } = await settling(handle);
      const copyArn = legs[0]?.hops[0]?.copyArn ?? assert.fail('there is no copy');
      const table = points(placeOf(rig, BACKUP));
      Object.assign(table.get(copyArn) ?? assert.fail(), {
        lifecycle: { coldAfterDays: null, deleteAfterDays: 10, archive: false },
      });
      table.touch();
      mend();
      await untilCustody(handle, 'it is blocked', ({ blocked }) => blocked?.code === 'verification');
      await resume(handle);
      const status = await done(handle);
      assert.notEqual(status.legs[0]?.hops[0]?.copyArn, copyArn);
    });
  });

  it('begun anew after its end takes its copies for what they were, makes no shorter ones, and forgets nothing when it is stopped', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const { faults } = rig.sandbox;
      const first = await done(await start(rig, 0));
      const mend = faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      const handle = await start(rig, 0);
      await settling(handle);
      const allow = faults.add({ kind: 'error', operation: 'PutObject', code: 'SlowDown', status: 503 });
      mend();
      await untilCustody(handle, 'what it found is not written down', ({ retrying }) =>
        (retrying ?? '').includes('s3:PutObject'),
      );
      await adopt(handle, {});
      allow();
      const second = await done(handle);
      assert.equal(jobsOf(rig, nth(rig, 0)).length, 1);
      assert.equal(second.change?.doneAt, first.change?.doneAt);
      assert.deepEqual(second.legs[0]?.hops[0]?.lifecycle, first.legs[0]?.hops[0]?.lifecycle);
      assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateRecoveryPointLifecycle' }), 1);
    });
  });

  it('tells when people did what, and hears in a new history what was said at the end of the one before', async () => {
    await withCustodyRig({ points: [{ count: 3, type: 'EFS' }] }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'fail', operation: 'StartCopyJob', message: 'Nobody knows why' });
      const first = await start(rig, 0);
      await blockedLeg(first);
      const word = { released: ANA, leaving: [], resumed: [] };
      const [ended, resumed] = [await start(rig, 1), await start(rig, 2)];
      const later = [await inNewHistory(rig, ended, 1, word)];
      later.push(await inNewHistory(rig, resumed, 2, { ...word, released: null, resumed: ['backup'] }));
      const [endedLater, resumedLater] = later;
      if (!endedLater || !resumedLater) assert.fail('two were started');
      await done(endedLater, 'released');
      await untilCustody(resumedLater, 'it has tried again', ({ legs }) => legs[0]?.hops[0]?.attempt === 2);
      const at = rig.sandbox.clock.now();
      await release(first);
      const { steering, closedAt } = await done(first, 'released');
      for (const time of [steering[0]?.at, closedAt]) assert.ok(Date.parse(time ?? '') >= at - 1000, time ?? 'no time');
    });
  });
});

const hasCause =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    pattern.test(String((error as { cause?: Error }).cause?.message ?? error));

/** The ids of the copy jobs of a point. */
const jobsOf = (rig: CustodyRig, { arn }: Point): string[] =>
  copyJobs(placeOf(rig))
    .all.filter(({ sourceArn }) => sourceArn === arn)
    .map(({ id }) => id);

const running = (copyJobId: string) => ({
  kind: 'copyJob',
  copyJobId,
  state: 'RUNNING',
  destinationVaultArn: vaultArn({ ...BACKUP, vault: VAULT }),
  copyArn: null,
  message: null,
});

/** A point goes, by default a copy. */
function lose(rig: CustodyRig, arn: string, target = BACKUP): void {
  const table = points(placeOf(rig, target));
  Object.assign(table.get(arn) ?? assert.fail(`there is no ${arn}`), {
    deletedAt: rig.sandbox.clock.now() - 86_400_000,
  });
  table.touch();
}

/** The custody in a second history, once its leg is blocked. */
async function inNewHistory(rig: CustodyRig, first: Custody, index: number, unheard: Unheard): Promise<Custody> {
  const { input, health: _health, ...state } = await blockedLeg(first);
  await first.terminate('it goes on in a new history');
  const point: PointRef = refOf(nth(rig, index));
  return await rig.client.workflow.start<typeof custody>('custody', {
    workflowId: custodyId(point.arn),
    taskQueue: TASK_QUEUE,
    args: [input, state satisfies CustodyState, unheard],
  });
}
