/**
 * The sweep of a custody policy, which alone is enough: it goes by the jobs that ended, lists whole vaults every so many
 * days, and begins the custodies that events did not. What it could not list says nothing: it is a failure, and done again.
 */
import {
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { CustodyReconcileInput, CustodyReconcileOptions } from '../domain/custody-reconcile.ts';
import { areCopyVaultsDue, dueCopyVaults, knowCopyVaults, rememberCopies } from '../domain/custody-sweep-copies.ts';
import {
  addPage,
  giveUp,
  hasFailed,
  isListingDue,
  jobsSince,
  knowVaults,
  nextTask,
  rememberJobs,
  rememberListing,
  sweepOf,
  vaultName,
  type CustodySweepResult,
  type Sweep,
  type SweepTask,
} from '../domain/custody-sweep.ts';
import { lastMonths } from '../domain/evidence-keys.ts';
import { targetName, type Target } from '../domain/target.ts';
import { monthReports, sweepCopies, sweepCustodies } from './activities.ts';
import { tellNews } from './custody-reconcile-digest.ts';
import { showSweep, sweepResult, sweepStatus } from './custody-reconcile-text.ts';
import { custodySweepStatusQuery } from './custody-reconcile.messages.ts';
import { troubleOf } from './failures.ts';

/** @param carried what a run knew that was continued as this one */
export async function custodyReconcile(
  input: CustodyReconcileInput,
  carried: Sweep | null = null,
  options: CustodyReconcileOptions = {},
): Promise<CustodySweepResult> {
  const { policy } = input;
  let sweep = carried;
  let ended: CustodySweepResult['outcome'] | null = null;
  setHandler(custodySweepStatusQuery, () => sweepStatus(policy, sweep, ended));
  sweep ??= await begin(input);
  for (let [task] = sweep.tasks; task; [task] = sweep.tasks) {
    setCurrentDetails(showSweep(policy, sweep));
    await perform({ ...input, pageSize: options.pageSize ?? null }, sweep, task);
    if (isLong(options)) await continueAsNew<typeof custodyReconcile>(input, sweep, options);
  }
  await tellNews(policy, sweep);
  await remember(input, sweep);
  const result = sweepResult(policy, sweep);
  ended = result.outcome;
  const isLate = (result.oldestListingDays ?? Infinity) > policy.fullListingDays;
  upsertSearchAttributes({
    HoldfastPhase: ['done'],
    HoldfastOutcome: [ended],
    HoldfastHealth: [isLate ? 'overdue' : 'ok'],
  });
  setCurrentDetails(showSweep(policy, sweep));
  return result;
}

const isLong = ({ continueAfterEvents = Infinity }: CustodyReconcileOptions): boolean =>
  workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= continueAfterEvents;

/** Without what the last sweep left nothing can be told apart, and nothing is settled that is in the same bucket: it fails. */
async function begin({ policy }: CustodyReconcileInput): Promise<Sweep> {
  upsertSearchAttributes({
    HoldfastCapability: ['custody-reconcile'],
    HoldfastHealth: ['ok'],
    HoldfastPhase: ['running'],
    HoldfastResource: [policy.name],
  });
  const { at, memory } = await sweepCustodies.readSweepMemory({ policy });
  return sweepOf(policy, memory, { aws: at, temporal: new Date(Date.now()).toISOString() });
}

interface Paged extends CustodyReconcileInput {
  readonly pageSize: number | null;
}

/** A page, or what follows the last one. Trouble ends this task only. */
async function perform(input: Paged, sweep: Sweep, task: SweepTask): Promise<void> {
  try {
    switch (task.kind) {
      case 'backupJobs':
      case 'copyJobs':
        await goThroughJobs(input, sweep, task);
        return;
      case 'vaults':
        await findVaults(input, sweep, task.target);
        return;
      case 'vault':
        await listVault(input, sweep, task);
        return;
      case 'copyVaults':
        await findCopies(input, sweep);
        return;
      case 'copies':
        await lookAtCopies(input, sweep, task);
        return;
      case 'report':
        await monthReports.writeMonthReports({
          evidence: input.policy.evidence,
          vault: task.vault,
          months: [task.month],
          onlyIfAny: task.onlyIfAny ?? false,
        });
        nextTask(sweep);
        return;
    }
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    giveUp(sweep, trouble.message);
  }
}

async function goThroughJobs(
  { policy }: CustodyReconcileInput,
  sweep: Sweep,
  { kind, target }: Extract<SweepTask, { target: Target }>,
): Promise<void> {
  const nextToken = sweep.token;
  const since = jobsSince(sweep, target);
  const page =
    kind === 'backupJobs'
      ? await sweepCustodies.sweepBackupJobs({ policy, target, since, nextToken })
      : await sweepCustodies.sweepCopyJobs({ target, since, nextToken });
  addPage(sweep, page);
  if (sweep.token !== null) return;
  if (kind === 'copyJobs' && !hasFailed(sweep, targetName(target))) rememberJobs(sweep, target);
  nextTask(sweep);
}

/** Those that are due are listed next. */
async function findVaults({ policy, full }: CustodyReconcileInput, sweep: Sweep, target: Target): Promise<void> {
  const { vaults, planIds } = await sweepCustodies.listVaults({ target });
  knowVaults(sweep, target, vaults);
  const due = vaults
    .map((vault) => ({ account: target.account, region: target.region, vault }))
    .filter((vault) => full === true || isListingDue(sweep, vault, policy.fullListingDays));
  nextTask(sweep);
  sweep.tasks.unshift(...due.map((vault) => ({ kind: 'vault' as const, vault, planIds })));
}

async function listVault(
  { policy, pageSize }: Paged,
  sweep: Sweep,
  { vault, planIds }: Extract<SweepTask, { kind: 'vault' }>,
): Promise<void> {
  addPage(sweep, await sweepCustodies.sweepVaultPage({ policy, vault, planIds, nextToken: sweep.token, pageSize }));
  if (sweep.token !== null) return;
  const { begunBefore, running, months } = sweep;
  const { hinted } = await sweepCustodies.hintUnlisted({ vault, begunBefore, listed: running });
  sweep.counts = { ...sweep.counts, hinted: sweep.counts.hinted + hinted };
  if (!hasFailed(sweep, vaultName(vault))) rememberListing(sweep, vault);
  nextTask(sweep);
  const others = lastMonths(sweep.beganAt).filter((month) => !months.includes(month));
  sweep.tasks.unshift(
    ...months.map((month) => ({ kind: 'report' as const, vault, month })),
    ...others.map((month) => ({ kind: 'report' as const, vault, month, onlyIfAny: true })),
  );
}

/** The vaults with copies that are due are listed next; a copy is the business of no custody once its own has ended. */
async function findCopies({ policy, full }: CustodyReconcileInput, sweep: Sweep): Promise<void> {
  if (full === true || areCopyVaultsDue(sweep, policy.fullListingDays)) {
    knowCopyVaults(sweep, (await sweepCopies.findCopyVaults({ policy })).vaults);
  }
  nextTask(sweep);
  const due = dueCopyVaults(sweep, full === true ? 0 : policy.fullListingDays);
  sweep.tasks.unshift(...due.map(({ vault, from }) => ({ kind: 'copies' as const, vault, from })));
}

async function lookAtCopies(
  { policy: { evidence } }: CustodyReconcileInput,
  sweep: Sweep,
  { vault, from }: Extract<SweepTask, { kind: 'copies' }>,
): Promise<void> {
  const found = await sweepCopies.lookAtCopies({ evidence, vault, from });
  rememberCopies(sweep, { vault, from }, found);
  nextTask(sweep);
  sweep.tasks.unshift(...found.months.map((each) => ({ kind: 'report' as const, ...each })));
}

/** What is not remembered is done once more by the next sweep. */
async function remember({ policy }: CustodyReconcileInput, sweep: Sweep): Promise<void> {
  try {
    await sweepCustodies.writeSweepMemory({ policy, memory: sweep.memory });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    sweep.failures.push({ where: targetName(policy.evidence.target), why: trouble.message });
  }
}
