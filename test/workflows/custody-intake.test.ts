import assert from 'node:assert/strict';
import type { BackupWorldSpec, PointsSpec } from '../../sandbox/backup-world.ts';
import { custodyId } from '../../domain/custody.ts';
import { points, type Point } from '../../sandbox/services/backup/rows.ts';
import { BACKUP, policyOf, ruleOf, SOURCE, withCustodyRig, type CustodyRig } from '../rig/custody.ts';
import {
  deadLetters,
  endOf,
  intakeOf,
  isKnown,
  reconcile,
  sendEvent,
  settleLongAgo,
  untilQueueIsEmpty,
} from '../rig/intake.ts';
import { waitUntil } from '../rig/upgrade.ts';

const { match } = ruleOf();
const policy = policyOf(ruleOf({ match: { ...match, createdBy: 'onDemand' } }));

/** Twenty points of a night: of several types, some of them made by a plan, some of a type that cannot be copied. */
const within = { completeWithinMinutes: 20 };
const night: readonly PointsSpec[] = [
  { ...within, count: 10, type: 'EBS', resources: 5 },
  { ...within, count: 5, type: 'DynamoDB' },
  { ...within, count: 3, type: 'RDS', planId: 'a1b2c3d4-0000-4000-8000-000000000001' },
  { ...within, count: 2, type: 'Redshift' },
];

/** How long the original is kept, and how many copies of its resource there are. */
function whatIsLeft(rig: CustodyRig, { arn }: Point): string {
  const { world } = rig.sandbox;
  const own = points({ world, ...SOURCE }).all.find((point) => point.arn === arn);
  const copies = points({ world, ...BACKUP }).all.filter((point) => point.resourceArn === own?.resourceArn);
  const days = own?.lifecycle.deleteAfterDays ?? 'ever';
  return `kept for ${days} days, ${copies.length} copies of its resource`;
}

/** @param seed of its own each time: to Temporal points of the same ARN are the same */
async function nightWith(
  seed: number,
  backupWorld: BackupWorldSpec,
  catchUp: (rig: CustodyRig) => Promise<void>,
): Promise<string[]> {
  let states: string[] = [];
  const rig = { speed: 2000, seed, backupWorld, points: night, intake: intakeOf(policy) };
  await withCustodyRig(rig, async (rig) => {
    await catchUp(rig);
    // All of them first: two points of a resource have their copies one after the other.
    const ends = await Promise.all(rig.points.map(({ arn }) => endOf(rig, arn)));
    states = rig.points.map((point, index) => `${ends[index]?.outcome ?? ''}, ${whatIsLeft(rig, point)}`);
  });
  return states;
}

describe('the events of AWS Backup', function () {
  this.timeout(120_000);

  it('that are lost, doubled and shuffled, or none at all, lead to the same end as a perfect stream, with sweeps', async () => {
    const perfect = await nightWith(11, {}, async () => undefined);
    assert.deepEqual(
      [...new Set(perfect.map((state) => state.replace(/,.*/, '')))],
      ['shortened', 'notCovered', 'unsupported'],
    );
    const lastSweep = async (rig: CustodyRig): Promise<void> => {
      await waitUntil('the night is over', () => rig.sandbox.clock.now() >= Date.parse('2026-03-02T08:40:00Z'));
      assert.equal((await reconcile(rig, policy)).outcome, 'completed');
    };
    const sweeps = async (rig: CustodyRig): Promise<void> => {
      await reconcile(rig, policy);
      await lastSweep(rig);
    };
    assert.deepEqual(await nightWith(12, { eventFaults: { lost: 0.3, doubled: 0.3, reordered: 1 } }, sweeps), perfect);
    assert.deepEqual(await nightWith(13, { noEventRule: true }, lastSweep), perfect);
  });

  it('never open a settled point again, also when Temporal has forgotten it, and go to the dead letters when they say nothing', async () => {
    const pair = [{ count: 1 }, { count: 1, ageDays: 3 }];
    await withCustodyRig({ speed: 2000, seed: 14, points: pair, intake: intakeOf(policy) }, async (rig) => {
      const [own, forgotten] = rig.points;
      assert.ok(own && forgotten);
      await settleLongAgo(policy, forgotten);
      assert.equal((await endOf(rig, own.arn)).outcome, 'shortened');
      const { runId } = await rig.client.workflow.getHandle(custodyId(own.arn)).describe();
      const bodies = [eventOf(own), eventOf(forgotten), { ...eventOf(own), resources: [] }].map((each) =>
        JSON.stringify(each),
      );
      for (const body of [...bodies, 'hello']) await sendEvent(rig, body);
      await untilQueueIsEmpty(rig);
      const letters = (await deadLetters(rig)).map(({ reason }) => reason).toSorted();
      assert.deepEqual(letters, ['does not name the recovery point', 'is not a JSON object: "hello"']);
      const { counts } = await reconcile(rig, policy, true);
      assert.deepEqual([counts.started, counts.running], [0, 0]);
      assert.ok(counts.settled > 0);
      assert.equal((await rig.client.workflow.getHandle(custodyId(own.arn)).describe()).runId, runId);
      assert.equal(await isKnown(rig, forgotten.arn), false);
    });
  });

  it('wait in their queue while the index in S3 cannot be asked', async () => {
    await withCustodyRig({ speed: 2000, seed: 15, points: [{ count: 1 }], intake: intakeOf(policy) }, async (rig) => {
      const [{ arn }] = rig.points as [Point];
      const heal = rig.sandbox.faults.add({ kind: 'error', service: 's3', operation: 'GetObject', status: 503 });
      await waitUntil('the index was asked', () => rig.sandbox.recorder.calls({ service: 's3' }).length > 0);
      assert.equal(await isKnown(rig, arn), false);
      heal();
      // What was received and left is hidden for twelve hours at the most.
      rig.sandbox.clock.skip(12 * 3_600_000);
      assert.equal((await endOf(rig, arn)).outcome, 'shortened');
      await untilQueueIsEmpty(rig);
      assert.deepEqual(await deadLetters(rig), []);
    });
  });
});

const eventOf = ({ arn, vault, createdAt }: Point) => ({
  version: '0',
  id: '844e2571-aa47-4cfd-8b1d-0f2a3c4b5d6e',
  'detail-type': 'Recovery Point State Change',
  source: 'aws.backup',
  account: SOURCE.account,
  region: SOURCE.region,
  resources: [arn],
  detail: { backupVaultName: vault, status: 'COMPLETED', creationDate: new Date(createdAt).toISOString() },
});
