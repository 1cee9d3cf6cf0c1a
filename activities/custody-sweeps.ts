/**
 * What a sweep of a custody policy does: it goes through jobs and vaults by page, and begins the custodies that are
 * missing. A page is one activity, which tells counts only: a vault may have a hundred thousand points.
 */
import { createHash } from 'node:crypto';
import {
  ListBackupJobsCommand,
  ListBackupPlansCommand,
  ListBackupVaultsCommand,
  ListCopyJobsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  type BackupClient,
  type BackupJob,
  type CopyJob,
} from '@aws-sdk/client-backup';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Client } from '@temporalio/client';
import { daysBetween } from '../domain/backup-events.ts';
import { capabilityOf } from '../domain/backup-types.ts';
import {
  isUsable,
  pointOfCustody,
  type CustodyHealth,
  type CustodyHint,
  type CustodyPolicy,
  type PointRef,
  type VaultRef,
} from '../domain/custody.ts';
import { isPlaceOf } from '../domain/custody-overlap.ts';
import { isCopy } from '../domain/custody-rules.ts';
import { vaultName, type NeedyCustodies, type OddPoint, type PageFound } from '../domain/custody-sweep.ts';
import { policySha256 } from '../domain/evidence.ts';
import { monthOf } from '../domain/evidence-keys.ts';
import type { Target } from '../domain/target.ts';
import { alive } from './alive.ts';
import { asListed, type ListedPoint } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { beginCustody, hintCustody } from './custody-starts.ts';
import { sweepMemoryOf } from './custody-sweep-memory.ts';
import { call, failureType } from './failure.ts';
import { countOdd, MOST_ODD, statusOddity } from './odd-points.ts';
import type { SettledPoints } from './evidence-index.ts';
import { calling } from './runs.ts';

export interface CustodySweepsDeps {
  readonly backupFor: (target: Target) => BackupClient;
  readonly s3For: (target: Target) => S3Client;
  readonly client: Client;
  readonly settledPoints: SettledPoints;
}

/** The most that AWS gives at once. */
const PAGE = 1000;

export const createCustodySweepsActivities = (deps: CustodySweepsDeps) => ({
  ...sweepMemoryOf(deps),
  ...healthsOf(deps),

  /** Reads which vaults there are, and which backup plans; null: these cannot be read. @iam backup:ListBackupVaults backup:ListBackupPlans */
  async listVaults(input: {
    readonly target: Target;
  }): Promise<{ readonly vaults: string[]; readonly planIds: string[] | null }> {
    const { target } = input;
    return await call({ target, action: 'backup:ListBackupVaults' }, async () => {
      const backup = deps.backupFor(target);
      const vaults: string[] = [];
      let token: string | undefined;
      do {
        const page = await backup.send(new ListBackupVaultsCommand({ NextToken: token }), untilCancelled());
        for (const { BackupVaultName: name } of page.BackupVaultList ?? []) if (name) vaults.push(name);
        token = page.NextToken;
      } while (token);
      return { vaults, planIds: await planIdsOf(backup) };
    });
  },

  /**
   * Goes through a page of a vault's points and begins the custodies that are missing; those that run are left as they
   * are. @iam backup:ListRecoveryPointsByBackupVault s3:GetObject kms:Decrypt
   */
  async sweepVaultPage(input: {
    readonly policy: CustodyPolicy;
    readonly vault: VaultRef;
    readonly planIds: readonly string[] | null;
    readonly nextToken: string | null;
    /** @default the most that AWS gives at once */
    readonly pageSize: number | null;
  }): Promise<PageFound> {
    const { policy, vault, planIds, nextToken, pageSize } = input;
    const request = { BackupVaultName: vault.vault, MaxResults: pageSize ?? PAGE, NextToken: nextToken ?? undefined };
    const context = { target: vault, action: 'backup:ListRecoveryPointsByBackupVault', resource: vault.vault };
    return await alive(async () => {
      const page = await call(context, async () =>
        deps.backupFor(vault).send(new ListRecoveryPointsByBackupVaultCommand(request), untilCancelled()),
      );
      const points = (page.RecoveryPoints ?? []).map((point) => asListed(vault, point));
      const usable = points.filter(({ status }) => isUsable(status));
      const odd = points.flatMap((point) => oddityOf(point, planIds));
      const begun = await begin(
        deps,
        policy,
        usable.map(({ ref, createdAt }) => ({ ref, days: [createdAt] })),
      );
      const unsupported = usable.filter((point) => !canBeCopied(point)).length;
      const counts = { ...begun.counts, seen: points.length, unsupported, ...countsOf(odd) };
      const months = [...new Set(points.map(({ createdAt }) => monthOf(createdAt)))];
      return { ...begun, counts, odd: odd.slice(0, MOST_ODD), months, nextToken: page.NextToken ?? null };
    });
  },

  /** The same by a page of the backup jobs that completed. @iam backup:ListBackupJobs s3:GetObject kms:Decrypt */
  async sweepBackupJobs(input: {
    readonly policy: CustodyPolicy;
    readonly target: Target;
    readonly since: string;
    readonly nextToken: string | null;
  }): Promise<PageFound> {
    const { policy, target, since, nextToken } = input;
    const request = { ByCompleteAfter: new Date(since), ByState: 'COMPLETED' as const, MaxResults: PAGE };
    return await alive(async () => {
      const page = await call({ target, action: 'backup:ListBackupJobs' }, async () => {
        const command = new ListBackupJobsCommand({ ...request, NextToken: nextToken ?? undefined });
        return await deps.backupFor(target).send(command, untilCancelled());
      });
      const points = (page.BackupJobs ?? []).flatMap((job) => pointOfJob(target, job));
      const { counts, leftOut } = await begin(deps, policy, points);
      return { ...NO_PAGE, counts: { ...counts, seen: points.length }, leftOut, nextToken: page.NextToken ?? null };
    });
  },

  /** Tells custodies of a page of copy jobs that ended, whoever started them. @iam backup:ListCopyJobs */
  async sweepCopyJobs(input: {
    readonly target: Target;
    readonly since: string;
    readonly nextToken: string | null;
  }): Promise<PageFound> {
    const { target, since, nextToken } = input;
    const request = { ByCompleteAfter: new Date(since), MaxResults: PAGE, NextToken: nextToken ?? undefined };
    return await alive(async () => {
      const page = await call({ target, action: 'backup:ListCopyJobs' }, async () =>
        deps.backupFor(target).send(new ListCopyJobsCommand(request), untilCancelled()),
      );
      const jobs = (page.CopyJobs ?? []).filter((job) => job.SourceRecoveryPointArn !== undefined);
      const told = await atOnce(jobs, async (job) =>
        hintCustody(deps.client, job.SourceRecoveryPointArn ?? '', hintOf(job)),
      );
      return { ...NO_PAGE, counts: { hinted: told.filter(Boolean).length }, nextToken: page.NextToken ?? null };
    });
  },

  /**
   * Tells the custodies of a vault that began before its listing and whose points it did not show, so that they look. The
   * truth is what they read themselves: told in vain, they go on.
   */
  async hintUnlisted(input: {
    readonly vault: VaultRef;
    readonly begunBefore: string;
    /** What `PageFound.running` said of all pages. */
    readonly listed: readonly string[];
  }): Promise<{ readonly hinted: number }> {
    const { vault, begunBefore } = input;
    const listed = new Set(input.listed);
    const { client } = deps;
    return await alive(async () => {
      const missing: string[] = [];
      await calling('list custodies', async () => {
        for await (const { workflowId, memo } of client.workflow.list({ query: runningIn(vault, begunBefore) })) {
          const arn = pointOfCustody(workflowId);
          if (memo?.['vault'] === vault.vault && !listed.has(shortHash(arn))) missing.push(arn);
        }
      });
      const told = await atOnce(missing, async (arn) => hintCustody(client, arn, LOOK));
      return { hinted: told.filter(Boolean).length };
    });
  },
});

/** Accounts and Regions in one query. */
const SOURCES_AT_ONCE = 20;

function healthsOf({ client }: CustodySweepsDeps) {
  const count = async (health: CustodyHealth, sources: readonly Target[]): Promise<number> => {
    const places = sources.map(
      ({ account, region }) => `(HoldfastAccount = '${account}' AND HoldfastRegion = '${region}')`,
    );
    const query = `${RUNNING} AND HoldfastHealth = '${health}' AND (${places.join(' OR ')})`;
    return (await client.workflow.count(query)).count;
  };
  return {
    /** Counts those custodies in a policy's accounts and Regions that wait for a person, or for too long. */
    async countNeedy(input: { readonly sources: readonly Target[] }): Promise<NeedyCustodies> {
      return await calling('count custodies', async () => {
        const needy = { blocked: 0, overdue: 0 };
        for (let at = 0; at < input.sources.length; at += SOURCES_AT_ONCE) {
          const sources = input.sources.slice(at, at + SOURCES_AT_ONCE);
          needy.blocked += await count('blocked', sources);
          needy.overdue += await count('overdue', sources);
        }
        return needy;
      });
    },
  };
}

const NO_PAGE: PageFound = { counts: {}, odd: [], running: [], months: [], leftOut: null, nextToken: null };

interface Candidate {
  readonly ref: PointRef;
  /** Instants on the days on which it may have been created, under which the index has it. */
  readonly days: readonly string[];
}

/**
 * Begins the custodies of those points that the index does not have. Of which it cannot tell, none is begun; nor of those
 * in vaults that no rule is for, which may be another policy's.
 */
async function begin(
  { client, settledPoints }: CustodySweepsDeps,
  policy: CustodyPolicy,
  points: readonly Candidate[],
): Promise<PageFound> {
  const placed = points.filter(({ ref }) => isPlaceOf(policy, ref));
  const asked = placed.flatMap(({ ref, days }) => days.map((createdAt) => ({ ref, createdAt })));
  const ask = { evidence: policy.evidence, points: asked, policySha256: policySha256(policy) };
  const answer = await settledPoints(ask);
  const [settled, unread] = [new Set(answer.settled), new Map(answer.unread.map(({ arn, why }) => [arn, why]))];
  const open = placed.filter(({ ref }) => !settled.has(ref.arn) && !unread.has(ref.arn));
  const begun = await atOnce(open, async ({ ref }) => ({
    arn: ref.arn,
    begun: await beginCustody(client, { point: ref, policy, begunBy: 'reconciler' }),
  }));
  const running = begun.filter((each) => each.begun === 'running');
  const started = begun.filter((each) => each.begun === 'started').length;
  const known = placed.filter(({ ref }) => !unread.has(ref.arn)).length;
  const counts = { started, running: running.length, settled: known - started - running.length };
  return { ...NO_PAGE, counts, running: running.map(({ arn }) => shortHash(arn)), leftOut: whyLeftOut(unread) };
}

function whyLeftOut(unread: ReadonlyMap<string, string>): string | null {
  const [why] = unread.values();
  return why === undefined ? null : `no custody is begun of points of which the index cannot tell: ${why}`;
}

const AT_ONCE = 20;

/** So many calls of Temporal at a time. */
async function atOnce<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  return await calling('begin and tell custodies', async () => {
    const results: R[] = [];
    for (let at = 0; at < items.length; at += AT_ONCE)
      results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(each))));
    return results;
  });
}

function canBeCopied(point: ListedPoint): boolean {
  if (point.isContinuous) return false;
  const { crossAccount, crossRegion } = capabilityOf(point) ?? {};
  return [crossAccount, crossRegion].some((cell) => cell !== undefined && cell.value !== 'no');
}

/** A job's own dates stand around that of its point. */
function pointOfJob(target: Target, job: BackupJob): Candidate[] {
  const { RecoveryPointArn: arn, BackupVaultName: vault, CreationDate: from, CompletionDate: to } = job;
  if (!arn || !vault) return [];
  const days = daysBetween(from?.toISOString() ?? null, to?.toISOString() ?? null);
  return [{ ref: { account: target.account, region: target.region, vault, arn }, days }];
}

const hintOf = (job: CopyJob): CustodyHint => ({
  kind: 'copyJob',
  copyJobId: job.CopyJobId ?? null,
  state: job.State ?? null,
  destinationVaultArn: job.DestinationBackupVaultArn ?? null,
  copyArn: job.DestinationRecoveryPointArn ?? null,
  message: job.StatusMessage ?? null,
});

const LOOK: CustodyHint = {
  kind: 'point',
  copyJobId: null,
  state: null,
  destinationVaultArn: null,
  copyArn: null,
  message: null,
};

/** Of AWS Backup's statuses; and a plan that is gone. A copy's plan is one of its source's account. */
function oddityOf(point: ListedPoint, planIds: readonly string[] | null): OddPoint[] {
  const { ref, planId } = point;
  const byStatus = statusOddity(point);
  const isOrphan = planId !== null && !isCopy(point) && planIds !== null && !planIds.includes(planId);
  if (byStatus.length > 0 || !isOrphan) return byStatus;
  return [{ oddity: 'orphaned', vault: vaultName(ref), pointArn: ref.arn, why: `its backup plan ${planId} is gone` }];
}

const countsOf = (odd: readonly OddPoint[]) => ({
  partial: countOdd(odd, 'partial'),
  expired: countOdd(odd, 'expired'),
  orphaned: countOdd(odd, 'orphaned'),
});

/** Null: the role may not list them, so no point is called orphaned. */
async function planIdsOf(backup: BackupClient): Promise<string[] | null> {
  const ids: string[] = [];
  let token: string | undefined;
  try {
    do {
      const page = await backup.send(new ListBackupPlansCommand({ NextToken: token }), untilCancelled());
      for (const { BackupPlanId: id } of page.BackupPlansList ?? []) if (id) ids.push(id);
      token = page.NextToken;
    } while (token);
    return ids;
  } catch (error) {
    const type = failureType(error);
    if (type === 'Throttled' || type === 'Unavailable') throw error;
    return null;
  }
}

const RUNNING = "WorkflowType = 'custody' AND ExecutionStatus = 'Running'";

const runningIn = ({ account, region }: Target, begunBefore: string): string =>
  [RUNNING, `HoldfastAccount = '${account}'`, `HoldfastRegion = '${region}'`, `StartTime < '${begunBefore}'`].join(
    ' AND ',
  );

/** Ten thousand of them are carried from page to page: long enough to tell them apart. */
const shortHash = (arn: string): string => createHash('sha256').update(arn).digest('base64url').slice(0, 7);
