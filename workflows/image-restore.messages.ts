/** What can be asked of, and said to, an image restore; loads outside a workflow too. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import type { RestoreCheck } from '../domain/restore-checks.ts';
import type { RestoreOutcome, RestoreRow } from '../domain/restore-outcome.ts';
import type { Target } from '../domain/target.ts';
import type { By, ReportFiles, SteeringAnswer, SteeringLine } from '../domain/steering.ts';

/** One WorkSpace is restored once at a time: the id is the lock. */
export const imageRestoreId = (target: Target, workspaceId: string): string =>
  `image-restore/${target.account}/${target.region}/${workspaceId}`;

export const imageRestorePlanId = (target: Target, workspaceId: string): string =>
  `image-restore-plan/${target.account}/${target.region}/${workspaceId}`;

export const RESTORE_PHASES = [
  'checking',
  'preparing',
  'awaitingApproval',
  'lastImage',
  'lastLook',
  'restoring',
  'puttingBack',
  'undoing',
  'reporting',
  'done',
] as const;
export type RestorePhase = (typeof RESTORE_PHASES)[number];

/** A person must act; the run goes on by itself once it can, and at once with `resume`. */
export interface RestoreBlocked {
  readonly cause: string;
  readonly remedy: string;
  /** AWS's time. */
  readonly since: string;
}

export interface ImageRestoreStatus {
  readonly phase: RestorePhase;
  readonly input: ImageRestoreInput;
  /** As last made. */
  readonly checks: readonly RestoreCheck[];
  readonly row: RestoreRow;
  /** From here on the old WorkSpace may be gone: an abort takes effect only once its user has a desktop. */
  readonly committed: boolean;
  /** The canary: whose, and which WorkSpace; null: none. */
  readonly canary: { readonly userName: string; readonly workspaceId: string | null } | null;
  readonly blocked: RestoreBlocked | null;
  /** What is tried again; null: nothing. */
  readonly retrying: string | null;
  readonly approvalExpiresAt: string | null;
  readonly aborted: (By & { readonly at: string }) | null;
  readonly steering: readonly SteeringLine[];
  /** AWS's time, as last heard. */
  readonly now: string;
  readonly report: ReportFiles | null;
}

export interface ImageRestoreResult {
  readonly outcome: RestoreOutcome;
  readonly row: RestoreRow;
  readonly checks: readonly RestoreCheck[];
  readonly report: ReportFiles | null;
}

export const restoreStatusQuery = defineQuery<ImageRestoreStatus>('status');
/** The destructive step may be made: of the WorkSpace with that id. */
export const approveRestoreUpdate = defineUpdate<SteeringAnswer, [By & { readonly workspaceId: string }]>('approve');
/** What is blocked is tried again now. */
export const resumeRestoreUpdate = defineUpdate<SteeringAnswer, [By]>('resume');
/** Nothing is destroyed any more; once something was, the user gets a desktop first. */
export const abortRestoreUpdate = defineUpdate<SteeringAnswer, [By]>('abort');
