/** Whether a restore's parameters can be used, whoever gives them. All that is wrong is told at once. */
import { asFolder, IMAGE_ID, INSTANT, REPORT_RULES, TARGET_RULES, TOPIC, WORKSPACE_ID } from './aws-rules.ts';
import { oneOf, orNull, problemOf, type Rule, text, TRUE_OR_FALSE, whole } from './field-rules.ts';
import { STRATEGIES, type ImageRestoreInput } from './image-restore.ts';
import { needsBundle, snapshotsFor } from './restore-checks.ts';

/** AWS's pattern for user names of directories. */
const USER = text('a user name of 1 to 63 characters without spaces', /^[^\s\p{Cc}]{1,63}$/u);

/** Of one WorkSpace and of a fleet. */
export const RESTORE_RULES: Readonly<Record<string, Rule>> = {
  ...TARGET_RULES,
  strategy: oneOf(STRATEGIES),
  imageId: orNull(IMAGE_ID),
  notAfter: orNull(INSTANT),
  loseUserVolume: TRUE_OR_FALSE,
  lastImage: TRUE_OR_FALSE,
  'approval.required': TRUE_OR_FALSE,
  'approval.expiresMinutes': whole(1, 20_160, 'minutes'),
  operatorTopicArn: orNull(TOPIC),
  ...REPORT_RULES,
};

const RULES: Readonly<Record<string, Rule>> = {
  ...RESTORE_RULES,
  workspaceId: WORKSPACE_ID,
  snapshotTime: orNull(INSTANT),
  confirm: orNull(WORKSPACE_ID),
  otherUser: orNull(USER),
  canary: TRUE_OR_FALSE,
};

export type Parsed<Input> =
  { readonly ok: true; readonly input: Input } | { readonly ok: false; readonly problems: readonly string[] };

type NameOf = (field: string) => string;

/**
 * @param raw a whole `ImageRestoreInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--image` for instance. @default the field itself
 */
export function parseRestoreInput(raw: unknown, nameOf: NameOf = (field) => field): Parsed<ImageRestoreInput> {
  const single = fieldProblems(raw, RULES, nameOf);
  if (single.length > 0) return { ok: false, problems: single };
  const input = raw as ImageRestoreInput;
  const problems = [...togetherProblems(input, nameOf), ...userProblems(input, nameOf)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: { ...input.report, prefix: asFolder(input.report.prefix) } } };
}

/** What is wrong with each field for itself, and which ones there should not be. */
export function fieldProblems(raw: unknown, rules: Readonly<Record<string, Rule>>, nameOf: NameOf): string[] {
  const given = new Map(fieldsOf(raw, rules, ''));
  const problems = Object.entries(rules).flatMap(([field, rule]) => {
    return problemOf(nameOf(field), rule, given.get(field)) ?? [];
  });
  const unknown = [...given.keys()].filter((field) => !(field in rules));
  const known = Object.keys(rules).join(', ');
  return [...problems, ...unknown.map((field) => `${nameOf(field)} is not known: known are ${known}`)];
}

/** The fields of an object and of the objects in it, each with its path. */
function fieldsOf(value: unknown, rules: Readonly<Record<string, Rule>>, path: string): [string, unknown][] {
  if (value === undefined) return [];
  if (path in rules || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return path === '' ? [] : [[path, value]];
  }
  const under = path === '' ? '' : `${path}.`;
  return Object.entries(value).flatMap(([key, each]) => fieldsOf(each, rules, under + key));
}

type Together = Pick<
  ImageRestoreInput,
  'target' | 'strategy' | 'imageId' | 'notAfter' | 'operatorTopicArn' | 'lastImage'
>;

/** What must hold of fields together, for one WorkSpace and for a fleet. */
export function togetherProblems(input: Together, nameOf: NameOf): string[] {
  const { target, strategy, imageId, notAfter, operatorTopicArn, lastImage } = input;
  const problems: string[] = [];
  if (needsBundle(strategy) && imageId === null) {
    problems.push(`${nameOf('imageId')} must be an image for the strategy ${strategy}, got null`);
  }
  if (!needsBundle(strategy) && imageId !== null) {
    problems.push(`${nameOf('imageId')} is none of the strategy ${strategy}, which takes no image: leave it out`);
  }
  if (notAfter !== null && snapshotsFor(strategy, { userSnapshots: [], bothSnapshots: [] }) === null) {
    problems.push(`${nameOf('notAfter')} is about a snapshot, and the strategy ${strategy} uses none: leave it out`);
  }
  if (lastImage && strategy === 'copy') {
    problems.push(
      `${nameOf('lastImage')} is none of the strategy copy, which leaves the WorkSpace as it is: leave it out`,
    );
  }
  const [, , , region, account] = operatorTopicArn?.split(':') ?? [];
  if (operatorTopicArn !== null && (region !== target.region || account !== target.account)) {
    const name = nameOf('operatorTopicArn');
    problems.push(`${name} must be a topic of account ${target.account} in ${target.region}, got ${operatorTopicArn}`);
  }
  return problems;
}

function userProblems({ strategy, otherUser, canary }: ImageRestoreInput, nameOf: NameOf): string[] {
  const problems: string[] = [];
  const wanted = strategy === 'copy' || canary;
  if (wanted && otherUser === null) {
    problems.push(`${nameOf('otherUser')} must be the user of the second WorkSpace, got null`);
  }
  if (!wanted && otherUser !== null) {
    problems.push(`${nameOf('otherUser')} is for the strategy copy and for a canary: leave it out`);
  }
  if (canary && (strategy === 'copy' || !needsBundle(strategy))) {
    problems.push(`${nameOf('canary')} is for the strategies image and recreate, got ${strategy}: leave it out`);
  }
  return problems;
}
