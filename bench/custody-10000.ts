/** A night of 10,000 recovery points. */
import { measureNight } from './custody-run.ts';

export const measure = () => measureNight('custody-10000', { count: 10_000, speed: 10.5, seed: 1, begunPerSecond: 12 });
