/** One upgrade of 200 WorkSpaces in a process of its own: `node bench/upgrade-200-run.ts <seed> [<seconds of warning>]`. */
import { plainFleet } from '../sandbox/scenarios.ts';
import { dueAfter, mostRebuildingAtOnce, rebuildIntervals } from '../sandbox/services/workspaces/ground-truth.ts';
import { mochaHooks } from '../test/rig/at-end.ts';
import { startRig, startUpgrade, upgradeInput, warned, type Rig } from '../test/rig/upgrade.ts';
import { idealEnd, lowerBound, oldSystemEnd, type Job } from './schedules.ts';

const COUNT = 200;
export const CAP = 10;
/** Half the 240 that are allowed: so that this machine's own milliseconds count less as virtual minutes. */
const SPEED = 120;
const HALF_DAY = 12 * 3_600_000;

export interface Run {
  /** Milliseconds from the fleet's beginning to the last end. */
  readonly ours: number;
  readonly ideal: number;
  readonly lower: number;
  readonly old: number;
  readonly most: number;
  /** WorkSpaces calls for each WorkSpace. */
  readonly calls: number;
  /** History events for each WorkSpace, those of its locks among them. */
  readonly events: number;
  readonly longestHistory: number;
}

async function runOnce(seed: number, lead: readonly number[]): Promise<Run> {
  const rig = await startRig({ fleet: plainFleet(COUNT), speed: SPEED, seed });
  const { place, start, members } = rig.fleet;
  const ids = members.map((member) => member.workspaceId);
  const dues = dueAfter(place, ids, start);
  const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(...lead), maxConcurrent: CAP }));
  const { counts } = await upgrade.result();
  if (counts.rebuilt !== COUNT) throw new Error(`only ${counts.rebuilt} of ${COUNT} were rebuilt`);
  const rebuilds = new Map(rebuildIntervals(place).map((each) => [each.workspaceId, each]));
  const jobs = dues.map(({ workspaceId, snapshotAt = NaN }): Job => {
    const { from, to } = rebuilds.get(workspaceId) ?? { from: NaN, to: NaN };
    const snapshots = Array.from({ length: 60 }, (_, n) => snapshotAt + n * HALF_DAY);
    return { snapshots, rebuild: (to ?? NaN) - from };
  });
  const histories = await historyLengths(rig);
  const run = {
    ours: Math.max(...[...rebuilds.values()].map(({ to }) => to ?? Infinity)) - start,
    ideal: idealEnd(jobs, CAP) - start,
    lower: lowerBound(jobs, CAP) - start,
    old: oldSystemEnd(jobs, CAP, start) - start,
    most: mostRebuildingAtOnce(place),
    calls: rig.sandbox.recorder.count({ service: 'workspaces' }) / COUNT,
    events: histories.reduce((sum, each) => sum + each, 0) / COUNT,
    longestHistory: Math.max(...histories),
  };
  await rig.close();
  return run;
}

/** Of every workflow on this process's own server: the run's, its cohorts' and its locks'. */
async function historyLengths({ client }: Rig): Promise<number[]> {
  const lengths: number[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    lengths.push(events?.length ?? 0);
  }
  return lengths;
}

if (import.meta.main) {
  const [seed = 1, ...lead] = process.argv.slice(2).map(Number);
  const run = await runOnce(seed, lead);
  await mochaHooks.afterAll();
  console.log(JSON.stringify(run));
  process.exit(0);
}
