/** Objects of evidence in S3: written only where nobody else has written since, and read as bytes. */
import { cancellationSignal } from '@temporalio/activity';
import { untilCancelled } from './cancellation.ts';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { EvidencePlace } from '../domain/evidence.ts';
import { encryption, ours } from './report.ts';

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export const textOf = ({ bytes }: StoredObject): string => new TextDecoder().decode(bytes);

/** Calls of one bucket at once: S3 takes thousands a second, a worker's sockets are fewer. */
const AT_ONCE = 20;

/** Null: there is none. Without `s3:ListBucket` AWS says AccessDenied of one that is not there. */
export async function readObject(s3: S3Client, at: EvidencePlace, key: string): Promise<StoredObject | null> {
  const read = await readChanged(s3, at, key, null);
  return read === 'unchanged' ? null : read;
}

/** @param etag of what is known; null: nothing is */
export async function readChanged(
  s3: S3Client,
  { target, place }: EvidencePlace,
  key: string,
  etag: string | null,
): Promise<StoredObject | 'unchanged' | null> {
  const condition = etag === null ? {} : { IfNoneMatch: etag };
  try {
    const command = new GetObjectCommand({ ...ours(target, place), Key: key, ...condition });
    const reply = await s3.send(command, untilCancelled());
    return { bytes: (await reply.Body?.transformToByteArray()) ?? new Uint8Array(), etag: reply.ETag ?? '' };
  } catch (error) {
    if (statusOf(error) === 304) return 'unchanged';
    if ((error as Error).name === 'NoSuchKey') return null;
    throw error;
  }
}

export interface NewObject {
  readonly key: string;
  readonly body: string;
  readonly type: 'application/json' | 'text/csv; charset=utf-8';
}

/**
 * False: somebody else has written it meanwhile, or does so at this moment.
 *
 * @param etag of what it takes the place of; null: there must be none yet
 */
export async function putObject(
  s3: S3Client,
  { target, place }: EvidencePlace,
  { key, body, type }: NewObject,
  etag: string | null,
): Promise<boolean> {
  const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag };
  const about = { ...ours(target, place), Key: key, ContentType: type, ...encryption(place), ...condition };
  try {
    await s3.send(new PutObjectCommand({ ...about, Body: body }), { abortSignal: cancellationSignal() });
    return true;
  } catch (error) {
    const isGone = etag !== null && (error as Error).name === 'NoSuchKey';
    if (isGone || statusOf(error) === 412 || statusOf(error) === 409) return false;
    throw error;
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** The keys below a prefix in their order, page by page. @param after only those that come after it */
export async function* keysBelow(
  s3: S3Client,
  { target, place }: EvidencePlace,
  prefix: string,
  after: string | null = null,
): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const from = token ? { ContinuationToken: token } : after === null ? {} : { StartAfter: after };
    const command = new ListObjectsV2Command({ ...ours(target, place), Prefix: prefix, ...from });
    const page = await s3.send(command, { abortSignal: cancellationSignal() });
    for (const { Key } of page.Contents ?? []) if (Key) yield Key;
    token = page.NextContinuationToken;
  } while (token);
}

/** The names of the folders that lie directly under a folder, and whose names begin so. */
export async function foldersBelow(
  s3: S3Client,
  { target, place }: EvidencePlace,
  folder: string,
  beginning = '',
): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const about = { ...ours(target, place), Prefix: `${folder}${beginning}`, Delimiter: '/' };
    const command = new ListObjectsV2Command({ ...about, ...(token ? { ContinuationToken: token } : {}) });
    const page = await s3.send(command, { abortSignal: cancellationSignal() });
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) names.push(Prefix.slice(folder.length, -1));
    token = page.NextContinuationToken;
  } while (token);
  return names;
}

/** Does it for all, so many at a time. */
export async function forAll<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    done.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return done;
}
