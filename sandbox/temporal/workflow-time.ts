/**
 * Divides the durations of a workflow's timers and retries by the sandbox's speed, so that a wait of hours passes in
 * seconds beside AWS's virtual clock. Loaded into the workflow bundle by a sandbox's worker only, as
 * `workflow-time.ts?speed=240`; start-to-close and heartbeat timeouts guard real calls and stay.
 */
import type {
  ActivityInput,
  Next,
  TimerInput,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import type { Duration, RetryPolicy } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';

/** The bundler's: what stands behind the `?` of this module's request. */
declare const __resourceQuery: string;

const speed = Number(/speed=([\d.]+)/.exec(__resourceQuery)?.[1] ?? 1);

/** Whole milliseconds: Temporal takes no others. */
const shorten = (duration: Duration): number => Math.max(1, Math.round(msToNumber(duration) / speed));

function shortenRetries(retry: RetryPolicy): RetryPolicy {
  // Temporal's own first interval, a second, is not divided by itself.
  const initialInterval = shorten(retry.initialInterval ?? '1 second');
  const maximumInterval = shorten(retry.maximumInterval ?? '100 seconds');
  return { ...retry, initialInterval, maximumInterval: Math.max(maximumInterval, initialInterval) };
}

const outbound: WorkflowOutboundCallsInterceptor = {
  async startTimer(input: TimerInput, next: Next<WorkflowOutboundCallsInterceptor, 'startTimer'>) {
    return await next({ ...input, durationMs: Math.max(1, Math.round(input.durationMs / speed)) });
  },
  async scheduleActivity(input: ActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>) {
    const retry = shortenRetries(input.options.retry ?? {});
    return await next({ ...input, options: { ...input.options, retry } });
  },
};

export const interceptors = (): WorkflowInterceptors => ({ outbound: [outbound] });
