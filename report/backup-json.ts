/** The report of an image backup as JSON: all that the CSV holds, retention with its reasons, parameters and totals. */
import { BACKUP_OUTCOMES, type BackupOutcome, type ImageBackupInput } from '../domain/image-backup.ts';
import type { BackupPlanSummary } from '../domain/backup-plan.ts';
import { backupReasonText, type BackupRow } from '../domain/backup-row.ts';
import { RETENTION_OUTCOMES, type RetentionRow } from '../domain/retention-row.ts';
import type { ReportedSteering } from './upgrade-json.ts';

const BACKUP_REPORT_SCHEMA = 'holdfast/image-backup-report/1';

/** What a report says of the run itself. Times are ISO. */
export interface BackupReportHead {
  readonly run: { readonly workflowId: string; readonly runId: string };
  readonly input: ImageBackupInput;
  readonly plan: BackupPlanSummary | null;
  readonly startedAt: string | null;
  /** Null: the run goes on. */
  readonly endedAt: string | null;
  readonly aborted: { readonly at: string; readonly reason: string | null } | null;
  /** Why no image was deleted; null: that was not refused. */
  readonly retentionRefused: string | null;
  /** What people did while the run went on; the first line first. */
  readonly steering: readonly ReportedSteering[];
}

type Totals = Readonly<Record<BackupOutcome | 'workspaces' | 'unfinished', number>>;

function totalsOf(rows: readonly BackupRow[]): Totals {
  const totals = Object.fromEntries(BACKUP_OUTCOMES.map((outcome) => [outcome, 0])) as Record<BackupOutcome, number>;
  for (const row of rows) if (row.outcome) totals[row.outcome] += 1;
  return { workspaces: rows.length, ...totals, unfinished: rows.filter((row) => row.outcome === null).length };
}

const imagesOf = (images: readonly RetentionRow[]): Readonly<Record<string, number>> =>
  Object.fromEntries(RETENTION_OUTCOMES.map((each) => [each, images.filter(({ outcome }) => outcome === each).length]));

const workspaceOf = ({ step: _step, ...row }: BackupRow): object => ({
  ...row,
  reason: row.reason && { ...row.reason, text: backupReasonText(row) },
});

export const backupJson = (
  { run, input, plan, startedAt, endedAt, aborted, retentionRefused, steering }: BackupReportHead,
  rows: readonly BackupRow[],
  images: readonly RetentionRow[],
): string =>
  `${JSON.stringify(
    {
      schema: BACKUP_REPORT_SCHEMA,
      run,
      parameters: input,
      startedAt,
      endedAt,
      aborted,
      room: plan?.room ?? null,
      totals: totalsOf(rows),
      retention: { refused: retentionRefused, totals: imagesOf(images), images },
      steering,
      workspaces: rows.map(workspaceOf),
    },
    null,
    2,
  )}\n`;
