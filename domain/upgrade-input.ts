/** Whether an upgrade's parameters can be used, whoever gives them. All that is wrong is told at once. */
import type { ImageUpgradeInput } from './image-upgrade.ts';

interface Rule {
  /** As it ends the sentence `<name> must be …`. */
  readonly allowed: string;
  readonly holds: (value: unknown) => boolean;
}

const text = (allowed: string, pattern: RegExp): Rule => ({
  allowed,
  holds: (value) => typeof value === 'string' && pattern.test(value),
});

const orNull = (rule: Rule): Rule => ({ ...rule, holds: (value) => value === null || rule.holds(value) });

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const whole = (least: number, most: number, unit: string): Rule => ({
  allowed: `a whole number of ${unit} from ${least} to ${most}`,
  holds: (value) => Number.isInteger(value) && isWithin(value, least, most),
});

/** Amazon S3's rules for names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]+)$/;
const STACK = /^(?:[A-Za-z][A-Za-z0-9-]{0,127}|arn:aws[a-z-]*:cloudformation:[^\s]+:stack\/[^\s]+)$/;

/** The ids' patterns are those of AWS's own models. Tags: WorkSpaces takes keys up to 127 and values up to 255. */
const RULES: Readonly<Record<string, Rule>> = {
  'target.account': text('an account id of 12 digits, such as 111122223333', /^\d{12}$/),
  'target.region': text('a Region, such as eu-central-1', /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/),
  bundleId: text('a bundle id: wsb- and 8 to 63 digits or small letters', /^wsb-[0-9a-z]{8,63}$/),
  imageId: text('an image id: wsi- and 9 to 63 digits or small letters', /^wsi-[0-9a-z]{9,63}$/),
  'tag.key': text('a tag key of 1 to 127 characters that does not begin with aws:', /^(?!aws:).{1,127}$/i),
  'tag.value': text('a tag value of at most 255 characters', /^.{0,255}$/),
  notifySeconds: whole(0, 86_400, 'seconds'),
  pollSeconds: whole(10, 3_600, 'seconds'),
  waitTimeoutMinutes: whole(1, 20_160, 'minutes'),
  maxConcurrent: whole(1, 500, 'WorkSpaces'),
  quietMarginHours: { allowed: 'a number of hours from 0 to 8760', holds: (value) => isWithin(value, 0, 8_760) },
  maxDataLossSeconds: orNull(whole(0, 31_536_000, 'seconds')),
  settleSeconds: whole(1, 86_400, 'seconds'),
  confirmSeconds: whole(1, 3_600, 'seconds'),
  rebuildTimeoutMinutes: whole(1, 20_160, 'minutes'),
  poolsToo: { allowed: 'true or false', holds: (value) => typeof value === 'boolean' },
  'report.bucket': text('the name of a bucket, without s3://: 3 to 63 small letters, digits, dots and hyphens', BUCKET),
  'report.prefix': text('a key prefix of at most 900 characters', /^\P{Cc}{0,900}$/u),
  'report.kmsKeyArn': orNull(text('the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>', KEY_ARN)),
  'afterwards.deleteScheduleId': orNull(text('the id of a schedule, 1 to 255 characters', /^\P{Cc}{1,255}$/u)),
  'afterwards.deleteStackName': orNull(text('the name or ARN of a CloudFormation stack', STACK)),
};

/** Where an `ImageUpgradeInput` has a value: `bundleId`, `report.bucket`, … */
export const UPGRADE_FIELDS: readonly string[] = Object.keys(RULES);

export type ParsedUpgradeInput =
  | { readonly ok: true; readonly input: ImageUpgradeInput }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * @param raw a whole `ImageUpgradeInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--bundle` for instance. @default the field itself
 */
export function parseUpgradeInput(
  raw: unknown,
  nameOf: (field: string) => string = (field) => field,
): ParsedUpgradeInput {
  const given = new Map(leaves(raw, ''));
  const problems = UPGRADE_FIELDS.flatMap((field) => {
    const rule = RULES[field] as Rule;
    const value = given.get(field);
    if (value === undefined) return [`${nameOf(field)} is missing: give ${rule.allowed}`];
    return rule.holds(value) ? [] : [`${nameOf(field)} must be ${rule.allowed}, got ${shown(value)}`];
  });
  for (const field of given.keys()) {
    if (!(field in RULES))
      problems.push(`${nameOf(field) || 'the input'} is not known: known are ${UPGRADE_FIELDS.join(', ')}`);
  }
  if (problems.length > 0) return { ok: false, problems };

  const input = raw as ImageUpgradeInput;
  const elsewhere = keyElsewhere(input, nameOf);
  if (elsewhere) return { ok: false, problems: [elsewhere] };
  return { ok: true, input: { ...input, report: { ...input.report, prefix: asFolder(input.report.prefix) } } };
}

/** S3 takes a key of the bucket's own Region only, and the bucket is where the WorkSpaces are. */
function keyElsewhere({ target, report }: ImageUpgradeInput, nameOf: (field: string) => string): string | null {
  const region = report.kmsKeyArn === null ? undefined : KEY_ARN.exec(report.kmsKeyArn)?.[1];
  if (region === undefined || region === target.region) return null;
  return `${nameOf('report.kmsKeyArn')} must be a key in ${target.region}, where the bucket is, got ${shown(report.kmsKeyArn)}`;
}

/** `/reports` and `reports/` are the same: keys do not begin with a slash, and a prefix is a folder. */
function asFolder(prefix: string): string {
  const bare = prefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `${bare}/`;
}

/** The values of an object and of the objects in it, each with its path. */
function leaves(value: unknown, path: string): [string, unknown][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path === '' ? [] : [[path, value]];
  const under = path === '' ? '' : `${path}.`;
  return Object.entries(value).flatMap(([key, each]) => leaves(each, under + key));
}

function shown(value: unknown): string {
  const json = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}
