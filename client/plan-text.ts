/** A plan for people. */
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { selectionText } from '../domain/selection.ts';
import { targetName } from '../domain/target.ts';
import type { PlanRow, PlanSummary } from '../domain/upgrade-plan.ts';
import { reasonText } from '../report/reason-text.ts';
import { formatDuration } from './duration.ts';
import { assumptionsText, forecastLines } from './forecast-text.ts';
import { windowText } from './window-flag.ts';
import { minute, plural, table } from './text.ts';

const VERDICT = { eligible: 'upgraded', later: 'upgraded, when its state allows', skipped: 'left out' } as const;

/** Every WorkSpace with its verdict, those that are left out at the end. */
export function planRowsText(rows: readonly PlanRow[]): string {
  const place = (row: PlanRow): string =>
    `${row.verdict === 'skipped' ? 1 : 0} ${String(row.wave ?? 0).padStart(3)} ${row.dueAt ?? 'none'}`;
  const ordered = rows.toSorted((a, b) => place(a).localeCompare(place(b)));
  return table(
    ['WORKSPACE', 'COMPUTER', 'USER', 'STATE', 'WAVE', 'NEXT SNAPSHOT', 'VERDICT'],
    ordered.map((row) => [
      row.workspaceId,
      row.computerName,
      row.userName,
      row.state,
      row.wave === null ? '' : String(row.wave + 1),
      row.dueAt ? minute(row.dueAt) : row.snapshot === null ? 'its first' : '',
      verdictText(row),
    ]),
  );
}

/** The WorkSpaces that are left out, wait for their state or miss the wait timeout; empty when there is none. */
export function planTroubleText(rows: readonly PlanRow[]): string {
  const trouble = rows.filter((row) => row.verdict !== 'eligible' || row.dueTooLate);
  if (trouble.length === 0) return '';
  return `Left out, later or too late: ${trouble.length} of ${plural(rows.length, 'WorkSpace')}\n\n${planRowsText(trouble)}`;
}

function verdictText({ verdict, reason, dueTooLate, action }: PlanRow): string {
  if (reason) return `${VERDICT[verdict]}: ${reasonText({ reason })}`;
  if (dueTooLate) return 'not upgraded: its snapshot is due after the wait timeout';
  return action === 'migrate' ? `${VERDICT[verdict]}, by migration` : VERDICT[verdict];
}

/** What a run would do, what speaks against it, and what an operator should know. */
export function planSummaryText(input: ImageUpgradeInput, plan: PlanSummary): string {
  const { bundle, problems, forecast, rollback } = plan;
  const lines = [
    `Upgrade of bundle ${input.bundleId}${bundle ? ` (${bundle.name})` : ''} in ${targetName(input.target)}, as of ${minute(plan.asOf)}`,
    `  image       ${plan.previousImageId ?? 'unknown'} → ${input.imageId}${plan.previousImageId === input.imageId ? ' (the bundle has it already)' : ''}`,
    `  rollback    ${rollback.possible ? `possible, to ${plan.previousImageId}` : `impossible: ${rollback.why ?? 'the previous image is not known'}`}`,
    `  WorkSpaces  ${selectedText(input, plan)}`,
    `  waves       ${wavesText(input, plan.waves)}`,
    ...windowLines(input),
    ...usersLines(input, plan),
    `  rebuilds    ${rebuildsText(input, plan)}`,
    `  reports     s3://${input.report.bucket}/${input.report.prefix}`,
    ...(forecast ? forecastLines(forecast, plan.asOf) : []),
    `  hash        ${plan.hash}`,
  ];
  if (forecast) lines.push('', assumptionsText(forecast));
  if (plan.notes.length > 0) lines.push('', ...plan.notes.map((note) => `  ! ${note}`));
  if (problems.length > 0) {
    lines.push('', `${plural(problems.length, 'problem')}: nothing can be upgraded until this is mended`);
    lines.push(...problems.map((problem) => `  ✗ ${problem.message}`));
  }
  return lines.join('\n');
}

function selectedText({ selection }: ImageUpgradeInput, { counts }: PlanSummary): string {
  const some = [
    ...(counts.later > 0 ? [`${counts.later} of them once their state allows`] : []),
    ...(counts.migrated > 0 ? [`${counts.migrated} migrated from another bundle`] : []),
  ];
  return (
    `${counts.selected} selected (${selectionText(selection)}), ${counts.onBundle} on the bundle: ` +
    `${counts.eligible + counts.later} to upgrade${some.length > 0 ? ` (${some.join(', ')})` : ''}, ${counts.skipped} left out`
  );
}

function wavesText({ waves, keepBundle }: ImageUpgradeInput, sizes: readonly number[]): string {
  const soak = waves.soakMinutes > 0 ? `, ${formatDuration(waves.soakMinutes * 60)} after each` : '';
  const which = sizes.length > 1 ? `${sizes.join(', then ')} WorkSpaces${soak}` : 'one';
  if (waves.maxFailures === null) return `${which}; failures never stop it (no --max-failures)`;
  const bundle = keepBundle ? 'keeps the new image' : 'goes back to its previous image';
  return `${which}; when more than ${waves.maxFailures} have failed, it holds and the bundle ${bundle}`;
}

function windowLines({ windows, windowPassed }: ImageUpgradeInput): string[] {
  if (windows.length === 0) return ['  windows     none: at any time'];
  const passed = windowPassed === 'wait' ? 'waits for the next' : 'is left out';
  return [
    ...windows.map((rule, index) => `  ${index === 0 ? 'windows' : '       '}     ${windowText(rule)}`),
    `              a WorkSpace whose window passes ${passed}; others may begin at any time`,
  ];
}

function rebuildsText({ maxConcurrent, waitTimeoutMinutes }: ImageUpgradeInput, { counts }: PlanSummary): string {
  const late = counts.dueTooLate > 0 ? `, which ${counts.dueTooLate} will miss` : '';
  return `${maxConcurrent} at once; a snapshot is waited for until ${plural(waitTimeoutMinutes, 'minute')} after the start${late}`;
}

const CONNECTED = {
  proceed: 'are rebuilt all the same',
  wait: 'are waited for',
  skip: 'are left out',
} as const satisfies Record<ImageUpgradeInput['connectedUsers']['policy'], string>;

function usersLines(input: ImageUpgradeInput, { counts }: PlanSummary): string[] {
  const { leadSeconds, requireDelivery } = input.warnings;
  const { policy, waitMinutes, afterWait } = input.connectedUsers;
  const none = counts.withoutWarning;
  const unreached = `; ${none} cannot be, no agent of theirs is online${requireDelivery ? ': these are left out' : ''}`;
  const warned =
    leadSeconds.length === 0
      ? 'are not warned (--notify-seconds 0)'
      : `are warned ${leadSeconds.map(formatDuration).join(' and ')} before${none > 0 ? unreached : ''}`;
  const longest = `, at most ${formatDuration(waitMinutes * 60)}, then ${afterWait === 'skip' ? 'left out' : 'rebuilt'}`;
  return [
    `  users       ${warned}`,
    `  connected   users who are connected ${CONNECTED[policy]}${policy === 'wait' ? longest : ''}`,
  ];
}
