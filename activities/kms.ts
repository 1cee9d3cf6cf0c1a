/** AWS KMS: whether a key can be used. */
import { cancellationSignal } from '@temporalio/activity';
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Target } from '../domain/target.ts';
import { awsErrorCode, call, failureType } from './failure.ts';

export interface KmsDeps {
  readonly kmsFor: (target: Target) => KMSClient;
}

export const createKmsActivities = ({ kmsFor }: KmsDeps) => ({
  /**
   * Reads a key's state: `Enabled`, `Disabled`, `PendingDeletion`, …, `NotFound`; `AccessDenied` where we may not look,
   * which says nothing of those who use the key. @iam kms:DescribeKey
   */
  async describeKey(input: { readonly target: Target; readonly keyId: string }): Promise<{ readonly state: string }> {
    const { target, keyId } = input;
    return await call({ target, action: 'kms:DescribeKey', resource: keyId }, async () => {
      try {
        const command = new DescribeKeyCommand({ KeyId: keyId });
        const output = await kmsFor(target).send(command, { abortSignal: cancellationSignal() });
        return { state: output.KeyMetadata?.KeyState ?? 'Unknown' };
      } catch (error) {
        const type = failureType(error);
        if (type === 'NotFound' || awsErrorCode(error) === 'NotFoundException') return { state: 'NotFound' };
        if (type === 'AccessDenied') return { state: 'AccessDenied' };
        throw error;
      }
    });
  },
});
