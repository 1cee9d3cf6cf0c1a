/** What a plan of retention is given, and can be asked; loads outside a workflow too. */
import { defineQuery } from '@temporalio/workflow';
import type { RetentionPolicy } from '../domain/image-retention.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import { targetName, type Target } from '../domain/target.ts';
import type { Page, PageRequest } from './image-upgrade.messages.ts';

export interface RetentionPlanInput {
  readonly target: Target;
  /** Its name: only images that were made by it can go. */
  readonly policyName: string;
  readonly policy: RetentionPolicy;
}

export interface RetentionPlan {
  /** AWS's time by which it was decided. */
  readonly asOf: string;
  /** Why none would be deleted; null: it would not be refused. */
  readonly refused: string | null;
  readonly counts: { readonly images: number; readonly kept: number; readonly deleted: number };
}

export const imageRetentionPlanId = ({ target, policyName }: RetentionPlanInput): string =>
  `image-retention-plan/${targetName(target)}/${policyName}`;

/** What would become of each image. */
export const retentionRowsQuery = defineQuery<Page<RetentionRow>, [PageRequest]>('retentionRows');
