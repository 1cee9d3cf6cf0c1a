/** Beginning an image backup, and reading one as it stands. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { BackupPlanRow, BackupPlanSummary, PlannedImage } from '../domain/backup-plan.ts';
import type { BackupRow } from '../domain/backup-row.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import { backupAttributesOf } from '../domain/search-attributes.ts';
import { selectionText } from '../domain/selection.ts';
import type { Page, PageRequest } from '../domain/steering.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import {
  backupPlanImagesQuery,
  backupPlanRowsQuery,
  backupRetentionQuery,
  backupRowsQuery,
  backupStatusQuery,
  imageBackupId,
  imageBackupPlanId,
  type ImageBackupStatus,
} from '../workflows/image-backup.messages.ts';
import { backupFlagsOf, backupNotFound } from './backup-choice.ts';
import { begin, refuseWhileItRuns, type Begun, type Running } from './begin.ts';
import { onInterrupt } from './interrupt.ts';
import { readRun, type ReadRun } from './read-run.ts';

/** Rows of this many WorkSpaces stay far below what Temporal takes in one answer. */
const PAGE = 250;

export async function pagesOf<T>(read: (request: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  for (let of = 1; rows.length < of;) {
    const page = await read({ offset: rows.length, limit: PAGE });
    rows.push(...page.rows);
    of = page.rows.length === 0 ? 0 : page.of;
  }
  return rows;
}

export interface BackupPlan {
  readonly summary: BackupPlanSummary;
  readonly rows: readonly BackupPlanRow[];
  readonly images: readonly PlannedImage[];
}

type PlanWorkflow = (input: ImageBackupInput) => Promise<BackupPlanSummary>;

/** Has a worker make the plan; an interrupted command has it stop. */
export async function makeBackupPlan(client: Client, input: ImageBackupInput): Promise<BackupPlan> {
  const handle = await client.workflow.start<PlanWorkflow>('imageBackupPlan', {
    workflowId: `${imageBackupPlanId(input.target, input.policy)}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: backupAttributesOf(input) as Record<string, string[]>,
  });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    const summary = await handle.result();
    return {
      summary,
      rows: await pagesOf((request) => handle.query(backupPlanRowsQuery, request)),
      images: await pagesOf((request) => handle.query(backupPlanImagesQuery, request)),
    };
  } finally {
    forget();
  }
}

const idOf = ({ target, policy }: ImageBackupInput): string => imageBackupId(target, policy);

const running = (workflowId: string): Running => ({
  what: 'a backup by this policy',
  look: `holdfast backup status ${backupFlagsOf(workflowId)}`,
});

/** Its workflow id is the lock, so that a policy runs once at a time. */
export async function beginBackup(client: Client, input: ImageBackupInput): Promise<Begun> {
  const workflowId = idOf(input);
  const summary = `images of ${selectionText(input.selection)}`;
  const about = { type: 'imageBackup', workflowId, input, searchAttributes: backupAttributesOf(input), summary };
  return await begin(client, about, running(workflowId));
}

export async function refuseIfBackupRuns(client: Client, input: ImageBackupInput): Promise<void> {
  const workflowId = idOf(input);
  await refuseWhileItRuns(client, workflowId, running(workflowId));
}

export interface BackupView extends ReadRun<ImageBackupStatus> {
  readonly rows: readonly BackupRow[];
  /** Images that were judged, and what became of them. */
  readonly images: readonly RetentionRow[];
}

export async function readBackup(client: Client, workflowId: string): Promise<BackupView> {
  const run = await readRun(client, workflowId, backupStatusQuery, backupNotFound);
  const handle = client.workflow.getHandle(workflowId);
  return {
    ...run,
    rows: await pagesOf((request) => handle.query(backupRowsQuery, request)),
    images: await pagesOf((request) => handle.query(backupRetentionQuery, request)),
  };
}
