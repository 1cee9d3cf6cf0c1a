import { defineQuery, defineUpdate } from '@temporalio/workflow';
import { EXCHANGE_LEASE, type Lease, type LeaseAnswer, type LeaseRequest } from '../domain/limits.ts';

export const exchangeLeaseUpdate = defineUpdate<LeaseAnswer, [LeaseRequest]>(EXCHANGE_LEASE);
/** Who reserves how many, in the order in which they are served: the place in the list is the position. */
export const leasesQuery = defineQuery<readonly Lease[]>('status');
