/** What custodies and the index of settled points say to each other. */
import type { VaultRef } from './custody.ts';
import type { EvidencePlace, IndexEntry } from './evidence.ts';

/** One for each vault. */
export const custodyIndexId = ({ account, region, vault }: VaultRef): string =>
  `custody-index/${account}/${region}/${vault}`;

/** To the index. */
export const SETTLED = 'settled';
/** To the custody: its entry is written. */
export const INDEXED = 'indexed';

export interface SettledPoint {
  /** The custody that waits to be told. */
  readonly holder: string;
  readonly evidence: EvidencePlace;
  readonly entry: IndexEntry;
}

export interface CustodyIndexInput {
  readonly vault: VaultRef;
  /** Carried over by continue-as-new. */
  readonly open: readonly SettledPoint[];
}
