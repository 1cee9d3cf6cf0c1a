/** What a sweep tells of itself, while it goes on and in the end. */
import {
  countsOf,
  listingsOf,
  NOT_BEGUN,
  oldestDays,
  vaultName,
  type CustodySweepResult,
  type Sweep,
  type SweepTask,
} from '../domain/custody-sweep.ts';
import type { CustodyPolicy } from '../domain/custody.ts';
import { targetName } from '../domain/target.ts';
import type { CustodySweepStatus } from './custody-reconcile.messages.ts';

type Told = Omit<CustodySweepResult, 'outcome'>;

function told(sweep: Sweep): Told {
  const { beganAt, odd, failures, failedVaults } = sweep;
  const listedAt = listingsOf(sweep);
  return {
    beganAt,
    counts: { ...countsOf(sweep), failedVaults },
    odd,
    failures,
    listedAt,
    oldestListingDays: oldestDays(Object.values(listedAt), beganAt),
  };
}

export function sweepResult({ sources }: CustodyPolicy, sweep: Sweep): CustodySweepResult {
  const failedEverywhere = sources.every((target) => sweep.failures.some(({ where }) => where === targetName(target)));
  const outcome = sweep.failures.length === 0 ? 'completed' : failedEverywhere ? 'failed' : 'partlyFailed';
  return { outcome, ...told(sweep) };
}

export const sweepStatus = (
  { evidence }: CustodyPolicy,
  sweep: Sweep | null,
  outcome: CustodySweepResult['outcome'] | null,
): CustodySweepStatus =>
  sweep === null
    ? { outcome, ...NOT_BEGUN, task: null, tasksLeft: 0, evidence }
    : { outcome, ...told(sweep), task: sweep.tasks[0] ?? null, tasksLeft: sweep.tasks.length, evidence };

/** For the Temporal UI. */
export function showSweep({ name }: CustodyPolicy, sweep: Sweep): string {
  const { counts, failures, oldestListingDays } = told(sweep);
  const [task] = sweep.tasks;
  return [
    task ? `Sweeps for \`${name}\`: ${taskText(task)}, ${sweep.tasks.length - 1} to go` : `Swept for \`${name}\``,
    '',
    '| Recovery points | |',
    '|---|---|',
    ...Object.entries(counts).map(([what, count]) => `| ${what} | ${count} |`),
    '',
    oldestListingDays === null
      ? '**A vault was never listed as a whole**'
      : `The vault listed longest ago was listed ${oldestListingDays} days ago`,
    ...failures.map(({ where, why }) => `- **${where}**: ${why}`),
  ].join('\n');
}

function taskText(task: SweepTask): string {
  switch (task.kind) {
    case 'backupJobs':
      return `backup jobs of ${targetName(task.target)}`;
    case 'copyJobs':
      return `copy jobs of ${targetName(task.target)}`;
    case 'vaults':
      return `vaults of ${targetName(task.target)}`;
    case 'vault':
      return `vault ${vaultName(task.vault)}`;
    case 'copyVaults':
      return 'copies of settled points';
    case 'copies':
      return `copies in ${vaultName(task.vault)}`;
    case 'report':
      return `report of ${vaultName(task.vault)} for ${task.month}`;
  }
}
