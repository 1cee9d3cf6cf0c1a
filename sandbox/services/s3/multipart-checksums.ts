/** Which checksums a multipart upload has, of its parts and as a whole. */
import type { ChecksumAlgorithm } from '../../checksums.ts';
import { CHECKSUM_ALGORITHMS, checksumOf, startChecksum } from '../../checksums.ts';
import type { Call } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { ObjectChecksum, Part, Upload } from './rows.ts';

/** Only a CRC of the whole can be told from CRCs of parts; hashes are always hashes of the parts' hashes. */
const FULL_OBJECT_ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME'];

export function uploadChecksumOf(input: { ChecksumAlgorithm?: string; ChecksumType?: string }): Upload['checksum'] {
  const { ChecksumAlgorithm: name, ChecksumType: type } = input;
  if (name === undefined) {
    if (type === undefined) return { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', chosen: false };
    throw invalid('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name);
  if (!algorithm) throw new AwsError('NotImplemented', `the sandbox does not compute ${name} checksums`, 501);
  const usual = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const chosen = (type as ObjectChecksum['type'] | undefined) ?? usual;
  const isPossible = chosen === 'FULL_OBJECT' ? FULL_OBJECT_ALGORITHMS.includes(algorithm) : algorithm !== 'CRC64NVME';
  if (isPossible) return { algorithm, type: chosen, chosen: true };
  throw invalid(`The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
}

/** Parts of an upload that was started with a checksum carry that one or, where the whole counts, none. */
export function checkPartChecksum({ checksum }: Upload, given: ChecksumAlgorithm | undefined): void {
  const { algorithm, type, chosen } = checksum;
  if (!chosen || given === algorithm || (given === undefined && type === 'FULL_OBJECT')) return;
  throw invalid(
    `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${given?.toLowerCase() ?? 'null'}`,
  );
}

/** @param blob all parts joined */
export async function wholeChecksum(
  upload: Upload,
  parts: readonly Part[],
  blob: string,
  call: Call,
): Promise<ObjectChecksum> {
  const { algorithm, type } = upload.checksum;
  if (type === 'COMPOSITE') {
    const pieces = parts.map(({ checksum }) => Buffer.from(checksum?.value ?? '', 'base64'));
    return { algorithm, type, value: `${await checksumOf(algorithm, ...pieces)}-${parts.length}` };
  }
  const running = startChecksum(algorithm);
  for await (const chunk of call.world.blobs.read(blob)) running.update(chunk as Buffer);
  return { algorithm, type, value: await running.digest() };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidRequest', message, 400);
}
