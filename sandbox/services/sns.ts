/** Amazon SNS: standard topics, and what was published to them. Nobody is sent anything. */
import { AwsError } from '../service.ts';
import type { Call, Operation, Service, World } from '../service.ts';
import { paginate } from '../pagination.ts';
import { uuidFrom } from './uuid.ts';

interface Topic {
  readonly arn: string;
  readonly displayName: string;
  /** How many confirmed subscriptions it has. */
  readonly subscriptions: number;
}

/** What was published, for tests: no API shows it. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly at: number;
  readonly subject: string | null;
  readonly message: string;
}

type Place = Pick<Call, 'world' | 'account' | 'region'>;
const topics = ({ world, account, region }: Place) => world.store.table<Topic>(account, region, 'sns.topics');
const messages = ({ world, account, region }: Place) =>
  world.store.table<PublishedMessage>(account, region, 'sns.messages');

const MOST_BYTES = 256 * 1024;
const PER_PAGE = 100;
/** As AWS documents it: fewer than 100 characters, ASCII without control characters, the first one no space. */
const SUBJECT = /^[!-~][ -~]{0,98}$/;

export interface TopicSeed {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly subscriptions: number;
}

/** Puts a topic into an account's Region; the answer is its ARN. */
export function seedTopic(world: World, { account, region, name, subscriptions }: TopicSeed): string {
  const arn = `arn:aws:sns:${region}:${account}:${name}`;
  topics({ world, account, region }).set(arn, { arn, displayName: '', subscriptions });
  return arn;
}

/** Everything published in this account's Region, in order of time. */
export function publishedMessages(place: Place): readonly PublishedMessage[] {
  return messages(place).values();
}

const invalid = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

interface CreateTopicInput {
  readonly Name: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

const createTopic: Operation = ({ Name, Attributes = {} }: CreateTopicInput, call) => {
  if (!/^[\w-]{1,256}$/.test(Name)) throw invalid('Topic Name');
  const arn = `arn:aws:sns:${call.region}:${call.account}:${Name}`;
  const displayName = Attributes['DisplayName'] ?? '';
  const known = topics(call).get(arn);
  if (known && Attributes['DisplayName'] !== undefined && known.displayName !== displayName) {
    throw invalid('Attributes Reason: Topic already exists with different attributes');
  }
  if (!known) topics(call).set(arn, { arn, displayName, subscriptions: 0 });
  return { TopicArn: arn };
};

/** The topic of that ARN; who may use a topic of another account is said by its policy, which none here has. */
function topicOf(call: Call, arn: string, action: string): Topic {
  const parts = arn.split(':');
  if (parts.length < 6) {
    throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  }
  const [prefix, , service, region, account] = parts;
  if (prefix !== 'arn' || service !== 'sns' || region !== call.region) throw invalid('TopicArn');
  if (account !== call.account) {
    const message = `User: arn:aws:iam::${call.account}:user/sandbox is not authorized to perform: SNS:${action} on resource: ${arn} because no resource-based policy allows the SNS:${action} action`;
    throw new AwsError('AuthorizationError', message, 403);
  }
  const topic = topics(call).get(arn);
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

const getTopicAttributes: Operation = ({ TopicArn }: { TopicArn: string }, call) => {
  const { arn, displayName, subscriptions } = topicOf(call, TopicArn, 'GetTopicAttributes');
  return {
    Attributes: {
      TopicArn: arn,
      Owner: call.account,
      DisplayName: displayName,
      SubscriptionsConfirmed: String(subscriptions),
      SubscriptionsPending: '0',
      SubscriptionsDeleted: '0',
    },
  };
};

const listTopics: Operation = ({ NextToken }: { NextToken?: string }, call) => {
  const found = paginate(
    {
      operation: 'ListTopics',
      items: topics(call).values(),
      idOf: ({ arn }) => arn,
      pageSize: PER_PAGE,
      token: NextToken,
      parameters: {},
      invalidToken: () => invalid('NextToken'),
    },
    call,
  );
  return { Topics: found.items.map(({ arn }) => ({ TopicArn: arn })), NextToken: found.nextToken };
};

interface PublishInput {
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly Subject?: string;
  readonly Message: string;
}

const publish: Operation = ({ TopicArn, TargetArn, Subject, Message }: PublishInput, call) => {
  const arn = TopicArn ?? TargetArn;
  if (!arn) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  if (Message === '') throw invalid('Empty message');
  if (Buffer.byteLength(Message) > MOST_BYTES) throw invalid('Message too long');
  if (Subject !== undefined && !SUBJECT.test(Subject)) throw invalid('Subject');
  const topic = topicOf(call, arn, 'Publish');
  const table = messages(call);
  const messageId = uuidFrom(call.world.random(`sns/${call.account}/${call.region}/${table.size}`));
  const subject = Subject ?? null;
  table.set(messageId, { messageId, topicArn: topic.arn, at: call.now, subject, message: Message });
  return { MessageId: messageId };
};

export const sns: Service = {
  signingName: 'sns',
  operations: {
    CreateTopic: createTopic,
    GetTopicAttributes: getTopicAttributes,
    ListTopics: listTopics,
    Publish: publish,
  },
};
