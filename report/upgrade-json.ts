/** The report of an upgrade as JSON: all that the CSV holds, the run's parameters and its totals. */
import { OUTCOMES, type ImageUpgradeInput, type Outcome } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import type { WindowRule } from '../domain/windows.ts';
import { reasonText } from './reason-text.ts';

const UPGRADE_REPORT_SCHEMA = 'holdfast/image-upgrade-report/1';

/** What a report says of the run itself. Times are ISO. */
export interface UpgradeReportHead {
  readonly run: { readonly workflowId: string; readonly runId: string };
  readonly input: ImageUpgradeInput;
  /** The bundle's image before the run: what to set it back to. */
  readonly previousImageId: string | null;
  readonly startedAt: string | null;
  /** Null: the run goes on. */
  readonly endedAt: string | null;
  readonly aborted: { readonly at: string; readonly reason: string | null } | null;
  /** Who approved the plan; null: it needed no approval, or got none. */
  readonly approved: { readonly by: string | null; readonly reason: string | null } | null;
  /** The image that the bundle was last set to; null: it was not touched. */
  readonly bundleSetTo: string | null;
  /** When each wave began and ended, the first one first. */
  readonly waves: readonly { readonly beganAt: string; readonly endedAt: string | null }[];
  /** What people may change while the run goes on, as it was at last; `input` has what it began with. */
  readonly present: {
    readonly maxConcurrent: number;
    readonly maxFailures: string | null;
    readonly windows: readonly WindowRule[];
  };
  /** What people did while the run went on, and that it held; the first line first. */
  readonly steering: readonly ReportedSteering[];
}

export interface ReportedSteering {
  readonly at: string;
  readonly what: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly answer: string;
}

type Totals = Readonly<Record<Outcome | 'workspaces' | 'unfinished' | 'warned', number>>;

function totalsOf(rows: readonly Row[]): Totals {
  const totals = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const row of rows) if (row.outcome) totals[row.outcome] += 1;
  return {
    workspaces: rows.length,
    ...totals,
    unfinished: rows.filter((row) => row.outcome === null).length,
    warned: rows.filter((row) => row.notified === 'delivered').length,
  };
}

const workspaceOf = (row: Row): object => ({
  workspaceId: row.workspaceId,
  computerName: row.computerName,
  userName: row.userName,
  directoryId: row.directoryId,
  bundleId: row.bundleId,
  wave: row.wave + 1,
  action: row.action,
  newWorkspaceId: row.newWorkspaceId,
  outcome: row.outcome,
  reason: row.reason && { ...row.reason, text: reasonText(row) },
  blocked: row.blocked,
  baselineSnapshot: row.baselineSnapshot,
  freshSnapshot: row.freshSnapshot,
  notified: row.notified,
  rebuildRequestedAt: row.rebuildRequestedAt,
  rebuildConfirmedAt: row.rebuildConfirmedAt,
  rebuildCalls: row.rebuildCalls,
  retries: row.retries,
  dataLossWindowSeconds: row.dataLossWindowSeconds,
});

function upgradeReport(about: UpgradeReportHead, rows: readonly Row[]): object {
  return {
    schema: UPGRADE_REPORT_SCHEMA,
    run: about.run,
    parameters: about.input,
    present: about.present,
    previousImageId: about.previousImageId,
    startedAt: about.startedAt,
    endedAt: about.endedAt,
    aborted: about.aborted,
    approved: about.approved,
    bundleSetTo: about.bundleSetTo,
    waves: about.waves,
    steering: about.steering,
    totals: totalsOf(rows),
    workspaces: rows.map(workspaceOf),
  };
}

export const upgradeJson = (about: UpgradeReportHead, rows: readonly Row[]): string =>
  `${JSON.stringify(upgradeReport(about, rows), null, 2)}\n`;
