/** Divides the delay that an activity asks for before its next attempt by the sandbox's speed. */
import { ApplicationFailure } from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

export const shortenActivityDelays =
  (speed: number): ActivityInterceptorsFactory =>
  () => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (!(error instanceof ApplicationFailure) || error.nextRetryDelay == null) throw error;
          const delay = msOptionalToNumber(error.nextRetryDelay) ?? 0;
          throw ApplicationFailure.create({
            type: error.type,
            message: error.message,
            nonRetryable: error.nonRetryable ?? false,
            details: error.details ?? [],
            category: error.category ?? null,
            nextRetryDelay: Math.max(1, Math.round(delay / speed)),
          } as Parameters<typeof ApplicationFailure.create>[0]);
        }
      },
    },
  });
