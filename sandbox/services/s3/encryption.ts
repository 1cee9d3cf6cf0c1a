import type { Call } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { Key } from '../kms.ts';
import { findKey } from '../kms.ts';
import type { Bucket, Encryption } from './rows.ts';

export interface EncryptionInput {
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly SSEKMSEncryptionContext?: string;
  readonly BucketKeyEnabled?: boolean;
}

/** How a new object is encrypted; with KMS its key has to be there and enabled. */
export function encryptionOf(input: EncryptionInput, bucket: Bucket, call: Call): Encryption {
  const algorithm = input.ServerSideEncryption ?? 'AES256';
  if (!algorithm.startsWith('aws:kms')) {
    if (input.SSEKMSKeyId === undefined) return { algorithm };
    throw new AwsError(
      'InvalidArgument',
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      400,
      { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: algorithm },
    );
  }
  const key = usableKey(input.SSEKMSKeyId ?? 'alias/aws/s3', bucket, call);
  return {
    algorithm,
    keyArn: key.arn,
    ...(input.SSEKMSEncryptionContext !== undefined && { context: input.SSEKMSEncryptionContext }),
    ...(input.BucketKeyEnabled !== undefined && { bucketKey: input.BucketKeyEnabled }),
  };
}

/** KMS is asked at each read too: an object whose key was disabled cannot be read. */
export function checkReadable(encryption: Encryption, bucket: Bucket, call: Call): void {
  if (encryption.keyArn !== undefined) usableKey(encryption.keyArn, bucket, call);
}

export function encryptionOutput(encryption: Encryption): object {
  return {
    ServerSideEncryption: encryption.algorithm,
    SSEKMSKeyId: encryption.keyArn,
    BucketKeyEnabled: encryption.bucketKey,
  };
}

/** S3 hands KMS's refusals on under `KMS.` and KMS's name. */
function usableKey(named: string, bucket: Bucket, call: Call): Key {
  const key = kmsKey(named, bucket, call);
  if (key.state === 'Disabled') throw new AwsError('KMS.DisabledException', `${key.arn} is disabled.`, 400);
  if (key.state === 'PendingDeletion') {
    throw new AwsError('KMS.KMSInvalidStateException', `${key.arn} is pending deletion.`, 400);
  }
  return key;
}

function kmsKey(named: string, bucket: Bucket, call: Call): Key {
  try {
    return findKey({ world: call.world, account: call.account, region: bucket.region }, named);
  } catch (error) {
    if (error instanceof AwsError) throw new AwsError(`KMS.${error.code}`, error.message, 400);
    throw error;
  }
}
