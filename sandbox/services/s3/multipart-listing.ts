import type { Operation } from '../../service.ts';
import type { BucketInput } from './access.ts';
import { bucketOf, refuseUnknown } from './access.ts';
import { encoderOf, entriesOf, pageSizeOf } from './listing.ts';
import type { UploadInput } from './multipart.ts';
import { uploadOf } from './multipart.ts';
import type { Upload } from './rows.ts';
import { uploads } from './rows.ts';

const MOST_ENTRIES = 1000;

interface ListPartsInput extends UploadInput {
  readonly MaxParts?: number;
  readonly PartNumberMarker?: string;
}

const listParts: Operation = (input: ListPartsInput, call) => {
  refuseUnknown(input);
  const { upload, bucket } = uploadOf(input, call);
  const pageSize = Math.min(pageSizeOf(input.MaxParts, 'max-parts'), MOST_ENTRIES);
  const marker = Number(input.PartNumberMarker ?? 0);
  const rest = Object.values(upload.parts)
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const page = rest.slice(0, pageSize);
  const { algorithm, type, chosen } = upload.checksum;
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? marker),
    MaxParts: pageSize,
    IsTruncated: rest.length > page.length,
    Parts: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.uploadedAt),
      ETag: part.etag,
      Size: part.size,
      ...(part.checksum && { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
    })),
    Initiator: { ID: bucket.account },
    Owner: { ID: bucket.account },
    StorageClass: upload.storageClass,
    ...(chosen && { ChecksumAlgorithm: algorithm, ChecksumType: type }),
  };
};

interface ListUploadsInput extends BucketInput {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly EncodingType?: string;
  readonly MaxUploads?: number;
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

const listMultipartUploads: Operation = (input: ListUploadsInput, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const pageSize = Math.min(pageSizeOf(input.MaxUploads, 'max-uploads'), MOST_ENTRIES);
  // By key, and uploads of one key in the order they were started, as the table has them.
  const entries = entriesOf(uploads(call.world, bucket).values(), ({ key }) => key, input);
  const start = startAfter(entries, input);
  const page = entries.slice(start, start + pageSize);
  const isTruncated = start + page.length < entries.length && pageSize > 0;
  const last = page.at(-1);
  const encode = encoderOf(input.EncodingType);
  return {
    Bucket: bucket.name,
    KeyMarker: encode(input.KeyMarker ?? ''),
    UploadIdMarker: input.UploadIdMarker ?? '',
    Prefix: encode(input.Prefix ?? ''),
    Delimiter: input.Delimiter && encode(input.Delimiter),
    EncodingType: input.EncodingType,
    MaxUploads: pageSize,
    IsTruncated: isTruncated,
    ...(isTruncated && last && { NextKeyMarker: encode(last.name), NextUploadIdMarker: last.item?.id ?? '' }),
    Uploads: page.flatMap(({ item }) => (item ? [uploadOutput(item, bucket.account, encode)] : [])),
    CommonPrefixes: page.flatMap(({ name, item }) => (item ? [] : [{ Prefix: encode(name) }])),
  };
};

/** Behind the upload that is named, or behind all uploads of the key when only that is. */
function startAfter(
  entries: readonly { name: string; item: Upload | undefined }[],
  { KeyMarker = '', UploadIdMarker }: ListUploadsInput,
): number {
  const named = UploadIdMarker ? entries.findIndex(({ item }) => item?.id === UploadIdMarker) : -1;
  if (named >= 0) return named + 1;
  const behind = entries.findIndex(({ name }) => name > KeyMarker);
  return behind < 0 ? entries.length : behind;
}

function uploadOutput(upload: Upload, account: string, encode: (text: string) => string) {
  return {
    UploadId: upload.id,
    Key: encode(upload.key),
    Initiated: new Date(upload.startedAt),
    StorageClass: upload.storageClass,
    Owner: { ID: account },
    Initiator: { ID: account },
    ...(upload.checksum.chosen && {
      ChecksumAlgorithm: upload.checksum.algorithm,
      ChecksumType: upload.checksum.type,
    }),
  };
}

export const multipartListingOperations: Readonly<Record<string, Operation>> = {
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
};
