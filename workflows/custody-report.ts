/** Writes the reports of vaults and months anew, of what the index of settled points holds. */
import { setCurrentDetails } from '@temporalio/workflow';
import { evidenceReads, monthReports } from './activities.ts';
import type { CustodyReportInput, CustodyReportResult, WrittenReport } from './custody-evidence.messages.ts';

export async function custodyReport({ evidence, scope }: CustodyReportInput): Promise<CustodyReportResult> {
  const vaults = await evidenceReads.evidenceDays({ evidence, scope: { ...scope, pointArn: null } });
  const reports: WrittenReport[] = [];
  for (const { vault, days } of vaults) {
    const months = [...new Set(days.map((day) => day.slice(0, 7)))];
    reports.push(...(await monthReports.writeMonthReports({ evidence, vault, months })));
    setCurrentDetails(`${reports.length} reports written`);
  }
  return { reports };
}
