import assert from 'node:assert/strict';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages, seedTopic } from '../../sandbox/services/sns.ts';
import { optionsFor } from './edge/rig.ts';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

describe('sandbox: SNS', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(1);
  });
  afterEach(() => paused.close());

  const { topicArn: TopicArn } = WELL_KNOWN;
  const publish = (changes: object = {}) =>
    paused.sns.send(new PublishCommand({ TopicArn, Message: 'The run holds.', ...changes }));

  it('keeps what was published, with its time and subject', async () => {
    const { MessageId } = await publish({ Subject: 'Holdfast: held' });
    await publish({ Message: 'Größe < 5 & mehr' });
    const [first, second, ...more] = publishedMessages(paused.fleet.place);
    assert.deepEqual(first, {
      messageId: MessageId,
      topicArn: TopicArn,
      at: paused.now() - 500,
      subject: 'Holdfast: held',
      message: 'The run holds.',
    });
    assert.deepEqual([second?.subject, second?.message, more.length], [null, 'Größe < 5 & mehr', 0]);
  });

  it('makes a topic once, and shows its attributes', async () => {
    const create = (Attributes = {}) => paused.sns.send(new CreateTopicCommand({ Name: 'night-shift', Attributes }));
    const made = await create({ DisplayName: 'Night' });
    assert.equal((await create()).TopicArn, made.TopicArn);
    await refused(create({ DisplayName: 'Day' }), 'InvalidParameterException', /different attributes/);
    const { Attributes } = await paused.sns.send(new GetTopicAttributesCommand({ TopicArn: made.TopicArn }));
    assert.deepEqual(
      [Attributes?.['Owner'], Attributes?.['DisplayName'], Attributes?.['SubscriptionsConfirmed']],
      [WELL_KNOWN.account, 'Night', '0'],
    );
  });

  it('lists topics a hundred a page', async () => {
    const { world, account, region } = paused.fleet.place;
    for (let n = 0; n < 100; n += 1) seedTopic(world, { account, region, name: `topic-${n}`, subscriptions: 0 });
    const first = await paused.sns.send(new ListTopicsCommand({}));
    const second = await paused.sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    assert.deepEqual([first.Topics?.length, first.Topics?.[0]?.TopicArn], [100, TopicArn]);
    assert.deepEqual([second.Topics?.length, second.NextToken], [1, undefined]);
  });

  it('does not know a topic that is not there, refuses those of other accounts and Regions', async () => {
    await refused(publish({ TopicArn: `${TopicArn}-none` }), 'NotFoundException', /Topic does not exist/);
    const foreign = new SNSClient(optionsFor(paused.sandbox, { region: WELL_KNOWN.region, account: '444455556666' }));
    const message = /SNS:Publish on resource: arn:aws:sns/;
    await refused(foreign.send(new PublishCommand({ TopicArn, Message: 'x' })), 'AuthorizationErrorException', message);
    foreign.destroy();
    const elsewhere = TopicArn.replace('eu-central-1', 'us-east-1');
    await refused(publish({ TopicArn: elsewhere }), 'InvalidParameterException', /^Invalid parameter: TopicArn$/);
    await refused(publish({ TopicArn: 'operators' }), 'InvalidParameterException', /at least 6 elements, not 1/);
  });

  it('refuses what AWS does not send: no message, one too long, a subject that is no line of ASCII', async () => {
    await refused(publish({ Message: '' }), 'InvalidParameterException', /Empty message/);
    await refused(publish({ Message: 'ü'.repeat(131_073) }), 'InvalidParameterException', /Message too long/);
    for (const Subject of ['', 'x'.repeat(100), 'two\nlines', ' begins with a space', 'Größe']) {
      await refused(publish({ Subject }), 'InvalidParameterException', /Invalid parameter: Subject/);
    }
    await refused(publish({ TopicArn: undefined }), 'InvalidParameterException', /no value for required parameter/);
    assert.equal(publishedMessages(paused.fleet.place).length, 0);
  });
});
