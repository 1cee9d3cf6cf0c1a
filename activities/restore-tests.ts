/** AWS Backup: which recovery point is restored for a test, and the restore itself. */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import {
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  paginateListRecoveryPointsByBackupVault,
  StartRestoreJobCommand,
  type BackupClient,
  type DescribeRestoreJobOutput,
  type RecoveryPointByBackupVault,
} from '@aws-sdk/client-backup';
import { isUsable, type VaultRef } from '../domain/custody.ts';
import type { Metadata, RestoreTestInput, TestedPoint } from '../domain/restore-test.ts';
import type { Target } from '../domain/target.ts';
import { alive } from './alive.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';

export interface RestoreTestsDeps {
  readonly backupFor: (target: Target) => BackupClient;
}

export interface RestoreJobEnd {
  readonly at: string;
  /** AWS's own word; null: it goes on beyond the deadline. */
  readonly status: string | null;
  readonly message: string | null;
  readonly createdArn: string | null;
  /** From its creation to its completion. */
  readonly seconds: number | null;
}

export const createRestoreTestsActivities = ({ backupFor }: RestoreTestsDeps) => ({
  ...restoreReads(backupFor),
  ...restoreJobs(backupFor),
});

function restoreReads(backupFor: RestoreTestsDeps['backupFor']) {
  return {
    /**
     * Chooses the recovery point to restore; null: the vault has none of the type that can be. Cold ones take hours and
     * money to come back, continuous ones are restored to a time: neither is chosen. @iam backup:ListRecoveryPointsByBackupVault
     */
    async choosePoint(input: Pick<RestoreTestInput, 'vault' | 'resourceType' | 'pick'>): Promise<{
      readonly at: string;
      readonly point: TestedPoint | null;
    }> {
      const { vault, resourceType, pick } = input;
      const context = { target: vault, action: 'backup:ListRecoveryPointsByBackupVault', resource: vault.vault };
      return await call(context, () =>
        alive(async () => {
          const query = { BackupVaultName: vault.vault, ByResourceType: resourceType };
          const client = backupFor(vault);
          let at = '';
          let chosen: RecoveryPointByBackupVault | undefined;
          let seen = 0;
          for await (const page of paginateListRecoveryPointsByBackupVault({ client, pageSize: 1000 }, query)) {
            at = awsTime(page);
            for (const point of (page.RecoveryPoints ?? []).filter((each) => isTestable(each, at))) {
              seen += 1;
              // Of each page's points so far, each stays with the same probability: no list of 100,000 is kept.
              const isBetter = pick === 'random' ? Math.random() < 1 / seen : isNewer(point, chosen);
              if (isBetter) chosen = point;
            }
          }
          return { at, point: chosen ? testedPoint(chosen) : null };
        }),
      );
    },

    /** What AWS Backup says that the point was, to be restored so. @iam backup:GetRecoveryPointRestoreMetadata */
    async readRestoreMetadata(input: { readonly vault: VaultRef; readonly pointArn: string }): Promise<Metadata> {
      const { vault, pointArn } = input;
      const context = { target: vault, action: 'backup:GetRecoveryPointRestoreMetadata', resource: pointArn };
      return await call(context, async () => {
        const command = new GetRecoveryPointRestoreMetadataCommand({
          BackupVaultName: vault.vault,
          RecoveryPointArn: pointArn,
        });
        return (await backupFor(vault).send(command, untilCancelled())).RestoreMetadata ?? {};
      });
    },
  };
}

function restoreJobs(backupFor: RestoreTestsDeps['backupFor']) {
  return {
    /**
     * Starts the restore; the token gives the same job again. The source's tags are not copied: what is restored must not
     * be backed up in its turn. @iam backup:StartRestoreJob iam:PassRole
     */
    async startRestore(input: {
      readonly target: Target;
      readonly pointArn: string;
      readonly resourceType: string;
      readonly metadata: Metadata;
      readonly roleArn: string;
      readonly token: string;
    }): Promise<{ readonly at: string; readonly jobId: string }> {
      const { target, pointArn, resourceType, metadata, roleArn, token } = input;
      return await call({ target, action: 'backup:StartRestoreJob', resource: pointArn }, async () => {
        const command = new StartRestoreJobCommand({
          RecoveryPointArn: pointArn,
          ResourceType: resourceType,
          Metadata: { ...metadata },
          IamRoleArn: roleArn,
          IdempotencyToken: token,
          CopySourceTagsToRestoredResource: false,
        });
        const output = await backupFor(target).send(command, untilCancelled());
        return { at: awsTime(output), jobId: output.RestoreJobId ?? '' };
      });
    },

    /** Follows a restore to its end or to the deadline; each look is an attempt. @iam backup:DescribeRestoreJob */
    async awaitRestore(input: {
      readonly target: Target;
      readonly jobId: string;
      /** AWS's time; null: to its end, however long that takes. */
      readonly deadlineAt: string | null;
    }): Promise<RestoreJobEnd> {
      const { target, jobId, deadlineAt } = input;
      const end = await call({ target, action: 'backup:DescribeRestoreJob', resource: jobId }, async () => {
        const output = await backupFor(target).send(
          new DescribeRestoreJobCommand({ RestoreJobId: jobId }),
          untilCancelled(),
        );
        return restoreEnd(output, awsTime(output));
      });
      if (end.status !== null) return end;
      if (deadlineAt !== null && end.at >= deadlineAt) return end;
      throw ApplicationFailure.create({
        type: 'StillPending',
        message: `restore job ${jobId} goes on${end.message === null ? '' : `: ${end.message}`}`,
        nextRetryDelay: nextLook(end.at, deadlineAt),
        category: 'BENIGN',
      });
    },
  };
}

const isTestable = (point: RecoveryPointByBackupVault, at: string): boolean =>
  isUsable(point.Status ?? '') &&
  point.CompletionDate !== undefined &&
  !(point.IsParent ?? false) &&
  !(point.RecoveryPointArn ?? '').includes(':continuous:') &&
  (point.CalculatedLifecycle?.MoveToColdStorageAt?.toISOString() ?? '9') > at;

const createdAt = (point: RecoveryPointByBackupVault | undefined): string => point?.CreationDate?.toISOString() ?? '';

const isNewer = (point: RecoveryPointByBackupVault, than: RecoveryPointByBackupVault | undefined): boolean =>
  createdAt(point) > createdAt(than);

const testedPoint = (point: RecoveryPointByBackupVault): TestedPoint => ({
  arn: point.RecoveryPointArn ?? '',
  resourceArn: point.ResourceArn ?? '',
  createdAt: createdAt(point),
  sizeBytes: point.BackupSizeInBytes ?? null,
  isEncrypted: point.IsEncrypted ?? false,
});

const ENDED = ['COMPLETED', 'ABORTED', 'FAILED'];

const restoreEnd = (output: DescribeRestoreJobOutput, at: string): RestoreJobEnd => ({
  at,
  status: ENDED.includes(output.Status ?? '') ? (output.Status ?? null) : null,
  message: output.StatusMessage ?? null,
  createdArn: output.CreatedResourceArn ?? null,
  seconds:
    output.CreationDate && output.CompletionDate
      ? Math.round((output.CompletionDate.getTime() - output.CreationDate.getTime()) / 1000)
      : null,
});

const SOONEST = 15_000;
const LATEST = 5 * 60_000;

/** The longer it takes, the rarer the looks; one at the deadline. */
function nextLook(at: string, deadlineAt: string | null): number {
  const wait = Math.min(SOONEST * 1.3 ** (activityInfo().attempt - 1), LATEST);
  const left = deadlineAt === null ? LATEST : Date.parse(deadlineAt) - Date.parse(at);
  return Math.max(1_000, Math.round(Math.min(wait, left)));
}
