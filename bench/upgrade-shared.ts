/**
 * A run of 50 that is started beside one of 10,000, while that one reads its baselines and has the most to call: how much
 * longer it takes than alone, and how much longer its calls stand in the limited queue, which both share.
 */
import { atMost, beside, type Figure } from './figure.ts';
import { runApart, waitFigures } from './scale.ts';
import { LARGE } from './upgrade-large.ts';
import type { ScaleRun, ScaleSpec } from './upgrade-scale-run.ts';

const NAME = 'upgrade-shared';
const SMALL: NonNullable<ScaleSpec['small']> = { count: 50, cap: 10, afterMinutes: 30 };

export async function measure(): Promise<Figure[]> {
  const alone = smallOf(await runApart({ ...LARGE, count: 0, speed: 120, small: SMALL }));
  const large = await runApart({ ...LARGE, small: SMALL });
  const beside10000 = smallOf(large);
  return [
    atMost(NAME, 'makespan / alone', beside10000.took / alone.took, 'ratio', 1.05),
    beside(NAME, 'makespan alone', alone.took / 3_600_000, 'virtual h'),
    atMost(
      NAME,
      'longest wait of a call, beyond alone',
      beside10000.waits.longest - alone.waits.longest,
      'virtual s',
      120,
    ),
    ...waitFigures(NAME, 'a call alone', alone.waits),
    ...waitFigures(NAME, 'a call beside 10,000', beside10000.waits),
    beside(NAME, 'makespan of the 10,000 / ideal', large.ours / large.ideal, 'ratio'),
  ];
}

function smallOf({ small }: ScaleRun): NonNullable<ScaleRun['small']> {
  if (!small) throw new Error('there was no small run');
  return small;
}
