/**
 * 10,000 WorkSpaces, cap 500, at the default 1.5 calls a second: the makespan beside the ideal schedule under that rate,
 * and what it costs in memory, history and real work. The quick form is the same in a fifth of the size: fleet, cap and
 * call rate, so that calls are as scarce.
 */
import { atMost, type Figure } from './figure.ts';
import { runApart, scaleFigures } from './scale.ts';
import type { ScaleSpec } from './upgrade-scale-run.ts';

export const LARGE: ScaleSpec = { count: 10_000, cap: 500, callsPerSecond: 1.5, speed: 55, seed: 1 };
export const QUICK: ScaleSpec = { count: 2_000, cap: 100, callsPerSecond: 0.3, speed: 120, seed: 1 };

export async function measure(name: string, spec: ScaleSpec): Promise<Figure[]> {
  const begun = performance.now();
  const run = await runApart(spec);
  const minutes = (performance.now() - begun) / 60_000;
  return [...scaleFigures(name, spec, run), atMost(name, 'the bench itself', minutes, 'min', 20)];
}
