/** Where the reports of a run lie. */

/** An instant without fractions, as the reports write it: `2026-03-02T08:00:00Z`. */
export const reportInstant = (iso: string): string => new Date(iso).toISOString().replace(/\.\d+Z$/, 'Z');

/** The keys of a run's two reports: `<prefix><what>-report-<YYYYMMDDTHHMMSSZ>.csv` and `.json`. */
export function reportName(
  prefix: string,
  instantIso: string,
  what = 'workspaces-upgrade',
): { readonly csv: string; readonly json: string } {
  const stem = `${prefix}${what}-report-${reportInstant(instantIso).replace(/[-:]/g, '')}`;
  return { csv: `${stem}.csv`, json: `${stem}.json` };
}
