/** The text of an evidence document: the same for the same knowledge, so that what is written twice is the same. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { CustodyInput, CustodyState, PointFacts } from '../domain/custody.ts';
import { EVIDENCE_SCHEMA, type EvidenceDocument } from '../domain/evidence.ts';

export interface EvidenceHead {
  readonly workflowId: string;
  readonly policy: string;
  readonly begunBy: CustodyInput['begunBy'];
}

/** The place of a version in its chain. */
export interface EvidenceLink {
  readonly version: number;
  readonly previousSha256: string | null;
}

export function evidenceText(
  { workflowId, policy, begunBy }: EvidenceHead,
  state: CustodyState & { readonly point: PointFacts },
  { version, previousSha256 }: EvidenceLink,
): string {
  const document: EvidenceDocument = {
    schema: EVIDENCE_SCHEMA,
    version,
    point: state.point.ref,
    workflowId,
    policy,
    begunBy,
    writtenAt: state.now,
    state,
    previousSha256,
  };
  return `${canonicalJson(document, 2)}\n`;
}

/** Hex, of the bytes as they lie in S3. */
export const sha256Of = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
