/** What a failed activity says, without its classes: they come from another realm. */
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../domain/errors.ts';

export interface Trouble {
  /** One of `FAILURES`, or the name of an error that is not known. */
  readonly type: string;
  /** AWS's own code, where there is one. */
  readonly code: string;
  readonly message: string;
  /** It may pass by itself. */
  readonly passing: boolean;
}

/** Undefined: not the failure of an activity, but a bug or a cancellation, which is not ours to treat. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return undefined;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    const type = cause.type ?? 'Error';
    const code = (cause.details?.[0] as { code?: string } | undefined)?.code ?? type;
    const passing = type in FAILURES && FAILURES[type as FailureType].retryable;
    return { type, code, message: cause.message, passing };
  }
  const code = cause instanceof TimeoutFailure ? timeoutCode(cause) : 'Error';
  return { type: 'Unavailable', code, message: cause?.message ?? error.message, passing: true };
}

/** `NotStarted`: no worker took it in time, so nothing was done. */
const timeoutCode = ({ timeoutType }: TimeoutFailure): string =>
  timeoutType === 'SCHEDULE_TO_START' ? 'NotStarted' : 'Timeout';
