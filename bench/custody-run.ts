/**
 * N recovery points of N resources in one night, one leg each and a tenth with two, all shortened in the end: the makespan
 * beside the ideal under AWS's limits on copies, and what it costs in calls, history and real work.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NightRun, NightSpec } from './custody-night.ts';
import { atMost, beside, type Figure } from './figure.ts';

export async function measureNight(name: string, spec: NightSpec): Promise<Figure[]> {
  const begun = performance.now();
  const program = join(import.meta.dirname, 'custody-night.ts');
  const running = promisify(execFile)(process.execPath, [program, JSON.stringify(spec)], { maxBuffer: 2 ** 26 });
  running.child.stderr?.pipe(process.stderr);
  const { stdout } = await running;
  const run = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as NightRun;
  const minutes = (performance.now() - begun) / 60_000;
  return [...figuresOf(name, spec, run), atMost(name, 'the bench itself', minutes, 'min', 30)];
}

const HOUR = 3_600_000;
/** A tenth of the points has a second leg. */
const MOST_CALLS = 12 + 0.1 * 5;

const figuresOf = (name: string, { count }: NightSpec, run: NightRun): Figure[] => [
  atMost(name, 'makespan / ideal under AWS’s limits', run.ours / run.ideal, 'ratio', 1.2),
  beside(name, 'makespan', run.ours / HOUR, 'virtual h'),
  atMost(name, 'AWS Backup calls a point, a tenth with two legs', run.calls, 'calls', MOST_CALLS),
  atMost(name, 'not shortened', count - run.settled, 'points', 0),
  atMost(name, 'copied twice', run.copiedTwice, 'points', 0),
  atMost(name, 'most copies to a Region at once', run.mostAtOnce, 'copies', 105),
  beside(name, 'history events a custody', run.events, 'events'),
  atMost(name, 'longest history', run.longestHistory, 'events', 10_240),
  beside(name, 'histories of the queues', run.queueHistories, 'histories'),
  atMost(name, 'worker’s memory at most', run.worker.maxRssMib, 'MiB', 1536),
  beside(name, 'worker’s CPU', run.worker.cpuSeconds / run.realSeconds, 'cores'),
  beside(name, 'activities, real', run.worker.activities / run.realSeconds, '1/s'),
  beside(name, 'activities, the busiest 10 real seconds', run.worker.busiestPerSecond, '1/s'),
];
