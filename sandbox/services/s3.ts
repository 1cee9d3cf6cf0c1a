/** Amazon S3: buckets without versions, objects with real bytes, multipart uploads. */
import type { Service } from '../service.ts';
import { bucketOperations } from './s3/buckets.ts';
import { listingOperations } from './s3/listing.ts';
import { completeOperations } from './s3/multipart-complete.ts';
import { multipartListingOperations } from './s3/multipart-listing.ts';
import { multipartOperations } from './s3/multipart.ts';
import { objectOperations } from './s3/objects.ts';

export { seedBucket } from './s3/buckets.ts';

export const s3: Service = {
  signingName: 's3',
  operations: {
    ...bucketOperations,
    ...objectOperations,
    ...listingOperations,
    ...multipartOperations,
    ...completeOperations,
    ...multipartListingOperations,
  },
};
