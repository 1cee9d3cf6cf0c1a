/** An upgrade as views and plans show it, made up. */
import type { UpgradeView } from '../../client/upgrade-run.ts';
import { countPhases, newRow, type Row } from '../../domain/upgrade-row.ts';
import type { PlanSummary } from '../../domain/upgrade-plan.ts';
import { upgradeInput } from '../rig/upgrade.ts';

export const input = upgradeInput();

export const row = (number: number, facts: Partial<Row> = {}): Row => ({
  ...newRow({
    workspaceId: `ws-00000000${number}`,
    computerName: `WSAMZN-${number}`,
    userName: `user${number}`,
    directoryId: 'd-9000000001',
    bundleId: input.bundleId,
    instanceIds: [],
    action: 'rebuild',
    windowRule: null,
    wave: 0,
    state: 'AVAILABLE',
  }),
  ...facts,
});

export const plan: PlanSummary = {
  hash: '0'.repeat(64),
  waves: [3],
  rollback: { possible: true, why: null },
  forecast: null,
  asOf: '2026-03-02T08:00:10Z',
  problems: [],
  notes: ['users of d-1 may rebuild'],
  bundle: { id: input.bundleId, name: 'office', imageId: 'wsi-0fleet0001' },
  previousImageId: 'wsi-0fleet0001',
  counts: {
    selected: 4,
    eligible: 2,
    later: 1,
    skipped: 1,
    migrated: 0,
    onBundle: 5,
    outsideSelection: 0,
    withoutWarning: 2,
    dueTooLate: 1,
  },
  outsideSelection: [],
  selfServiceDirectories: [],
  poolIds: [],
};

export function view(rows: readonly Row[], facts: Partial<UpgradeView> = {}): UpgradeView {
  const counts = { ...countPhases(rows), skipped: 1 };
  return {
    workflowId: 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001',
    runId: 'r',
    execution: 'RUNNING',
    failure: null,
    status: {
      phase: 'upgrading',
      input,
      plan,
      counts,
      cohorts: [],
      aborted: null,
      approved: null,
      present: { maxConcurrent: input.maxConcurrent, maxFailures: null, windows: [] },
      approvalExpiresAt: null,
      halt: null,
      wave: { open: 0, of: 1, soakEndsAt: null },
      waveTimes: [],
      bundleSetTo: null,
      steering: [],
      rollback: null,
      retrying: null,
      startedAt: plan.asOf,
      report: null,
    },
    counts,
    now: '2026-03-02T10:00:00Z',
    eta: '2026-03-02T16:28:00Z',
    retrying: [],
    rows,
    ...facts,
  };
}
