/** AWS Backup's copy jobs: started once each, looked at, and listed as they end. */
import { createHash } from 'node:crypto';
import {
  DescribeCopyJobCommand,
  ListCopyJobsCommand,
  StartCopyJobCommand,
  type CopyJob,
  type ListCopyJobsCommandInput,
} from '@aws-sdk/client-backup';
import {
  vaultArn,
  vaultOfArn,
  type CopyJobSeen,
  type Lifecycle,
  type PointRef,
  type VaultRef,
} from '../domain/custody.ts';
import type { Target } from '../domain/target.ts';
import { alive } from './alive.ts';
import { awsTime } from './aws-time.ts';
import { lookAtPoint, toAws, type BackupDeps, type PointLook } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';

export interface CopyStart {
  readonly from: PointRef;
  readonly to: VaultRef;
  readonly lifecycle: Lifecycle | null;
  /** By name, with its path; of the account that the point is in. */
  readonly backupRole: string;
  readonly attempt: number;
  /** Who copies: jobs of different ones are never the same. */
  readonly seed: string;
}

export const createBackupCopiesActivities = ({ backupFor }: BackupDeps) => ({
  /**
   * Reads a point, its tags, and every copy job of it that AWS still knows.
   * @iam backup:DescribeRecoveryPoint backup:ListTags backup:ListCopyJobs
   */
  async openPoint(input: { readonly point: PointRef }): Promise<PointLook & { readonly copyJobs: CopyJobSeen[] }> {
    const look = await lookAtPoint(backupFor, input.point);
    if (!look.facts) return { ...look, copyJobs: [] };
    const { jobs } = await jobsOf(backupFor, input.point, { BySourceRecoveryPointArn: input.point.arn });
    return { ...look, copyJobs: jobs };
  },

  /** Every copy job of a point that AWS still knows. @iam backup:ListCopyJobs */
  async copyJobsOf(input: {
    readonly point: PointRef;
  }): Promise<{ readonly at: string; readonly jobs: CopyJobSeen[] }> {
    return await jobsOf(backupFor, input.point, { BySourceRecoveryPointArn: input.point.arn });
  },

  /**
   * Starts a copy job. The token follows from what is copied where, and the how-manieth attempt it is: the same again,
   * after a lost reply too, is the same job. @iam backup:StartCopyJob iam:PassRole
   */
  async startCopy(
    input: CopyStart,
  ): Promise<{ readonly at: string; readonly jobId: string; readonly createdAt: string }> {
    const { from, to, lifecycle, backupRole } = input;
    return await call({ target: from, action: 'backup:StartCopyJob', resource: from.arn }, async () => {
      const command = new StartCopyJobCommand({
        RecoveryPointArn: from.arn,
        SourceBackupVaultName: from.vault,
        DestinationBackupVaultArn: vaultArn(to),
        IamRoleArn: `arn:aws:iam::${from.account}:role/${backupRole}`,
        IdempotencyToken: tokenOf(input),
        ...(lifecycle ? { Lifecycle: toAws(lifecycle) } : {}),
      });
      const output = await backupFor(from).send(command, untilCancelled());
      const at = awsTime(output);
      return { at, jobId: output.CopyJobId ?? '', createdAt: output.CreationDate?.toISOString() ?? at };
    });
  },

  /** Reads a copy job. @iam backup:DescribeCopyJob */
  async lookAtCopy(input: {
    readonly target: Target;
    readonly jobId: string;
  }): Promise<{ readonly at: string; readonly job: CopyJobSeen }> {
    const { target, jobId } = input;
    return await call({ target, action: 'backup:DescribeCopyJob', resource: jobId }, async () => {
      const command = new DescribeCopyJobCommand({ CopyJobId: jobId });
      const output = await backupFor(target).send(command, untilCancelled());
      return { at: awsTime(output), job: asSeen(output.CopyJob ?? {}) };
    });
  },

  /**
   * The copy jobs out of an account's Region to another that have ended since then, whoever started them, without those
   * that were seen already. @iam backup:ListCopyJobs
   */
  async endedCopies(input: {
    readonly source: Target;
    readonly destinationRegion: string;
    readonly since: string;
    readonly seen: readonly string[];
  }): Promise<{ readonly at: string; readonly jobs: CopyJobSeen[] }> {
    const seen = new Set(input.seen);
    const { at, jobs } = await jobsOf(backupFor, input.source, { ByCompleteAfter: new Date(input.since) });
    const isWanted = ({ jobId, destinationVaultArn }: CopyJobSeen): boolean =>
      !seen.has(jobId) && vaultOfArn(destinationVaultArn)?.region === input.destinationRegion;
    return { at, jobs: jobs.filter(isWanted) };
  },
});

const tokenOf = ({ from, to, lifecycle, attempt, seed }: CopyStart): string =>
  createHash('sha256')
    .update(JSON.stringify([seed, from.arn, vaultArn(to), lifecycle, attempt]))
    .digest('hex')
    .slice(0, 40);

async function jobsOf(
  backupFor: BackupDeps['backupFor'],
  target: Target,
  filter: ListCopyJobsCommandInput,
): Promise<{ readonly at: string; readonly jobs: CopyJobSeen[] }> {
  return await call({ target, action: 'backup:ListCopyJobs' }, () =>
    alive(async () => {
      const jobs: CopyJobSeen[] = [];
      for (let nextToken: string | undefined; ;) {
        const command = new ListCopyJobsCommand({ ...filter, MaxResults: 1000, NextToken: nextToken });
        const output = await backupFor(target).send(command, untilCancelled());
        jobs.push(...(output.CopyJobs ?? []).map(asSeen));
        nextToken = output.NextToken;
        if (nextToken === undefined) return { at: awsTime(output), jobs };
      }
    }),
  );
}

const asSeen = (job: CopyJob): CopyJobSeen => ({
  jobId: job.CopyJobId ?? '',
  state: job.State ?? '',
  message: job.StatusMessage ?? null,
  pointArn: job.SourceRecoveryPointArn ?? '',
  destinationVaultArn: job.DestinationBackupVaultArn ?? '',
  copyArn: job.DestinationRecoveryPointArn ?? null,
  createdAt: job.CreationDate?.toISOString() ?? '',
  endedAt: job.CompletionDate?.toISOString() ?? null,
});
