/** The report of an image backup as CSV: a line a WorkSpace. */
import { stringify } from 'csv-stringify/sync';
import { backupReasonText, type BackupRow } from '../domain/backup-row.ts';
import { reportInstant } from './report-name.ts';

const truth = (value: boolean): string => (value ? 'True' : 'False');
const time = (iso: string | null): string => (iso === null ? '' : reportInstant(iso));

/** In the manner of the upgrade's: `True` and `False`, times to the second, lines that end with CR LF. */
const COLUMNS: Readonly<Record<string, (row: BackupRow) => string>> = {
  WorkspaceId: (row) => row.workspaceId,
  ComputerName: (row) => row.computerName,
  UserName: (row) => row.userName,
  DirectoryId: (row) => row.directoryId,
  Verdict: (row) => row.verdict,
  Outcome: (row) => row.outcome ?? '',
  Reason: (row) => backupReasonText(row),
  ImageId: (row) => row.imageId ?? '',
  ImageName: (row) => (row.imageId === null ? '' : row.imageName),
  ImageRequestedAt: (row) => time(row.requestedAt),
  EndedAt: (row) => time(row.endedAt),
  Adopted: (row) => truth(row.adopted),
  Started: (row) => truth(row.started),
  LeftRunning: (row) => truth(row.leftRunning),
};

/** A cell that a spreadsheet would run as a formula begins with an apostrophe: names come from people. */
export function backupCsv(rows: readonly BackupRow[]): string {
  const cells = Object.values(COLUMNS);
  return stringify([Object.keys(COLUMNS), ...rows.map((row) => cells.map((cell) => cell(row)))], {
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}
