/** The record of a custody that an auditor reads: one document a version, each with the hash of the one before. */
import type { CustodyPolicy, CustodyState, PointRef } from './custody.ts';

export const EVIDENCE_VERSION = 1;

export interface EvidenceDocument {
  readonly schema: 'https://holdfast.invalid/schemas/evidence-1.json';
  readonly version: number;
  readonly point: PointRef;
  readonly workflowId: string;
  readonly policy: string;
  /** When it was written: AWS's time. */
  readonly writtenAt: string;
  readonly state: CustodyState;
  /** Of the bytes of the version before; null: this is the first one. */
  readonly previousSha256: string | null;
}

/** What the index keeps of a settled point: enough to leave it alone, and for a line of the report. */
export interface IndexEntry {
  readonly pointArn: string;
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly createdAt: string;
  readonly outcome: string;
  readonly reason: string;
  readonly closedAt: string;
  readonly rule: string | null;
  readonly legs: readonly {
    readonly name: string;
    readonly destinationVaultArn: string;
    readonly copyArn: string | null;
    readonly verifiedAt: string | null;
    readonly deleteAt: string | null;
  }[];
  readonly deleteAtBefore: string | null;
  readonly deleteAtAfter: string | null;
  readonly evidence: { readonly key: string; readonly versions: number; readonly sha256: string } | null;
  /** A point that no rule was for is looked at again when the policy has changed. */
  readonly policySha256: string;
}

export interface EvidencePlaceRef {
  readonly evidence: CustodyPolicy['evidence'];
  readonly point: PointRef;
  /** Of the point's creation, ISO. */
  readonly createdAt: string;
}
