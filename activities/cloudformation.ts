/** AWS CloudFormation: the stack that brought a one-shot run may be removed once the run has ended. */
import { cancellationSignal } from '@temporalio/activity';
import { DeleteStackCommand, DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Target } from '../domain/target.ts';
import { awsErrorCode, call } from './failure.ts';

export interface CloudFormationDeps {
  readonly cloudFormationFor: (target: Target) => CloudFormationClient;
}

export const createCloudFormationActivities = ({ cloudFormationFor }: CloudFormationDeps) => ({
  /** Whether the stack exists. @iam cloudformation:DescribeStacks */
  async stackExists(input: { readonly target: Target; readonly stackName: string }): Promise<boolean> {
    const { target, stackName } = input;
    return await call({ target, action: 'cloudformation:DescribeStacks', resource: stackName }, async () => {
      try {
        const command = new DescribeStacksCommand({ StackName: stackName });
        const output = await cloudFormationFor(target).send(command, { abortSignal: cancellationSignal() });
        return (output.Stacks ?? []).some((stack) => stack.StackStatus !== 'DELETE_COMPLETE');
      } catch (error) {
        // A stack that does not exist is a ValidationError, told from others by its text only.
        if (awsErrorCode(error) === 'ValidationError' && /does not exist/.test((error as Error).message)) return false;
        throw error;
      }
    });
  },

  /** Begins to delete the stack; for one that is gone or being deleted AWS does nothing. @iam cloudformation:DeleteStack */
  async deleteStack(input: { readonly target: Target; readonly stackName: string }): Promise<void> {
    const { target, stackName } = input;
    await call({ target, action: 'cloudformation:DeleteStack', resource: stackName }, async () => {
      const command = new DeleteStackCommand({ StackName: stackName });
      await cloudFormationFor(target).send(command, { abortSignal: cancellationSignal() });
    });
  },
});
