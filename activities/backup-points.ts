/** AWS Backup's recovery points: what they are now, what a gate needs to know, and the two calls that change an original. */
import {
  DeleteRecoveryPointCommand,
  DescribeRecoveryPointCommand,
  ListRecoveryPointsByBackupVaultCommand,
  ListTagsCommand,
  UpdateRecoveryPointLifecycleCommand,
  type BackupClient,
  type DescribeRecoveryPointOutput,
  type Lifecycle as AwsLifecycle,
  type RecoveryPointByBackupVault,
} from '@aws-sdk/client-backup';
import { ApplicationFailure } from '@temporalio/activity';
import type { Lifecycle, PointFacts, PointRef, VaultRef } from '../domain/custody.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call, failureType } from './failure.ts';

export interface BackupDeps {
  readonly backupFor: (target: Target) => BackupClient;
}

/** What a listing tells of a point: its storage class is told by a look at it only. */
export type ListedPoint = Omit<PointFacts, 'at' | 'storageClass'>;

export const createBackupPointsActivities = ({ backupFor }: BackupDeps) => ({
  /** Reads a point and its tags; null: it is not there. @iam backup:DescribeRecoveryPoint backup:ListTags */
  async lookAtPoint(input: { readonly point: PointRef }): Promise<PointLook> {
    return await lookAtPoint(backupFor, input.point);
  },

  /** Reads a point without its tags; null: it is not there. @iam backup:DescribeRecoveryPoint */
  async describePoint(input: {
    readonly point: PointRef;
  }): Promise<{ readonly at: string; readonly facts: PointFacts | null }> {
    return await readPoint(backupFor, input.point);
  },

  /** Reads a page of a vault's points. @iam backup:ListRecoveryPointsByBackupVault */
  async listPoints(input: {
    readonly vault: VaultRef;
    readonly nextToken: string | null;
    readonly maxResults: number;
  }): Promise<{ readonly at: string; readonly points: ListedPoint[]; readonly nextToken: string | null }> {
    const { vault, nextToken, maxResults } = input;
    const context = { target: vault, action: 'backup:ListRecoveryPointsByBackupVault', resource: vault.vault };
    return await call(context, async () => {
      const request = { BackupVaultName: vault.vault, MaxResults: maxResults, NextToken: nextToken ?? undefined };
      const output = await backupFor(vault).send(new ListRecoveryPointsByBackupVaultCommand(request), untilCancelled());
      return {
        at: awsTime(output),
        points: (output.RecoveryPoints ?? []).map((point) => asListed(vault, point)),
        nextToken: output.NextToken ?? null,
      };
    });
  },

  /**
   * Sets the whole lifecycle of a point, and reads it back: AWS takes what is left out for never. The same again is the
   * same. @iam backup:UpdateRecoveryPointLifecycle backup:DescribeRecoveryPoint
   */
  async setLifecycle(input: {
    readonly point: PointRef;
    readonly lifecycle: Lifecycle;
  }): Promise<{ readonly at: string; readonly readBack: PointFacts | null }> {
    const { point, lifecycle } = input;
    const context = { target: point, action: 'backup:UpdateRecoveryPointLifecycle', resource: point.arn };
    await call(context, async () => {
      const request = { BackupVaultName: point.vault, RecoveryPointArn: point.arn, Lifecycle: toAws(lifecycle) };
      await backupFor(point).send(new UpdateRecoveryPointLifecycleCommand(request), untilCancelled());
    });
    return await readBack(backupFor, point);
  },

  /**
   * Deletes a point, and reads what became of it: AWS answers 200 also where its role may not delete, and the point goes
   * EXPIRED then. One that is gone is as good. @iam backup:DeleteRecoveryPoint backup:DescribeRecoveryPoint
   */
  async deletePoint(input: {
    readonly point: PointRef;
  }): Promise<{ readonly at: string; readonly readBack: PointFacts | null }> {
    const { point } = input;
    await call({ target: point, action: 'backup:DeleteRecoveryPoint', resource: point.arn }, async () => {
      try {
        const request = { BackupVaultName: point.vault, RecoveryPointArn: point.arn };
        await backupFor(point).send(new DeleteRecoveryPointCommand(request), untilCancelled());
      } catch (error) {
        if (failureType(error) !== 'NotFound') throw error;
      }
    });
    return await readBack(backupFor, point);
  },
});

/** What was asked is done: that it cannot be seen at once must not look as if AWS had refused it. */
async function readBack(
  backupFor: BackupDeps['backupFor'],
  point: PointRef,
): Promise<{ readonly at: string; readonly readBack: PointFacts | null }> {
  try {
    const { at, facts } = await readPoint(backupFor, point);
    return { at, readBack: facts };
  } catch (error) {
    const message = `AWS took the change of ${point.arn}, and does not show it: ${(error as Error).message}`;
    throw ApplicationFailure.create({ type: 'Unavailable', message });
  }
}

export interface PointLook {
  readonly at: string;
  /** Null: it is not there. */
  readonly facts: PointFacts | null;
  readonly tags: Readonly<Record<string, string>>;
}

export async function lookAtPoint(backupFor: BackupDeps['backupFor'], point: PointRef): Promise<PointLook> {
  const { at, facts } = await readPoint(backupFor, point);
  if (!facts) return { at, facts, tags: {} };
  return await call({ target: point, action: 'backup:ListTags', resource: point.arn }, async () => {
    const tags: Record<string, string> = {};
    let token: string | undefined;
    do {
      const command = new ListTagsCommand({ ResourceArn: point.arn, NextToken: token });
      const output = await backupFor(point).send(command, untilCancelled());
      Object.assign(tags, output.Tags);
      token = output.NextToken;
    } while (token !== undefined);
    return { at, facts, tags };
  });
}

/** Null: the point is not in that vault, or the vault is not there. */
export async function readPoint(
  backupFor: BackupDeps['backupFor'],
  ref: PointRef,
): Promise<{ readonly at: string; readonly facts: PointFacts | null }> {
  return await call({ target: ref, action: 'backup:DescribeRecoveryPoint', resource: ref.arn }, async () => {
    try {
      const command = new DescribeRecoveryPointCommand({ BackupVaultName: ref.vault, RecoveryPointArn: ref.arn });
      const output = await backupFor(ref).send(command, untilCancelled());
      const at = awsTime(output);
      return { at, facts: { ...asListed(ref, output), ref, at, storageClass: output.StorageClass ?? null } };
    } catch (error) {
      if (failureType(error) !== 'NotFound') throw error;
      return { at: awsTime(error as { $metadata: object }), facts: null };
    }
  });
}

export function asListed(
  { account, region, vault }: VaultRef,
  point: RecoveryPointByBackupVault | DescribeRecoveryPointOutput,
): ListedPoint {
  const arn = point.RecoveryPointArn ?? '';
  const status = point.Status ?? '';
  return {
    ref: { account, region, vault, arn },
    status,
    statusMessage: point.StatusMessage ?? null,
    resourceArn: point.ResourceArn ?? '',
    resourceType: point.ResourceType ?? '',
    createdAt: iso(point.CreationDate) ?? '',
    completedAt: iso(point.CompletionDate),
    lifecycle: lifecycleOf(point.Lifecycle),
    moveToColdAt: iso(point.CalculatedLifecycle?.MoveToColdStorageAt),
    deleteAt: iso(point.CalculatedLifecycle?.DeleteAt),
    encryptionKeyArn: point.EncryptionKeyArn ?? null,
    isEncrypted: point.IsEncrypted ?? false,
    sizeBytes: point.BackupSizeInBytes ?? null,
    planId: point.CreatedBy?.BackupPlanId ?? null,
    isContinuous: isContinuous(arn, status, point.CompletionDate),
    sourceVaultArn: point.SourceBackupVaultArn ?? null,
    isParent: point.IsParent ?? false,
    parentArn: point.ParentRecoveryPointArn ?? null,
    vaultType: point.VaultType ?? null,
  };
}

/** AWS names them so, or never comes to an end with them. */
const isContinuous = (arn: string, status: string, completed: Date | undefined): boolean =>
  /:auto-backup:|continuous:/.test(arn) || (status === 'AVAILABLE' && completed === undefined);

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null;

/** AWS writes -1 for never. */
const daysOf = (days: number | undefined): number | null => (days === undefined || days < 0 ? null : days);

const lifecycleOf = (lifecycle: AwsLifecycle | undefined): Lifecycle => ({
  moveToColdStorageAfterDays: daysOf(lifecycle?.MoveToColdStorageAfterDays),
  deleteAfterDays: daysOf(lifecycle?.DeleteAfterDays),
  optInToArchive: lifecycle?.OptInToArchiveForSupportedResources ?? false,
});

/** What is null is left out: AWS takes that for never. */
export const toAws = (lifecycle: Lifecycle): AwsLifecycle => ({
  ...(lifecycle.moveToColdStorageAfterDays === null
    ? {}
    : { MoveToColdStorageAfterDays: lifecycle.moveToColdStorageAfterDays }),
  ...(lifecycle.deleteAfterDays === null ? {} : { DeleteAfterDays: lifecycle.deleteAfterDays }),
  ...(lifecycle.optInToArchive ? { OptInToArchiveForSupportedResources: true } : {}),
});
