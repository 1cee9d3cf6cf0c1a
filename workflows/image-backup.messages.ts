/** What can be asked of, and said to, an image backup; loads outside a workflow too. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { BackupPlanRow, BackupPlanSummary, ListedImage, PlannedImage } from '../domain/backup-plan.ts';
import type { BackupCounts, BackupRow } from '../domain/backup-row.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import type { By, Page, PageRequest, ReportFiles, SteeringAnswer, SteeringLine } from '../domain/steering.ts';
import type { Target } from '../domain/target.ts';

/** One policy runs once at a time: the id is the lock. */
export const imageBackupId = (target: Target, policy: string): string =>
  `image-backup/${target.account}/${target.region}/${policy}`;

export const imageBackupPlanId = (target: Target, policy: string): string =>
  `image-backup-plan/${target.account}/${target.region}/${policy}`;

export const imageBackupListId = ({ account, region }: Target): string => `image-backup-list/${account}/${region}`;

export interface ImageBackupStatus {
  readonly phase: 'preflight' | 'refused' | 'imaging' | 'retention' | 'reporting' | 'done';
  readonly input: ImageBackupInput;
  readonly plan: BackupPlanSummary | null;
  readonly counts: BackupCounts;
  /** AWS's time; null: it was not aborted. */
  readonly aborted: { readonly reason: string | null; readonly at: string } | null;
  /** No new image is begun; null: it goes on. */
  readonly paused: { readonly reason: string | null; readonly at: string } | null;
  /** The Region's quota of images, and how many there were when that was last looked at. */
  readonly room: { readonly quota: number; readonly images: number } | null;
  /** Why no image was deleted; null: that was not refused. */
  readonly retentionRefused: string | null;
  readonly deleted: number;
  /** Images that were to go and are still there: the reasons are in the report. */
  readonly notDeleted: number;
  /** What people did, the first one first. */
  readonly steering: readonly SteeringLine[];
  /** What stands in the way and is tried again; null: nothing. */
  readonly retrying: string | null;
  readonly startedAt: string | null;
  /** AWS's time as the run knows it. */
  readonly now: string;
  readonly report: ReportFiles | null;
}

export interface ImageBackupResult {
  /** `completed`: every WorkSpace that was selected has its image; `refused`: problems before the start, nothing was done. */
  readonly outcome: 'completed' | 'partiallyFailed' | 'aborted' | 'refused' | 'nobodySelected';
  readonly plan: BackupPlanSummary;
  readonly counts: BackupCounts;
  readonly deleted: number;
  /** Images that were to go and are still there: the reasons are in the report. */
  readonly notDeleted: number;
  readonly retentionRefused: string | null;
  readonly report: ReportFiles | null;
}

export const backupStatusQuery = defineQuery<ImageBackupStatus>('status');
export const backupRowsQuery = defineQuery<Page<BackupRow>, [PageRequest]>('rows');
/** Images that the run judged, and what became of them. */
export const backupRetentionQuery = defineQuery<Page<RetentionRow>, [PageRequest]>('retention');

export const backupPlanRowsQuery = defineQuery<Page<BackupPlanRow>, [PageRequest]>('rows');
export const backupPlanImagesQuery = defineQuery<Page<PlannedImage>, [PageRequest]>('images');
export const backupListQuery = defineQuery<Page<ListedImage>, [PageRequest]>('images');

/** No new image is begun; those under way are followed. */
export const pauseBackupUpdate = defineUpdate<SteeringAnswer, [By]>('pause');
/** Without a WorkSpace: the run goes on, and all that is blocked with it. With one: that one goes on. */
export const resumeBackupUpdate = defineUpdate<SteeringAnswer, [By & { readonly workspaceId: string | null }]>(
  'resume',
);
/** The WorkSpace gets no image in this run. */
export const skipBackupUpdate = defineUpdate<SteeringAnswer, [By & { readonly workspaceId: string }]>('skip');
/** No new image is begun, what was started is stopped again; images under way are followed to their end. */
export const abortBackupUpdate = defineUpdate<SteeringAnswer, [By]>('abort');
