/** The report of a restore in S3. */
import { cancellationSignal } from '@temporalio/activity';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { ReportPlace } from '../domain/image-upgrade.ts';
import type { RestoreRow } from '../domain/restore-outcome.ts';
import type { Target } from '../domain/target.ts';
import { restoreCsv, restoreJson, restoreReportStem, type RestoreReportHead } from '../report/restore-report.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';

export const createRestoreReportsActivities = ({ s3For }: ReportDeps) => ({
  /**
   * Writes both files. Their names depend on the run and its end only, so that a repeated attempt writes the same objects.
   * @iam s3:PutObject kms:GenerateDataKey
   */
  async putRestoreReport(input: {
    readonly target: Target;
    readonly report: ReportPlace;
    /** In its name: the WorkSpace, or `fleet`. */
    readonly what: string;
    readonly head: RestoreReportHead;
    readonly rows: readonly RestoreRow[];
  }): Promise<{ readonly csv: string; readonly json: string }> {
    const { target, report, what, head, rows } = input;
    const key = restoreReportStem(report.prefix, head.endedAt, what);
    await call({ target, action: 's3:PutObject', resource: `${report.bucket}/${key}` }, async () => {
      const encryption = report.kmsKeyArn
        ? { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: report.kmsKeyArn }
        : {};
      const place = { Bucket: report.bucket, ExpectedBucketOwner: target.account, ...encryption };
      const files = [
        { Key: `${key}.csv`, Body: restoreCsv(rows), ContentType: 'text/csv; charset=utf-8' },
        { Key: `${key}.json`, Body: restoreJson(head, rows), ContentType: 'application/json' },
      ];
      for (const file of files) {
        await s3For(target).send(new PutObjectCommand({ ...place, ...file }), { abortSignal: cancellationSignal() });
      }
    });
    return { csv: `s3://${report.bucket}/${key}.csv`, json: `s3://${report.bucket}/${key}.json` };
  },
});
