/** A settled point's line in the index, made of what its custody knew at the end. */
import { vaultArn, type CustodyState, type Leg, type PointFacts } from './custody.ts';
import type { EvidenceRef, IndexedLeg, IndexEntry } from './evidence.ts';

/** What evidence alone says: it must come out the same whenever it is made anew. */
export type EntryFacts = Omit<IndexEntry, 'evidence' | 'policySha256'>;

/** Null: the custody is not at its end, or never saw its point. */
export function entryFacts(state: CustodyState): EntryFacts | null {
  const { point, outcome } = state;
  if (!point || !outcome) return null;
  return {
    pointArn: point.ref.arn,
    resourceArn: point.resourceArn,
    resourceType: point.resourceType,
    createdAt: point.createdAt,
    outcome,
    reason: state.reason ?? '',
    closedAt: state.closedAt ?? state.now,
    rule: state.rule?.name ?? null,
    legs: state.legs.map(legFacts),
    ...retentionOf(state, point),
  };
}

export const indexEntry = (facts: EntryFacts, evidence: EvidenceRef | null, policySha256: string): IndexEntry => ({
  ...facts,
  evidence,
  policySha256,
});

/** Of its last hop: those before it are on the way. */
function legFacts({ rule, hops }: Leg): IndexedLeg {
  const last = hops.at(-1);
  return {
    name: rule.name,
    destinationVaultArn: last ? vaultArn(last.to) : '',
    copyArn: last?.copyArn ?? null,
    verifiedAt: last?.verifiedAt ?? null,
    deleteAt: last?.verified?.deleteAt ?? null,
  };
}

function retentionOf(
  { change }: CustodyState,
  point: PointFacts,
): Pick<EntryFacts, 'deleteAtBefore' | 'deleteAtAfter'> {
  const seen = change?.gate.find(({ ref }) => ref.arn === point.ref.arn) ?? point;
  if (!change?.doneAt) return { deleteAtBefore: seen.deleteAt, deleteAtAfter: seen.deleteAt };
  const isGone = change.readBack === null;
  return { deleteAtBefore: seen.deleteAt, deleteAtAfter: isGone ? change.doneAt : (change.readBack?.deleteAt ?? null) };
}
