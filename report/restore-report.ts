/** The report of a restore, of one WorkSpace or of many: CSV and its JSON twin. */
import { stringify } from 'csv-stringify/sync';
import type { RestoreRow } from '../domain/restore-outcome.ts';
import { reportInstant } from './report-name.ts';

export interface RestoreReportHead {
  readonly workflowId: string;
  /** AWS's time. */
  readonly endedAt: string;
  /** What the run was given. */
  readonly parameters: object;
  /** What people did while it went on. */
  readonly steering: readonly object[];
}

const time = (iso: string | null): string => (iso === null ? '' : reportInstant(iso));
const truth = (value: boolean): string => (value ? 'True' : 'False');

const COLUMNS: Readonly<Record<string, (row: RestoreRow) => string>> = {
  WorkspaceId: (row) => row.workspaceId,
  NewWorkspaceId: (row) => row.newWorkspaceId ?? '',
  UserName: (row) => row.userName,
  DirectoryId: (row) => row.directoryId,
  ComputerName: (row) => row.computerName,
  Strategy: (row) => row.strategy,
  ImageId: (row) => row.imageId ?? '',
  SnapshotIso: (row) => time(row.snapshotTime),
  Outcome: (row) => row.outcome ?? '',
  Reason: (row) => row.reason ?? '',
  ActedAt: (row) => time(row.actedAt),
  EndedAt: (row) => time(row.endedAt),
  BundleId: (row) => row.bundleId ?? '',
  BundleKept: (row) => truth(row.bundleKept),
  LastImageId: (row) => row.lastImageId ?? '',
  ApprovedBy: (row) => row.approvedBy ?? '',
  UserTold: (row) => truth(row.userTold),
  NotPutBack: (row) => row.notPutBack.join('; '),
};

/** Lines end with CR LF; a cell that a spreadsheet would run as a formula begins with an apostrophe. */
export const restoreCsv = (rows: readonly RestoreRow[]): string =>
  stringify([Object.keys(COLUMNS), ...rows.map((row) => Object.values(COLUMNS).map((valueOf) => valueOf(row)))], {
    record_delimiter: 'windows',
    escape_formulas: true,
  });

export const restoreJson = (head: RestoreReportHead, rows: readonly RestoreRow[]): string =>
  JSON.stringify({ report: 'workspaces-restore', version: 1, ...head, workspaces: rows }, null, 2);

/** `<prefix>workspaces-restore-report-<YYYYMMDDTHHMMSSZ>-<what>`, without its ending. */
export const restoreReportStem = (prefix: string, endedAt: string, what: string): string =>
  `${prefix}workspaces-restore-report-${reportInstant(endedAt).replace(/[-:]/g, '')}-${what}`;
