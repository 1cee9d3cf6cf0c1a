/** Amazon SQS: standard queues. */
import type { Service } from '../service.ts';
import { queueOperations } from './sqs/queue-operations.ts';
import { receiptOperations } from './sqs/receipts.ts';
import { receiveOperations } from './sqs/receive.ts';
import { sendOperations } from './sqs/send.ts';

export { seedQueue } from './sqs/queues.ts';

export const sqs: Service = {
  signingName: 'sqs',
  operations: { ...queueOperations, ...sendOperations, ...receiveOperations, ...receiptOperations },
};
