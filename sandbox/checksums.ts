/** The checksums that S3 keeps beside an object's bytes, and how they are told on the wire. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512' | 'MD5';

export const CHECKSUM_ALGORITHMS: readonly ChecksumAlgorithm[] = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
];

/** Fed piece by piece; what comes out is base64, as AWS writes it. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  digest(): Promise<string>;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return startCrc32();
    case 'CRC32C':
      return adapt(new Crc32c());
    case 'CRC64NVME':
      return adapt(new Crc64Nvme());
    case 'SHA1':
    case 'SHA256':
    case 'SHA512':
    case 'MD5':
      return startHash(algorithm);
  }
}

export async function checksumOf(algorithm: ChecksumAlgorithm, ...pieces: readonly Uint8Array[]): Promise<string> {
  const running = startChecksum(algorithm);
  for (const piece of pieces) running.update(piece);
  return running.digest();
}

/** Bytes of a checksum; an empty value or one of another length is not one. */
export function isChecksum(algorithm: ChecksumAlgorithm, base64: string): boolean {
  const bytes = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32, SHA512: 64, MD5: 16 }[algorithm];
  return Buffer.from(base64, 'base64').length === bytes;
}

function startCrc32(): RunningChecksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return Promise.resolve(bytes.toString('base64'));
    },
  };
}

function startHash(algorithm: ChecksumAlgorithm): RunningChecksum {
  const hash = createHash(algorithm.toLowerCase());
  return { update: (bytes) => void hash.update(bytes), digest: () => Promise.resolve(hash.digest('base64')) };
}

function adapt(checksum: { update(bytes: Uint8Array): void; digest(): Promise<Uint8Array> }): RunningChecksum {
  return {
    update: (bytes) => checksum.update(bytes),
    digest: async () => Buffer.from(await checksum.digest()).toString('base64'),
  };
}
