/**
 * 200 WorkSpaces, cap 10, snapshots spread over 12 hours, rebuilds of 20 to 60 minutes: the makespan beside the ideal
 * schedule and the old system's on the same fleets, and what it costs in calls and history events. About 8 minutes: the
 * runs go side by side, each in a process with a Temporal server of its own, and wait most of the time.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, beside, median, type Figure } from './figure.ts';
import { CAP, type Run } from './upgrade-200-run.ts';

const NAME = 'upgrade-200';
const SEEDS = [1, 2, 3];
const WARNING_SECONDS = 300;

export async function measure(): Promise<Figure[]> {
  const [warned, ...runs] = await Promise.all([
    runApart(SEEDS[0] ?? 1, [WARNING_SECONDS]),
    ...SEEDS.map((seed) => runApart(seed, [])),
  ]);
  const of = (what: (run: Run) => number): number => median(runs.map(what));
  const all = [warned, ...runs];
  return [
    atMost(
      NAME,
      'makespan / ideal, median of three seeds',
      of((run) => run.ours / run.ideal),
      'ratio',
      1.1,
    ),
    beside(
      NAME,
      'ideal / lower bound',
      of((run) => run.ideal / run.lower),
      'ratio',
    ),
    beside(
      NAME,
      'makespan / lower bound',
      of((run) => run.ours / run.lower),
      'ratio',
    ),
    beside(
      NAME,
      'old system / lower bound',
      of((run) => run.old / run.lower),
      'ratio',
    ),
    beside(NAME, 'makespan', of((run) => run.ours) / 3_600_000, 'virtual h'),
    beside(NAME, 'old system’s makespan', of((run) => run.old) / 3_600_000, 'virtual h'),
    atMost(NAME, 'most REBUILDING at once', Math.max(...all.map((run) => run.most)), 'WorkSpaces', CAP),
    atMost(NAME, 'WorkSpaces calls each', Math.max(...all.map((run) => run.calls)), 'calls', 7),
    beside(NAME, 'old system’s WorkSpaces calls each, at most', 720, 'calls'),
    atMost(NAME, 'history events each, with a warning', warned.events, 'events', 45),
    atMost(NAME, 'longest history', Math.max(...all.map((run) => run.longestHistory)), 'events', 10_240),
  ];
}

async function runApart(seed: number, lead: readonly number[]): Promise<Run> {
  const program = join(import.meta.dirname, 'upgrade-200-run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...[seed, ...lead].map(String)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Run;
}
