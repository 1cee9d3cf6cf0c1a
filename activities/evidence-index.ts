/** The index of settled points: one object per vault and day of creation. */
import type { S3Client } from '@aws-sdk/client-s3';
import { ApplicationFailure } from '@temporalio/activity';
import type { CustodyOutcome, PointRef, VaultRef } from '../domain/custody.ts';
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
      'Holdfast wrote, as otherwise settled points would be begun anew; those of that day wait until then',
    'SafetyRefused',
  );
}

/** A day of a vault whose object could not be written, and why. */
export interface FailedDay {
  readonly day: string;
  readonly why: string;
}

/**
 * Adds entries to the index; those that are there already change nothing. A day that cannot be written keeps no other from
 * being written.
 *
 * @returns the days that are not written
 * @throws what may pass by itself, where that kept all days from being written
 */
export async function addToIndex(
  s3: S3Client,
  evidence: EvidencePlace,
  vault: VaultRef,
  entries: readonly IndexEntry[],
): Promise<readonly FailedDay[]> {
  const days = [...Map.groupBy(entries, ({ createdAt }) => dayOf(createdAt))];
  const tried = await forAll(days, async ([day, added]) => {
    const failure = await failureOf(() => addToDay(s3, evidence, { vault, day }, added));
    return failure ? [{ day, failure }] : [];
  });
  const failed = tried.flat();
  const [first] = failed;
  if (first && failed.length === days.length && failed.every(({ failure }) => !failure.nonRetryable)) {
    throw first.failure;
  }
  return failed.map(({ day, failure }) => ({ day, why: failure.message }));
}

/** Undefined: it got through. @throws what is no answer of AWS's */
async function failureOf(work: () => Promise<unknown>): Promise<ApplicationFailure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ApplicationFailure) return error;
    throw error;
  }
}

async function addToDay(
  s3: S3Client,
  evidence: EvidencePlace,
  at: VaultDay,
  added: readonly IndexEntry[],
): Promise<void> {
  const key = indexKey(evidence.place.prefix, at);
  await call({ target: evidence.target, action: 's3:PutObject', resource: nameOf(evidence, key) }, async () => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const stored = await readObject(s3, evidence, key);
      const body = indexText(at, mergeEntries(stored ? entriesOf(stored, evidence, key) : [], added));
      if (stored && textOf(stored) === body) return;
      if (await putObject(s3, evidence, { key, body, type: 'application/json' }, stored?.etag ?? null)) return;
    }
    throw ApplicationFailure.create({
      type: 'Unavailable',
      message: `s3://${nameOf(evidence, key)} is written by others all the time: it is tried again`,
    });
  });
}

export interface SettledAsk {
  readonly evidence: EvidencePlace;
  readonly points: readonly { readonly ref: PointRef; readonly createdAt: string }[];
  readonly policySha256: string;
}

export interface SettledAnswer {
  /** The ARNs of those points that are settled: no custody is begun for them. */
  readonly settled: readonly string[];
  /** Whether they are is not known, as their day of the index cannot be read: none is begun for them either. */
  readonly unread: readonly { readonly arn: string; readonly why: string }[];
}

export type SettledPoints = (ask: SettledAsk) => Promise<SettledAnswer>;

interface KnownDay {
  readonly etag: string;
  /** By ARN, the policy under which no custody was for the point; null: it is settled whatever the policy says. */
  readonly settled: ReadonlyMap<string, string | null>;
}

/** Days of vaults that are kept in mind. */
const MOST_DAYS = 500;

/**
 * Asks the index. What it once said of a point holds; of others it is asked each time, by ETag: a point that was settled
 * a moment ago must not be begun again. A custody that closes between this answer and a start is kept from being begun
 * again by Temporal: start with the reuse policy ALLOW_DUPLICATE_FAILED_ONLY, but for points that were left as they were.
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
  /** Null: it says so, or says nothing of the point. Otherwise why it cannot be read. */
  const refreshed = async (evidence: EvidencePlace, key: string): Promise<string | null> => {
    const failure = await failureOf(() => refresh(evidence, key));
    if (failure && !failure.nonRetryable) throw failure;
    return failure?.message ?? null;
  };
  const settledOn = async ({ evidence, points, policySha256 }: SettledAsk, later: number): Promise<SettledAnswer> => {
    const keyed = points.map(({ ref, createdAt }) => {
      const { vault, day } = vaultDayOf(ref, createdAt);
      const key = indexKey(evidence.place.prefix, { vault, day: dayAfter(day, later) });
      return { key, name: nameOf(evidence, key), arn: ref.arn };
    });
    const unknown = keyed.filter(({ name, arn }) => !isSettled(name, arn, policySha256));
    const keys = [...new Set(unknown.map(({ key }) => key))];
    const troubles = new Map(await forAll(keys, async (key) => [key, await refreshed(evidence, key)] as const));
    return {
      settled: keyed.filter(({ name, arn }) => isSettled(name, arn, policySha256)).map(({ arn }) => arn),
      unread: keyed.flatMap(({ key, arn }) => {
        const why = troubles.get(key) ?? null;
        return why === null ? [] : [{ arn, why }];
      }),
    };
  };
  return async (ask) => {
    const first = await settledOn(ask, 0);
    const left = ask.points.filter(({ ref }) => !first.settled.includes(ref.arn));
    // Of some, only the time is known at which their backup job was made: the point itself may be a day younger.
    const second = await settledOn({ ...ask, points: left }, 1);
    const settled = new Set([...first.settled, ...second.settled]);
    const unread = [...first.unread, ...second.unread].filter(({ arn }) => !settled.has(arn));
    return { settled: [...settled], unread: [...new Map(unread.map((each) => [each.arn, each])).values()] };
  };
}

const DAY_MS = 24 * 3_600_000;
const dayAfter = (day: string, later: number): string =>
  dayOf(new Date(Date.parse(day) + later * DAY_MS).toISOString());

const nameOf = ({ place }: EvidencePlace, key: string): string => `${place.bucket}/${key}`;

/** A changed policy may have a rule for them. */
const UNTIL_THE_POLICY_CHANGES: readonly CustodyOutcome[] = ['notCovered', 'belongsToAnother'];

const settledIn = (entries: readonly IndexEntry[]): ReadonlyMap<string, string | null> =>
  new Map(
    entries.map(({ pointArn, outcome, policySha256 }) => [
      pointArn,
      UNTIL_THE_POLICY_CHANGES.includes(outcome) ? policySha256 : null,
    ]),
  );
