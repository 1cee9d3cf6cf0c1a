import assert from 'node:assert/strict';
import type { CustodyRule } from '../../domain/custody.ts';
import { legalHolds, points } from '../../sandbox/services/backup/rows.ts';
import { snapshotLocks, snapshotsOfImage } from '../../sandbox/services/ec2/lock-rows.ts';
import { seedPoint } from '../../sandbox/services/backup/seeds.ts';
import { adoptRuleUpdate, custodyHintSignal, releaseCustodyUpdate } from '../../workflows/custody.messages.ts';
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
import { atFirstCall } from '../rig/truth.ts';

const LEGS = [legTo(BACKUP), legTo(SECOND)];

const changes = (rig: CustodyRig): number =>
  rig.sandbox.recorder.count({ operation: 'UpdateRecoveryPointLifecycle' }) +
  rig.sandbox.recorder.count({ operation: 'DeleteRecoveryPoint' });
const blocked = (handle: Custody, code: string) =>
  untilCustody(handle, `it is blocked by ${code}`, (status) => status.blocked?.code === code);
const deleting: Partial<CustodyRule> = { then: { kind: 'delete' }, legs: LEGS };

describe('the gate of the original', function () {
  // The first one waits for the server and the bundle.
  this.timeout(120_000);

  it('stays closed under a legal hold, which names itself, and opens once that is taken off', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const holds = legalHolds(placeOf(rig));
      const hold = { ...HOLD, vaults: [VAULT] };
      holds.set(hold.id, hold);
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      const status = await blocked(handle, 'legalHold');
      assert.match(status.blocked?.message ?? '', /hold-1/);
      // Neither a person's word nor a hint opens it.
      await resume(handle);
      await handle.signal(custodyHintSignal, hintOf('point'));
      await blocked(handle, 'legalHold');
      assert.equal(changes(rig), 0);
      holds.set(hold.id, { ...hold, cancelledAt: rig.sandbox.clock.now() });
      await resume(handle);
      await done(handle, 'shortened');
    });
  });

  it('stays closed while the vault of the original is locked', async () => {
    const lock = { minRetentionDays: 1, maxRetentionDays: null, lockDate: null };
    await withCustodyRig({ backupWorld: { sourceLock: lock }, points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      await blocked(handle, 'lock');
      assert.equal(changes(rig), 0);
    });
  });

  for (const { type, what } of [
    { type: 'EBS', what: 'the EBS snapshot' },
    { type: 'EC2', what: 'a snapshot of the EC2 image' },
  ]) {
    it(`stays closed while ${what} is locked`, async () => {
      const lockAll = (sandbox: CustodyRig['sandbox']): void => {
        const source = { world: sandbox.world, ...SOURCE };
        for (const { arn } of points(source).all) lockSnapshot(source, lastSnapshotOf(source, arn));
      };
      await withCustodyRig({ points: [{ count: 1, type }], world: lockAll }, async (rig) => {
        const handle = await startCustody(rig, refOf(nth(rig, 0)));
        await blocked(handle, 'snapshotLock');
        assert.equal(changes(rig), 0);
      });
    });
  }

  it('stays closed while anything that is nested in a composite original is held, or a copy of it has lost some', async () => {
    const nestedArn = `arn:aws:ec2:${SOURCE.region}:${SOURCE.account}:volume/vol-0123456789abcdef0`;
    const compose = ({ world }: CustodyRig['sandbox']): void => {
      const resourceArn = `arn:aws:cloudformation:${SOURCE.region}:${SOURCE.account}:stack/shop/1`;
      const whole = { ...SOURCE, vault: VAULT, resourceArn, resourceType: 'CloudFormation', isParent: true };
      const { arn: parentArn } = seedPoint(world, { ...whole, lifecycle: { deleteAfterDays: 35 } });
      const part = { ...SOURCE, vault: VAULT, resourceType: 'EBS', parentArn };
      seedPoint(world, { ...part, resourceArn: nestedArn });
      seedPoint(world, { ...part, resourceArn: nestedArn.replace('abcdef0', 'abcdef1') });
    };
    await withCustodyRig({ world: compose }, async (rig) => {
      const [whole] = points(placeOf(rig)).all;
      const holds = legalHolds(placeOf(rig));
      const hold = { ...HOLD, resources: [nestedArn] };
      holds.set(hold.id, hold);
      const handle = await startCustody(rig, refOf(whole ?? assert.fail()));
      const { legs } = await blocked(handle, 'legalHold');
      const copies = points(placeOf(rig, BACKUP));
      const copyArn = legs[0]?.hops[0]?.copyArn;
      const lost =
        copies.all.find(({ parentArn }) => parentArn === copyArn) ?? assert.fail('nothing is nested in the copy');
      Object.assign(lost, { deletedAt: rig.sandbox.clock.now() - 86_400_000 });
      copies.touch();
      holds.delete(hold.id);
      await handle.signal(custodyHintSignal, hintOf('point'));
      const { blocked: found } = await blocked(handle, 'verification');
      assert.match(found?.message ?? '', /holds 1 of the 2 recovery points/);
      assert.equal(changes(rig), 0);
      await resume(handle);
      const made = (await done(handle)).legs[0]?.hops[0]?.copyArn;
      assert.notEqual(made, copyArn, 'it was copied again');
    });
  });

  it('notices a copy that its destination lost after it was verified, and makes it again when a person says so', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      // It cannot look at the gate until the copy has gone.
      const mend = rig.sandbox.faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      const { legs } = await untilCustody(
        handle,
        'it is settling',
        (status) => status.retrying !== null && status.phase === 'settling',
      );
      const arn = legs[0]?.hops[0]?.copyArn ?? assert.fail('there is no copy');
      const table = points(placeOf(rig, BACKUP));
      Object.assign(table.get(arn) ?? assert.fail(), { deletedAt: rig.sandbox.clock.now() - 86_400_000 });
      table.touch();
      mend();
      await resume(handle);
      await untilCustody(handle, 'it is blocked', (status) => status.blocked !== null && status.retrying === null);
      assert.equal(changes(rig), 0);
      await resume(handle);
      const status = await done(handle, 'shortened');
      assert.notEqual(status.legs[0]?.hops[0]?.copyArn, arn);
    });
  });

  it('deletes only once its vault has a newer point of the resource, and two copies were read again', async () => {
    await withCustodyRig({ points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const handle = await startCustody(rig, refOf(nth(rig, 0)), policyOf(ruleOf(deleting)));
      const waiting = await untilCustody(handle, 'it waits', (status) => status.waiting !== null);
      assert.equal(waiting.health, 'ok');
      await resume(handle);
      assert.equal(changes(rig), 0);
      const { resourceArn, resourceType } = nth(rig, 0);
      seedPoint(rig.sandbox.world, { ...SOURCE, vault: VAULT, resourceArn, resourceType });
      await handle.signal(custodyHintSignal, hintOf('point'));
      const status = await done(handle, 'deleted');
      assert.equal(status.change?.gate.length, 3);
    });
  });

  it('sees that AWS took a deletion and could not make it', async () => {
    const two = [{ count: 2, type: 'EFS', resources: 1, ageDays: 1, undeletable: true }];
    await withCustodyRig({ points: two, world: seedNewer }, async (rig) => {
      const handle = await startCustody(rig, refOf(nth(rig, 0)), policyOf(ruleOf(deleting)));
      const status = await blocked(handle, 'accessDenied');
      assert.match(status.blocked?.message ?? '', /EXPIRED/);
    });
  });

  it('sees that a deletion was made whose reply was lost, or after which AWS would not show it, and asks for it once', async () => {
    const two = [{ count: 2, type: 'EFS', resources: 1, ageDays: 1 }];
    await withCustodyRig({ points: two, world: seedNewer }, async (rig) => {
      const { faults, recorder } = rig.sandbox;
      const [operation, unanswered, unseen] = ['DeleteRecoveryPoint', nth(rig, 0).arn, nth(rig, 1).arn];
      faults.add({ kind: 'resetAfter', operation, resource: unanswered, count: 1 });
      atFirstCall(rig, { operation, resource: unseen }, () =>
        faults.add({ kind: 'throttle', operation: 'DescribeRecoveryPoint', resource: unseen, count: 1 }),
      );
      const handles = await Promise.all(
        [0, 1].map((index) => startCustody(rig, refOf(nth(rig, index)), policyOf(ruleOf(deleting)))),
      );
      for (const handle of handles) {
        const { change } = await done(handle, 'deleted');
        assert.ok(change?.doneAt);
        assert.equal(change.readBack, null);
      }
      assert.equal(recorder.count({ operation, outcome: 'resetAfter' }), 1);
      assert.equal(recorder.count({ operation: 'DescribeRecoveryPoint', outcome: 'throttle' }), 1);
      assert.equal(changes(rig), 2);
    });
  });

  it('leaves alone what it cannot copy, and what a person released or a cancellation ended', async () => {
    const specs = [
      { count: 1, type: 'EFS', outcome: 'AVAILABLE' as const },
      { count: 3, type: 'EFS' },
    ];
    await withCustodyRig({ points: specs }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'throttle', operation: 'ListLegalHolds' });
      const handles = await Promise.all([0, 1, 2, 3].map((index) => startCustody(rig, refOf(nth(rig, index)))));
      const [continuous, released, cancelled, other] = handles;
      if (!continuous || !released || !cancelled || !other) assert.fail('four were started');
      await done(continuous, 'unsupported');
      await released.executeUpdate(releaseCustodyUpdate, { args: [ANA] });
      await cancelled.cancel();
      for (const handle of [released, cancelled]) await done(handle, 'released');
      await untilCustody(other, 'it settles', ({ phase }) => phase === 'settling');
      await other.executeUpdate(adoptRuleUpdate, { args: [{ ...ANA, rule: ruleOf({ then: { kind: 'keep' } }) }] });
      await done(other, 'kept');
      assert.equal(changes(rig), 0);
    });
  });
});

/** Of an image the last of its volumes'. */
function lastSnapshotOf(place: ReturnType<typeof placeOf>, arn: string): string {
  const id = arn.split('/').at(-1) ?? '';
  return id.startsWith('ami-') ? (snapshotsOfImage(place, id).at(-1) ?? '') : id;
}

function lockSnapshot(place: ReturnType<typeof placeOf>, snapshotId: string): void {
  const createdAt = place.world.clock.now();
  const days = { durationDays: 30, expiresAt: createdAt + 30 * 86_400_000 };
  snapshotLocks(place).set(snapshotId, { snapshotId, mode: 'governance', createdAt, coolOffHours: null, ...days });
}

const hintOf = (kind: 'point') => ({
  kind,
  copyJobId: null,
  state: null,
  destinationVaultArn: null,
  copyArn: null,
  message: null,
});
