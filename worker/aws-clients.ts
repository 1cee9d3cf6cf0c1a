/** The SDK's clients, one of each per account and Region. */
import { BackupClient } from '@aws-sdk/client-backup';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { RDSClient } from '@aws-sdk/client-rds';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { ApplicationFailure } from '@temporalio/common';
import { keepAwsTime } from '../activities/aws-time.ts';
import { targetName, type Target } from '../domain/target.ts';

/** A target that this worker serves, and the role that it takes there; none: the worker's own identity. */
export interface ServedTarget extends Target {
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** A call answers within this, or is given up, sooner than the activity's own timeout. */
const REQUEST_TIMEOUT = 8_000;

interface Config {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: { requestTimeout: number; connectionTimeout: number; throwOnRequestTimeout: boolean };
  readonly credentials?: ReturnType<typeof fromTemporaryCredentials>;
}

/** Temporal owns the retries: a client that retried by itself could send a rebuild twice. */
function configOf(target: ServedTarget): Config {
  const { region, roleArn, externalId } = target;
  return {
    region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT, connectionTimeout: 3_000, throwOnRequestTimeout: true },
    ...(roleArn
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
      : {}),
  };
}

/** One client of a kind for each target, made when it is first asked for. */
function perTarget<C extends { readonly middlewareStack: unknown }>(
  targets: readonly ServedTarget[],
  make: (config: Config) => C,
): (target: Target) => C {
  const made = new Map<string, C>();
  return (target) => {
    const name = targetName(target);
    const known = made.get(name);
    if (known) return known;
    const served = targets.find((each) => targetName(each) === name);
    if (!served) {
      throw ApplicationFailure.nonRetryable(
        `this worker does not serve ${name}: start one with --target ${name}`,
        'InvalidInput',
      );
    }
    const client = make(configOf(served));
    keepAwsTime(client);
    made.set(name, client);
    return client;
  };
}

/** SQS answers when there is a message, or after 20 seconds. */
const LONG_POLL_TIMEOUT = 30_000;

const forLongPolls = (config: Config): Config => ({
  ...config,
  requestHandler: { ...config.requestHandler, requestTimeout: LONG_POLL_TIMEOUT },
});

/** `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are honoured by the SDK itself. */
export const awsClients = (targets: readonly ServedTarget[]) => ({
  workspacesFor: perTarget(targets, (config) => new WorkSpacesClient(config)),
  taggingFor: perTarget(targets, (config) => new ResourceGroupsTaggingAPIClient(config)),
  ssmFor: perTarget(targets, (config) => new SSMClient(config)),
  snsFor: perTarget(targets, (config) => new SNSClient(config)),
  kmsFor: perTarget(targets, (config) => new KMSClient(config)),
  quotasFor: perTarget(targets, (config) => new ServiceQuotasClient(config)),
  s3For: perTarget(targets, (config) => new S3Client(config)),
  backupFor: perTarget(targets, (config) => new BackupClient(config)),
  ec2For: perTarget(targets, (config) => new EC2Client(config)),
  rdsFor: perTarget(targets, (config) => new RDSClient(config)),
  directoriesFor: perTarget(targets, (config) => new DirectoryServiceClient(config)),
  dynamodbFor: perTarget(targets, (config) => new DynamoDBClient(config)),
  sqsFor: perTarget(targets, (config) => new SQSClient(forLongPolls(config))),
  organizationsFor: perTarget(targets, (config) => new OrganizationsClient(config)),
  cloudFormationFor: perTarget(targets, (config) => new CloudFormationClient(config)),
});
