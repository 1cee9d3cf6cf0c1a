/** What the copies of a recovery point cost, and the calls that its custody takes. Estimates for people. */
import { PRICES } from './prices.ts';

export interface CopyToPrice {
  readonly resourceType: string;
  readonly sizeBytes: number;
  readonly crossesRegion: boolean;
  /** AWS's times; null: never. */
  readonly now: string;
  readonly coldAt: string | null;
  readonly deleteAt: string | null;
}

export interface CopyCost {
  /** Once, for the transfer. */
  readonly once: number;
  /** Of the first month. */
  readonly monthly: number;
  /** From now to its deletion, with the transfer; null: it is never deleted. */
  readonly whole: number | null;
}

const GB = 1_000_000_000;
const MONTH_MS = 30 * 86_400_000;

/** Null: there is no price for the type. */
export function copyCost({
  resourceType,
  sizeBytes,
  crossesRegion,
  now,
  coldAt,
  deleteAt,
}: CopyToPrice): CopyCost | null {
  const price = priceOf(resourceType);
  if (price === null) return null;
  const size = sizeBytes / GB;
  const once = crossesRegion ? size * price.transfer : 0;
  const warmUntil = coldAt !== null && price.cold !== null ? coldAt : deleteAt;
  const warm = size * price.warm;
  if (deleteAt === null || warmUntil === null) return { once: cents(once), monthly: cents(warm), whole: null };
  const cold = months(warmUntil, deleteAt) * size * (price.cold ?? 0);
  return { once: cents(once), monthly: cents(warm), whole: cents(once + months(now, warmUntil) * warm + cold) };
}

const priceOf = (type: string): (typeof PRICES.backup)[keyof typeof PRICES.backup] | null =>
  Object.hasOwn(PRICES.backup, type) ? PRICES.backup[type as keyof typeof PRICES.backup] : null;

const months = (from: string, until: string): number => Math.max(0, (Date.parse(until) - Date.parse(from)) / MONTH_MS);
const cents = (amount: number): number => Math.round(amount * 10_000) / 10_000;

export const sumOf = (costs: readonly CopyCost[]): CopyCost => ({
  once: cents(costs.reduce((sum, { once }) => sum + once, 0)),
  monthly: cents(costs.reduce((sum, { monthly }) => sum + monthly, 0)),
  whole: costs.some(({ whole }) => whole === null)
    ? null
    : cents(costs.reduce((sum, { whole }) => sum + (whole ?? 0), 0)),
});

export const COST_ASSUMPTIONS = [
  'prices are those of us-east-1; other Regions ask a little more',
  'a copy is reckoned at the whole size that AWS shows: AWS keeps incremental copies of most types, which cost less',
  'a month has 30 days, a gigabyte 10⁹ bytes; calls of AWS Backup are free, and keys are not counted',
] as const;

/** AWS Backup's calls of one custody in which nothing goes wrong. */
export function callsOf(hops: readonly number[], then: 'keep' | 'shorten' | 'delete'): number {
  const opening = 3;
  // Started, and verified in its destination.
  const copies = 2 * hops.reduce((sum, count) => sum + count, 0);
  if (then === 'keep') return opening + copies;
  // The gate reads the source, its vault's lock, legal holds, each copy, for a deletion the newer points of the resource.
  const gate = 3 + hops.length + (then === 'delete' ? 1 : 0);
  return opening + copies + gate + 2;
}
