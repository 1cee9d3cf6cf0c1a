/** Finds what was written down of a recovery point, the newest days first: read-only. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { CustodyRecord, CustodyRecordInput } from '../domain/custody-record.ts';
import type { VaultDay } from '../domain/evidence-keys.ts';
import { custodyRecords, evidenceReads } from './activities.ts';

/** Days that one call looks through. */
const DAYS_A_CALL = 200;

export async function custodyRecord({ evidence, pointArn }: CustodyRecordInput): Promise<CustodyRecord | null> {
  setCurrentDetails(`Looking for what is written down of \`${pointArn}\`; nothing is changed`);
  const scope = { account: null, region: null, vault: null, month: null, pointArn: null };
  const days = (await evidenceReads.evidenceDays({ evidence, scope }))
    .flatMap((each): VaultDay[] => each.days.map((day) => ({ vault: each.vault, day })))
    .toSorted((a, b) => (a.day < b.day ? 1 : -1));
  for (let at = 0; at < days.length; at += DAYS_A_CALL) {
    const found = await custodyRecords.findRecord({ evidence, pointArn, days: days.slice(at, at + DAYS_A_CALL) });
    if (found) return found;
  }
  return null;
}
