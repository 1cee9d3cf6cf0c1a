/** See `upgrade-large.ts`. About a quarter of an hour. */
import type { Figure } from './figure.ts';
import { LARGE, measure as measureLarge } from './upgrade-large.ts';

export const measure = (): Promise<Figure[]> => measureLarge('upgrade-10000', LARGE);
