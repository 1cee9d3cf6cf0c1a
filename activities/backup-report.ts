/** The report of an image backup in S3: CSV and JSON of the parts that its run wrote. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { BackupRow } from '../domain/backup-row.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import { backupCsv } from '../report/backup-csv.ts';
import { backupJson, type BackupReportHead } from '../report/backup-json.ts';
import { reportName } from '../report/report-name.ts';
import { alive } from './alive.ts';
import { call } from './failure.ts';
import { partKeys, put, readPart, type PartsPlace, type ReportDeps } from './report.ts';

export interface BackupReportBody {
  readonly rows: readonly BackupRow[];
  readonly images: readonly RetentionRow[];
}

async function readParts(s3: S3Client, place: PartsPlace): Promise<BackupReportBody> {
  const keys = await partKeys(s3, place);
  const partsOf = async <T>(what: string): Promise<T[]> => {
    const own = keys.filter((key) => key.split('/').at(-1)?.startsWith(what));
    return (await Promise.all(own.map((key) => readPart<T>(s3, place, key)))).flat();
  };
  return { rows: await partsOf<BackupRow>('rows-'), images: await partsOf<RetentionRow>('images-') };
}

export const createBackupReportActivities = ({ s3For }: ReportDeps) => ({
  /**
   * Makes the report. The files' names depend on the policy and the run's end only, so a repeated attempt
   * writes the same objects. @iam s3:ListBucket s3:GetObject s3:PutObject kms:GenerateDataKey kms:Decrypt
   */
  async mergeBackupReport(input: {
    readonly place: PartsPlace;
    readonly head: BackupReportHead & { readonly endedAt: string };
    /** All of it, where it is little; null: it is in the parts. */
    readonly whole: BackupReportBody | null;
  }): Promise<{ readonly csv: string; readonly json: string }> {
    const { place, head } = input;
    const { target, report } = place;
    const s3 = s3For(target);
    const files = reportName(report.prefix, head.endedAt, `image-backup-${head.input.policy}`);
    const context = { target, action: 's3:PutObject', resource: `${report.bucket}/${files.csv}` };
    return await call(context, () =>
      alive(async () => {
        const { rows, images } = input.whole ?? (await readParts(s3, place));
        await put(s3, { target, report, key: files.csv, body: backupCsv(rows), type: 'text/csv; charset=utf-8' });
        const json = backupJson(head, rows, images);
        await put(s3, { target, report, key: files.json, body: json, type: 'application/json' });
        return { csv: `s3://${report.bucket}/${files.csv}`, json: `s3://${report.bucket}/${files.json}` };
      }),
    );
  },
});
