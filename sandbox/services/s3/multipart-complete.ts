import { createHash } from 'node:crypto';
import type { Call, Operation } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { refuseUnknown } from './access.ts';
import { checksumGiven, checksumOutput } from './attributes.ts';
import type { WriteConditions } from './conditions.ts';
import { checkWrite } from './conditions.ts';
import { encryptionOutput } from './encryption.ts';
import { wholeChecksum } from './multipart-checksums.ts';
import type { UploadInput } from './multipart.ts';
import { endUpload, uploadOf } from './multipart.ts';
import { storeObject } from './objects.ts';
import type { Part, StoredObject, Upload } from './rows.ts';
import { objects } from './rows.ts';

interface PartInput {
  readonly PartNumber?: number;
  readonly ETag?: string;
}

interface CompleteInput extends UploadInput, WriteConditions {
  readonly MultipartUpload?: { readonly Parts?: readonly PartInput[] };
  readonly MpuObjectSize?: number;
  readonly ChecksumType?: string;
}

/** Every part but the last has at least this size. */
const SMALLEST_PART = 5 * 1024 * 1024;

const completeMultipartUpload: Operation = async (input: CompleteInput, call) => {
  refuseUnknown(input);
  const { bucket, upload } = uploadOf(input, call);
  checkWrite(input, objects(call.world, bucket).get(input.Key));
  const parts = partsOf(input, upload);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  const blob = await call.world.blobs.join(parts.map((part) => part.blob));
  const { id: _id, parts: _parts, startedAt, checksum: _checksum, ...attributes } = upload;
  const object: StoredObject = {
    ...attributes,
    blob,
    size,
    etag: etagOf(parts),
    // S3 dates a multipart object from the start of its upload.
    modifiedAt: startedAt,
    checksum: await verifiedChecksum(input, upload, parts, blob, call),
  };
  await storeObject(object, input, bucket, call);
  await endUpload(upload, bucket, call);
  return {
    Location: `http://${bucket.name}.s3.${bucket.region}.amazonaws.com/${encodeURIComponent(input.Key)}`,
    Bucket: bucket.name,
    Key: input.Key,
    ETag: object.etag,
    ...checksumOutput(object.checksum),
    ...encryptionOutput(object.encryption),
  };
};

function partsOf(input: CompleteInput, upload: Upload): Part[] {
  const listed = input.MultipartUpload?.Parts ?? [];
  if (listed.length === 0) {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    );
  }
  let last = 0;
  for (const { PartNumber = 0 } of listed) {
    if (PartNumber <= last) {
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        400,
        { UploadId: upload.id },
      );
    }
    last = PartNumber;
  }
  const parts = listed.map((part) => partOf(part, upload));
  checkSizes(parts);
  return parts;
}

function partOf(listed: PartInput, upload: Upload): Part {
  const part = upload.parts[listed.PartNumber ?? 0];
  const given = checksumGiven(listed);
  const { algorithm, chosen, type } = upload.checksum;
  if (chosen && type === 'COMPOSITE' && !given) {
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${listed.PartNumber} in the request.`,
    );
  }
  const isSameBytes = part && part.etag.replaceAll('"', '') === listed.ETag?.replaceAll('"', '');
  if (isSameBytes && hasSameChecksum(part, given, chosen)) return part;
  throw new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: upload.id, PartNumber: listed.PartNumber, ETag: listed.ETag },
  );
}

/**
 * Where the upload was started without a checksum and the SDK sent one with the part all the same, S3 takes the part for
 * another one unless it is listed with that checksum.
 */
function hasSameChecksum(part: Part, given: Part['checksum'], isChosen: boolean): boolean {
  if (!given) return isChosen || !part.checksum;
  return !part.checksum || (given.algorithm === part.checksum.algorithm && given.value === part.checksum.value);
}

function checkSizes(parts: readonly Part[]): void {
  const small = parts.slice(0, -1).find(({ size }) => size < SMALLEST_PART);
  if (!small) return;
  throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: small.size,
    MinSizeAllowed: SMALLEST_PART,
    PartNumber: small.number,
    ETag: small.etag,
  });
}

async function verifiedChecksum(
  input: CompleteInput,
  upload: Upload,
  parts: readonly Part[],
  blob: string,
  call: Call,
): Promise<StoredObject['checksum']> {
  const checksum = await wholeChecksum(upload, parts, blob, call);
  const given = checksumGiven(input);
  const isAsSaid = !given || (given.algorithm === checksum.algorithm && given.value === checksum.value);
  if (isAsSaid && (input.ChecksumType === undefined || input.ChecksumType === checksum.type)) return checksum;
  await call.world.blobs.remove([blob]);
  throw new AwsError(
    'BadDigest',
    `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
    400,
  );
}

/** The MD5 of the parts' MD5s, and how many they are. */
function etagOf(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  return `"${hash.digest('hex')}-${parts.length}"`;
}

function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequest', message, 400);
}

export const completeOperations: Readonly<Record<string, Operation>> = {
  CompleteMultipartUpload: completeMultipartUpload,
};
