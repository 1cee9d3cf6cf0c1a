/** Amazon EC2, as far as recovery points need it: volumes that were restored, images, and locks of snapshots. */
import type { Service } from '../service.ts';
import { imageOperations } from './ec2/images.ts';
import { snapshotLockOperations } from './ec2/snapshot-locks.ts';
import { volumeOperations } from './ec2/volumes.ts';

export const ec2: Service = {
  signingName: 'ec2',
  operations: { ...volumeOperations, ...imageOperations, ...snapshotLockOperations },
};
