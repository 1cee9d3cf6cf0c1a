/** What every call of AWS is sent with. */
import { asyncLocalStorage, cancellationSignal } from '@temporalio/activity';

/** A cancelled activity gives up its call; outside an activity, where a worker reads events, a call lasts until it is answered. */
export const untilCancelled = (): { readonly abortSignal?: AbortSignal } =>
  asyncLocalStorage.getStore() ? { abortSignal: cancellationSignal() } : {};
