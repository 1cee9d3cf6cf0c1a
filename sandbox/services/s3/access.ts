import type { Call } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { Bucket } from './rows.ts';
import { buckets } from './rows.ts';

export interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

/**
 * The bucket of a request: it exists, is in the Region the request was signed for, belongs to the caller's account
 * (bucket policies are not known here), and to the owner that the caller expects. AWS does not tell the last two apart.
 */
export function bucketOf(input: BucketInput, call: Call): Bucket {
  const bucket = buckets(call.world).get(input.Bucket);
  if (!bucket) {
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: input.Bucket });
  }
  if (bucket.region !== call.region) throw wrongRegion(bucket);
  const expected = input.ExpectedBucketOwner;
  if (bucket.account !== call.account || (expected !== undefined && expected !== bucket.account)) {
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  }
  return bucket;
}

function wrongRegion(bucket: Bucket): AwsError {
  return new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    {
      Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`,
      Bucket: bucket.name,
      'x-amz-bucket-region': bucket.region,
    },
  );
}

/** Members that ask for what the sandbox does not have; taken silently they would make a test pass that AWS fails. */
const NOT_IMPLEMENTED = [
  'GrantFullControl',
  'GrantRead',
  'GrantReadACP',
  'GrantWrite',
  'GrantWriteACP',
  'IfMatchInitiatedTime',
  'IfMatchLastModifiedTime',
  'IfMatchSize',
  'ObjectLockEnabledForBucket',
  'ObjectLockEventHold',
  'ObjectLockLegalHoldStatus',
  'ObjectLockMode',
  'ObjectLockRetainUntilDate',
  'OptionalObjectAttributes',
  'RequestPayer',
  'SSECustomerAlgorithm',
  'SSECustomerKey',
  'Tagging',
  'WebsiteRedirectLocation',
  'WriteOffsetBytes',
];

/** @throws AwsError NotImplemented, in AWS's own words for a header it does not know. */
export function refuseUnknown(input: object): void {
  const { ACL } = input as { ACL?: string };
  if (ACL !== undefined && ACL !== 'private' && ACL !== 'bucket-owner-full-control') {
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);
  }
  const unknown = NOT_IMPLEMENTED.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (unknown === undefined) return;
  throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
    Header: unknown,
  });
}
