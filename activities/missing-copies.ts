/** What is noted in S3 of copies that their vaults did not show any more: an object for each vault and vault of copies. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { VaultRef } from '../domain/custody.ts';
import { missingCopiesFolder, missingCopiesKey } from '../domain/evidence-keys.ts';
import type { EvidencePlace } from '../domain/evidence.ts';
import { keysBelow, readObject, textOf } from './evidence-store.ts';
import { put } from './report.ts';

interface MissingCopy {
  readonly copyArn: string;
  readonly pointArn: string;
  /** Its point's creation. */
  readonly createdAt: string;
  /** When that was seen first. */
  readonly since: string;
}

/** Of the copies out of a vault, by their ARNs: since when. */
export async function readMissing(
  s3: S3Client,
  evidence: EvidencePlace,
  from: VaultRef,
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for await (const key of keysBelow(s3, evidence, missingCopiesFolder(evidence.place.prefix, from))) {
    for (const copy of await readOne(s3, evidence, key)) missing.set(copy.copyArn, copy.since);
  }
  return missing;
}

async function readOne(s3: S3Client, evidence: EvidencePlace, key: string): Promise<readonly MissingCopy[]> {
  const stored = await readObject(s3, evidence, key);
  return stored ? (JSON.parse(textOf(stored)) as { readonly copies: readonly MissingCopy[] }).copies : [];
}

/** Since when each is missing stays. @returns those of which something else was noted before */
export async function noteMissing(
  s3: S3Client,
  evidence: EvidencePlace,
  { from, to }: { readonly from: VaultRef; readonly to: VaultRef },
  missing: readonly MissingCopy[],
): Promise<readonly MissingCopy[]> {
  const { target, place } = evidence;
  const key = missingCopiesKey(place.prefix, from, to);
  const before = new Map((await readOne(s3, evidence, key)).map((copy) => [copy.copyArn, copy]));
  const now = new Set(missing.map(({ copyArn }) => copyArn));
  const fresh = missing.filter(({ copyArn }) => !before.has(copyArn));
  const back = [...before.values()].filter(({ copyArn }) => !now.has(copyArn));
  if (fresh.length + back.length > 0) {
    const copies = missing.map((copy) => before.get(copy.copyArn) ?? copy);
    const body = JSON.stringify({ from, to, copies }, null, 2);
    await put(s3, { target, report: place, key, body, type: 'application/json' });
  }
  return [...fresh, ...back];
}
