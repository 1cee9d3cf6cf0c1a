/** One night of recovery points in a process of its own: `node bench/custody-night.ts '<NightSpec as JSON>'`. */
import { CUSTODY_DEFAULTS, custodyId, type CustodyPolicy } from '../domain/custody.ts';
import { copyQueueId } from '../domain/copy-queue.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { copiesRun, copyJobsAtOnce } from '../sandbox/services/backup/ground-truth.ts';
import type { CopyJob, Place, Point } from '../sandbox/services/backup/rows.ts';
import { mochaHooks } from '../test/rig/at-end.ts';
import {
  BACKUP,
  legTo,
  policyOf,
  refOf,
  ruleOf,
  SECOND,
  SERVED,
  SOURCE,
  startCustodyRig,
  type CustodyRig,
} from '../test/rig/custody.ts';
import { testTemporal } from '../test/rig/temporal.ts';
import { waitUntil } from '../test/rig/upgrade.ts';
import { idealEnd } from './schedules.ts';
import { startWorkerApart } from './worker-apart.ts';

export interface NightSpec {
  /** Points, each of a resource of its own; a tenth of them has a second leg. */
  readonly count: number;
  readonly speed: number;
  readonly seed: number;
  /** Custodies that are begun in a real second at most, as the reconciler begins them in blocks. */
  readonly begunPerSecond: number;
}

export interface NightRun {
  /** Milliseconds from the first custody's beginning to the last original's shortening. */
  readonly ours: number;
  readonly ideal: number;
  readonly settled: number;
  readonly copiedTwice: number;
  /** Of AWS Backup, the queue's and the routes' shares among them. */
  readonly calls: number;
  readonly callsByOperation: Readonly<Record<string, number>>;
  /** Copies to one Region that ran at the same moment. */
  readonly mostAtOnce: number;
  readonly events: number;
  readonly longestHistory: number;
  readonly queueHistories: number;
  readonly realSeconds: number;
  readonly worker: {
    readonly maxRssMib: number;
    readonly cpuSeconds: number;
    readonly activities: number;
    readonly busiestPerSecond: number;
  };
}

const TWO = { key: 'Legs', value: 'two' };
/** Shares of the points; AWS takes longer for larger ones. */
const KINDS = [
  { type: 'EBS', share: 0.45, sizeGib: 8 },
  { type: 'RDS', share: 0.2, sizeGib: 16 },
  { type: 'DynamoDB', share: 0.15, sizeGib: 2 },
  { type: 'Aurora', share: 0.1, sizeGib: 24 },
];

async function runNight(spec: NightSpec): Promise<NightRun> {
  const { count, speed, seed } = spec;
  const one = KINDS.map(({ type, share, sizeGib }) => ({ count: Math.floor(count * share), type, sizeGib }));
  const two = count - one.reduce((sum, each) => sum + each.count, 0);
  const rig = await startCustodyRig({
    speed,
    seed,
    worker: false,
    // Nobody counts on who comes first among 10,000, and a dev server on two cores has no time for it.
    temporal: await testTemporal({ passedByMs: 5_000 }),
    points: [...one, { count: two, sizeGib: 10, type: 'EFS', tags: { [TWO.key]: TWO.value } }],
  });
  const worker = await startWorkerApart(rig, 1.5, SERVED);
  const place: Place = { world: rig.sandbox.world, ...SOURCE };
  const [begun, began] = [rig.sandbox.clock.now(), performance.now()];
  await beginAll(rig, spec, nightly());
  const arns = new Set(rig.points.map(({ arn }) => arn));
  await waitUntil('all originals are shortened', async () => await slowly(() => shortened(rig) === count), 3_600);
  await waitUntil('all custodies have ended', async () => await slowly(async () => (await open(rig)) === 0), 600);
  const realSeconds = (performance.now() - began) / 1000;
  const { maxRssMib, cpuSeconds, activities, busiestPerSecond } = await worker.figures();
  const jobs = copiesRun(place).filter(({ sourceArn }) => arns.has(sourceArn));
  const { byRegion } = copyJobsAtOnce(place);
  const run: NightRun = {
    ours: Math.max(...rig.points.map(({ lifecycleSetAt }) => lifecycleSetAt)) - begun,
    ideal: Math.max(...[BACKUP, SECOND].map(({ region }) => idealNight(durationsTo(jobs, region)))),
    settled: shortened(rig),
    copiedTwice: jobs.length - new Set(jobs.map((job) => `${job.sourceArn} ${job.destinationVaultArn}`)).size,
    calls: rig.sandbox.recorder.count({ service: 'backup' }) / count,
    callsByOperation: rig.sandbox.recorder.countsByOperation({ service: 'backup' }),
    mostAtOnce: Math.max(...byRegion.values()),
    ...(await historiesOf(rig)),
    realSeconds,
    worker: { maxRssMib, cpuSeconds, activities, busiestPerSecond },
  };
  await worker.close();
  await rig.close();
  return run;
}

const shortened = ({ points }: CustodyRig): number =>
  points.filter(({ lifecycle }) => lifecycle.deleteAfterDays === 8).length;

const durationsTo = (jobs: readonly CopyJob[], region: string): number[] =>
  jobs.filter(({ destinationRegion }) => destinationRegion === region).map(({ startsAt, endsAt }) => endsAt - startsAt);

const { perRegion, perVault } = CUSTODY_DEFAULTS.limits;
/** AWS has a job stand as CREATED for up to ten minutes, also where there is room. */
const CREATED_MS = 600_000;

/** All jobs are started at once, and AWS's places are never empty. */
const idealNight = (durations: readonly number[]): number =>
  idealEnd(
    durations.map((rebuild, index) => ({ snapshots: [(CREATED_MS * (index + 0.5)) / durations.length], rebuild })),
    perRegion + perVault,
  );

function nightly(): CustodyPolicy {
  const two = ruleOf({
    name: 'two',
    match: { ...ruleOf().match, allOf: [TWO] },
    legs: [legTo(BACKUP), legTo(SECOND)],
  });
  return policyOf(two, ruleOf());
}

async function beginAll(rig: CustodyRig, { begunPerSecond }: NightSpec, policy: CustodyPolicy): Promise<void> {
  const began = performance.now();
  const points = byTurns(rig.points);
  for (let at = 0; at < points.length; at += BLOCK) {
    const late = began + (at / begunPerSecond) * 1000 - performance.now();
    if (late > 0) await new Promise((resolve) => setTimeout(resolve, late));
    await waitUntil(
      'fewer are open',
      async () => at - shortened(rig) < MOST_OPEN || (await slowly(() => false)),
      3_600,
    );
    await Promise.all(
      points.slice(at, at + BLOCK).map(async (point) => {
        await rig.client.workflow.start('custody', {
          workflowId: custodyId(point.arn),
          taskQueue: TASK_QUEUE,
          args: [{ point: refOf(point), policy, begunBy: 'reconciler' }],
        });
      }),
    );
  }
}

/**
 * Custodies that are open at once: enough for AWS to have no empty place. At this speed two cores have no time to replay the
 * histories of more than a worker keeps in its cache, which at AWS's own speed takes a tenth of one.
 */
const MOST_OPEN = 1_200;
const BLOCK = 20;

/** Of every type the same share at any time, as in a night. */
function byTurns(points: readonly Point[]): Point[] {
  const groups = [...Map.groupBy(points, ({ resourceType }) => resourceType).values()];
  return groups
    .flatMap((group) => group.map((point, index) => ({ point, share: (index + 0.5) / group.length })))
    .toSorted((a, b) => a.share - b.share)
    .map(({ point }) => point);
}

/** Looking costs this process time. */
async function slowly(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return await holds();
}

const open = async ({ client }: CustodyRig): Promise<number> =>
  (await client.workflow.count("WorkflowType = 'custody' AND ExecutionStatus = 'Running'")).count;

const SAMPLE = 200;

/** Of some custodies, and of the queues. */
async function historiesOf(rig: CustodyRig): Promise<Pick<NightRun, 'events' | 'longestHistory' | 'queueHistories'>> {
  const step = Math.max(1, Math.floor(rig.points.length / SAMPLE));
  const lengths: number[] = [];
  for (const { arn } of rig.points.filter((_, index) => index % step === 0)) {
    lengths.push((await rig.client.workflow.getHandle(custodyId(arn)).describe()).historyLength);
  }
  const queues: number[] = [];
  for (const { region } of [BACKUP, SECOND]) {
    const query = `WorkflowId = '${copyQueueId(SOURCE, region)}'`;
    for await (const { historyLength } of rig.client.workflow.list({ query })) queues.push(historyLength);
  }
  return {
    events: lengths.reduce((sum, each) => sum + each, 0) / lengths.length,
    longestHistory: Math.max(...lengths, ...queues),
    queueHistories: queues.length,
  };
}

if (import.meta.main) {
  const run = await runNight(JSON.parse(process.argv[2] ?? '') as NightSpec);
  await mochaHooks.afterAll();
  console.log(JSON.stringify(run));
  process.exit(0);
}
