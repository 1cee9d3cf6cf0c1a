import { paginate } from '../../pagination.ts';
import type { Operation, World } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { BucketInput } from './access.ts';
import { bucketOf, refuseUnknown } from './access.ts';
import type { Bucket } from './rows.ts';
import { buckets, objects, uploads } from './rows.ts';

/** The Region whose buckets have no location, and which takes a repeated CreateBucket for done. */
const FIRST_REGION = 'us-east-1';

/** Puts an empty bucket in place, as if its owner had made it. */
export function seedBucket(world: World, seed: { name: string; account: string; region: string }): Bucket {
  const bucket = { ...seed, createdAt: world.clock.now() };
  buckets(world).set(bucket.name, bucket);
  return bucket;
}

interface CreateBucketInput extends BucketInput {
  readonly CreateBucketConfiguration?: { readonly LocationConstraint?: string };
}

const createBucket: Operation = (input: CreateBucketInput, call) => {
  refuseUnknown(input);
  const name = input.Bucket;
  if (!/^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/.test(name)) {
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
  }
  const region = regionOfNewBucket(input.CreateBucketConfiguration?.LocationConstraint, call.region);
  const present = buckets(call.world).get(name);
  if (present && present.account !== call.account) {
    throw new AwsError(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      409,
      { BucketName: name },
    );
  }
  if (present && !(present.region === FIRST_REGION && region === FIRST_REGION)) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: name },
    );
  }
  if (!present) seedBucket(call.world, { name, account: call.account, region });
  return { Location: region === FIRST_REGION ? `/${name}` : `http://${name}.s3.amazonaws.com/` };
};

/** Outside us-east-1 the Region has to be named, and has to be the one that is asked. */
function regionOfNewBucket(constraint: string | undefined, region: string): string {
  if (region === FIRST_REGION) return constraint ?? region;
  if (constraint === region) return region;
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );
}

const deleteBucket: Operation = (input: BucketInput, call) => {
  const bucket = bucketOf(input, call);
  if (objects(call.world, bucket).size > 0) {
    throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
      BucketName: bucket.name,
    });
  }
  for (const { id } of uploads(call.world, bucket).values()) uploads(call.world, bucket).delete(id);
  buckets(call.world).delete(bucket.name);
  return {};
};

interface ListBucketsInput {
  readonly MaxBuckets?: number;
  readonly ContinuationToken?: string;
  readonly Prefix?: string;
  readonly BucketRegion?: string;
}

const listBuckets: Operation = ({ ContinuationToken, MaxBuckets, ...filter }: ListBucketsInput, call) => {
  const own = buckets(call.world)
    .values()
    .filter(({ account, name }) => account === call.account && name.startsWith(filter.Prefix ?? ''))
    .filter(({ region }) => filter.BucketRegion === undefined || region === filter.BucketRegion)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = paginate(
    {
      operation: 'ListBuckets',
      items: own,
      idOf: ({ name }) => name,
      pageSize: MaxBuckets ?? Infinity,
      token: ContinuationToken,
      parameters: filter,
      invalidToken: () => new AwsError('InvalidArgument', 'The continuation token provided is incorrect', 400),
    },
    call,
  );
  return {
    Buckets: page.items.map(({ name, createdAt, region }) => ({
      Name: name,
      CreationDate: new Date(createdAt),
      BucketRegion: region,
    })),
    Owner: { ID: call.account },
    Prefix: filter.Prefix,
    ContinuationToken: page.nextToken,
  };
};

export const bucketOperations: Readonly<Record<string, Operation>> = {
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  ListBuckets: listBuckets,
  HeadBucket: (input: BucketInput, call) => ({ BucketRegion: bucketOf(input, call).region }),
  GetBucketLocation: (input: BucketInput, call) => {
    const { region } = bucketOf(input, call);
    return { LocationConstraint: region === FIRST_REGION ? undefined : region };
  },
  /** Buckets here are never versioned, which AWS says by saying nothing. */
  GetBucketVersioning: (input: BucketInput, call) => {
    bucketOf(input, call);
    return {};
  },
};
