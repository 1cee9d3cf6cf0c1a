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
import {
  asFolder,
  fieldProblems,
  keyElsewhere,
  REPORT_RULES,
  SELECTION_RULES,
  tag,
  TARGET_RULES,
  topic,
  topicElsewhere,
  WINDOWS_RULE,
  workspaceIds,
  type NameOf,
} from './run-rules.ts';
import { FAILURE_KINDS, type WavePlan } from './waves.ts';
import { minutesOpen } from './windows.ts';

const STACK = /^(?:[A-Za-z][A-Za-z0-9-]{0,127}|arn:aws[a-z-]*:cloudformation:[^\s]+:stack\/[^\s]+)$/;

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

const RULES: Readonly<Record<string, Rule>> = {
  ...TARGET_RULES,
  bundleId: text('a bundle id: wsb- and 8 to 63 digits or small letters', /^wsb-[0-9a-z]{8,63}$/),
  imageId: text('an image id: wsi- and 9 to 63 digits or small letters', /^wsi-[0-9a-z]{9,63}$/),
  ...SELECTION_RULES,
  maxResources: orNull(whole(0, 100_000, 'WorkSpaces')),
  maxResourcesPercent: orNull(within('a number of percent', 0, 100)),
  otherBundle: oneOf(['list', 'migrate']),
  'waves.canary.size': text(A_SIZE, SIZE),
  'waves.canary.choose': oneOf(['spread', 'tag', 'list']),
  'waves.canary.tag': orNull(tag),
  'waves.canary.workspaceIds': workspaceIds,
  'waves.sizes': list({ allowed: `at most 20 sizes, each ${A_SIZE}`, most: 20 }, matches(SIZE)),
  'waves.soakMinutes': whole(0, 20_160, 'minutes'),
  'waves.maxFailures': orNull(threshold),
  'waves.failureKinds': failureKinds,
  keepBundle: TRUE_OR_FALSE,
  windows: WINDOWS_RULE,
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
  ...REPORT_RULES,
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

/**
 * @param raw a whole `ImageUpgradeInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--bundle` for instance. @default the field itself
 */
export function parseUpgradeInput(raw: unknown, nameOf: NameOf = (field) => field): ParsedUpgradeInput {
  const single = fieldProblems(raw, { rules: RULES, nameOf, nullable: CANARY });
  if (single.length > 0) return { ok: false, problems: single };

  const input = raw as ImageUpgradeInput;
  const problems = TOGETHER.flatMap((check) => check(input, nameOf) ?? []);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: asFolder(input.report) } };
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
