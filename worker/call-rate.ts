/** The rate of a target's WorkSpaces calls: the worker's own, halved for a minute whenever AWS throttles. */
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

const ACTIVITY_QUEUE = 2;

interface CallRateOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** Calls a second while AWS takes them. */
  readonly perSecond: number;
  /** Milliseconds at half the rate after a throttle. @default a minute */
  readonly slowFor?: number;
}

/**
 * AWS's bucket is shared with consoles, helpdesks and provisioning, so a throttle says that they are at work. The queue's
 * own limit is set, which holds for all workers; a server that does not know it (before 1.29) keeps the full rate.
 */
export function slowedByThrottles(options: CallRateOptions): ActivityInterceptorsFactory {
  let restore: NodeJS.Timeout | undefined;
  const slowDown = (): void => {
    if (restore) clearTimeout(restore);
    else void setRate(options, options.perSecond / 2);
    restore = setTimeout(() => {
      restore = undefined;
      void setRate(options, null);
    }, options.slowFor ?? 60_000);
    restore.unref();
  };
  return () => ({
    inbound: {
      async execute(input, next) {
        try {
          const result = await next(input);
          if ((result as { reply?: string } | undefined)?.reply === 'throttled') slowDown();
          return result;
        } catch (error) {
          if (error instanceof ApplicationFailure && error.type === 'Throttled') slowDown();
          throw error;
        }
      },
    },
  });
}

/** @param requestsPerSecond null: what the workers ask for */
async function setRate({ client, taskQueue }: CallRateOptions, requestsPerSecond: number | null): Promise<void> {
  const rateLimit = requestsPerSecond === null ? null : { requestsPerSecond };
  try {
    await client.workflowService.updateTaskQueueConfig({
      namespace: client.options.namespace,
      identity: client.options.identity ?? 'holdfast',
      taskQueue,
      taskQueueType: ACTIVITY_QUEUE,
      updateQueueRateLimit: { rateLimit, reason: 'AWS throttles WorkSpaces calls' },
    });
  } catch {
    // The next throttle tries again; until then Temporal's retries space the calls out.
  }
}
