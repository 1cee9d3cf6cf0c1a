/** What is known of restore tests, from their records, for those who have no policy at hand: read-only. */
import type { EvidencePlace } from '../domain/evidence.ts';
import type { RestoreProofs } from '../domain/restore-test-record.ts';
import { restoreTestReads } from './restore-test-activities.ts';
import { troubleOf } from './failures.ts';

/** A place that cannot be read keeps no other from being shown. */
export async function custodyRestoreProofs(places: readonly EvidencePlace[]): Promise<RestoreProofs[]> {
  return await Promise.all(places.map(proofsOf));
}

async function proofsOf(evidence: EvidencePlace): Promise<RestoreProofs> {
  try {
    return { evidence, proofs: await restoreTestReads.restoreProofs({ evidence }), trouble: null };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { evidence, proofs: [], trouble: trouble.message };
  }
}
