/** The quick form of `upgrade-10000`. About 8 minutes. */
import type { Figure } from './figure.ts';
import { measure as measureLarge, QUICK } from './upgrade-large.ts';

export const measure = (): Promise<Figure[]> => measureLarge('upgrade-2000', QUICK);
