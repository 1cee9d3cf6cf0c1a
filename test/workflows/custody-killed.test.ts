/** A worker that dies in each phase of custodies: its successor goes on there, and nothing is done twice. */
import assert from 'node:assert/strict';
import { copyQueueId } from '../../domain/copy-queue.ts';
import type { HopStep } from '../../domain/custody.ts';
import type { EvidenceDocument } from '../../domain/evidence.ts';
import { dayOf, evidenceKey } from '../../domain/evidence-keys.ts';
import { custodyIndexId } from '../../domain/evidence-messages.ts';
import { parseIndex } from '../../report/evidence-index.ts';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import type { World } from '../../sandbox/service.ts';
import { copyJobs, legalHolds, type Place, type Point } from '../../sandbox/services/backup/rows.ts';
import { seedPoint } from '../../sandbox/services/backup/seeds.ts';
import { custodyHintSignal, resumeCustodyUpdate, type CustodyStatus } from '../../workflows/custody.messages.ts';
import {
  BACKUP,
  HOLD,
  legTo,
  policyOf,
  refOf,
  ruleOf,
  SERVED,
  SOURCE,
  startCustody,
  startCustodyRig,
  untilCustody,
  VAULT,
  type Custody,
} from '../rig/custody.ts';
import { forgetCaches, killableWorkers } from '../rig/killable-worker.ts';
import { atFirstCall, filesIn } from '../rig/truth.ts';

/** Its copy goes into a vault of its own there, by which the looks at it can be told apart. */
const APART = 'apart';

const stepIs =
  (step: HopStep) =>
  ({ legs }: CustodyStatus): boolean =>
    legs[0]?.hops[0]?.step === step;

/** Each custody is kept in one phase, or at one step, until the worker has been killed there. */
const STAGES: Readonly<Record<string, readonly [where: string, isThere: (status: CustodyStatus) => boolean]>> = {
  creating: ['its point is still being made', ({ retrying }) => retrying !== null],
  starting: ['it starts its copy', stepIs('start')],
  copying: ['its copy is made', stepIs('follow')],
  verifying: ['it looks at its copy', stepIs('verify')],
  held: ['its gate is closed', ({ blocked }) => blocked?.code === 'legalHold'],
  acting: ['it acts', ({ change, retrying }) => (change?.askedAt ?? null) !== null && retrying !== null],
  closing: ['it writes down its end', ({ phase, retrying }) => phase === 'closing' && retrying !== null],
};

const { evidenceBucket } = BACKUP_WORLD;

/** Of a custody that copies and shortens: the first two are written as it begins to do so. */
const lastVersionOf = ({ arn, vault, createdAt }: Point): string => {
  const day = dayOf(new Date(createdAt).toISOString());
  return evidenceKey('custody/', { vault: { ...SOURCE, vault }, day }, arn, 3);
};

/** The points whose end the evidence and the index tell, each as often as they do. */
async function endsWritten(world: World): Promise<{ readonly evidence: string[]; readonly index: string[] }> {
  const files = Object.entries(await filesIn(world, evidenceBucket));
  const below = (folder: string): string[] => files.flatMap(([key, text]) => (key.startsWith(folder) ? [text] : []));
  const documents = below('custody/evidence/').map((text) => JSON.parse(text) as EvidenceDocument);
  const ends = documents.filter(({ state }) => state.outcome !== null);
  const entries = below('custody/index/').flatMap((text) => parseIndex(text) ?? []);
  return {
    evidence: ends.map(({ point }) => point.arn).toSorted(),
    index: entries.map(({ pointArn }) => pointArn).toSorted(),
  };
}

describe('a worker of custodies that is killed', function () {
  this.timeout(180_000);

  it('is succeeded by one that goes on with each in the phase it was in, whichever that is', async () => {
    const rig = await startCustodyRig({ worker: false, speed: 600, backupWorld: { vaults: [VAULT, APART] } });
    rig.sandbox.clock.pause();
    const { world, faults, recorder } = { ...rig.sandbox };
    const place: Place = { world, ...SOURCE };
    const now = rig.sandbox.clock.now();
    const hour = 3_600_000;
    const seeded = new Map(
      Object.keys(STAGES).map((stage): [string, Point] => {
        const resourceArn = `arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-${stage}`;
        const times = { createdAt: now - hour, endsAt: stage === 'creating' ? now + 2 * hour : now - hour / 2 };
        // A copy of the large one takes hours.
        const about = { sizeGib: stage === 'copying' ? 800 : 1, lifecycle: { deleteAfterDays: 35 }, ...times };
        return [stage, seedPoint(world, { ...SOURCE, vault: VAULT, resourceArn, resourceType: 'EFS', ...about })];
      }),
    );
    const arnOf = (stage: string): string => seeded.get(stage)?.arn ?? assert.fail(stage);
    const resources = [seeded.get('held')?.resourceArn ?? ''];
    legalHolds(place).set(HOLD.id, { ...HOLD, resources });
    const unavailable = (operation: string, resource: string) =>
      faults.add({ kind: 'error', operation, resource, code: 'ServiceUnavailableException', status: 503 });
    const obstacles = [
      unavailable('StartCopyJob', arnOf('starting')),
      unavailable('DescribeRecoveryPoint', APART),
      unavailable('UpdateRecoveryPointLifecycle', arnOf('acting')),
    ];
    const last = lastVersionOf(seeded.get('closing') ?? assert.fail());
    const letWrite = faults.add({
      kind: 'error',
      operation: 'PutObject',
      resource: last,
      code: 'SlowDown',
      status: 503,
    });
    const workers = await killableWorkers(rig, SERVED);
    await workers.start();
    rig.sandbox.clock.resume();
    const handles = new Map<string, Custody>();
    const handleOf = (stage: string): Custody => handles.get(stage) ?? assert.fail(stage);
    for (const [stage, point] of seeded) {
      const destination = { ...BACKUP, alternateRegion: null, vault: stage === 'verifying' ? APART : null };
      handles.set(
        stage,
        await startCustody(rig, refOf(point), policyOf(ruleOf({ legs: [legTo(BACKUP, { destination })] }))),
      );
    }
    const replace = async (): Promise<void> => {
      await workers.kill();
      // The queue of copies and the index are in its cache, too, if they run yet.
      const others = [copyQueueId(SOURCE, BACKUP.region), custodyIndexId({ ...SOURCE, vault: VAULT })];
      for (const id of [...[...handles.values()].map(({ workflowId }) => workflowId), ...others]) {
        await forgetCaches(rig, [id]).catch(() => undefined);
      }
      await workers.start();
    };
    const shortenings = (): number => recorder.count({ operation: 'UpdateRecoveryPointLifecycle', outcome: 'ok' });
    try {
      for (const [stage, [where, isThere]] of Object.entries(STAGES)) {
        await untilCustody(handleOf(stage), where, isThere);
      }
      await replace();
      assert.equal(shortenings(), 1, 'of the one that writes down its end');
      for (const stage of Object.keys(STAGES))
        assert.notEqual((await handleOf(stage).describe()).status.name, 'FAILED');
      // AWS has done what it was asked, and the worker dies before it hears of it.
      const asked = { operation: 'UpdateRecoveryPointLifecycle', resource: arnOf('acting'), outcome: 'ok' };
      const diedInTheAct = new Promise<void>((resolve) => atFirstCall(rig, asked, () => resolve(workers.kill())));
      for (const letGo of obstacles) letGo();
      await diedInTheAct;
      await replace();
      legalHolds(place).set(HOLD.id, { ...HOLD, resources, cancelledAt: rig.sandbox.clock.now() });
      const hint = { kind: 'point', copyJobId: null, state: null, destinationVaultArn: null } as const;
      await handleOf('held').signal(custodyHintSignal, { ...hint, copyArn: null, message: null });
      await untilCustody(handleOf('held'), 'it is shortened', ({ outcome }) => outcome === 'shortened');
      // S3 has the last version, and the worker dies before it hears of it.
      const put = { operation: 'PutObject', resource: `${evidenceBucket}/${last}`, outcome: 'ok' };
      const diedAtTheEnd = new Promise<void>((resolve) => atFirstCall(rig, put, () => resolve(workers.kill())));
      letWrite();
      await diedAtTheEnd;
      await replace();
      for (const [stage, handle] of handles) {
        const { change } = await untilCustody(handle, `${stage} is done`, ({ phase }) => phase === 'done');
        assert.equal(change?.readBack?.lifecycle.deleteAfterDays, 8, stage);
        assert.equal(copyJobs(place).all.filter(({ sourceArn }) => sourceArn === arnOf(stage)).length, 1, stage);
      }
      assert.equal(shortenings(), handles.size);
      const arns = [...seeded.values()].map(({ arn }) => arn).toSorted();
      assert.deepEqual(await endsWritten(world), { evidence: arns, index: arns });
      await assert.rejects(
        handleOf('held').executeUpdate(resumeCustodyUpdate, { args: [{ by: null, reason: null, leg: null }] }),
      );
    } finally {
      await workers.close();
      await rig.close();
    }
  });
});
