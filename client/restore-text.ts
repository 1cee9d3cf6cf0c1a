/** Restores, for people: what each strategy brings, how one stands, how it ended. */
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import { RESTORE_CHECKS, type RestoreCheck } from '../domain/restore-checks.ts';
import { RESTORE_OUTCOMES, type RestoreRow } from '../domain/restore-outcome.ts';
import { ASPECTS, type RestoredFrom, type RestorePlan, type StrategyPlan } from '../domain/restore-plan.ts';
import type { ImageRestoreStatus } from '../workflows/image-restore.messages.ts';
import { formatDuration } from './duration.ts';
import { minute, table } from './text.ts';

const SIGNS = { ok: 'ok', refused: 'NO', open: 'to be said' } as const;

/** All strategies beside each other, and then what stands in the way of each. */
export function restorePlanText({ facts, strategies }: RestorePlan): string {
  const { desktop } = facts;
  const head = desktop
    ? `${desktop.workspaceId} of ${desktop.userName} (${desktop.computerName}), ${desktop.state}, on ${desktop.bundleId}`
    : 'The WorkSpace does not exist';
  return [
    head,
    'An image holds the system only, no files of its user: those are on the user volume.',
    '',
    fatesTable(strategies),
    ...strategies.map((strategy) => `\n${strategyText(strategy)}`),
  ].join('\n');
}

const fatesTable = (strategies: readonly StrategyPlan[]): string =>
  table(
    ['', ...strategies.map(({ strategy }) => strategy)],
    ASPECTS.map((aspect) => [aspect, ...strategies.map(({ fates }) => fates[aspect].fate)]),
  );

/** One strategy in full. */
export function strategyText(plan: StrategyPlan): string {
  const { strategy, possible, fates, root, user, nextSnapshotAt, userVolumeLostGib, checks, cost } = plan;
  return [
    `${strategy}: ${possible ? 'possible' : 'not possible'}`,
    ...ASPECTS.map((aspect) => `  ${aspect.padEnd(14)} ${fates[aspect].fate}: ${fates[aspect].detail}`),
    ...(root ? [`  root volume as of ${fromText(root)}`] : []),
    ...(user ? [`  user volume as of ${fromText(user)}`] : []),
    ...(nextSnapshotAt ? [`  AWS’s next snapshot is due ${minute(nextSnapshotAt)}: it replaces this one`] : []),
    ...(userVolumeLostGib === null ? [] : [`  DESTROYED: the user volume of ${userVolumeLostGib} GiB, as it is now`]),
    ...checks.map(checkText),
    `  cost: ${cost.amount} ${cost.currency} for calls (prices of ${cost.pricesOf})`,
    ...cost.assumptions.map((each) => `    ${each}`),
  ].join('\n');
}

const checkText = ({ check, verdict, detail }: RestoreCheck): string =>
  `  [${SIGNS[verdict]}] ${RESTORE_CHECKS[check]}: ${detail}`;

const fromText = ({ what, of, ageSeconds }: RestoredFrom): string =>
  of === null ? `the ${what}, of no known time` : `${minute(of)} (${what}, ${formatDuration(ageSeconds ?? 0)} old)`;

export function restoreStatusText(workflowId: string, status: ImageRestoreStatus): string {
  const { input, row, phase, blocked, retrying, approvalExpiresAt, aborted, committed, report } = status;
  const lines = [
    workflowId,
    phase === 'done' ? rowText(row) : `${describe(input)}: ${phase}`,
    ...(blocked ? [`BLOCKED since ${minute(blocked.since)}: ${blocked.cause}`, `  what to do: ${blocked.remedy}`] : []),
    ...(retrying ? [`tried again: ${retrying}`] : []),
    ...(approvalExpiresAt ? [`waits for approval until ${minute(approvalExpiresAt)}`] : []),
    ...(aborted
      ? [`aborted${aborted.at && ` at ${minute(aborted.at)}`}${aborted.reason ? `: ${aborted.reason}` : ''}`]
      : []),
    ...(committed && phase !== 'done' ? ['past the point of no return: it goes on until its user has a desktop'] : []),
    ...status.checks.filter(({ verdict }) => verdict !== 'ok').map(checkText),
    ...status.steering.map(
      ({ at, what, by, answer }) => `  ${minute(at)} ${what} by ${by ?? 'nobody known'}: ${answer}`,
    ),
    ...(report ? ['Reports', `  ${report.csv}`, `  ${report.json}`] : []),
  ];
  return lines.join('\n');
}

const describe = ({ workspaceId, strategy, imageId }: ImageRestoreInput): string =>
  `Restore of ${workspaceId} by ${strategy}${imageId ? ` from ${imageId}` : ''}`;

export function rowText(row: RestoreRow): string {
  const { workspaceId, userName, outcome, reason, newWorkspaceId, bundleId, bundleKept, lastImageId, notPutBack } = row;
  return [
    `${workspaceId} of ${userName}: ${outcome ? RESTORE_OUTCOMES[outcome] : 'under way'}${reason ? ` (${reason})` : ''}`,
    ...(newWorkspaceId ? [`  the new WorkSpace is ${newWorkspaceId}`] : []),
    ...(row.snapshotTime ? [`  snapshot of ${minute(row.snapshotTime)}`] : []),
    ...(bundleId && bundleKept ? [`  its bundle ${bundleId} stays while a WorkSpace is on it`] : []),
    ...(lastImageId ? [`  the last image is ${lastImageId}`] : []),
    ...notPutBack.map((each) => `  not done: ${each}`),
  ].join('\n');
}
