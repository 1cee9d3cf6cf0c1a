/** Amazon SNS: topics through which people are told. */
import { cancellationSignal } from '@temporalio/activity';
import { GetTopicAttributesCommand, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Target } from '../domain/target.ts';
import { call, failureType } from './failure.ts';

export interface SnsDeps {
  readonly snsFor: (target: Target) => SNSClient;
}

/** As AWS documents it: fewer than 100 characters of ASCII, no control characters. */
const subjectOf = (text: string): string => text.replaceAll(/[^ -~]/g, '?').slice(0, 99);

export const createSnsActivities = ({ snsFor }: SnsDeps) => ({
  /** Reads what stands in the way of publishing to the topic; null: nothing that shows. @iam sns:GetTopicAttributes */
  async topicProblem(input: {
    readonly target: Target;
    readonly topicArn: string;
  }): Promise<{ readonly problem: string | null }> {
    const { target, topicArn } = input;
    return await call({ target, action: 'sns:GetTopicAttributes', resource: topicArn }, async () => {
      try {
        const command = new GetTopicAttributesCommand({ TopicArn: topicArn });
        const { Attributes: attributes = {} } = await snsFor(target).send(command, {
          abortSignal: cancellationSignal(),
        });
        // AWS leaves the count out where there is none to tell.
        const heard = attributes['SubscriptionsConfirmed'] !== '0';
        const problem = `topic ${topicArn} has no confirmed subscription, so that nobody would be told: subscribe somebody, or give no topic`;
        return { problem: heard ? null : problem };
      } catch (error) {
        if (failureType(error) !== 'NotFound') throw error;
        return { problem: `topic ${topicArn} does not exist: give the ARN of one that does, or none` };
      }
    });
  },

  /** Publishes a message. AWS has no token for it: repeated after an unclear end, it may arrive twice. @iam sns:Publish */
  async publish(input: {
    readonly target: Target;
    readonly topicArn: string;
    readonly subject: string;
    readonly message: string;
  }): Promise<void> {
    const { target, topicArn, subject, message } = input;
    await call({ target, action: 'sns:Publish', resource: topicArn }, async () => {
      const command = new PublishCommand({ TopicArn: topicArn, Subject: subjectOf(subject), Message: message });
      await snsFor(target).send(command, { abortSignal: cancellationSignal() });
    });
  },
});
