import { defineQuery, defineSignal } from '@temporalio/workflow';
import { SETTLED, type SettledPoint } from '../domain/evidence-messages.ts';

/** A custody has ended, and is to be put into the index; the same again is as once. */
export const settledSignal = defineSignal<[readonly SettledPoint[]]>(SETTLED);

export interface CustodyIndexStatus {
  /** So many custodies wait to be told that they are in the index. */
  readonly open: number;
  /** What stands in the way of writing; null: nothing. */
  readonly trouble: string | null;
}

export const custodyIndexStatusQuery = defineQuery<CustodyIndexStatus>('status');
