/** What CloudTrail makes of AWS Backup's own doings, as EventBridge passes it on. */
import type { BackupEvent } from './backup/events.ts';

const SERVICE = 'backup.amazonaws.com';

/** Each end of a backup job is a `BackupJobCompleted`, whatever its state. */
const ENDS = ['COMPLETED', 'PARTIAL', 'FAILED', 'ABORTED', 'EXPIRED'];

/** Undefined: CloudTrail has nothing for it. */
export function cloudTrailEvent(
  { account, region }: { readonly account: string; readonly region: string },
  { id, at, detailType, resources, detail }: BackupEvent,
): object | undefined {
  if (detailType !== 'Backup Job State Change' || !ENDS.includes(String(detail['state']))) return undefined;
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return {
    version: '0',
    id,
    'detail-type': 'AWS Service Event via CloudTrail',
    source: 'aws.backup',
    account,
    time,
    region,
    resources: [],
    detail: {
      eventVersion: '1.05',
      userIdentity: { accountId: account, invokedBy: SERVICE },
      eventTime: time,
      eventSource: SERVICE,
      eventName: 'BackupJobCompleted',
      awsRegion: region,
      sourceIPAddress: SERVICE,
      userAgent: SERVICE,
      requestParameters: null,
      responseElements: null,
      eventID: id,
      readOnly: false,
      eventType: 'AwsServiceEvent',
      recipientAccountId: account,
      serviceEventDetails: detailsOf(resources, detail),
    },
  };
}

function detailsOf(resources: readonly string[], detail: BackupEvent['detail']): object {
  const { backupJobId, backupVaultName, backupVaultArn, resourceType, resourceArn, state, iamRoleArn } = detail;
  return {
    backupJobId,
    backupVaultName,
    backupVaultArn,
    resourceType,
    resourceArn,
    ...(resources[0] !== undefined && { recoveryPointArn: resources[0] }),
    state,
    iamRoleArn,
    percentDone: 100,
    creationDate: seconds(detail['creationDate']),
    completionDate: seconds(detail['completionDate']),
  };
}

function seconds(iso: unknown): object {
  const at = Date.parse(String(iso));
  return { seconds: Math.floor(at / 1000), nanos: (at % 1000) * 1e6 };
}
