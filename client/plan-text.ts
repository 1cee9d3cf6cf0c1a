/** A plan for people. */
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { targetName } from '../domain/target.ts';
import type { PlanRow, PlanSummary } from '../domain/upgrade-plan.ts';
import { reasonText } from '../report/reason-text.ts';
import { minute, plural, table } from './text.ts';

const VERDICT = { eligible: 'upgraded', later: 'upgraded, when its state allows', skipped: 'left out' } as const;

/** Every WorkSpace with its verdict, those that are left out at the end. */
export function planRowsText(rows: readonly PlanRow[]): string {
  const place = (row: PlanRow): string => `${row.verdict === 'skipped' ? 1 : 0} ${row.dueAt ?? 'none'}`;
  const ordered = rows.toSorted((a, b) => place(a).localeCompare(place(b)));
  return table(
    ['WORKSPACE', 'COMPUTER', 'USER', 'STATE', 'NEXT SNAPSHOT', 'VERDICT'],
    ordered.map((row) => [
      row.workspaceId,
      row.computerName,
      row.userName,
      row.state,
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

function verdictText({ verdict, reason, dueTooLate }: PlanRow): string {
  if (reason) return `${VERDICT[verdict]}: ${reasonText({ reason })}`;
  return dueTooLate ? 'not upgraded: its snapshot is due after the wait timeout' : VERDICT[verdict];
}

/** What a run would do, what speaks against it, and what an operator should know. */
export function planSummaryText(input: ImageUpgradeInput, plan: PlanSummary): string {
  const { counts, bundle, problems } = plan;
  const { notifySeconds, maxConcurrent, waitTimeoutMinutes } = input;
  const lines = [
    `Upgrade of bundle ${input.bundleId}${bundle ? ` (${bundle.name})` : ''} in ${targetName(input.target)}, as of ${minute(plan.asOf)}`,
    `  image       ${plan.previousImageId ?? 'unknown'} → ${input.imageId}${plan.previousImageId === input.imageId ? ' (the bundle has it already)' : ''}`,
    `  WorkSpaces  ${counts.selected} with ${input.tag.key}=${input.tag.value}: ${counts.eligible + counts.later} to upgrade` +
      `${counts.later > 0 ? ` (${counts.later} of them once their state allows)` : ''}, ${counts.skipped} left out`,
    `  users       ${notifySeconds === 0 ? 'are not warned (--notify-seconds 0)' : warned(counts.withoutWarning, notifySeconds)}`,
    `  rebuilds    ${maxConcurrent} at once; a snapshot is waited for until ${plural(waitTimeoutMinutes, 'minute')} after the start` +
      `${counts.dueTooLate > 0 ? `, which ${counts.dueTooLate} will miss` : ''}`,
    `  reports     s3://${input.report.bucket}/${input.report.prefix}`,
  ];
  if (plan.notes.length > 0) lines.push('', ...plan.notes.map((note) => `  ! ${note}`));
  if (problems.length > 0) {
    lines.push('', `${plural(problems.length, 'problem')}: nothing can be upgraded until this is mended`);
    lines.push(...problems.map((problem) => `  ✗ ${problem.message}`));
  }
  return lines.join('\n');
}

const warned = (without: number, seconds: number): string =>
  `are warned ${plural(seconds, 'second')} before${without > 0 ? `; ${without} cannot be, no agent of theirs is online` : ''}`;
