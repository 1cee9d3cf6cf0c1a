/** Image backups of a fleet in the sandbox, and what really became of its images. */
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { BackupPlanRow, BackupPlanSummary } from '../../domain/backup-plan.ts';
import type { BackupRow } from '../../domain/backup-row.ts';
import { BACKUP_DEFAULTS, type ImageBackupInput } from '../../domain/image-backup.ts';
import type { RetentionRow } from '../../domain/retention-row.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import type { imageBackup, ImageBackupOptions } from '../../workflows/image-backup.ts';
import type { imageBackupPlan } from '../../workflows/image-backup-plan.ts';
import {
  backupPlanRowsQuery,
  backupRetentionQuery,
  backupRowsQuery,
  backupStatusQuery,
  imageBackupId,
  imageBackupPlanId,
  type ImageBackupStatus,
} from '../../workflows/image-backup.messages.ts';
import { target, waitUntil, type Rig } from './upgrade.ts';

export type Backup = WorkflowHandleWithFirstExecutionRunId<typeof imageBackup>;

/** The parameters of a backup of all WorkSpaces that carry the backup tag. */
export function backupInput(changes: Partial<ImageBackupInput> = {}): ImageBackupInput {
  const { cron: _cron, selectionTag, reportPrefix, ...defaults } = BACKUP_DEFAULTS;
  return {
    ...defaults,
    target,
    selection: { ...NO_SELECTION, allOf: [selectionTag] },
    retention: { ...defaults.retention, days: null, keepAtLeast: 2 },
    report: { bucket: WELL_KNOWN.reportBucket, prefix: reportPrefix, kmsKeyArn: null },
    ...changes,
  };
}

export async function startBackup(
  rig: Rig,
  input: ImageBackupInput = backupInput(),
  options: ImageBackupOptions = {},
): Promise<Backup> {
  return await rig.client.workflow.start<typeof imageBackup>('imageBackup', {
    workflowId: imageBackupId(input.target, input.policy),
    taskQueue: TASK_QUEUE,
    args: [input, options],
  });
}

export async function planBackup(
  rig: Rig,
  input: ImageBackupInput = backupInput(),
): Promise<{ readonly summary: BackupPlanSummary; readonly rows: readonly BackupPlanRow[] }> {
  const handle = await rig.client.workflow.start<typeof imageBackupPlan>('imageBackupPlan', {
    workflowId: imageBackupPlanId(input.target, input.policy),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
  const summary = await handle.result();
  return { summary, rows: (await handle.query(backupPlanRowsQuery, { offset: 0, limit: 1000 })).rows };
}

export const rowsOfBackup = async (backup: Backup): Promise<readonly BackupRow[]> =>
  (await backup.query(backupRowsQuery, { offset: 0, limit: 1000 })).rows;

export const retentionOf = async (backup: Backup): Promise<readonly RetentionRow[]> =>
  (await backup.query(backupRetentionQuery, { offset: 0, limit: 1000 })).rows;

/** Waits until the status is so. */
export async function untilBackup(
  backup: Backup,
  what: string,
  holds: (status: ImageBackupStatus) => boolean,
): Promise<ImageBackupStatus> {
  let last: ImageBackupStatus | undefined;
  await waitUntil(what, async () => {
    last = await backup.query(backupStatusQuery);
    return holds(last);
  });
  return last as ImageBackupStatus;
}

/** Outcome and reason by the index of the WorkSpace in the fleet. */
export async function endingsOf(rig: Rig, backup: Backup): Promise<string[]> {
  const rows = await rowsOfBackup(backup);
  return rig.fleet.members.map(({ workspaceId }) => {
    const row = rows.find((each) => each.workspaceId === workspaceId);
    return row ? [row.outcome, row.reason?.code].join(' ').trim() : '';
  });
}
