/** A night of 1,000 recovery points: the quick form of `custody-10000`. */
import { measureNight } from './custody-run.ts';

export const measure = () => measureNight('custody-1000', { count: 1_000, speed: 6, seed: 1, begunPerSecond: 60 });
