/** `intake:` of `holdfast.yaml`. */
import assert from 'node:assert/strict';
import { configOf, problemsOf } from './texts.ts';

const PRODUCTION = { account: '111122223333', region: 'eu-central-1' };
const ACCOUNTS = `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [eu-central-1, eu-west-1] }
`;

describe('the queues of events', () => {
  const URL = 'https://sqs.eu-west-1.amazonaws.com/444455556666/events';
  const DEAD = 'deadLetterUrl: "http://127.0.0.1:4566/111122223333/d"';
  const queues = (text: string): string => `${ACCOUNTS}intake:\n  queues:\n${text}`;

  it('are none, or those of the file with the account and Region that read them', () => {
    assert.deepEqual(configOf(ACCOUNTS).intake, { queues: [] });
    const { intake } = configOf(
      queues(`    - { account: backup, region: eu-west-1, url: "${URL}", deadLetterUrl: "${URL}-refused" }
    - { account: production, region: eu-central-1, url: "http://127.0.0.1:4566/111122223333/e", deadLetterUrl: "http://127.0.0.1:4566/111122223333/d" }`),
    );
    assert.deepEqual(intake.queues, [
      { target: { account: '444455556666', region: 'eu-west-1' }, url: URL, deadLetterUrl: `${URL}-refused` },
      {
        target: PRODUCTION,
        url: 'http://127.0.0.1:4566/111122223333/e',
        deadLetterUrl: 'http://127.0.0.1:4566/111122223333/d',
      },
    ]);
  });

  it('are refused where they are no queues, are elsewhere, twice or their own dead letters', () => {
    const problems = problemsOf(
      queues(`    - { account: backup, region: eu-west-1, url: "${URL}", deadLetterUrl: "${URL}" }
    - { account: backup, region: eu-central-1, url: "${URL}", ${DEAD} }
    - { account: production, region: eu-central-1, url: "arn:aws:sqs:eu-central-1:111122223333:events", ${DEAD} }
    - { account: backup, region: eu-west-1, url: "${URL}", deadLetterUrl: "${URL}-refused" }`),
    );
    assert.match(problems[0] ?? '', /queues\[0\]\.deadLetterUrl: is the queue itself/);
    const [, at, dead] = problems;
    assert.match(at ?? '', /queues\[1\]\.url: must be a queue of account 444455556666 in eu-central-1, got "https/);
    assert.match(dead ?? '', /queues\[1\]\.deadLetterUrl: must be a queue of account 444455556666 in eu-central-1/);
    assert.match(problems[3] ?? '', /queues\[2\]\.url: must be the URL of an SQS queue: https.*, got "arn:aws:sqs/);
    assert.match(problems[4] ?? '', /queues\[3\]\.url: is given twice: give it once/);
    const [missing] = problemsOf(queues(`    - { account: backup, region: eu-west-1, url: "${URL}" }`));
    assert.match(missing ?? '', /queues\[0\]\.deadLetterUrl: is missing: give the URL of an SQS queue/);
  });

  it('are refused where refused messages would go to a FIFO queue, or to one that is read', () => {
    const other = URL.replace('events', 'others');
    const problems = problemsOf(
      queues(`    - { account: backup, region: eu-west-1, url: "${URL}", deadLetterUrl: "${other}" }
    - { account: backup, region: eu-west-1, url: "${other}", deadLetterUrl: "${URL}-refused.fifo" }`),
    );
    const [read, fifo] = problems;
    assert.match(
      read ?? '',
      /queues\[0\]\.deadLetterUrl: must be a queue of its own, which workers do not read as they read "https.*others"/,
    );
    assert.match(
      fifo ?? '',
      /queues\[1\]\.deadLetterUrl: must be a standard queue, got the FIFO queue "https.*\.fifo"/,
    );
    assert.equal(problems.length, 2);
  });
});
