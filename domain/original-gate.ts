/** The last look before the original is changed: may it be? Nothing is shortened or deleted that did not pass here. */
import type { CustodyState, Obstacle, OriginalChange, PointFacts, PointRef } from './custody.ts';
import type { VaultLock } from './copy-route.ts';

/** What GetLegalHold shows of the points that a hold is for. */
export interface HoldSelection {
  readonly vaultNames: readonly string[];
  /** ARNs of resources, or resource types. */
  readonly resourceIdentifiers: readonly string[];
  /** Of the points' creation; null: no bound. */
  readonly fromDate: string | null;
  readonly toDate: string | null;
}

export interface GateLook {
  readonly state: CustodyState;
  /** As they are now, read for this look; null: AWS does not show it. */
  readonly source: PointFacts | null;
  /** Those of `survivorsOf`, in any order. */
  readonly survivors: readonly (PointFacts | null)[];
  /** Of the source's vault; null: it has none. */
  readonly lock: VaultLock | null;
  /** Those that hold the source: `heldBy`. */
  readonly legalHolds: readonly { readonly id: string; readonly title: string }[];
  /** Of an EBS snapshot, as DescribeLockedSnapshots shows it; null: it has none. */
  readonly snapshotLock: { readonly state: string; readonly expiresAt: string | null } | null;
  /** Whether its vault has a newer completed point of the same resource. */
  readonly newer: boolean;
  /** AWS's time. */
  readonly now: string;
}

export type GateVerdict =
  | { readonly kind: 'open'; readonly change: OriginalChange }
  /** It opens by itself. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'blocked'; readonly obstacle: Obstacle }
  /** The original stays as it is. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'gone' };

/** Whether a legal hold is for the point. What is not certain counts as held. */
export function heldBy(_selection: HoldSelection, _facts: PointFacts): boolean {
  return true;
}

export function gateOf(_look: GateLook): GateVerdict {
  return { kind: 'waiting', why: 'the gate is not built yet' };
}

/** The copies that must be read again right before the original is changed. */
export function survivorsOf({ legs }: Pick<CustodyState, 'legs'>): PointRef[] {
  return legs.flatMap(({ hops }) => {
    const last = hops.at(-1);
    return last && last.copyArn !== null ? [{ ...last.to, arn: last.copyArn }] : [];
  });
}
