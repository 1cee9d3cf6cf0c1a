/** The report of an upgrade as CSV: for spreadsheets, and for programs that read the report of earlier tools. */
import { stringify } from 'csv-stringify/sync';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { reasonText } from './reason-text.ts';
import { reportInstant } from './report-name.ts';

/** What the rows themselves do not say. */
type About = Pick<ImageUpgradeInput, 'warnings'>;
type Cell = (row: Row, about: About) => string | number;

const truth = (value: boolean): string => (value ? 'True' : 'False');
const time = (iso: string | null): string => (iso === null ? '' : reportInstant(iso));

/**
 * The first nine are a format that others read: their order, `True` and `False`, times to the second, nothing where
 * there is no time, lines that end with CR LF. What is new comes after them.
 */
const COLUMNS: Readonly<Record<string, Cell>> = {
  WorkspaceId: (row) => row.workspaceId,
  ComputerName: (row) => row.computerName,
  BaselineSnapshotIso: (row) => time(row.baselineSnapshot),
  FreshSnapshotIso: (row) => time(row.freshSnapshot),
  /** The longest: what a user had at least. */
  NotifySeconds: (_row, { warnings }) => warnings.leadSeconds[0] ?? 0,
  UserNotified: (row) => truth(row.notified === 'delivered'),
  RebuildRequested: (row) => truth(row.rebuildRequestedAt !== null),
  RebuildRequestedAt: (row) => time(row.rebuildRequestedAt),
  TimedOutWaiting: (row) => truth(row.outcome === 'timedOutWaiting'),
  Outcome: (row) => row.outcome ?? '',
  Reason: (row) => reasonText(row),
  RebuildConfirmedAt: (row) => time(row.rebuildConfirmedAt),
  DataLossWindowSeconds: (row) => row.dataLossWindowSeconds ?? '',
  BundleId: (row) => row.bundleId,
  UserName: (row) => row.userName,
  DirectoryId: (row) => row.directoryId,
  Action: (row) => row.action,
  NewWorkspaceId: (row) => row.newWorkspaceId ?? '',
  /** Counted from 1, as plans and views do. */
  Wave: (row) => row.wave + 1,
  /** `delivered`, or why not; nothing where nobody was to be warned, or not yet. */
  Notified: (row) => row.notified ?? '',
};

/**
 * One line a WorkSpace under one line of column names. A cell that a spreadsheet would run as a formula begins with an
 * apostrophe: computer and user names come from people.
 */
export function upgradeCsv(about: About, rows: readonly Row[]): string {
  const cells = Object.values(COLUMNS);
  return stringify([Object.keys(COLUMNS), ...rows.map((row) => cells.map((cell) => cell(row, about)))], {
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}
