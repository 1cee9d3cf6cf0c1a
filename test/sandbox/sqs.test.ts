import assert from 'node:assert/strict';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message, ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { ACCOUNT, optionsFor, OTHER_ACCOUNT, REGION } from './edge/rig.ts';
import { refused } from './paused.ts';

describe('sandbox: SQS', () => {
  let sandbox: Sandbox;
  let sqs: SQSClient;
  let url: string;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
    sandbox.clock.pause();
    sqs = new SQSClient(optionsFor(sandbox));
    url = await create('jobs');
  });
  afterEach(async () => {
    sqs.destroy();
    await sandbox.close();
  });

  const create = async (QueueName: string, Attributes = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const send = (MessageBody: string, more: object = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...more }));
  const receive = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
  const bodies = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<(string | undefined)[]> =>
    (await receive(more)).map(({ Body }) => Body);
  const pass = (seconds: number): void => sandbox.clock.step(seconds * 1000);
  const remove = ({ ReceiptHandle }: Message) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: ReceiptHandle ?? '' }));
  const attributes = async (QueueUrl = url) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};

  it('hides a received message for its visibility timeout, shows it again after it, and never once it is deleted', async () => {
    await send('Größe < 5 & mehr');
    const [first] = await receive({ MessageSystemAttributeNames: ['All'] });
    assert.equal(first?.Body, 'Größe < 5 & mehr');
    assert.equal(first.Attributes?.ApproximateReceiveCount, '1');
    assert.deepEqual(await bodies(), []);
    pass(31);
    const [again] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    assert.deepEqual(again?.Attributes, { ApproximateReceiveCount: '2' });
    assert.notEqual(again.ReceiptHandle, first.ReceiptHandle);
    await remove(again);
    pass(31);
    assert.deepEqual(await bodies(), []);
  });

  it('leaves a message alone that is deleted by the handle of an earlier receipt', async () => {
    await send('job');
    const [first] = await receive();
    pass(31);
    assert.deepEqual(await bodies(), ['job']);
    await remove(first as Message);
    pass(31);
    assert.deepEqual(await bodies(), ['job']);
  });

  it('changes how long a received message is hidden, as long as it is', async () => {
    await send('job');
    const [{ ReceiptHandle } = {}] = await receive();
    const change = (VisibilityTimeout: number) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }));
    await change(600);
    pass(599);
    assert.deepEqual(await bodies(), []);
    await change(0);
    assert.deepEqual(await bodies({ VisibilityTimeout: 5 }), ['job']);
    pass(6);
    await refused(change(10), 'InvalidParameterValue', /not available for visibility timeout change/);
  });

  it('delays a message, keeps it for its retention, and counts what is there', async () => {
    await send('later', { DelaySeconds: 60 });
    await send('now');
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesDelayed: delayed } = await attributes();
    assert.deepEqual([visible, delayed], ['1', '1']);
    assert.deepEqual(await bodies(), ['now']);
    assert.equal((await attributes())['ApproximateNumberOfMessagesNotVisible'], '1');
    pass(61);
    assert.deepEqual(new Set(await bodies()), new Set(['later', 'now']));
    pass(4 * 24 * 3600);
    assert.deepEqual(await bodies(), []);
  });

  it('moves to the queue of dead letters what was received too often, with where it came from', async () => {
    const deadUrl = await create('jobs-dead');
    const arn = `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs-dead`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }));
    const { MessageId } = await send('poison');
    for (let count = 0; count < 2; count += 1) {
      assert.deepEqual(await bodies(), ['poison']);
      pass(31);
    }
    assert.deepEqual(await bodies(), []);
    const [dead] = await receive({ QueueUrl: deadUrl, MessageSystemAttributeNames: ['All'] });
    assert.deepEqual([dead?.Body, dead?.MessageId], ['poison', MessageId]);
    assert.equal(dead?.Attributes?.DeadLetterQueueSourceArn, `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs`);
  });

  it('waits for a message as long as it is told to, and answers as soon as there is one', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send('at last');
    assert.deepEqual(
      (await waiting).map(({ Body }) => Body),
      ['at last'],
    );
    assert.deepEqual(await bodies({ WaitTimeSeconds: 1 }), []);
  });

  it('sends and deletes in batches, in which each entry has its own end', async () => {
    const Entries = [
      { Id: 'good', MessageBody: 'good' },
      { Id: 'bad', MessageBody: 'bad', DelaySeconds: 901 },
    ];
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    assert.deepEqual([sent.Successful?.[0]?.Id, sent.Failed?.[0]?.Id], ['good', 'bad']);
    assert.equal(sent.Failed?.[0]?.Code, 'InvalidParameterValue');
    const [{ ReceiptHandle } = {}] = await receive();
    const handles = [
      { Id: '1', ReceiptHandle },
      { Id: '2', ReceiptHandle: 'none' },
    ];
    const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: handles }));
    assert.deepEqual([deleted.Successful?.length, deleted.Failed?.[0]?.Code], [1, 'ReceiptHandleIsInvalid']);
    const twice = [Entries[0], Entries[0]] as typeof Entries;
    await refused(sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: twice })), 'BatchEntryIdsNotDistinct');
    await refused(sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [] })), 'EmptyBatchRequest');
  });

  it('keeps attributes of messages, and tells those that are asked for', async () => {
    const MessageAttributes = {
      reason: { DataType: 'String', StringValue: 'no JSON' },
      'holdfast.count': { DataType: 'Number', StringValue: '3' },
      blob: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    await send('job', { MessageAttributes });
    const [message] = await receive({ MessageAttributeNames: ['reason', 'blob'], VisibilityTimeout: 0 });
    assert.deepEqual(message?.MessageAttributes, { reason: MessageAttributes.reason, blob: MessageAttributes.blob });
    const [all] = await receive({ MessageAttributeNames: ['All'] });
    assert.equal(Object.keys(all?.MessageAttributes ?? {}).length, 3);
  });

  it('finds, lists and empties queues, and makes one only once', async () => {
    assert.equal(await create('jobs'), url);
    await refused(create('jobs', { VisibilityTimeout: '60' }), 'QueueNameExists', /attribute VisibilityTimeout/);
    await create('other');
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'jo' }));
    assert.deepEqual(QueueUrls, [url]);
    assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl, url);
    await send('job');
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    assert.deepEqual(await bodies(), []);
    await refused(sqs.send(new PurgeQueueCommand({ QueueUrl: url })), 'PurgeQueueInProgress');
  });

  it('does not know queues that are not there, and refuses those of other accounts but where their policy allows it', async () => {
    await refused(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' })), 'QueueDoesNotExist');
    await refused(receive({ QueueUrl: url.replace('jobs', 'none') }), 'QueueDoesNotExist', /does not exist/);
    const foreign = new SQSClient(optionsFor(sandbox, { account: OTHER_ACCOUNT }));
    const sendThere = () => foreign.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello' }));
    await refused(sendThere(), 'AccessDenied');
    const Statement = [{ Effect: 'Allow', Principal: { AWS: OTHER_ACCOUNT }, Action: 'sqs:SendMessage' }];
    const Attributes = { Policy: JSON.stringify({ Statement }) };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    await sendThere();
    assert.deepEqual(await bodies(), ['hello']);
    foreign.destroy();
  });

  it('gives sqs-consumer addresses that it can use with AWS_ENDPOINT_URL alone', async () => {
    const before = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = sandbox.endpoint;
    const { endpoint: _, ...options } = optionsFor(sandbox);
    const client = new SQSClient(options);
    try {
      await send('job');
      const body = await new Promise<string | undefined>((resolve, reject) => {
        const consumer = Consumer.create({
          queueUrl: url,
          sqs: client,
          handleMessage: async (message) => {
            resolve(message.Body);
            consumer.stop();
            return message;
          },
        });
        consumer.on('error', reject);
        consumer.start();
      });
      assert.equal(body, 'job');
    } finally {
      client.destroy();
      if (before === undefined) delete process.env['AWS_ENDPOINT_URL'];
      else process.env['AWS_ENDPOINT_URL'] = before;
    }
  });
});
