/** Messages to the people in charge. */
import { workflowInfo } from '@temporalio/workflow';
import type { Target } from '../domain/target.ts';
import { quickCalls } from './activities.ts';
import { troubleOf } from './failures.ts';

/** What SNS takes in a subject. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT_LENGTH = 99;

/** Where work is done in several accounts: in the topic's own account and Region. */
export async function toldByTopic(topicArn: string | null, subject: string, message: string): Promise<string | null> {
  const [, , , region = '', account = ''] = (topicArn ?? '').split(':');
  return await toldOperators({ target: { account, region }, operatorTopicArn: topicArn }, subject, message);
}

/** Null: they were told, or there is no topic to tell them by. Otherwise why not: that stops nothing. */
export async function toldOperators(
  { target, operatorTopicArn: topicArn }: { readonly target: Target; readonly operatorTopicArn: string | null },
  subject: string,
  message: string,
): Promise<string | null> {
  if (topicArn === null) return null;
  const text = `${message}\n${workflowInfo().workflowId}`;
  try {
    await quickCalls.publish({ target, topicArn, subject: subject.slice(0, SUBJECT_LENGTH), message: text });
    return null;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return trouble.message;
  }
}
