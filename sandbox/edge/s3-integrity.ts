import { createHash } from 'node:crypto';
import type { ChecksumAlgorithm } from '../checksums.ts';
import { CHECKSUM_ALGORITHMS, checksumOf, isChecksum } from '../checksums.ts';
import { AwsError } from '../service.ts';
import type { EdgeRequest } from './http.ts';
import { header } from './http.ts';

/**
 * Compares a body with every digest that was sent along: Content-MD5, one x-amz-checksum-*, the signature's SHA-256.
 *
 * @throws AwsError BadDigest when one differs, InvalidDigest or InvalidRequest when one is not a digest at all.
 */
export async function verifyBody(request: EdgeRequest): Promise<void> {
  await verifyContentMd5(request);
  verifyPayloadHash(request);
  const given = Object.keys(request.headers)
    .map((name) => /^x-amz-checksum-(?!type$|algorithm$|mode$)(\w+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
  if (given.length > 1) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  if (given[0] !== undefined) await verifyChecksum(request, given[0]);
}

async function verifyContentMd5(request: EdgeRequest): Promise<void> {
  const md5 = header(request, 'content-md5');
  if (md5 === undefined) return;
  if (!isChecksum('MD5', md5)) throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400);
  if (md5 !== (await checksumOf('MD5', request.body))) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400);
  }
}

function verifyPayloadHash(request: EdgeRequest): void {
  const hash = header(request, 'x-amz-content-sha256');
  if (hash === undefined || !/^[0-9a-f]{64}$/.test(hash)) return;
  if (createHash('sha256').update(request.body).digest('hex') === hash) return;
  throw new AwsError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
  );
}

async function verifyChecksum(request: EdgeRequest, name: string): Promise<void> {
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known.toLowerCase() === name) as ChecksumAlgorithm | undefined;
  if (!algorithm) throw new AwsError('NotImplemented', `the sandbox does not compute ${name} checksums`, 501);
  const value = header(request, `x-amz-checksum-${name}`) ?? '';
  if (!isChecksum(algorithm, value)) throw invalid(`Value for x-amz-checksum-${name} header is invalid.`);
  if (value === (await checksumOf(algorithm, request.body))) return;
  throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidRequest', message, 400);
}
