import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { checksumOf } from '../../checksums.ts';
import type { Call, Operation } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { BucketInput } from './access.ts';
import { bucketOf, refuseUnknown } from './access.ts';
import type { AttributesInput } from './attributes.ts';
import { attributesOf, checksumGiven, checksumOutput } from './attributes.ts';
import { byteRange } from './byte-range.ts';
import type { ReadConditions, WriteConditions } from './conditions.ts';
import { checkRead, checkWrite, noSuchKey } from './conditions.ts';
import { checkReadable, encryptionOutput } from './encryption.ts';
import type { Bucket, StoredObject } from './rows.ts';
import { objects } from './rows.ts';

interface PutObjectInput extends BucketInput, AttributesInput, WriteConditions {
  readonly Body?: Uint8Array;
}

const putObject: Operation = async (input: PutObjectInput, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const table = objects(call.world, bucket);
  checkWrite(input, table.get(input.Key));
  const attributes = attributesOf(input, bucket, call);
  const body = input.Body ?? new Uint8Array();
  const given = checksumGiven(input) ?? { algorithm: 'CRC64NVME', value: await checksumOf('CRC64NVME', body) };
  const object: StoredObject = {
    ...attributes,
    key: input.Key,
    blob: await call.world.blobs.write(body),
    size: body.length,
    etag: etagOf(body, attributes.encryption.keyArn, call),
    modifiedAt: call.now,
    checksum: { ...given, type: 'FULL_OBJECT' },
  };
  await storeObject(object, input, bucket, call);
  return {
    ETag: object.etag,
    ...checksumOutput(object.checksum),
    ...encryptionOutput(object.encryption),
    SSEKMSEncryptionContext: object.encryption.context,
  };
};

/** Conditions hold at the moment the object appears, not when the request began. */
export async function storeObject(
  object: StoredObject,
  conditions: WriteConditions,
  bucket: Bucket,
  call: Call,
): Promise<void> {
  const table = objects(call.world, bucket);
  const replaced = table.get(object.key);
  try {
    checkWrite(conditions, replaced);
  } catch (error) {
    await call.world.blobs.remove([object.blob]);
    throw error;
  }
  table.set(object.key, object);
  if (replaced) await call.world.blobs.remove([replaced.blob]);
}

/** Under SSE-KMS an ETag is no MD5 of the bytes. */
function etagOf(body: Uint8Array, keyArn: string | undefined, call: Call): string {
  const hash = createHash('md5').update(body);
  if (keyArn !== undefined) hash.update(call.requestId);
  return `"${hash.digest('hex')}"`;
}

interface GetObjectInput extends BucketInput, ReadConditions {
  readonly Key: string;
  readonly Range?: string;
  readonly ChecksumMode?: string;
}

const headObject: Operation = (input: GetObjectInput, call) => readObject(input, call).output;

const getObject: Operation = (input: GetObjectInput, call) => {
  const { object, range, output } = readObject(input, call);
  const isEmpty = object.size === 0;
  return { ...output, Body: isEmpty ? Readable.from([]) : call.world.blobs.read(object.blob, range) };
};

function readObject(input: GetObjectInput, call: Call) {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const object = objects(call.world, bucket).get(input.Key);
  if (!object) throw noSuchKey(input.Key);
  checkRead(input, object);
  checkReadable(object.encryption, bucket, call);
  const range = byteRange(input.Range, object.size);
  const length = range ? range.end - range.start + 1 : object.size;
  const output = {
    ...object.headers,
    ...responseHeaders(input),
    ...encryptionOutput(object.encryption),
    // A checksum is about the whole object, so a part of it comes without.
    ...(input.ChecksumMode === 'ENABLED' && !range && checksumOutput(object.checksum)),
    AcceptRanges: 'bytes',
    ContentLength: length,
    ...(range && { ContentRange: `bytes ${range.start}-${range.end}/${object.size}` }),
    ETag: object.etag,
    LastModified: new Date(object.modifiedAt),
    Metadata: object.metadata,
    ...(object.storageClass !== 'STANDARD' && { StorageClass: object.storageClass }),
  };
  return { object, range, output };
}

/** `response-content-type` and the like in a (presigned) URL. */
function responseHeaders(input: object): Record<string, unknown> {
  const asked = Object.entries(input).filter(([name]) => /^Response(Cache|Content)/.test(name));
  return Object.fromEntries(asked.map(([name, value]) => [name.slice('Response'.length), value as unknown]));
}

const deleteObject: Operation = async (input: BucketInput & WriteConditions & { Key: string }, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  if (input.IfMatch !== undefined) checkWrite(input, objects(call.world, bucket).get(input.Key));
  await removeObject(input.Key, bucket, call);
  return {};
};

interface DeleteObjectsInput extends BucketInput {
  readonly Delete: { readonly Objects: readonly { readonly Key: string }[]; readonly Quiet?: boolean };
}

const deleteObjects: Operation = async (input: DeleteObjectsInput, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const { Objects, Quiet } = input.Delete;
  if (Objects.length === 0 || Objects.length > 1000) {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    );
  }
  for (const { Key } of Objects) await removeObject(Key, bucket, call);
  return Quiet ? {} : { Deleted: Objects.map(({ Key }) => ({ Key })) };
};

/** To delete what is not there is no error. */
async function removeObject(key: string, bucket: Bucket, call: Call): Promise<void> {
  const object = objects(call.world, bucket).get(key);
  if (!object) return;
  objects(call.world, bucket).delete(key);
  await call.world.blobs.remove([object.blob]);
}

export const objectOperations: Readonly<Record<string, Operation>> = {
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
};
