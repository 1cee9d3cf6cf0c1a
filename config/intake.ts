/** `intake:` – the queues in which the events of AWS Backup arrive. */
import type { z } from 'zod';
import type { Account, IntakeQueue, IntakeSettings } from './config.ts';
import { environmentText, list, mapping } from './fields.ts';
import { targetOf } from './places.ts';
import { where } from './policy-fields.ts';
import type { Complain } from './problem.ts';

/** As SQS answers it, and as the sandbox does. */
const QUEUE_URL = /^https?:\/\/[^\s/]+\/(\d{12})\/[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/;
/** Other endpoints, such as those of a VPC, need not name the Region. */
const OF_AWS = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com/;

const url = () =>
  environmentText('the URL of an SQS queue: https://sqs.<region>.amazonaws.com/<account>/<name>', QUEUE_URL);

const queue = mapping({
  ...where,
  url: url().describe('The SQS queue to which EventBridge brings the events of AWS Backup.'),
  deadLetterUrl: url().describe(
    'Messages that are no such events go to this standard queue, with the reason: they would come again and again.',
  ),
});

export const intake = mapping({
  queues: list('a list of queues', queue).optional().describe('The queues that workers read.'),
});

export function resolveIntake(
  { queues = [] }: Partial<z.infer<typeof intake>>,
  accounts: readonly Account[],
  complain: Complain,
): IntakeSettings {
  const resolved = queues.map((given: Given, index): IntakeQueue => {
    const path = ['intake', 'queues', index];
    const target = targetOf(given, accounts, path, complain);
    const isTwice = queues.findIndex((each) => each.url === given.url) < index;
    const problems = {
      url: elsewhere(given.url, target) ?? (isTwice ? 'is given twice: give it once' : null),
      deadLetterUrl: elsewhere(given.deadLetterUrl, target) ?? notForDeadLetters(given, queues),
    };
    for (const [at, message] of Object.entries(problems)) if (message !== null) complain([...path, at], { message });
    return { target, url: given.url ?? '', deadLetterUrl: given.deadLetterUrl ?? '' };
  });
  return { queues: resolved };
}

type Given = Partial<z.infer<typeof queue>>;

function notForDeadLetters({ url: own, deadLetterUrl }: Given, queues: readonly Given[]): string | null {
  if (deadLetterUrl === undefined) return null;
  if (deadLetterUrl === own) return 'is the queue itself: what is refused would come again and again';
  if (queues.some((each) => each.url === deadLetterUrl)) {
    return `must be a queue of its own, which workers do not read as they read ${JSON.stringify(deadLetterUrl)}`;
  }
  if (deadLetterUrl.endsWith('.fifo'))
    return `must be a standard queue, got the FIFO queue ${JSON.stringify(deadLetterUrl)}`;
  return null;
}

function elsewhere(queueUrl: string | undefined, { account, region }: IntakeQueue['target']): string | null {
  if (queueUrl === undefined) return null;
  const its = { account: QUEUE_URL.exec(queueUrl)?.[1] ?? account, region: OF_AWS.exec(queueUrl)?.[1] ?? region };
  if (its.account === account && its.region === region) return null;
  return `must be a queue of account ${account} in ${region}, got ${JSON.stringify(queueUrl)}`;
}
