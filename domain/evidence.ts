/** The record of a custody that an auditor reads: one document a version, each with the hash of the one before. */
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import type { CustodyInput, CustodyOutcome, CustodyPolicy, CustodyState, PointRef } from './custody.ts';

/** A name, not a place: the schema is `report/evidence-schema.json` of this project. */
export const EVIDENCE_SCHEMA = 'https://holdfast.invalid/schemas/evidence-1.json';

export interface EvidenceDocument {
  readonly schema: typeof EVIDENCE_SCHEMA;
  readonly version: number;
  readonly point: PointRef;
  readonly workflowId: string;
  readonly policy: string;
  readonly begunBy: CustodyInput['begunBy'];
  /** When it was written: AWS's time. */
  readonly writtenAt: string;
  readonly state: CustodyState;
  /** Of the bytes of the version before; null: this is the first one. */
  readonly previousSha256: string | null;
}

/** Where the evidence of a policy goes. */
export type EvidencePlace = CustodyPolicy['evidence'];

/** The last version of a point's evidence. */
export interface EvidenceRef {
  readonly key: string;
  readonly versions: number;
  /** Of its bytes. */
  readonly sha256: string;
}

/** What the index keeps of a settled point: enough to leave it alone, and for a line of the report. */
export interface IndexEntry {
  readonly pointArn: string;
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly createdAt: string;
  readonly outcome: CustodyOutcome;
  readonly reason: string;
  readonly closedAt: string;
  readonly rule: string | null;
  readonly legs: readonly IndexedLeg[];
  readonly deleteAtBefore: string | null;
  /** Of a point that was deleted: when that was done. */
  readonly deleteAtAfter: string | null;
  readonly evidence: EvidenceRef | null;
  /** A point that no rule was for is looked at again when the policy has changed. */
  readonly policySha256: string;
}

export interface IndexedLeg {
  readonly name: string;
  readonly destinationVaultArn: string;
  readonly copyArn: string | null;
  readonly verifiedAt: string | null;
  readonly deleteAt: string | null;
}

/** Points whose state a custody holds no evidence of: it did nothing, and nothing was to be done. */
const WITHOUT_EVIDENCE: readonly (CustodyOutcome | null)[] = ['notCovered', 'belongsToAnother'];

export const hasEvidence = ({ outcome }: Pick<CustodyState, 'outcome'>): boolean => !WITHOUT_EVIDENCE.includes(outcome);

/** Of what decides whether a point is covered: other changes of a policy do not bring points up again. */
export const policySha256 = ({ rules, sources }: Pick<CustodyPolicy, 'rules' | 'sources'>): string =>
  sha256Hex(canonicalJson(rules.every(({ match }) => match.source === 'original') ? rules : { rules, sources }));
