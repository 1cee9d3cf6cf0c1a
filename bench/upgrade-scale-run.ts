/** One upgrade of a large fleet in a process of its own: `node bench/upgrade-scale-run.ts '<ScaleSpec as JSON>'`. */
import { NO_SELECTION } from '../domain/selection.ts';
import { imageUpgradeId } from '../workflows/image-upgrade.messages.ts';
import { plainFleet, WELL_KNOWN } from '../sandbox/scenarios.ts';
import { dueAfter, mostRebuildingAtOnce, rebuildIntervals } from '../sandbox/services/workspaces/ground-truth.ts';
import { setTags } from '../sandbox/services/workspaces/tags.ts';
import { mochaHooks } from '../test/rig/at-end.ts';
import { startRig, startUpgrade, target, upgradeInput, waitUntil, type Rig } from '../test/rig/upgrade.ts';
import { idealEnd, idealEndUnderRate, type Job } from './schedules.ts';
import { startWorkerApart } from './worker-apart.ts';

export interface ScaleSpec {
  /** 0: the small run goes alone. */
  readonly count: number;
  readonly cap: number;
  readonly callsPerSecond: number;
  readonly speed: number;
  readonly seed: number;
  /** Shares of the WorkSpaces calls that are throttled, and whose replies are lost after their effect. */
  readonly faults?: { readonly throttled: number; readonly lost: number };
  /** A second, small run on another bundle, so many virtual minutes after the first. */
  readonly small?: { readonly count: number; readonly cap: number; readonly afterMinutes: number };
}

export interface ScaleRun {
  /** Milliseconds from the fleet's beginning to the last end. */
  readonly ours: number;
  readonly ideal: number;
  /** As if calls had no rate. */
  readonly idealWithoutRate: number;
  readonly most: number;
  readonly calls: number;
  readonly callsByOperation: Readonly<Record<string, number>>;
  readonly rebuilt: number;
  readonly rebuiltTwice: number;
  readonly longestHistory: number;
  readonly largestHistoryKib: number;
  readonly events: number;
  readonly realSeconds: number;
  readonly worker: {
    readonly maxRssMib: number;
    readonly cpuSeconds: number;
    readonly perSecond: number;
    readonly busiestPerSecond: number;
  };
  /** Virtual seconds in the limited queue: half of the calls, 99 % of them, and all, waited no longer. */
  readonly waits: Waits;
  readonly small: { readonly took: number; readonly waits: Waits } | null;
}

interface Waits {
  readonly half: number;
  readonly most99: number;
  readonly longest: number;
}

const HALF_DAY = 12 * 3_600_000;
const SMALL_TAG = { key: 'Env', value: 'Test' };

async function runOnce(spec: ScaleSpec): Promise<ScaleRun> {
  const { count, cap, callsPerSecond, speed, seed } = spec;
  const otherBundle = spec.small?.count ?? 0;
  const fleet = plainFleet(count, { outside: { otherBundle, untagged: 0 } });
  const rig = await startRig({ fleet, speed, seed, callsPerSecond, worker: false });
  const { place, start } = rig.fleet;
  for (const { workspaceId } of rig.fleet.onOtherBundle) {
    setTags(place, workspaceId, { [SMALL_TAG.key]: SMALL_TAG.value }, start - 1);
  }
  const ids = rig.fleet.members.map((member) => member.workspaceId);
  const own = new Set(ids);
  const dues = dueAfter(place, ids, start);
  addFaults(rig, spec);
  const worker = await startWorkerApart(rig, callsPerSecond);
  const began = performance.now();
  const [, small] = await Promise.all([startAndFollow(rig, spec), followSmall(rig, spec)]);
  const realSeconds = (performance.now() - began) / 1000;
  const { waits, activities, ...figures } = await worker.figures();
  const rebuilds = rebuildIntervals(place).filter(({ workspaceId }) => own.has(workspaceId));
  const took = new Map(rebuilds.map(({ workspaceId, from, to }) => [workspaceId, (to ?? NaN) - from]));
  const jobs = dues.map(({ workspaceId, snapshotAt = NaN }): Job => {
    const snapshots = Array.from({ length: 60 }, (_, n) => snapshotAt + n * HALF_DAY);
    return { snapshots, rebuild: took.get(workspaceId) ?? 0 };
  });
  const histories = await historiesOf(rig);
  const run: ScaleRun = {
    ours: Math.max(0, ...rebuilds.map(({ to }) => to ?? Infinity)) - start,
    ideal: idealEndUnderRate(jobs, cap, { start, callsPerSecond }) - start,
    idealWithoutRate: idealEnd(jobs, cap) - start,
    most: mostRebuildingAtOnce(place, (workspaceId) => own.has(workspaceId)),
    calls: rig.sandbox.recorder.count({ service: 'workspaces' }) / Math.max(1, count),
    callsByOperation: rig.sandbox.recorder.countsByOperation({ service: 'workspaces' }),
    rebuilt: took.size,
    rebuiltTwice: rebuilds.length - took.size,
    longestHistory: Math.max(...histories.map((each) => each.events)),
    largestHistoryKib: Math.max(...histories.map((each) => each.bytes)) / 1024,
    events: histories.reduce((sum, each) => sum + each.events, 0) / Math.max(1, count),
    realSeconds,
    worker: { ...figures, perSecond: activities / realSeconds },
    waits: waitsOf(waits, imageUpgradeId(target, WELL_KNOWN.bundleId)),
    small:
      small === null ? null : { took: small, waits: waitsOf(waits, imageUpgradeId(target, WELL_KNOWN.otherBundleId)) },
  };
  await worker.close();
  await rig.close();
  return run;
}

function addFaults(rig: Rig, { faults }: ScaleSpec): void {
  if (!faults) return;
  rig.sandbox.faults.add({ kind: 'throttle', service: 'workspaces', probability: faults.throttled });
  rig.sandbox.faults.add({ kind: 'resetAfter', service: 'workspaces', probability: faults.lost });
}

async function startAndFollow(rig: Rig, { count, cap }: ScaleSpec): Promise<void> {
  if (count === 0) return;
  const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: cap }));
  await upgrade.result();
}

/** Milliseconds from its start to the end of its last rebuild; null: there is no small run. */
async function followSmall(rig: Rig, { small }: ScaleSpec): Promise<number | null> {
  if (!small) return null;
  const { place, start, onOtherBundle } = rig.fleet;
  const due = start + small.afterMinutes * 60_000;
  await waitUntil('the small run is due', () => rig.sandbox.clock.now() >= due, 600);
  const input = upgradeInput({
    bundleId: WELL_KNOWN.otherBundleId,
    selection: { ...NO_SELECTION, allOf: [SMALL_TAG] },
    maxConcurrent: small.cap,
  });
  const { counts } = await (await startUpgrade(rig, input)).result();
  if (counts.rebuilt !== small.count) throw new Error(`the small run has not rebuilt all: ${JSON.stringify(counts)}`);
  const ids = new Set(onOtherBundle.map((member) => member.workspaceId));
  const ends = rebuildIntervals(place).filter(({ workspaceId }) => ids.has(workspaceId));
  return Math.max(...ends.map(({ to }) => to ?? Infinity)) - due;
}

/** Of every workflow on this process's own server: the runs', their cohorts' and their locks'. */
async function historiesOf({ client }: Rig): Promise<{ events: number; bytes: number }[]> {
  const histories: { events: number; bytes: number }[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { historyLength, historySize } = await client.workflow.getHandle(workflowId, runId).describe();
    histories.push({ events: historyLength, bytes: historySize ?? 0 });
  }
  return histories;
}

/** Of the run with that id and its cohorts. */
function waitsOf(waits: Readonly<Record<string, readonly number[]>>, id: string): Waits {
  const own = Object.entries(waits).filter(([workflowId]) => workflowId === id || workflowId.startsWith(`${id}/`));
  const sorted = own.flatMap(([, each]) => each).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { half: at(0.5), most99: at(0.99), longest: at(1) };
}

if (import.meta.main) {
  const run = await runOnce(JSON.parse(process.argv[2] ?? '') as ScaleSpec);
  await mochaHooks.afterAll();
  console.log(JSON.stringify(run));
  process.exit(0);
}
