/** Runs of large fleets, each in a process of its own, and what they are measured by. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, beside, type Figure } from './figure.ts';
import type { ScaleRun, ScaleSpec } from './upgrade-scale-run.ts';

/** Faults and other runs show how they change a run only when nobody else makes this machine slow: one after the other. */
export async function runApart(spec: ScaleSpec): Promise<ScaleRun> {
  const program = join(import.meta.dirname, 'upgrade-scale-run.ts');
  const run = promisify(execFile)(process.execPath, [program, JSON.stringify(spec)], { maxBuffer: 2 ** 26 });
  run.child.stderr?.pipe(process.stderr);
  const { stdout } = await run;
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ScaleRun;
}

const HOUR = 3_600_000;

/** The figures of one large run; what it took in real time is the whole bench's to tell. */
export function scaleFigures(name: string, spec: ScaleSpec, run: ScaleRun): Figure[] {
  return [
    atMost(name, 'makespan / ideal under the call rate', run.ours / run.ideal, 'ratio', 1.1),
    beside(name, 'makespan / ideal without a call rate', run.ours / run.idealWithoutRate, 'ratio'),
    beside(name, 'makespan', run.ours / HOUR, 'virtual h'),
    beside(name, 'WorkSpaces calls each', run.calls, 'calls'),
    beside(
      name,
      'share of the call rate in use',
      (run.calls * spec.count) / (spec.callsPerSecond * (run.ours / 1000)),
      '',
    ),
    ...exactness(name, spec, run),
    atMost(name, 'longest history', run.longestHistory, 'events', 10_240),
    beside(name, 'largest history', run.largestHistoryKib / 1024, 'MiB'),
    beside(name, 'history events each', run.events, 'events'),
    atMost(name, 'worker’s memory at most', run.worker.maxRssMib, 'MiB', 1024),
    beside(name, 'worker’s CPU', run.worker.cpuSeconds / run.realSeconds, 'cores'),
    beside(name, 'activities, real', run.worker.perSecond, '1/s'),
    beside(name, 'activities, the busiest 10 real seconds', run.worker.busiestPerSecond, '1/s'),
    ...waitFigures(name, 'a call', run.waits),
  ];
}

/** Nobody twice, nobody forgotten, never more at once than allowed. */
export const exactness = (name: string, spec: ScaleSpec, run: ScaleRun): Figure[] => [
  atMost(name, 'rebuilt twice', run.rebuiltTwice, 'WorkSpaces', 0),
  atMost(name, 'not rebuilt', spec.count - run.rebuilt, 'WorkSpaces', 0),
  atMost(name, 'most REBUILDING at once', run.most, 'WorkSpaces', spec.cap),
];

export const waitFigures = (name: string, what: string, waits: ScaleRun['waits']): Figure[] => [
  beside(name, `${what} waits, half of them at most`, waits.half, 'virtual s'),
  beside(name, `${what} waits, 99 % of them at most`, waits.most99, 'virtual s'),
  beside(name, `${what} waits, at most`, waits.longest, 'virtual s'),
];
