/** What every run is given and judged by: where, for which WorkSpaces, its report, and whom it tells. */
import { list, matches, orNull, problemOf, shown, text, type Rule } from './field-rules.ts';
import type { ReportPlace } from './image-upgrade.ts';
import type { Target } from './target.ts';
import { windowProblems } from './windows.ts';

/** Amazon S3's rules for names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]+)$/;
/** Not of a FIFO topic: those take no message without a group. */
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):[A-Za-z0-9_-]{1,256}$/;

/** The ids' patterns are those of AWS's own models. Tags: WorkSpaces takes keys up to 127 and values up to 255. */
const isWorkspaceId = matches(/^ws-[0-9a-z]{8,63}$/);
const isDirectoryId = matches(/^d-[0-9a-f]{8,63}$/);
const isTagKey = matches(/^(?!aws:).{1,127}$/i);
const isTagValue = matches(/^.{0,255}$/);
const TAG = 'a key of 1 to 127 characters that does not begin with aws: and a value of at most 255';

function isTag(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  return 'key' in value && isTagKey(value.key) && 'value' in value && isTagValue(value.value);
}

export const tag: Rule = { allowed: `a tag, with ${TAG}`, holds: isTag };

/** A list of them. */
export const tags: Rule = list({ allowed: `at most 50 tags, each with ${TAG}`, most: 50 }, isTag);

export const workspaceIds = list(
  { allowed: 'at most 10000 WorkSpace ids, each ws- and 8 to 63 digits or small letters', most: 10_000 },
  isWorkspaceId,
);

export const topic = text('the ARN of an SNS topic that is not FIFO, arn:aws:sns:<region>:<account>:<name>', TOPIC_ARN);

/** Where a run works. */
export const TARGET_RULES: Readonly<Record<string, Rule>> = {
  'target.account': text('an account id of 12 digits, such as 111122223333', /^\d{12}$/),
  'target.region': text('a Region, such as eu-central-1', /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/),
};

/** Which WorkSpaces it is for. */
export const SELECTION_RULES: Readonly<Record<string, Rule>> = {
  'selection.allOf': tags,
  'selection.anyOf': tags,
  'selection.noneOf': tags,
  'selection.workspaceIds': workspaceIds,
  'selection.directoryIds': list(
    { allowed: 'at most 1000 directory ids, each d- and 8 to 63 digits or letters from a to f', most: 1_000 },
    isDirectoryId,
  ),
};

/** Where its report goes. */
export const REPORT_RULES: Readonly<Record<string, Rule>> = {
  'report.bucket': text('the name of a bucket, without s3://: 3 to 63 small letters, digits, dots and hyphens', BUCKET),
  'report.prefix': text('a key prefix of at most 900 characters', /^\P{Cc}{0,900}$/u),
  'report.kmsKeyArn': orNull(text('the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>', KEY_ARN)),
};

/** What the list holds is judged by `windowProblems`, which tells more than one problem. */
export const WINDOWS_RULE: Rule = { allowed: 'a list of rules, empty for any time', holds: () => true };

export type NameOf = (field: string) => string;

export interface FieldJudge {
  readonly rules: Readonly<Record<string, Rule>>;
  readonly nameOf: NameOf;
  /** May be null as a whole: then it has no fields. */
  readonly nullable?: string;
}

/** What is wrong with each field for itself, and which ones there should not be. */
export function fieldProblems(raw: unknown, { rules, nameOf, nullable }: FieldJudge): string[] {
  const given = new Map(fieldsOf(raw, '', rules));
  const isNull = nullable !== undefined && given.get(nullable) === null;
  const asked = Object.keys(rules).filter((field) => !(isNull && field.startsWith(`${nullable}.`)));
  const problems = asked.flatMap((field) => problemOf(nameOf(field), rules[field] as Rule, given.get(field)) ?? []);
  const windows = given.has('windows') ? windowProblems(given.get('windows')).map(called(nameOf('windows'))) : [];
  const unknown = [...given.keys()].filter((field) => !(field in rules) && field !== nullable);
  return [
    ...problems,
    ...windows,
    ...unknown.map((field) => `${nameOf(field)} is not known: known are ${beside(field, Object.keys(rules))}`),
  ];
}

/** As `windowProblems` does not know what the giver calls them. */
const called = (name: string) => (problem: string) => (name === 'windows' ? problem : `${name}: ${problem}`);

/** The fields of an object and of the objects in it, each with its path. */
function fieldsOf(value: unknown, path: string, rules: FieldJudge['rules']): [string, unknown][] {
  if (value === undefined) return [];
  if (path in rules || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return path === '' ? [] : [[path, value]];
  }
  const under = path === '' ? '' : `${path}.`;
  return Object.entries(value).flatMap(([key, each]) => fieldsOf(each, under + key, rules));
}

/** The names that are known where this one is not. */
function beside(field: string, fields: readonly string[]): string {
  const under = field.slice(0, field.lastIndexOf('.') + 1);
  const names = fields
    .filter((each) => each.startsWith(under))
    .map((each) => {
      const end = each.indexOf('.', under.length);
      return end === -1 ? each : each.slice(0, end);
    });
  return [...new Set(names.length > 0 ? names : fields)].join(', ');
}

interface Placed {
  readonly target: Target;
}

/** Topics are written to with the target's own clients. */
export function topicElsewhere({ target }: Placed, name: string, topicArn: string | null): string | null {
  const [, region, account] = (topicArn === null ? null : TOPIC_ARN.exec(topicArn)) ?? [];
  if (topicArn === null || (region === target.region && account === target.account)) return null;
  return `${name} must be a topic of account ${target.account} in ${target.region}, got ${shown(topicArn)}`;
}

/** S3 takes a key of the bucket's own Region only, and the bucket is where the WorkSpaces are. */
export function keyElsewhere(
  { target, report }: Placed & { readonly report: ReportPlace },
  nameOf: NameOf,
): string | null {
  const region = report.kmsKeyArn === null ? undefined : KEY_ARN.exec(report.kmsKeyArn)?.[1];
  if (region === undefined || region === target.region) return null;
  return `${nameOf('report.kmsKeyArn')} must be a key in ${target.region}, where the bucket is, got ${shown(report.kmsKeyArn)}`;
}

/** `/reports` and `reports/` are the same: keys do not begin with a slash, and a prefix is a folder. */
export function asFolder(report: ReportPlace): ReportPlace {
  const bare = report.prefix.replace(/^\/+|\/+$/g, '');
  return { ...report, prefix: bare === '' ? '' : `${bare}/` };
}
