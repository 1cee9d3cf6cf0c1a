/** What checks of evidence and reports are given, and what comes back; loads outside a workflow too. */
import type { CustodyOutcome, VaultRef } from '../domain/custody.ts';
import type { EvidenceScope } from '../domain/evidence-check.ts';
import type { EvidencePlace } from '../domain/evidence.ts';

export { custodyReportId, evidenceCheckId } from '../domain/evidence-check.ts';

export interface CustodyReportInput {
  readonly evidence: EvidencePlace;
  /** Its month is that of the points' creation; one point is no report. */
  readonly scope: Omit<EvidenceScope, 'pointArn'>;
}

export interface WrittenReport {
  readonly vault: VaultRef;
  readonly month: string;
  /** `s3://bucket/key`. */
  readonly csv: string;
  readonly json: string;
  readonly outcomes: Readonly<Record<CustodyOutcome, number>>;
}

export interface CustodyReportResult {
  readonly reports: readonly WrittenReport[];
}
