/** Sweeps of a vault with 100,000 recovery points, of which 1,000 have no custody yet: calls, time and history. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { custodyReconcileId } from '../domain/custody-reconcile.ts';
import { dayOf, indexKey } from '../domain/evidence-keys.ts';
import { indexText } from '../report/evidence-index.ts';
import type { PointsSpec } from '../sandbox/backup-world.ts';
import type { Point } from '../sandbox/services/backup/rows.ts';
import { mochaHooks } from '../test/rig/at-end.ts';
import { policyOf, ruleOf, SOURCE, startCustodyRig, type CustodyRig } from '../test/rig/custody.ts';
import { keptEntry, reconcile } from '../test/rig/intake.ts';
import { waitUntil } from '../test/rig/upgrade.ts';
import { atMost, beside, type Figure } from './figure.ts';

const NAME = 'custody-sweep';
const DAYS = 100;
const A_DAY = 1_000;
const PAGE = 1_000;
const POINTS = DAYS * A_DAY;

/** Its rule is for none of the points, so that a custody that is begun ends at once. */
const policy = policyOf(ruleOf({ match: { ...ruleOf().match, createdBy: 'plan' } }));

/** Each day as many; those of the last day are not settled. */
const points: readonly PointsSpec[] = Array.from({ length: DAYS }, (_, index) => ({
  count: A_DAY,
  ageDays: index + 1,
  lifecycle: { deleteAfterDays: 365 },
  told: false,
}));

export async function measure(): Promise<Figure[]> {
  const rig = await startCustodyRig({ speed: 60, points, backupWorld: { noEventRule: true } });
  await settle(rig.points.slice(A_DAY));
  const first = await measured(rig, true);
  await waitUntil('the custodies have ended', async () => (await rig.client.workflow.count(RUNNING)).count === 0, 300);
  const again = await measured(rig, true);
  const quick = await measured(rig, false);
  await rig.close();
  await mochaHooks.afterAll();
  return [
    atMost(NAME, 'missing custodies that were not begun', A_DAY - first.started, 'custodies', 0),
    atMost(NAME, 'custodies begun again', again.started + quick.started, 'custodies', 0),
    atMost(NAME, 'AWS Backup calls of a whole listing', again.backupCalls, 'calls', POINTS / PAGE + 10),
    beside(NAME, 'S3 calls of a whole listing', again.s3Calls, 'calls'),
    atMost(NAME, 'time of a whole listing', again.seconds, 's', 120),
    beside(NAME, 'time of the one that begins 1,000 custodies', first.seconds, 's'),
    atMost(NAME, 'events of its history', again.events, 'events', 2_000),
    atMost(NAME, 'AWS Backup calls of a sweep by jobs', quick.backupCalls, 'calls', 10),
    beside(NAME, 'time of a sweep by jobs', quick.seconds, 's'),
  ];
}

const RUNNING = "WorkflowType = 'custody' AND ExecutionStatus = 'Running'";

async function measured(rig: CustodyRig, full: boolean) {
  const { recorder } = rig.sandbox;
  const before = { backup: recorder.count({ service: 'backup' }), s3: recorder.count({ service: 's3' }) };
  const began = performance.now();
  const { counts } = await reconcile(rig, policy, full);
  const seconds = (performance.now() - began) / 1000;
  const { historyLength } = await rig.client.workflow.getHandle(custodyReconcileId(policy.name)).describe();
  return {
    started: counts.started,
    seconds,
    events: historyLength,
    backupCalls: recorder.count({ service: 'backup' }) - before.backup,
    s3Calls: recorder.count({ service: 's3' }) - before.s3,
  };
}

/** Puts points into the index of settled ones. */
async function settle(settled: readonly Point[]): Promise<void> {
  const { target, place } = policy.evidence;
  const s3 = new S3Client({ region: target.region });
  for (const [day, own] of Map.groupBy(settled, ({ createdAt }) => dayOf(new Date(createdAt).toISOString()))) {
    const at = { vault: { ...SOURCE, vault: 'nightly' }, day };
    const Body = indexText(at, own.map(keptEntry));
    await s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: indexKey(place.prefix, at), Body }));
  }
  s3.destroy();
}
