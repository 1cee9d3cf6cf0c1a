/** `watchdog:` – how often it looks at the schedules, and whom it tells. */
import type { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import { topic } from '../domain/run-rules.ts';
import type { ConfigTarget, WatchdogSettings } from './config.ts';
import { duration, environmentText, mapping } from './fields.ts';
import type { Complain } from './problem.ts';

export const A_TOPIC = 'the ARN of an SNS topic that is not FIFO, in an account and Region of this file';
const LEAST_SECONDS = 60;

export const watchdog = mapping({
  every: duration().optional().describe('How often it looks at all schedules. Default: 15m, at least 1m.'),
  operatorTopicArn: environmentText(A_TOPIC)
    .optional()
    .describe('This SNS topic is told what did not take place as planned.'),
});

export function resolveWatchdog(
  { every = '15m', operatorTopicArn }: z.infer<typeof watchdog>,
  targets: readonly ConfigTarget[],
  complain: Complain,
): WatchdogSettings {
  const everySeconds = parseDuration(every) ?? 0;
  if (everySeconds < LEAST_SECONDS) complain(['watchdog', 'every'], { message: `must be at least 1m, got ${every}` });
  if (operatorTopicArn !== undefined && !isServed(operatorTopicArn, targets)) {
    complain(['watchdog', 'operatorTopicArn'], {
      message: `must be ${A_TOPIC}, got ${JSON.stringify(operatorTopicArn)}`,
    });
  }
  return { everySeconds, operatorTopicArn: operatorTopicArn ?? null };
}

/** A worker writes to it with the clients that it has for its targets. */
export function isServed(topicArn: string, targets: readonly ConfigTarget[]): boolean {
  const [, , , region, account] = topicArn.split(':');
  return topic.holds(topicArn) && targets.some((target) => target.account === account && target.region === region);
}
