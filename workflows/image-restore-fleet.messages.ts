/** What can be asked of, and said to, a restore of many WorkSpaces; loads outside a workflow too. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { FleetRestoreInput, FleetRestoreRow } from '../domain/fleet-restore.ts';
import type { By, ReportFiles, SteeringAnswer, SteeringLine } from '../domain/steering.ts';
import type { Target } from '../domain/target.ts';

export const imageRestoreFleetId = (target: Target, name: string): string =>
  `image-restore-fleet/${target.account}/${target.region}/${name}`;

export interface FleetRestoreStatus {
  readonly phase: 'reading' | 'awaitingApproval' | 'restoring' | 'reporting' | 'done';
  readonly input: FleetRestoreInput;
  readonly rows: readonly FleetRestoreRow[];
  readonly waves: number;
  readonly openWave: number;
  /** Why it did not begin; empty: it did, or may. */
  readonly problems: readonly string[];
  /** No new restore begins; null: they do. */
  readonly halt: { readonly kind: 'paused' | 'held'; readonly reason: string } | null;
  readonly aborted: By | null;
  readonly approved: By | null;
  readonly steering: readonly SteeringLine[];
  readonly report: ReportFiles | null;
}

export interface FleetRestoreResult {
  readonly outcome: 'completed' | 'partiallyFailed' | 'aborted' | 'refused';
  readonly problems: readonly string[];
  readonly rows: readonly FleetRestoreRow[];
  readonly report: ReportFiles | null;
}

/** The restore of one of them waits for a person, or, with null, does not any more. */
export interface BlockedRestore {
  readonly workspaceId: string;
  readonly blocked: string | null;
}

export const restoreBlockedSignal = defineSignal<[BlockedRestore]>('blocked');
export const fleetRestoreStatusQuery = defineQuery<FleetRestoreStatus>('status');
export const pauseFleetRestoreUpdate = defineUpdate<SteeringAnswer, [By]>('pause');
export const resumeFleetRestoreUpdate = defineUpdate<SteeringAnswer, [By]>('resume');
export const approveFleetRestoreUpdate = defineUpdate<SteeringAnswer, [By & { readonly count: number }]>('approve');
export const abortFleetRestoreUpdate = defineUpdate<SteeringAnswer, [By]>('abort');
