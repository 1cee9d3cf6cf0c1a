/** What every call of AWS is sent with. */
import { cancellationSignal } from '@temporalio/activity';

/** A cancelled activity gives up its call. */
export const untilCancelled = (): { readonly abortSignal: AbortSignal } => ({ abortSignal: cancellationSignal() });
