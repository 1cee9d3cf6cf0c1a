import assert from 'node:assert/strict';
import { copyPlacesOf } from '../../client/copy-place.ts';
import { custodyText } from '../../client/custody-text.ts';
import { copyQueueId } from '../../domain/copy-queue.ts';
import type { CustodyRule } from '../../domain/custody.ts';
import { copiesRun, copyJobsAtOnce } from '../../sandbox/services/backup/ground-truth.ts';
import { copyJobs, vaults } from '../../sandbox/services/backup/rows.ts';
import { changeSettings } from '../../sandbox/services/backup/settings.ts';
import { copyQueueStatusQuery } from '../../workflows/copy-queue.messages.ts';
import { custodyStatusQuery, resumeCustodyUpdate, type CustodyStatus } from '../../workflows/custody.messages.ts';
import {
  ANA,
  BACKUP,
  copyAsOthers,
  done,
  legTo,
  nth,
  placeOf,
  policyOf,
  refOf,
  ruleOf,
  SECOND,
  SOURCE,
  startCustody,
  untilCustody,
  VAULT,
  withCustodyRig,
  type Custody,
  type CustodyRig,
} from '../rig/custody.ts';
import { waitUntil } from '../rig/upgrade.ts';

const calls = (rig: CustodyRig, operation: string): number =>
  rig.sandbox.recorder.count({ service: 'backup', operation });
const allCalls = (rig: CustodyRig): number => rig.sandbox.recorder.count({ service: 'backup' });

/** Which rule it is under, by a tag. */
const tagged = (value: string): CustodyRule['match'] => ({ ...ruleOf().match, allOf: [{ key: 'Rule', value }] });
const ruled = (value: string) => ({ tags: { Rule: value } });

describe('custody of recovery points', function () {
  // The first one waits for the server and the bundle.
  this.timeout(120_000);

  it('copies, verifies in the destination, and shortens within 12 calls, 5 for each further leg, and 100 events', async () => {
    const rules = [
      ruleOf({ name: 'one', match: tagged('one') }),
      ruleOf({ name: 'two', match: tagged('two'), legs: [legTo(BACKUP), legTo(SECOND, { route: 'twoHop' })] }),
    ];
    const specs = [
      { count: 1, type: 'EFS', ...ruled('one') },
      { count: 1, type: 'RDS', ...ruled('two') },
    ];
    await withCustodyRig({ points: specs }, async (rig) => {
      const one = await startCustody(rig, refOf(nth(rig, 0)), policyOf(...rules));
      const status = await done(one);
      const { state, hops, all } = { state: status, hops: status.legs[0]?.hops, all: callsOf(rig) };
      assert.ok(all <= 12, `${all} calls for one leg`);
      assert.equal(hops?.[0]?.verified?.status, 'COMPLETED');
      assert.equal(state.change?.before.deleteAfterDays, 35);
      assert.equal(state.change?.readBack?.lifecycle.deleteAfterDays, 8);
      assert.ok((await one.describe()).historyLength <= 100);
      const two = await startCustody(rig, refOf(nth(rig, 1)), policyOf(...rules));
      await done(two);
      const further = callsOf(rig) - all;
      assert.ok(further <= 17, `${further} calls for two legs`);
      // The second leg's first copy is the first leg's: AWS makes it once.
      assert.equal(copiesRun(placeOf(rig)).length, 2);
      assert.equal(copiesRun(placeOf(rig, BACKUP)).length, 1);
    });
  });

  it('never begins more copies at once than the limits allow, and lets them begin in order', async () => {
    const policy = { ...policyOf(ruleOf({ then: { kind: 'keep' } })), limits: { perRegion: 3, perVault: 1 } };
    // A copy takes seconds here: who has its turn starts it long before the next one gets one.
    await withCustodyRig({ points: [{ count: 9, type: 'EFS', resources: 8 }], speed: 400 }, async (rig) => {
      const handles: Custody[] = [];
      for (const point of rig.points) {
        const handle = await startCustody(rig, refOf(point), policy);
        handles.push(handle);
        await untilCustody(handle, 'it stands in the queue', ({ legs }) =>
          ['queue', 'start', 'follow'].includes(legs[0]?.hops[0]?.step ?? ''),
        );
      }
      for (const handle of handles) await done(handle, 'kept');
      assert.equal(calls(rig, 'StartCopyJob'), 9);
      const jobs = copyJobs(placeOf(rig)).all;
      assert.ok(mostOpen(jobs) <= 4, `${mostOpen(jobs)} open at once`);
      assert.ok([...copyJobsAtOnce(placeOf(rig)).byResource.values()].every((most) => most === 1));
      assert.deepEqual(
        jobs
          .slice(0, 4)
          .map(({ sourceArn }) => sourceArn)
          .toSorted(),
        rig.points
          .slice(0, 4)
          .map(({ arn }) => arn)
          .toSorted(),
      );
      await rig.client.workflow.getHandle(copyQueueId(SOURCE, BACKUP.region)).describe();
    });
  });

  it('tells where a copy stands that waits for its turn', async () => {
    // Two points of one resource: AWS copies one at a time.
    await withCustodyRig({ points: [{ count: 2, type: 'EFS', resources: 1 }] }, async (rig) => {
      changeSettings(placeOf(rig), { copySeconds: { base: 7200, perGib: 0 } });
      const handles: Custody[] = [];
      for (const step of ['follow', 'queue']) {
        const handle = await startCustody(rig, refOf(nth(rig, handles.length)));
        await untilCustody(handle, `it is at ${step}`, ({ legs }) => legs[0]?.hops[0]?.step === step);
        handles.push(handle);
      }
      const textOf = async (index: number): Promise<string> => {
        const status = await (handles[index] ?? assert.fail()).query(custodyStatusQuery);
        return custodyText(status, await copyPlacesOf(rig.client, status.input.point, status));
      };
      await waitUntil('the queue has heard of the second', async () => (await textOf(1)).includes('that wait'));
      assert.match(await textOf(1), /: queue, number 1 of 1 that wait, 1 being copied/);
      assert.doesNotMatch(await textOf(0), /that wait/);
    });
  });

  it('has the copies of one point into two Regions begin at once, of which AWS runs one after the other', async () => {
    const policy = policyOf(ruleOf({ legs: [legTo(BACKUP), legTo(SECOND)] }));
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      changeSettings(placeOf(rig), { copySeconds: { base: 2400, perGib: 0 } });
      const { legs } = await done(await startCustody(rig, refOf(nth(rig, 0)), policy));
      assert.deepEqual(
        legs.map(({ hops }) => hops.map(({ step, to }) => `${step} ${to.region}`)),
        [[`verified ${BACKUP.region}`], [`verified ${SECOND.region}`]],
      );
      const [first, second, ...others] = copiesRun(placeOf(rig));
      assert.ok(first && second && others.length === 0);
      assert.ok(second.createdAt < first.endsAt, 'each Region has a queue of its own');
      assert.ok(second.startsAt >= first.endsAt);
      assert.notEqual(first.destinationRegion, second.destinationRegion);
    });
  });

  it('tells which statement is missing before anything is started, and goes on there with the leg that is resumed', async () => {
    await withCustodyRig(
      { backupWorld: { noDestinationPolicy: true }, points: [{ count: 1, type: 'EFS' }] },
      async (rig) => {
        const rule = ruleOf({ legs: [legTo(BACKUP), legTo(SECOND)] });
        const handle = await startCustody(rig, refOf(nth(rig, 0)), policyOf(rule));
        const resume = (leg: string) => handle.executeUpdate(resumeCustodyUpdate, { args: [{ ...ANA, leg }] });
        const { legs } = await untilCustody(
          handle,
          'both legs are blocked',
          (status) => status.legs.every(({ blocked }) => blocked !== null) && status.legs.length === 2,
        );
        for (const { blocked } of legs) {
          assert.equal(blocked?.code, 'vaultPolicy');
          assert.match(blocked.statement ?? '', /backup:CopyIntoBackupVault/);
        }
        assert.equal(calls(rig, 'StartCopyJob'), 0);
        await assert.rejects(resume('tape'));
        for (const target of [BACKUP, SECOND]) letIn(rig, target);
        await resume('backup');
        const { legs: later } = await untilCustody(
          handle,
          'its leg is verified',
          (status) => status.legs[0]?.hops[0]?.step === 'verified',
        );
        assert.deepEqual([later[1]?.hops[0]?.step, later[1]?.blocked], ['check', legs[1]?.blocked]);
        assert.equal(calls(rig, 'StartCopyJob'), 1);
        await resume('second');
        const status = await done(handle);
        assert.deepEqual(
          status.steering.map(({ what, by }) => [what, by]),
          [
            ['resume backup', 'ana'],
            ['resume second', 'ana'],
          ],
        );
      },
    );
  });

  it('waits where AWS refuses a copy as one too many, which the queue hears, and asks no person', async () => {
    await withCustodyRig({ points: [{ count: 6, type: 'EFS' }] }, async (rig) => {
      changeSettings(placeOf(rig), { copiesRefusedAbove: 3, copySeconds: { base: 2400, perGib: 0 } });
      const handles = await Promise.all(rig.points.map((point) => startCustody(rig, refOf(point))));
      const queue = rig.client.workflow.getHandle(copyQueueId(SOURCE, BACKUP.region));
      // There is none before the first one asks.
      const hasHeard = (): Promise<boolean> =>
        queue.query(copyQueueStatusQuery).then(
          ({ isCareful }) => isCareful,
          () => false,
        );
      await waitUntil('the queue has heard', hasHeard);
      for (const handle of handles) assert.deepEqual((await done(handle)).steering, []);
      assert.equal(copyJobs(placeOf(rig)).all.length, 6);
      assert.ok(calls(rig, 'StartCopyJob') > 6);
    });
  });

  it('makes a copy again that AWS brought to nothing, and asks a person where one must mend something', async () => {
    await withCustodyRig({ points: [{ count: 3, type: 'EFS' }] }, async (rig) => {
      const [passing, key, partial] = await Promise.all(
        [
          { message: 'Internal failure' },
          { message: 'The key arn:aws:kms:x of the source is not accessible' },
          { code: 'PARTIAL', message: 'Only a part' },
        ].map(async (fault, index) => {
          const { arn } = nth(rig, index);
          rig.sandbox.faults.add({
            kind: 'fail',
            service: 'backup',
            operation: 'StartCopyJob',
            resource: arn,
            count: 1,
            ...fault,
          });
          return await startCustody(rig, refOf(nth(rig, index)));
        }),
      );
      if (!passing || !key || !partial) assert.fail('three were started');
      for (const [handle, code] of [
        [key, 'key'],
        [partial, 'copyFailed'],
      ] as const) {
        const { legs } = await untilCustody(handle, `it is blocked by ${code}`, ({ health }) => health === 'blocked');
        assert.equal(legs[0]?.blocked?.code, code);
        await handle.executeUpdate(resumeCustodyUpdate, { args: [{ ...ANA, leg: null }] });
      }
      for (const handle of [passing, key, partial]) {
        const [hop] = (await done(handle)).legs[0]?.hops ?? [];
        assert.deepEqual([hop?.attempt, hop?.failed?.map(({ jobId }) => jobId)], [2, hop?.earlierJobs]);
        if (handle === key) assert.match(hop?.failed?.[0]?.message ?? '', /is not accessible/);
      }
      assert.equal(calls(rig, 'StartCopyJob'), 6);
    });
  });

  it('takes copies over that others made, unless they are not what the rule wants', async () => {
    await withCustodyRig({ points: [{ count: 2, type: 'EFS' }] }, async (rig) => {
      for (const [index, days] of [35, 3].entries()) await copyAsOthers(nth(rig, index), days);
      const handles = await Promise.all([0, 1].map((index) => startCustody(rig, refOf(nth(rig, index)))));
      const [good, bad] = await Promise.all(handles.map((handle) => done(handle)));
      assert.deepEqual([good?.legs[0]?.hops[0]?.adopted, good?.legs[0]?.hops[0]?.attempt], [true, 1]);
      assert.deepEqual([bad?.legs[0]?.hops[0]?.adopted, bad?.legs[0]?.hops[0]?.attempt], [false, 2]);
      assert.equal(copyJobs(placeOf(rig)).all.length, 3);
    });
  });

  it('takes over a copy that others made while something stood in the way of its own', async () => {
    const backupWorld = { noDestinationPolicy: true };
    await withCustodyRig({ backupWorld, points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      await untilCustody(handle, 'it is blocked', ({ health }) => health === 'blocked');
      const shutOut = letIn(rig);
      await copyAsOthers(nth(rig, 0), 35);
      shutOut();
      await handle.executeUpdate(resumeCustodyUpdate, { args: [{ ...ANA, leg: null }] });
      const [hop] = (await done(handle)).legs[0]?.hops ?? [];
      assert.deepEqual([hop?.adopted, hop?.attempt, copyJobs(placeOf(rig)).all.length], [true, 1, 1]);
    });
  });

  it('starts one job although the reply was lost, and changes the original once although that reply was lost', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'resetAfter', operation: 'StartCopyJob', count: 1 });
      rig.sandbox.faults.add({ kind: 'resetAfter', operation: 'UpdateRecoveryPointLifecycle', count: 1 });
      const status = await done(await startCustody(rig, refOf(nth(rig, 0))));
      assert.equal(copyJobs(placeOf(rig)).all.length, 1);
      assert.equal(calls(rig, 'UpdateRecoveryPointLifecycle'), 1);
      assert.equal(status.change?.readBack?.lifecycle.deleteAfterDays, 8);
    });
  });

  it('goes on in a new history where it was: a job is followed, and what waits for a person goes on waiting', async () => {
    await withCustodyRig({ points: [{ count: 2, type: 'EFS' }] }, async (rig) => {
      const fault = { kind: 'fail', message: 'The key k is not accessible', count: 1 } as const;
      rig.sandbox.faults.add({ ...fault, operation: 'StartCopyJob', resource: nth(rig, 1).arn });
      const [followed, blocked] = await Promise.all([
        continued(rig, 0, 'it is followed', ({ legs }) => legs[0]?.hops[0]?.step === 'follow'),
        continued(rig, 1, 'it is blocked', ({ health }) => health === 'blocked'),
      ]);
      await done(followed);
      const status = await untilCustody(blocked, 'it answers', () => true);
      assert.equal(status.legs[0]?.blocked?.code, 'key');
      assert.equal(calls(rig, 'StartCopyJob'), 2);
      await blocked.executeUpdate(resumeCustodyUpdate, { args: [{ ...ANA, leg: null }] });
      await done(blocked);
      assert.equal(calls(rig, 'StartCopyJob'), 3);
    });
  });

  it('shows a copy that does not come in time as overdue, and goes on', async () => {
    const rule = ruleOf({ legs: [legTo(BACKUP, { deadlineHours: 1 })] });
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }], speed: 2000 }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'stuck', operation: 'StartCopyJob', seconds: 2 * 3600, count: 1 });
      const handle = await startCustody(rig, refOf(nth(rig, 0)), policyOf(rule));
      await untilCustody(handle, 'it is overdue', ({ health }) => health === 'overdue');
      assert.equal((await done(handle)).health, 'ok');
    });
  });
});

/** The custody in a second history that begins once the first one is so. */
async function continued(
  rig: CustodyRig,
  index: number,
  what: string,
  isSo: (status: CustodyStatus) => boolean,
): Promise<Custody> {
  const first = await startCustody(rig, refOf(nth(rig, index)));
  const { input: _input, health: _health, ...state } = await untilCustody(first, what, isSo);
  await first.terminate('it goes on in a new history');
  return await startCustody(rig, refOf(nth(rig, index)), policyOf(), state);
}

/** Of AWS Backup about points and copies: what the route and the queue read serves all. */
function callsOf(rig: CustodyRig): number {
  const shared = [
    'GetBackupVaultAccessPolicy',
    'DescribeGlobalSettings',
    'DescribeRegionSettings',
    'ListCopyJobs',
    'DescribeBackupVault',
  ];
  const own = allCalls(rig) - shared.reduce((sum, operation) => sum + calls(rig, operation), 0);
  // Each custody asks once for the jobs of its point, and once for the lock of its vault.
  return own + 2 * calls(rig, 'ListTags');
}

/** The most jobs that were started and had not ended. */
function mostOpen(jobs: readonly { readonly createdAt: number; readonly endsAt: number }[]): number {
  return Math.max(
    ...jobs.map(({ createdAt: at }) => jobs.filter((job) => job.createdAt <= at && job.endsAt > at).length),
  );
}

/** @returns undoes it */
function letIn(rig: CustodyRig, target = BACKUP): () => void {
  const table = vaults(placeOf(rig, target));
  const vault = table.get(VAULT) ?? assert.fail('there is no vault');
  const statement = { Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' };
  table.set(VAULT, { ...vault, policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) });
  return () => table.set(VAULT, vault);
}
