/** The index of settled points: one object per vault and day of creation. */
import type { S3Client } from '@aws-sdk/client-s3';
import { ApplicationFailure } from '@temporalio/activity';
import type { PointRef, VaultRef } from '../domain/custody.ts';
import type { EvidencePlace, IndexEntry } from '../domain/evidence.ts';
import { dayOf, indexKey, vaultDayOf, type VaultDay } from '../domain/evidence-keys.ts';
import { indexText, mergeEntries, parseIndex } from '../report/evidence-index.ts';
import { forAll, putObject, readChanged, readObject, textOf, type StoredObject } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';

/** Of those who write one day of a vault at the same moment one gets through each time. */
const TRIES = 10;

/** @iam s3:GetObject s3:ListBucket kms:Decrypt */
export async function readIndex(s3: S3Client, evidence: EvidencePlace, at: VaultDay): Promise<readonly IndexEntry[]> {
  const key = indexKey(evidence.place.prefix, at);
  const stored = await readObject(s3, evidence, key);
  return stored ? entriesOf(stored, evidence, key) : [];
}

function entriesOf(stored: StoredObject, { place }: EvidencePlace, key: string): readonly IndexEntry[] {
  const entries = parseIndex(textOf(stored));
  if (entries) return entries;
  throw ApplicationFailure.nonRetryable(
    `s3://${place.bucket}/${key} is no index of settled points: somebody has changed it; bring back the version that ` +
      'Holdfast wrote, or move the object away to have it begun anew',
    'SafetyRefused',
  );
}

/** Adds entries to the index; those that are there already change nothing. */
export async function addToIndex(
  s3: S3Client,
  evidence: EvidencePlace,
  vault: VaultRef,
  entries: readonly IndexEntry[],
): Promise<void> {
  const days = Map.groupBy(entries, ({ createdAt }) => dayOf(createdAt));
  for (const [day, added] of days) await addToDay(s3, evidence, { vault, day }, added);
}

async function addToDay(
  s3: S3Client,
  evidence: EvidencePlace,
  at: VaultDay,
  added: readonly IndexEntry[],
): Promise<void> {
  const key = indexKey(evidence.place.prefix, at);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await readObject(s3, evidence, key);
    const body = indexText(at, mergeEntries(stored ? entriesOf(stored, evidence, key) : [], added));
    if (stored && textOf(stored) === body) return;
    if (await putObject(s3, evidence, { key, body, type: 'application/json' }, stored?.etag ?? null)) return;
  }
  throw ApplicationFailure.create({
    type: 'Unavailable',
    message: `s3://${evidence.place.bucket}/${key} is written by others all the time: it is tried again`,
  });
}

export interface SettledAsk {
  readonly evidence: EvidencePlace;
  readonly points: readonly { readonly ref: PointRef; readonly createdAt: string }[];
  readonly policySha256: string;
}

/** The ARNs of those points that are settled: no custody is begun for them. */
export type SettledPoints = (ask: SettledAsk) => Promise<readonly string[]>;

interface KnownDay {
  readonly etag: string;
  /** By ARN, the policy under which no rule was for the point; null: it is settled whatever the policy says. */
  readonly settled: ReadonlyMap<string, string | null>;
}

/** Days of vaults that are kept in mind. */
const MOST_DAYS = 500;

/**
 * Asks the index. What it once said of a point holds; of others it is asked each time, by ETag: a point that was settled
 * a moment ago must not be begun again. A custody that closes between this answer and a start is kept from being begun
 * again by Temporal: start with the reuse policy ALLOW_DUPLICATE_FAILED_ONLY, but for points that no rule was for.
 * @iam s3:GetObject s3:ListBucket kms:Decrypt
 */
export function settledPointsOf({ s3For }: ReportDeps): SettledPoints {
  const known = new Map<string, KnownDay>();
  const isSettled = (key: string, arn: string, policySha256: string): boolean => {
    const settled = known.get(key)?.settled.get(arn);
    return settled === null || settled === policySha256;
  };
  const refresh = async (evidence: EvidencePlace, key: string): Promise<void> => {
    const { target, place } = evidence;
    const name = nameOf(evidence, key);
    const before = known.get(name);
    const read = await call({ target, action: 's3:GetObject', resource: `${place.bucket}/${key}` }, () =>
      readChanged(s3For(target), evidence, key, before?.etag ?? null),
    );
    if (read === 'unchanged') return;
    known.delete(name);
    if (read) known.set(name, { etag: read.etag, settled: settledIn(entriesOf(read, evidence, key)) });
    for (const oldest of known.keys()) if (known.size > MOST_DAYS) known.delete(oldest);
  };
  const settledOn = async ({ evidence, points, policySha256 }: SettledAsk, later: number): Promise<string[]> => {
    const keyed = points.map(({ ref, createdAt }) => {
      const { vault, day } = vaultDayOf(ref, createdAt);
      const key = indexKey(evidence.place.prefix, { vault, day: dayAfter(day, later) });
      return { key, name: nameOf(evidence, key), arn: ref.arn };
    });
    const unknown = keyed.filter(({ name, arn }) => !isSettled(name, arn, policySha256));
    await forAll([...new Set(unknown.map(({ key }) => key))], (key) => refresh(evidence, key));
    return keyed.filter(({ name, arn }) => isSettled(name, arn, policySha256)).map(({ arn }) => arn);
  };
  return async (ask) => {
    const settled = await settledOn(ask, 0);
    const left = ask.points.filter(({ ref }) => !settled.includes(ref.arn));
    // Of some, only the time is known at which their backup job was made: the point itself may be a day younger.
    return [...settled, ...(await settledOn({ ...ask, points: left }, 1))];
  };
}

const DAY_MS = 24 * 3_600_000;
const dayAfter = (day: string, later: number): string =>
  dayOf(new Date(Date.parse(day) + later * DAY_MS).toISOString());

const nameOf = ({ place }: EvidencePlace, key: string): string => `${place.bucket}/${key}`;

const settledIn = (entries: readonly IndexEntry[]): ReadonlyMap<string, string | null> =>
  new Map(
    entries.map((entry) => [entry.pointArn, entry.outcome === 'notCovered' ? entry.policySha256 : null] as const),
  );
