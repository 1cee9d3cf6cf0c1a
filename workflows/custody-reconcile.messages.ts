/** What can be asked of the sweep of a custody policy; loads outside a workflow too. */
import { defineQuery } from '@temporalio/workflow';
import type { CustodySweepResult, SweepTask } from '../domain/custody-sweep.ts';
import type { EvidencePlace } from '../domain/evidence.ts';

export interface CustodySweepStatus extends Omit<CustodySweepResult, 'outcome'> {
  /** Null: it goes on. */
  readonly outcome: CustodySweepResult['outcome'] | null;
  /** What it does now; null: it has ended, or reads what the last one left. */
  readonly task: SweepTask | null;
  readonly tasksLeft: number;
  /** Of its policy. */
  readonly evidence: EvidencePlace;
}

export const custodySweepStatusQuery = defineQuery<CustodySweepStatus>('status');
