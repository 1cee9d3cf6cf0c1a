import { openToken, sealToken } from '../../pagination.ts';
import type { Call, Operation } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { BucketInput } from './access.ts';
import { bucketOf, refuseUnknown } from './access.ts';
import type { StoredObject } from './rows.ts';
import { objects } from './rows.ts';

interface ListObjectsInput extends BucketInput {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly ContinuationToken?: string;
  readonly StartAfter?: string;
  readonly EncodingType?: string;
  readonly FetchOwner?: boolean;
}

/** One line of a listing: a key, or all keys that share what stands before the next delimiter. */
export interface ListingEntry<Item> {
  readonly name: string;
  readonly item: Item | undefined;
}

const MOST_KEYS = 1000;

const listObjectsV2: Operation = (input: ListObjectsInput, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const pageSize = Math.min(pageSizeOf(input.MaxKeys, 'max-keys'), MOST_KEYS);
  const all = objects(call.world, bucket).values();
  const after = startOf(input, call);
  const rest = entriesOf(all, ({ key }) => key, input).filter(({ name }) => name > after);
  const page = rest.slice(0, pageSize);
  const isTruncated = rest.length > page.length && pageSize > 0;
  const encode = encoderOf(input.EncodingType);
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    Delimiter: input.Delimiter && encode(input.Delimiter),
    StartAfter: input.StartAfter && encode(input.StartAfter),
    EncodingType: input.EncodingType,
    MaxKeys: pageSize,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    ContinuationToken: input.ContinuationToken,
    NextContinuationToken: isTruncated ? sealToken(page.at(-1)?.name ?? '', tokenUse(input), call) : undefined,
    Contents: page.flatMap(({ item }) => (item ? [contentOf(item, input, bucket.account, encode)] : [])),
    CommonPrefixes: page.flatMap(({ name, item }) => (item ? [] : [{ Prefix: encode(name) }])),
  };
};

/** In the order of their names, as S3 lists; keys behind a delimiter are rolled up into one entry. */
export function entriesOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { Prefix = '', Delimiter }: { Prefix?: string; Delimiter?: string },
): ListingEntry<Item>[] {
  const rolledUp = new Set<string>();
  const entries: ListingEntry<Item>[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (!key.startsWith(Prefix)) continue;
    const cut = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    if (cut < 0 || !Delimiter) entries.push({ name: key, item });
    else rolledUp.add(key.slice(0, cut + Delimiter.length));
  }
  entries.push(...[...rolledUp].map((name) => ({ name, item: undefined })));
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function pageSizeOf(asked: number | undefined, name: string): number {
  if (asked === undefined) return MOST_KEYS;
  if (Number.isInteger(asked) && asked >= 0) return asked;
  throw new AwsError('InvalidArgument', `Argument ${name} must be an integer between 0 and 2147483647`, 400, {
    ArgumentName: name,
    ArgumentValue: asked,
  });
}

/** Names that XML cannot hold are listed URL-encoded when asked for. */
export function encoderOf(encodingType: string | undefined): (text: string) => string {
  return encodingType === 'url' ? (text) => encodeURIComponent(text).replaceAll('%2F', '/') : (text) => text;
}

function startOf(input: ListObjectsInput, call: Call): string {
  if (input.ContinuationToken === undefined) return input.StartAfter ?? '';
  const after = openToken(input.ContinuationToken, tokenUse(input), call);
  if (after === undefined) {
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect', 400, {
      ArgumentName: 'continuation-token',
    });
  }
  return after;
}

function tokenUse({ Bucket, Prefix, Delimiter }: ListObjectsInput) {
  return { operation: 'ListObjectsV2', parameters: { Bucket, Prefix, Delimiter } };
}

function contentOf(object: StoredObject, input: ListObjectsInput, owner: string, encode: (text: string) => string) {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modifiedAt),
    ETag: object.etag,
    ChecksumAlgorithm: [object.checksum.algorithm],
    ChecksumType: object.checksum.type,
    Size: object.size,
    StorageClass: object.storageClass,
    ...(input.FetchOwner && { Owner: { ID: owner } }),
  };
}

export const listingOperations: Readonly<Record<string, Operation>> = { ListObjectsV2: listObjectsV2 };
