/** Spaces the calls of a rate-limited queue out as Temporal does at its real rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** AWS's bucket of WorkSpaces calls holds five, and others take some of them. */
const TOGETHER = 3;

/**
 * A queue lets as many through at once as it has a second: one at the real rate of 1.5, ninety at sixty times that. AWS
 * has no room for such bursts, and would throttle calls that it never would in real time.
 */
export function evenCalls(perSecond: number): ActivityInterceptorsFactory {
  const apart = 1000 / perSecond;
  let last = 0;
  return () => ({
    inbound: {
      async execute(input, next) {
        const now = performance.now();
        last = Math.max(last, now - TOGETHER * apart) + apart;
        if (last - now >= 1) await sleep(last - now);
        return await next(input);
      },
    },
  });
}
