/** 1,000 WorkSpaces, of whose calls 20 % are throttled and 2 % lose their replies, beside the same without faults. */
import { atMost, beside, type Figure } from './figure.ts';
import { exactness, runApart } from './scale.ts';
import type { ScaleSpec } from './upgrade-scale-run.ts';

const NAME = 'upgrade-faults';
const SPEC: ScaleSpec = { count: 1_000, cap: 50, callsPerSecond: 1.5, speed: 240, seed: 1 };

export async function measure(): Promise<Figure[]> {
  const smooth = await runApart(SPEC);
  const rough = await runApart({ ...SPEC, faults: { throttled: 0.2, lost: 0.02 } });
  return [
    ...exactness(NAME, SPEC, rough),
    atMost(NAME, 'makespan / without faults', rough.ours / smooth.ours, 'ratio', 1.2),
    beside(NAME, 'makespan', rough.ours / 3_600_000, 'virtual h'),
    beside(NAME, 'makespan without faults', smooth.ours / 3_600_000, 'virtual h'),
    beside(NAME, 'WorkSpaces calls each', rough.calls, 'calls'),
    beside(NAME, 'WorkSpaces calls each, without faults', smooth.calls, 'calls'),
  ];
}
