/** What S3 keeps of the restore tests of a vault and a type: one document a test, each with the hash of the one before. */
import type { VaultRef } from './custody.ts';
import { evidenceVersionName } from './evidence-keys.ts';
import type { EvidencePlace } from './evidence.ts';
import type { RestoreTestInput, RestoreTestOutcome } from './restore-test.ts';

/** A name, not a place. */
export const RESTORE_TEST_SCHEMA = 'https://holdfast.invalid/schemas/restore-test-1.json';

export interface RestoreTestRecord {
  readonly workflowId: string;
  readonly runId: string;
  readonly pointArn: string | null;
  readonly resourceArn: string | null;
  readonly pointCreatedAt: string | null;
  readonly outcome: RestoreTestOutcome;
  readonly ok: boolean;
  /** Why not, or what the check said. */
  readonly reason: string;
  /** AWS's time of the end of the check. */
  readonly verifiedAt: string;
  /** AWS's own: from the job's creation to its completion. */
  readonly secondsToRestore: number | null;
  readonly jobId: string | null;
  readonly restoredArn: string | null;
}

/** The last restore that proved good. */
export type LastVerified = Pick<RestoreTestRecord, 'verifiedAt' | 'secondsToRestore' | 'pointArn'>;

export interface RestoreTestDocument {
  readonly schema: typeof RESTORE_TEST_SCHEMA;
  /** Counts the tests of the vault and the type. */
  readonly version: number;
  readonly vault: VaultRef;
  readonly resourceType: string;
  readonly test: RestoreTestRecord;
  /** This one, or one before it: whoever reads the last document needs no other. Null: there has been none. */
  readonly lastVerified: LastVerified | null;
  /** Of the bytes of the document before; null: this is the first one. */
  readonly previousSha256: string | null;
}

/** Those of a vault and a type, the newest first, as far as they were read. */
export interface RestoreTestHistory {
  readonly vault: VaultRef;
  readonly resourceType: string;
  readonly lastVerified: LastVerified | null;
  readonly tests: readonly RestoreTestRecord[];
}

export type TestedVault = Pick<RestoreTestInput, 'vault' | 'resourceType'>;

/** @param before the last document, with the hash of its bytes; null: there is none */
export const restoreTestDocument = (
  { vault: { account, region, vault }, resourceType }: TestedVault,
  test: RestoreTestRecord,
  before: { readonly document: RestoreTestDocument; readonly sha256: string } | null,
): RestoreTestDocument => ({
  schema: RESTORE_TEST_SCHEMA,
  version: (before?.document.version ?? 0) + 1,
  vault: { account, region, vault },
  resourceType,
  test,
  lastVerified: lastVerifiedBy(test, before?.document.lastVerified ?? null),
  previousSha256: before?.sha256 ?? null,
});

/** @param before what held before the test */
export function lastVerifiedBy(test: RestoreTestRecord, before: LastVerified | null): LastVerified | null {
  const { ok, verifiedAt, secondsToRestore, pointArn } = test;
  return ok ? { verifiedAt, secondsToRestore, pointArn } : before;
}

/** Below it: accounts, Regions, vaults, types, documents. */
export const restoreTestsRoot = (prefix: string): string => `${prefix}restore-tests/`;

export const restoreTestFolder = (
  { place }: EvidencePlace,
  { vault: { account, region, vault }, resourceType }: { readonly vault: VaultRef; readonly resourceType: string },
): string => `${restoreTestsRoot(place.prefix)}${account}/${region}/${vault}/${resourceType}/`;

export const restoreTestKey = (
  evidence: EvidencePlace,
  of: Pick<RestoreTestDocument, 'vault' | 'resourceType' | 'version'>,
): string => `${restoreTestFolder(evidence, of)}${evidenceVersionName(of.version)}`;

/** What is known of the restore tests whose records lie in one place. */
export interface RestoreProofs {
  readonly evidence: EvidencePlace;
  readonly proofs: readonly RestoreProof[];
  /** Null: they were read. */
  readonly trouble: string | null;
}

/** Of a vault and a type. */
export interface RestoreProof {
  readonly vault: VaultRef;
  readonly resourceType: string;
  readonly last: Pick<RestoreTestRecord, 'outcome' | 'reason' | 'verifiedAt' | 'secondsToRestore'>;
  readonly lastVerified: LastVerified | null;
}
