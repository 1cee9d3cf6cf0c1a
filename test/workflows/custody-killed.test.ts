/** A worker that dies in each phase of a custody: its successor goes on there, and nothing is done twice. */
import assert from 'node:assert/strict';
import { copyQueueId } from '../../domain/copy-queue.ts';
import { custodyIndexId } from '../../domain/evidence-messages.ts';
import { copyJobs, legalHolds, type Place } from '../../sandbox/services/backup/rows.ts';
import { seedPoint } from '../../sandbox/services/backup/seeds.ts';
import { custodyHintSignal, resumeCustodyUpdate } from '../../workflows/custody.messages.ts';
import { BACKUP, refOf, SERVED, SOURCE, startCustody, startCustodyRig, untilCustody, VAULT } from '../rig/custody.ts';
import { forgetCaches, killableWorkers } from '../rig/killable-worker.ts';

const HOLD = {
  id: 'hold-1',
  title: 'Case 7',
  description: '',
  createdAt: 0,
  vaults: [VAULT],
  resources: [],
  from: null,
  to: null,
  cancelledAt: null,
  cancelDescription: null,
  retainUntil: null,
};

describe('a worker of custodies that is killed', function () {
  this.timeout(90_000);

  it('is succeeded by one that goes on in the phase it was in, whichever that is', async () => {
    const rig = await startCustodyRig({ worker: false, speed: 600 });
    rig.sandbox.clock.pause();
    const place: Place = { world: rig.sandbox.world, ...SOURCE };
    const now = rig.sandbox.clock.now();
    const resourceArn = 'arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-1';
    const creating = { createdAt: now - 3_600_000, endsAt: now + 3_600_000, lifecycle: { deleteAfterDays: 35 } };
    const point = seedPoint(place.world, { ...SOURCE, vault: VAULT, resourceArn, resourceType: 'EFS', ...creating });
    legalHolds(place).set(HOLD.id, HOLD);
    const workers = await killableWorkers(rig, SERVED);
    await workers.start();
    rig.sandbox.clock.resume();
    const handle = await startCustody(rig, refOf(point));
    const replace = async (): Promise<void> => {
      await workers.kill();
      // The queue of copies and the index are in its cache, too, if they run yet.
      for (const id of [
        handle.workflowId,
        copyQueueId(SOURCE, BACKUP.region),
        custodyIndexId({ ...SOURCE, vault: VAULT }),
      ]) {
        await forgetCaches(rig, [id]).catch(() => undefined);
      }
      await workers.start();
    };
    try {
      await untilCustody(handle, 'its point is still being made', ({ retrying }) => retrying !== null);
      await replace();
      await untilCustody(handle, 'its copy is made', ({ legs }) => legs[0]?.hops[0]?.step === 'follow');
      await replace();
      await untilCustody(handle, 'its gate is closed', ({ blocked }) => blocked?.code === 'legalHold');
      await replace();
      assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateRecoveryPointLifecycle' }), 0);
      legalHolds(place).set(HOLD.id, { ...HOLD, cancelledAt: rig.sandbox.clock.now() });
      await handle.signal(custodyHintSignal, {
        kind: 'point',
        copyJobId: null,
        state: null,
        destinationVaultArn: null,
        copyArn: null,
        message: null,
      });
      await untilCustody(handle, 'it is shortened', ({ outcome }) => outcome === 'shortened');
      await replace();
      const status = await untilCustody(handle, 'it is done', ({ phase }) => phase === 'done');
      assert.equal(status.change?.readBack?.lifecycle.deleteAfterDays, 8);
      assert.equal(copyJobs(place).all.length, 1);
      assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateRecoveryPointLifecycle' }), 1);
      await assert.rejects(
        handle.executeUpdate(resumeCustodyUpdate, { args: [{ by: null, reason: null, leg: null }] }),
      );
    } finally {
      await workers.close();
      await rig.close();
    }
  });
});
