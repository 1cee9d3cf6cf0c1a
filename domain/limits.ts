/**
 * Scarce numbers that runs share, such as the images that a Region may hold: who reserves how many, in the order in which
 * they came. How many there are is known to who asks; the earlier ones come first.
 */
import type { Target } from './target.ts';

export const limitId = ({ account, region }: Target, name: string): string => `limit/${account}/${region}/${name}`;

/** The images that a Region may hold. */
export const IMAGES_LIMIT = 'images';

export const EXCHANGE_LEASE = 'exchangeLease';

export interface Lease {
  /** The workflow id of who reserves. */
  readonly holder: string;
  readonly units: number;
}

export interface LeaseRequest {
  readonly holder: string;
  /** How many it wants to have reserved now, also fewer or more than before; 0: none, which only looks or gives back. */
  readonly units: number;
  /** How many are free as the holder sees it, with all that are reserved. */
  readonly capacity: number;
  /** Holders that were found not to run any more: their leases are free. */
  readonly evict: readonly string[];
}

export interface LeaseAnswer {
  /** How many of its units there are after those of the earlier ones. */
  readonly granted: number;
  /** What the earlier ones reserve, who they are, the first one first. */
  readonly ahead: number;
  readonly before: readonly string[];
}

/** A holder keeps its place while it holds any; who asks without units has all others before it. */
export function exchangeLease(
  leases: readonly Lease[],
  { holder, units, capacity, evict }: LeaseRequest,
): { readonly leases: readonly Lease[]; readonly answer: LeaseAnswer } {
  const alive = leases.filter((lease) => !evict.includes(lease.holder));
  const index = alive.findIndex((lease) => lease.holder === holder);
  const others = alive.filter((lease) => lease.holder !== holder);
  const earlier = index === -1 || units === 0 ? others : alive.slice(0, index);
  const ahead = earlier.reduce((sum, lease) => sum + lease.units, 0);
  const answer = {
    granted: Math.max(0, Math.min(units, capacity - ahead)),
    ahead,
    before: earlier.map((lease) => lease.holder),
  };
  if (units === 0) return { leases: others, answer };
  return { leases: [...earlier, { holder, units }, ...others.slice(earlier.length)], answer };
}
