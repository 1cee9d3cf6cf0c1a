/** Whether an upgrade's parameters can be used, whoever gives them. All that is wrong is told at once. */
import {
  list,
  matches,
  oneOf,
  orNull,
  problemOf,
  type Rule,
  shown,
  text,
  TRUE_OR_FALSE,
  whole,
  within,
} from './field-rules.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';
import { FAILURE_KINDS, type WavePlan } from './waves.ts';
import { minutesOpen, windowProblems } from './windows.ts';

/** Amazon S3's rules for names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]+)$/;
const STACK = /^(?:[A-Za-z][A-Za-z0-9-]{0,127}|arn:aws[a-z-]*:cloudformation:[^\s]+:stack\/[^\s]+)$/;
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

const tags = list({ allowed: `at most 50 tags, each with ${TAG}`, most: 50 }, isTag);

const workspaceIds = list(
  { allowed: 'at most 10000 WorkSpace ids, each ws- and 8 to 63 digits or small letters', most: 10_000 },
  isWorkspaceId,
);

/** At least one WorkSpace, at most all of them. */
const SIZE = /^(?:[1-9]\d{0,4}|(?:[1-9]\d?|100)%)$/;
const THRESHOLD = /^(?:0|[1-9]\d{0,4}|(?:0|[1-9]\d?|100)%)$/;
const A_SIZE = 'a number of WorkSpaces such as "5", or a share of them such as "10%"';

const threshold = text('the most that may fail, a number such as "3" or a share such as "10%"', THRESHOLD);

/** What is wrong with a threshold of failures; null: nothing. */
export const shareProblem = (value: unknown): string | null => problemOf('the threshold', threshold, value);

/** Several times the same kind would count its failures as often. */
const failureKinds: Rule = {
  allowed: `a list of ${FAILURE_KINDS.join(', ')}: at least one, none twice`,
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((kind) => FAILURE_KINDS.some((each) => each === kind)),
};

const leads: Rule = {
  allowed: 'at most 5 whole numbers of seconds from 1 to 86400, the largest first',
  holds: (value) =>
    Array.isArray(value) &&
    value.length <= 5 &&
    value.every((each: unknown) => whole(1, 86_400, 'seconds').holds(each)) &&
    value.every((each: number, index) => index === 0 || each < value[index - 1]),
};

const warningText: Rule = {
  allowed: 'a text of at most 500 characters, with no braces but those of {time}, {reason} and {contact}',
  holds: (value) =>
    matches(/^\P{Cc}{0,500}$/u)(value) && !/[{}]/.test(String(value).replaceAll(/\{(?:time|reason|contact)\}/g, '')),
};

const line = text('a text of at most 200 characters on one line', /^\P{Cc}{0,200}$/u);
const topic = text('the ARN of an SNS topic that is not FIFO, arn:aws:sns:<region>:<account>:<name>', TOPIC_ARN);

const RULES: Readonly<Record<string, Rule>> = {
  'target.account': text('an account id of 12 digits, such as 111122223333', /^\d{12}$/),
  'target.region': text('a Region, such as eu-central-1', /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/),
  bundleId: text('a bundle id: wsb- and 8 to 63 digits or small letters', /^wsb-[0-9a-z]{8,63}$/),
  imageId: text('an image id: wsi- and 9 to 63 digits or small letters', /^wsi-[0-9a-z]{9,63}$/),
  'selection.allOf': tags,
  'selection.anyOf': tags,
  'selection.noneOf': tags,
  'selection.workspaceIds': workspaceIds,
  'selection.directoryIds': list(
    { allowed: 'at most 1000 directory ids, each d- and 8 to 63 digits or letters from a to f', most: 1_000 },
    isDirectoryId,
  ),
  maxResources: orNull(whole(0, 100_000, 'WorkSpaces')),
  maxResourcesPercent: orNull(within('a number of percent', 0, 100)),
  otherBundle: oneOf(['list', 'migrate']),
  'waves.canary.size': text(A_SIZE, SIZE),
  'waves.canary.choose': oneOf(['spread', 'tag', 'list']),
  'waves.canary.tag': orNull({ allowed: `a tag, with ${TAG}`, holds: isTag }),
  'waves.canary.workspaceIds': workspaceIds,
  'waves.sizes': list({ allowed: `at most 20 sizes, each ${A_SIZE}`, most: 20 }, matches(SIZE)),
  'waves.soakMinutes': whole(0, 20_160, 'minutes'),
  'waves.maxFailures': orNull(threshold),
  'waves.failureKinds': failureKinds,
  keepBundle: TRUE_OR_FALSE,
  // What a list holds is judged by `windowProblems`, which tells more than one problem.
  windows: { allowed: 'a list of rules, empty for any time', holds: () => true },
  windowPassed: oneOf(['wait', 'skip']),
  'warnings.leadSeconds': leads,
  'warnings.text': warningText,
  'warnings.reason': line,
  'warnings.contact': line,
  'warnings.requireDelivery': TRUE_OR_FALSE,
  'warnings.topicArn': orNull(topic),
  'connectedUsers.policy': oneOf(['proceed', 'wait', 'skip']),
  'connectedUsers.waitMinutes': whole(1, 20_160, 'minutes'),
  'connectedUsers.afterWait': oneOf(['proceed', 'skip']),
  maintenance: TRUE_OR_FALSE,
  operatorTopicArn: orNull(topic),
  'approval.planHash': orNull(text('the hash of a plan: 64 digits or letters from a to f', /^[0-9a-f]{64}$/)),
  'approval.required': TRUE_OR_FALSE,
  'approval.expiresMinutes': whole(1, 20_160, 'minutes'),
  pollSeconds: whole(10, 3_600, 'seconds'),
  waitTimeoutMinutes: whole(1, 20_160, 'minutes'),
  maxConcurrent: whole(1, 500, 'WorkSpaces'),
  quietMarginHours: within('a number of hours', 0, 8_760),
  maxDataLossSeconds: orNull(whole(0, 31_536_000, 'seconds')),
  settleSeconds: whole(1, 86_400, 'seconds'),
  confirmSeconds: whole(1, 3_600, 'seconds'),
  rebuildTimeoutMinutes: whole(1, 20_160, 'minutes'),
  poolsToo: TRUE_OR_FALSE,
  'report.bucket': text('the name of a bucket, without s3://: 3 to 63 small letters, digits, dots and hyphens', BUCKET),
  'report.prefix': text('a key prefix of at most 900 characters', /^\P{Cc}{0,900}$/u),
  'report.kmsKeyArn': orNull(text('the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>', KEY_ARN)),
  'afterwards.deleteScheduleId': orNull(text('the id of a schedule, 1 to 255 characters', /^\P{Cc}{1,255}$/u)),
  'afterwards.deleteStackName': orNull(text('the name or ARN of a CloudFormation stack', STACK)),
};

/** Where an `ImageUpgradeInput` has a value: `bundleId`, `report.bucket`, … */
export const UPGRADE_FIELDS: readonly string[] = Object.keys(RULES);

/** May be null as a whole: then it has no fields. */
const CANARY = 'waves.canary';

export type ParsedUpgradeInput =
  | { readonly ok: true; readonly input: ImageUpgradeInput }
  | { readonly ok: false; readonly problems: readonly string[] };

type NameOf = (field: string) => string;

/**
 * @param raw a whole `ImageUpgradeInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--bundle` for instance. @default the field itself
 */
export function parseUpgradeInput(raw: unknown, nameOf: NameOf = (field) => field): ParsedUpgradeInput {
  const single = fieldProblems(raw, nameOf);
  if (single.length > 0) return { ok: false, problems: single };

  const input = raw as ImageUpgradeInput;
  const problems = TOGETHER.flatMap((check) => check(input, nameOf) ?? []);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: { ...input.report, prefix: asFolder(input.report.prefix) } } };
}

/** What is wrong with each field for itself, and which ones there should not be. */
function fieldProblems(raw: unknown, nameOf: NameOf): string[] {
  const given = new Map(fieldsOf(raw, ''));
  const noCanary = given.get(CANARY) === null;
  const asked = UPGRADE_FIELDS.filter((field) => !(noCanary && field.startsWith(`${CANARY}.`)));
  const problems = asked.flatMap((field) => problemOf(nameOf(field), RULES[field] as Rule, given.get(field)) ?? []);
  const windows = given.has('windows') ? windowProblems(given.get('windows')).map(called(nameOf('windows'))) : [];
  const unknown = [...given.keys()].filter((field) => !(field in RULES) && field !== CANARY);
  return [
    ...problems,
    ...windows,
    ...unknown.map((field) => `${nameOf(field)} is not known: known are ${beside(field)}`),
  ];
}

/** As `windowProblems` does not know what the giver calls them. */
const called = (name: string) => (problem: string) => (name === 'windows' ? problem : `${name}: ${problem}`);

/** The fields of an object and of the objects in it, each with its path. */
function fieldsOf(value: unknown, path: string): [string, unknown][] {
  if (value === undefined) return [];
  if (path in RULES || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return path === '' ? [] : [[path, value]];
  }
  const under = path === '' ? '' : `${path}.`;
  return Object.entries(value).flatMap(([key, each]) => fieldsOf(each, under + key));
}

/** The names that are known where this one is not. */
function beside(field: string): string {
  const under = field.slice(0, field.lastIndexOf('.') + 1);
  const names = UPGRADE_FIELDS.filter((each) => each.startsWith(under)).map((each) => {
    const end = each.indexOf('.', under.length);
    return end === -1 ? each : each.slice(0, end);
  });
  return [...new Set(names.length > 0 ? names : UPGRADE_FIELDS)].join(', ');
}

const LEFT_FOR_REBUILDS = 600;

/** What must hold of fields together. */
const TOGETHER: readonly ((input: ImageUpgradeInput, nameOf: NameOf) => string | null)[] = [
  ({ waves }, nameOf) => canaryProblem(waves.canary, nameOf),
  ({ warnings }, nameOf) =>
    warnings.leadSeconds.length > 0 && warnings.text.trim() === ''
      ? `${nameOf('warnings.text')} must be what users are to read, got ${shown(warnings.text)}`
      : null,
  ({ warnings }, nameOf) =>
    warnings.requireDelivery && warnings.leadSeconds.length === 0
      ? `${nameOf('warnings.requireDelivery')} needs a warning: give ${nameOf('warnings.leadSeconds')}, such as 600`
      : null,
  (input, nameOf) => topicElsewhere(input, nameOf('warnings.topicArn'), input.warnings.topicArn),
  (input, nameOf) => topicElsewhere(input, nameOf('operatorTopicArn'), input.operatorTopicArn),
  keyElsewhere,
  warningLongerThanWindow,
];

/** A user who is warned when the window opens would be warned again and again, and the WorkSpace never rebuilt. */
export function warningLongerThanWindow(
  { warnings, windows }: Pick<ImageUpgradeInput, 'warnings' | 'windows'>,
  nameOf: NameOf = (field) => field,
): string | null {
  const [lead] = warnings.leadSeconds;
  if (lead === undefined) return null;
  const all = windows.flatMap((rule) => rule.open);
  const short = all.find((hours) => minutesOpen(hours) * 60 < lead + LEFT_FOR_REBUILDS);
  if (!short) return null;
  return `${nameOf('windows')}: hours must be longer than the first warning of ${lead} seconds by 10 minutes, got ${short.from}-${short.to}`;
}

function canaryProblem(canary: WavePlan['canary'], nameOf: NameOf): string | null {
  if (canary?.choose === 'tag' && canary.tag === null) {
    return `${nameOf('waves.canary.tag')} must be a tag when the canary is chosen by tag, got null`;
  }
  if (canary?.choose === 'list' && canary.workspaceIds.length === 0) {
    return `${nameOf('waves.canary.workspaceIds')} must name WorkSpaces when the canary is chosen by list, got []`;
  }
  return null;
}

/** Topics are written to with the target's own clients. */
function topicElsewhere({ target }: ImageUpgradeInput, name: string, topicArn: string | null): string | null {
  const [, region, account] = (topicArn === null ? null : TOPIC_ARN.exec(topicArn)) ?? [];
  if (topicArn === null || (region === target.region && account === target.account)) return null;
  return `${name} must be a topic of account ${target.account} in ${target.region}, got ${shown(topicArn)}`;
}

/** S3 takes a key of the bucket's own Region only, and the bucket is where the WorkSpaces are. */
function keyElsewhere({ target, report }: ImageUpgradeInput, nameOf: NameOf): string | null {
  const region = report.kmsKeyArn === null ? undefined : KEY_ARN.exec(report.kmsKeyArn)?.[1];
  if (region === undefined || region === target.region) return null;
  return `${nameOf('report.kmsKeyArn')} must be a key in ${target.region}, where the bucket is, got ${shown(report.kmsKeyArn)}`;
}

/** `/reports` and `reports/` are the same: keys do not begin with a slash, and a prefix is a folder. */
function asFolder(prefix: string): string {
  const bare = prefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `${bare}/`;
}
