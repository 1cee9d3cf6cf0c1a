import type { ChecksumAlgorithm } from '../../checksums.ts';
import { CHECKSUM_ALGORITHMS } from '../../checksums.ts';
import type { Call } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { EncryptionInput } from './encryption.ts';
import { encryptionOf } from './encryption.ts';
import type { Bucket, ObjectAttributes, ObjectChecksum } from './rows.ts';

/** Headers that are kept with an object and come back with it. */
const KEPT_HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
] as const;

export interface AttributesInput extends EncryptionInput {
  readonly Key: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly StorageClass?: string;
}

export function attributesOf(input: AttributesInput, bucket: Bucket, call: Call): ObjectAttributes {
  if (Buffer.byteLength(input.Key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long', 400);
  const given = input as unknown as Record<string, string | undefined>;
  const headers = KEPT_HEADERS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  return {
    headers: { ContentType: 'binary/octet-stream', ...(Object.fromEntries(headers) as Record<string, string>) },
    metadata: input.Metadata ?? {},
    storageClass: input.StorageClass ?? 'STANDARD',
    encryption: encryptionOf(input, bucket, call),
  };
}

/** The checksum a caller sent along; the edge has compared it with the body already. */
export function checksumGiven(input: object): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = (input as Record<string, string | undefined>)[`Checksum${algorithm}`];
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

export function checksumOutput({ algorithm, value, type }: ObjectChecksum): object {
  return { [`Checksum${algorithm}`]: value, ChecksumType: type };
}
