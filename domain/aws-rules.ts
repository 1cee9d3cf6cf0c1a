/** Rules for what capabilities are given of AWS: ids, places of reports, topics. */
import { matches, orNull, type Rule, text } from './field-rules.ts';

/** Amazon S3's rules for names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]+)$/;
/** Not of a FIFO topic: those take no message without a group. */
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):[A-Za-z0-9_-]{1,256}$/;

export const isWorkspaceId = matches(/^ws-[0-9a-z]{8,63}$/);
export const WORKSPACE_ID: Rule = {
  allowed: 'a WorkSpace id: ws- and 8 to 63 digits or small letters',
  holds: isWorkspaceId,
};
export const IMAGE_ID = text('an image id: wsi- and 9 to 63 digits or small letters', /^wsi-[0-9a-z]{9,63}$/);
export const TOPIC = text('the ARN of an SNS topic that is not FIFO, arn:aws:sns:<region>:<account>:<name>', TOPIC_ARN);

export const TARGET_RULES: Readonly<Record<string, Rule>> = {
  'target.account': text('an account id of 12 digits, such as 111122223333', /^\d{12}$/),
  'target.region': text('a Region, such as eu-central-1', /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/),
};

export const REPORT_RULES: Readonly<Record<string, Rule>> = {
  'report.bucket': text('the name of a bucket, without s3://: 3 to 63 small letters, digits, dots and hyphens', BUCKET),
  'report.prefix': text('a key prefix of at most 900 characters', /^\P{Cc}{0,900}$/u),
  'report.kmsKeyArn': orNull(text('the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>', KEY_ARN)),
};

/** `/reports` and `reports/` are the same: keys do not begin with a slash, and a prefix is a folder. */
export function asFolder(prefix: string): string {
  const bare = prefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `${bare}/`;
}

/** AWS's times as people write them: with a time zone, so that it is an instant. */
export const INSTANT: Rule = {
  allowed: 'an instant such as 2026-03-02T08:00:00Z',
  holds: (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
};
