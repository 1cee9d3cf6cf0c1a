/** The report in S3: parts while a run goes on, one CSV and its JSON twin in the end. */
import { cancellationSignal } from '@temporalio/activity';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ReportPlace } from '../domain/image-upgrade.ts';
import { mayCarryNewImage, type Row } from '../domain/upgrade-row.ts';
import { targetName, type Target } from '../domain/target.ts';
import { reportName } from '../report/report-name.ts';
import { upgradeCsv } from '../report/upgrade-csv.ts';
import { upgradeJson, type UpgradeReportHead } from '../report/upgrade-json.ts';
import { alive } from './alive.ts';
import { call, failureType } from './failure.ts';

export interface ReportDeps {
  readonly s3For: (target: Target) => S3Client;
}

/** Where the parts of one run lie until they are merged. */
export interface PartsPlace {
  readonly target: Target;
  readonly report: ReportPlace;
  readonly runId: string;
}

const partsPrefix = ({ report, runId }: PartsPlace): string => `${report.prefix}parts/${runId}/`;

export const encryption = ({ kmsKeyArn }: ReportPlace) =>
  kmsKeyArn ? { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyArn } : {};

/** Other people's buckets are refused by AWS itself: the owner must be the account that is worked in. */
export const ours = ({ account }: Target, { bucket }: ReportPlace) => ({
  Bucket: bucket,
  ExpectedBucketOwner: account,
});

export const createReportActivities = ({ s3For }: ReportDeps) => ({
  ...checks(s3For),

  /** Writes some rows of the report; the same part again is the same object. @iam s3:PutObject kms:GenerateDataKey */
  async putReportPart(input: { readonly place: PartsPlace; readonly part: string; readonly rows: readonly object[] }) {
    const { target, report } = input.place;
    const key = `${partsPrefix(input.place)}${input.part}.json`;
    await call({ target, action: 's3:PutObject', resource: `${report.bucket}/${key}` }, async () => {
      await put(s3For(target), { target, report, key, body: JSON.stringify(input.rows), type: 'application/json' });
    });
  },

  /**
   * Makes the report of all parts. The files' names depend on the run's end only, so a repeated attempt writes the same
   * objects. @iam s3:ListBucket s3:GetObject s3:PutObject kms:GenerateDataKey kms:Decrypt
   */
  async mergeReport(input: {
    readonly place: PartsPlace;
    readonly head: UpgradeReportHead & { readonly endedAt: string };
  }): Promise<{ readonly csv: string; readonly json: string }> {
    const { target, report } = input.place;
    const s3 = s3For(target);
    const files = reportName(report.prefix, input.head.endedAt);
    const context = { target, action: 's3:PutObject', resource: `${report.bucket}/${files.csv}` };
    return await call(context, () =>
      alive(async () => {
        const keys = await partKeys(s3, input.place);
        const rows = (await Promise.all(keys.map((key) => readPart<Row>(s3, input.place, key)))).flat();
        const csv = upgradeCsv(input.head.input, rows);
        await put(s3, { target, report, key: files.csv, body: csv, type: 'text/csv; charset=utf-8' });
        const json = upgradeJson(input.head, rows);
        await put(s3, { target, report, key: files.json, body: json, type: 'application/json' });
        return { csv: `s3://${report.bucket}/${files.csv}`, json: `s3://${report.bucket}/${files.json}` };
      }),
    );
  },

  /** The WorkSpaces that AWS was asked to rebuild, however that ended, by the run's parts. @iam s3:ListBucket s3:GetObject kms:Decrypt */
  async rebuiltIds(input: { readonly place: PartsPlace }): Promise<{ readonly ids: readonly string[] }> {
    const { target, report } = input.place;
    const s3 = s3For(target);
    return await call({ target, action: 's3:GetObject', resource: report.bucket }, () =>
      alive(async () => {
        const keys = await partKeys(s3, input.place);
        const rows = (await Promise.all(keys.map((key) => readPart<Row>(s3, input.place, key)))).flat();
        return { ids: rows.filter(mayCarryNewImage).map((row) => row.workspaceId) };
      }),
    );
  },

  /** Removes the parts of a run whose report is written; none left is the same. @iam s3:ListBucket s3:DeleteObject */
  async removeReportParts(input: { readonly place: PartsPlace }): Promise<void> {
    const { target, report } = input.place;
    await call({ target, action: 's3:DeleteObject', resource: report.bucket }, () =>
      alive(async () => {
        const keys = await partKeys(s3For(target), input.place);
        if (keys.length === 0) return;
        const objects = keys.map((Key) => ({ Key }));
        await s3For(target).send(new DeleteObjectsCommand({ ...ours(target, report), Delete: { Objects: objects } }));
      }),
    );
  },
});

function checks(s3For: ReportDeps['s3For']) {
  return {
    /**
     * Says what is wrong with the report's bucket, in a sentence; null: nothing. With `write` a multipart upload is begun
     * and given up, which proves the permission and the key and leaves nothing behind.
     * @iam s3:ListBucket s3:PutObject s3:AbortMultipartUpload kms:GenerateDataKey
     */
    async checkReportBucket(input: {
      readonly target: Target;
      readonly report: ReportPlace;
      readonly write: boolean;
    }): Promise<{ readonly problem: string | null }> {
      const { target, report, write } = input;
      return await call({ target, action: 's3:PutObject', resource: report.bucket }, async () => {
        try {
          await s3For(target).send(new HeadBucketCommand(ours(target, report)), { abortSignal: cancellationSignal() });
          if (write) await tryUpload(s3For(target), target, report);
          return { problem: null };
        } catch (error) {
          const problem = bucketProblem(error, target, report);
          if (problem === null) throw error;
          return { problem };
        }
      });
    },
  };
}

async function tryUpload(s3: S3Client, target: Target, report: ReportPlace): Promise<void> {
  const at = { ...ours(target, report), Key: `${report.prefix}holdfast-write-check` };
  const begun = await s3.send(new CreateMultipartUploadCommand({ ...at, ...encryption(report) }));
  await s3.send(new AbortMultipartUploadCommand({ ...at, UploadId: begun.UploadId }));
}

function bucketProblem(error: unknown, target: Target, { bucket, kmsKeyArn }: ReportPlace): string | null {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  if (name.startsWith('KMS.')) {
    return `the report key ${kmsKeyArn ?? ''} cannot be used (${name}: ${message}): give an enabled key that the worker’s role may use`;
  }
  if ($metadata?.httpStatusCode === 301 || name === 'PermanentRedirect') {
    return `the report bucket ${bucket} is not in ${target.region}: give a bucket of that Region`;
  }
  const type = failureType(error);
  if (type === 'NotFound')
    return `the report bucket ${bucket} does not exist: create it in ${targetName(target)}, or give another`;
  if (type !== 'AccessDenied') return null;
  return (
    `the report bucket ${bucket} is not usable: AWS answers ${name}, so it belongs to another account than ` +
    `${target.account}, or the worker’s role lacks s3:ListBucket, s3:PutObject or the key’s kms:GenerateDataKey`
  );
}

interface PutInput {
  readonly target: Target;
  readonly report: ReportPlace;
  readonly key: string;
  readonly body: string;
  readonly type: string;
}

export async function put(s3: S3Client, { target, report, key, body, type }: PutInput): Promise<void> {
  const about = { ...ours(target, report), Key: key, ContentType: type, ...encryption(report) };
  await s3.send(new PutObjectCommand({ ...about, Body: body }), { abortSignal: cancellationSignal() });
}

export async function partKeys(s3: S3Client, place: PartsPlace): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        ...ours(place.target, place.report),
        Prefix: partsPrefix(place),
        ...(token ? { ContinuationToken: token } : {}),
      }),
    );
    for (const { Key } of page.Contents ?? []) if (Key) keys.push(Key);
    token = page.NextContinuationToken;
  } while (token);
  return keys.toSorted();
}

export async function readPart<T>(s3: S3Client, { target, report }: PartsPlace, key: string): Promise<T[]> {
  const object = await s3.send(new GetObjectCommand({ ...ours(target, report), Key: key }));
  return JSON.parse((await object.Body?.transformToString()) ?? '[]') as T[];
}
