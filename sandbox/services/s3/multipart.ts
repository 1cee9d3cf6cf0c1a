import { createHash, randomBytes } from 'node:crypto';
import type { Call, Operation } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { BucketInput } from './access.ts';
import { bucketOf, refuseUnknown } from './access.ts';
import type { AttributesInput } from './attributes.ts';
import { attributesOf, checksumGiven } from './attributes.ts';
import { checkPartChecksum, uploadChecksumOf } from './multipart-checksums.ts';
import { encryptionOutput } from './encryption.ts';
import type { Bucket, Part, Upload } from './rows.ts';
import { uploads } from './rows.ts';

export interface UploadInput extends BucketInput {
  readonly Key: string;
  readonly UploadId: string;
}

interface CreateUploadInput extends BucketInput, AttributesInput {
  readonly ChecksumAlgorithm?: string;
  readonly ChecksumType?: string;
}

const createMultipartUpload: Operation = (input: CreateUploadInput, call) => {
  refuseUnknown(input);
  const bucket = bucketOf(input, call);
  const upload: Upload = {
    ...attributesOf(input, bucket, call),
    id: randomBytes(48).toString('base64url'),
    key: input.Key,
    startedAt: call.now,
    checksum: uploadChecksumOf(input),
    parts: {},
  };
  uploads(call.world, bucket).set(upload.id, upload);
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    ...encryptionOutput(upload.encryption),
    SSEKMSEncryptionContext: upload.encryption.context,
    ...(upload.checksum.chosen && {
      ChecksumAlgorithm: upload.checksum.algorithm,
      ChecksumType: upload.checksum.type,
    }),
  };
};

interface UploadPartInput extends UploadInput {
  readonly PartNumber: number;
  readonly Body?: Uint8Array;
}

const MOST_PARTS = 10_000;

const uploadPart: Operation = async (input: UploadPartInput, call) => {
  refuseUnknown(input);
  const { bucket, upload } = uploadOf(input, call);
  if (!Number.isInteger(input.PartNumber) || input.PartNumber < 1 || input.PartNumber > MOST_PARTS) {
    throw new AwsError(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      400,
      {
        ArgumentName: 'partNumber',
        ArgumentValue: input.PartNumber,
      },
    );
  }
  const given = checksumGiven(input);
  checkPartChecksum(upload, given?.algorithm);
  const body = input.Body ?? new Uint8Array();
  const part: Part = {
    number: input.PartNumber,
    blob: await call.world.blobs.write(body),
    size: body.length,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    checksum: given,
    uploadedAt: call.now,
  };
  await keepPart(part, input, upload, bucket, call);
  return {
    ETag: part.etag,
    ...(given && { [`Checksum${given.algorithm}`]: given.value }),
    ...encryptionOutput(upload.encryption),
  };
};

/** A part sent again takes the place of the first; the upload may have ended while the bytes were written. */
async function keepPart(part: Part, input: UploadInput, upload: Upload, bucket: Bucket, call: Call): Promise<void> {
  const table = uploads(call.world, bucket);
  if (table.get(upload.id) !== upload) {
    await call.world.blobs.remove([part.blob]);
    throw noSuchUpload(input.UploadId);
  }
  const replaced = upload.parts[part.number];
  upload.parts[part.number] = part;
  table.touch();
  if (replaced) await call.world.blobs.remove([replaced.blob]);
}

const abortMultipartUpload: Operation = async (input: UploadInput, call) => {
  refuseUnknown(input);
  const { bucket, upload } = uploadOf(input, call);
  await endUpload(upload, bucket, call);
  return {};
};

/** The upload of a request: it has this id and is for this key. */
export function uploadOf(input: UploadInput, call: Call): { bucket: Bucket; upload: Upload } {
  const bucket = bucketOf(input, call);
  const upload = uploads(call.world, bucket).get(input.UploadId);
  if (upload?.key !== input.Key) throw noSuchUpload(input.UploadId);
  return { bucket, upload };
}

export async function endUpload(upload: Upload, bucket: Bucket, call: Call): Promise<void> {
  uploads(call.world, bucket).delete(upload.id);
  await call.world.blobs.remove(Object.values(upload.parts).map(({ blob }) => blob));
}

function noSuchUpload(id: string): AwsError {
  return new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: id },
  );
}

export const multipartOperations: Readonly<Record<string, Operation>> = {
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  AbortMultipartUpload: abortMultipartUpload,
};
