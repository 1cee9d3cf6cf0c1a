/** A copy queue as it is carried into a new history. */
import type { CopyAsk, CopyQueueLimits } from './copy-queue.ts';

export interface Copying extends CopyAsk {
  /** It is one of those to its vault that AWS lets run although the Region is full. */
  readonly beyond: boolean;
  /** How often AWS was asked since for what has ended. */
  looks: number;
}

export interface SeenJob {
  readonly jobId: string;
  readonly endedAt: string;
}

interface QueueState {
  readonly limits: CopyQueueLimits;
  readonly waiting: readonly CopyAsk[];
  readonly copying: readonly Copying[];
  readonly looked: string | null;
  readonly seen: readonly SeenJob[];
  readonly overQuotaAt: string | null;
}

/** Ten thousand may wait, and Temporal takes two megabytes: what ARNs have in common is written once. */
export interface PackedCopyQueue {
  readonly limits: CopyQueueLimits;
  readonly stems: readonly string[];
  readonly waiting: readonly PackedAsk[];
  readonly copying: readonly (readonly [...PackedAsk, beyond: 0 | 1, looks: number])[];
  readonly looked: string | null;
  readonly seen: QueueState['seen'];
  /** Absent: it was never refused a copy. */
  readonly overQuotaAt?: string | null;
}

/** Holder, vault, point (null: what the holder's id ends with) and resource, then seconds since 1970. */
type PackedAsk = readonly [holder: string, vault: string, point: string | null, resource: string, at: number];

export function packed({ limits, waiting, copying, looked, seen, overQuotaAt }: QueueState): PackedCopyQueue {
  const stems = new Map<string, number>();
  const short = (text: string): string => {
    const [, stem = '', rest = text] = /^(.*[/:])(.*)$/s.exec(text) ?? [];
    const index = stems.get(stem) ?? stems.size;
    stems.set(stem, index);
    return `${index}:${rest}`;
  };
  const pack = ({ holder, destinationVaultArn, pointArn, resourceArn, at }: CopyAsk): PackedAsk => [
    short(holder),
    short(destinationVaultArn),
    holder.replace(/^[^/]*\//, '') === pointArn ? null : short(pointArn),
    short(resourceArn),
    Date.parse(at) / 1000,
  ];
  return {
    waiting: waiting.map(pack),
    copying: copying.map((each) => [...pack(each), each.beyond ? 1 : 0, each.looks] as const),
    stems: [...stems.keys()],
    limits,
    looked,
    seen,
    overQuotaAt,
  };
}

export function unpacked({
  limits,
  stems,
  waiting,
  copying,
  looked,
  seen,
  overQuotaAt = null,
}: PackedCopyQueue): QueueState {
  const long = (text: string): string => {
    const colon = text.indexOf(':');
    return `${stems[Number(text.slice(0, colon))] ?? ''}${text.slice(colon + 1)}`;
  };
  const unpack = ([holder, vault, point, resource, at]: PackedAsk): CopyAsk => ({
    holder: long(holder),
    destinationVaultArn: long(vault),
    pointArn: point === null ? long(holder).replace(/^[^/]*\//, '') : long(point),
    resourceArn: long(resource),
    at: new Date(at * 1000).toISOString(),
  });
  return {
    waiting: waiting.map(unpack),
    copying: copying.map((each) => {
      const [holder, vault, point, resource, at, beyond, looks] = each;
      return { ...unpack([holder, vault, point, resource, at]), beyond: beyond === 1, looks };
    }),
    limits,
    looked,
    seen,
    overQuotaAt,
  };
}
