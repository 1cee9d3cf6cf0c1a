/** The reports of vaults and months in S3, made of the index of settled points. */
import { setImmediate } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { VaultRef } from '../domain/custody.ts';
import { indexVaultPrefix, monthReportStem } from '../domain/evidence-keys.ts';
import type { EvidencePlace, IndexEntry } from '../domain/evidence.ts';
import { countOutcomes, custodyCsv, custodyJson, type OutcomeCounts } from '../report/custody-report.ts';
import { alive } from './alive.ts';
import { readIndex } from './evidence-index.ts';
import { forAll, keysBelow } from './evidence-store.ts';
import { call } from './failure.ts';
import { readMissing } from './missing-copies.ts';
import { put, type ReportDeps } from './report.ts';
import { readRestoreTests } from './restore-test-records.ts';

export interface MonthReport {
  readonly vault: VaultRef;
  readonly month: string;
  /** `s3://bucket/key`. */
  readonly csv: string;
  readonly json: string;
  readonly outcomes: OutcomeCounts;
}

export const createCustodyReportsActivities = ({ s3For }: ReportDeps) => ({
  /**
   * Writes a CSV and its counts for each month, of the points that were created in it and are settled by now; those
   * written before are replaced. @iam s3:ListBucket s3:GetObject s3:PutObject kms:GenerateDataKey kms:Decrypt
   */
  async writeMonthReports(input: {
    readonly evidence: EvidencePlace;
    readonly vault: VaultRef;
    /** `2026-03`, … */
    readonly months: readonly string[];
    /** A month without settled points gets no report. @default it gets one without rows */
    readonly onlyIfAny?: boolean;
  }): Promise<readonly MonthReport[]> {
    const { evidence, vault, months, onlyIfAny = false } = input;
    const { target, place } = evidence;
    const s3 = s3For(target);
    const resource = `${place.bucket}/${monthReportStem(place.prefix, vault, '')}`;
    return await call({ target, action: 's3:PutObject', resource }, () =>
      alive(async () => {
        const restoreTests = await readRestoreTests(s3, evidence, vault);
        const missing = await readMissing(s3, evidence, vault);
        const reports: MonthReport[] = [];
        for (const month of months) {
          const entries = await readMonth(s3, evidence, vault, month);
          if (onlyIfAny && entries.length === 0) continue;
          const stem = monthReportStem(place.prefix, vault, month);
          const about = { vault, month, entries, restoreTests, missing };
          const body = { csv: await joined(custodyCsv(about)), json: custodyJson(about) };
          const at = { target, report: place };
          await put(s3, { ...at, key: `${stem}.csv`, body: body.csv, type: 'text/csv; charset=utf-8' });
          await put(s3, { ...at, key: `${stem}.json`, body: body.json, type: 'application/json' });
          const [csv, json] = [`s3://${place.bucket}/${stem}.csv`, `s3://${place.bucket}/${stem}.json`];
          reports.push({ vault, month, csv, json, outcomes: countOutcomes(entries) });
        }
        return reports;
      }),
    );
  },
});

async function readMonth(
  s3: S3Client,
  evidence: EvidencePlace,
  vault: VaultRef,
  month: string,
): Promise<readonly IndexEntry[]> {
  const folder = indexVaultPrefix(evidence.place.prefix, vault);
  const days: string[] = [];
  for await (const key of keysBelow(s3, evidence, `${folder}${month}`)) days.push(key.slice(folder.length, -5));
  const read = await forAll(days, (day) => readIndex(s3, evidence, { vault, day }));
  return read.flat().toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
}

/** Others get their turn between the parts: heartbeats, and all else that the worker does. */
async function joined(parts: Iterable<string>): Promise<string> {
  const all: string[] = [];
  for (const part of parts) {
    all.push(part);
    await setImmediate();
  }
  return all.join('');
}
