/** The sweep that finds recovery points without a custody: what a schedule of capability `custody` starts. */
import type { CustodyPolicy } from './custody.ts';

/** One sweep of a policy at a time. */
export const custodyReconcileId = (policy: string): string => `custody-reconcile/${policy}`;

export interface CustodyReconcileInput {
  readonly policy: CustodyPolicy;
  /** True: every vault is listed, whatever was listed when; otherwise those that are due. */
  readonly full?: boolean | null;
}

export interface CustodyReconcileOptions {
  /** Points of a page of a vault. @default the most that AWS gives at once */
  readonly pageSize?: number;
  /** Its history goes on in a new one after so many events. @default when Temporal suggests it */
  readonly continueAfterEvents?: number;
}
