import { defineQuery, defineUpdate } from '@temporalio/workflow';
import { EXCHANGE_LOCKS, type LockAnswer, type LockExchange } from '../domain/workspace-locks.ts';

export const exchangeLocksUpdate = defineUpdate<LockAnswer, [LockExchange]>(EXCHANGE_LOCKS);
/** Who holds what: workflow id by WorkSpace id. */
export const locksQuery = defineQuery<Readonly<Record<string, string>>>('status');
