/** What can be asked of, and said to, a queue of copies; loads outside a workflow too. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import {
  ASK_FOR_COPY,
  GIVE_BACK_COPY,
  type CopyAsk,
  type CopyGrant,
  type CopyPlace,
  type CopyRequest,
  type CopyReturn,
} from '../domain/copy-queue.ts';

/** The first in the queue first. */
export interface CopyQueueStatus {
  readonly copying: readonly CopyAsk[];
  readonly waiting: readonly CopyAsk[];
  /** AWS has refused a copy as one too many within the last hour: no more are started than may run. */
  readonly isCareful: boolean;
  /** Why AWS could not be asked what has ended; null: it could. */
  readonly trouble: string | null;
}

export const askForCopySignal = defineSignal<[readonly CopyRequest[]]>(ASK_FOR_COPY);
export const giveBackCopySignal = defineSignal<[CopyReturn]>(GIVE_BACK_COPY);
/** Of one copy: the whole queue may be larger than what Temporal lets a query answer. */
export const copyPlaceQuery = defineQuery<CopyPlace | null, [CopyGrant]>('place');
export const copyQueueStatusQuery = defineQuery<CopyQueueStatus>('status');
