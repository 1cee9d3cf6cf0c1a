import type { ChecksumAlgorithm } from '../../checksums.ts';
import type { World } from '../../service.ts';
import type { Table } from '../../store.ts';

export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Virtual milliseconds, as all times here. */
  readonly createdAt: number;
}

/** How S3 encrypts an object; without a key it is S3's own (AES256). */
export interface Encryption {
  readonly algorithm: string;
  readonly keyArn?: string;
  readonly context?: string;
  readonly bucketKey?: boolean;
}

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: 'COMPOSITE' | 'FULL_OBJECT';
}

/** What a caller says of an object when it begins to write it. */
export interface ObjectAttributes {
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly encryption: Encryption;
}

export interface StoredObject extends ObjectAttributes {
  readonly key: string;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly checksum: ObjectChecksum;
}

export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  /** As the caller sent it. */
  readonly checksum: Omit<ObjectChecksum, 'type'> | undefined;
  readonly uploadedAt: number;
}

export interface Upload extends ObjectAttributes {
  readonly id: string;
  readonly key: string;
  readonly startedAt: number;
  /** `chosen` when the caller named it; S3 takes CRC64NVME over the whole object otherwise. */
  readonly checksum: { algorithm: ChecksumAlgorithm; type: ObjectChecksum['type']; chosen: boolean };
  readonly parts: Record<string, Part>;
}

/** Bucket names are unique in all of AWS. */
export function buckets(world: World): Table<Bucket> {
  return world.store.table('*', '*', 's3.buckets');
}

export function objects(world: World, bucket: Bucket): Table<StoredObject> {
  return world.store.table(bucket.account, bucket.region, `s3.objects/${bucket.name}`);
}

export function uploads(world: World, bucket: Bucket): Table<Upload> {
  return world.store.table(bucket.account, bucket.region, `s3.uploads/${bucket.name}`);
}
