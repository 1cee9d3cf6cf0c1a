/** What is left of a custody that is over: its entry in the index, and the last version of its evidence. */
import type { EvidenceDocument, EvidencePlace, IndexEntry } from './evidence.ts';

export interface CustodyRecord {
  readonly entry: IndexEntry;
  /** Null: nothing was to be done, or it is not there any more. */
  readonly document: EvidenceDocument | null;
}

export interface CustodyRecordInput {
  readonly evidence: EvidencePlace;
  readonly pointArn: string;
}
