/**
 * Scarce numbers that runs share, such as the images that a Region may hold: who reserves how many, in the order in which
 * they came. How many there are is known to who asks.
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
  /** How many it wants to have reserved now, also fewer or more than before; null: it gives its place back, or only looks. */
  readonly units: number | null;
  /** Holders that were found not to run any more: their leases are free. */
  readonly evict: readonly string[];
}

export interface LeaseAnswer {
  /** What the earlier ones reserve: they come first. */
  readonly ahead: number;
  /** What all others reserve: who wants more than its own leaves that to them. */
  readonly others: number;
  /** Who they are, the first one first. */
  readonly holders: readonly string[];
}

/** A holder keeps its place until it gives it back, also while it holds none; who only looks has all others before it. */
export function exchangeLease(
  leases: readonly Lease[],
  { holder, units, evict }: LeaseRequest,
): { readonly leases: readonly Lease[]; readonly answer: LeaseAnswer } {
  const alive = leases.filter((lease) => !evict.includes(lease.holder));
  const index = alive.findIndex((lease) => lease.holder === holder);
  const others = alive.filter((lease) => lease.holder !== holder);
  const earlier = index === -1 || units === null ? others : alive.slice(0, index);
  const answer = { ahead: sum(earlier), others: sum(others), holders: others.map((lease) => lease.holder) };
  if (units === null) return { leases: others, answer };
  return { leases: [...earlier, { holder, units }, ...others.slice(earlier.length)], answer };
}

const sum = (leases: readonly Lease[]): number => leases.reduce((total, { units }) => total + units, 0);
