/** Whose credentials a worker has: what it calls for one account must not happen in another. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

export interface Identity {
  readonly region: string;
  /** The role taken there; absent: the worker's own identity. */
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** The account that calls with this identity are made in. @iam none: AWS lets everybody call GetCallerIdentity */
export async function callerAccount({ region, roleArn, externalId }: Identity): Promise<string> {
  const credentials = roleArn
    ? {
        credentials: fromTemporaryCredentials({
          params: {
            RoleArn: roleArn,
            RoleSessionName: 'holdfast',
            ...(externalId ? { ExternalId: externalId } : {}),
          },
          clientConfig: { region },
        }),
      }
    : {};
  const sts = new STSClient({ region, maxAttempts: 2, ...credentials });
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: AbortSignal.timeout(10_000) });
    if (!Account) throw new Error('AWS did not say whose credentials these are');
    return Account;
  } finally {
    sts.destroy();
  }
}
