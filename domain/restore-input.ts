/** Whether a restore's parameters can be used, whoever gives them. All that is wrong is told at once. */
import { oneOf, orNull, type Rule, text, TRUE_OR_FALSE, whole } from './field-rules.ts';
import { STRATEGIES, type ImageRestoreInput } from './image-restore.ts';
import { needsBundle, snapshotsFor } from './restore-checks.ts';
import {
  asFolder,
  fieldProblems,
  keyElsewhere,
  REPORT_RULES,
  TARGET_RULES,
  topic,
  topicElsewhere,
  type NameOf,
} from './run-rules.ts';

const WORKSPACE_ID = text('a WorkSpace id: ws- and 8 to 63 digits or small letters', /^ws-[0-9a-z]{8,63}$/);
const IMAGE_ID = text('an image id: wsi- and 9 to 63 digits or small letters', /^wsi-[0-9a-z]{9,63}$/);
/** AWS's pattern for user names of directories. */
const USER = text('a user name of 1 to 63 characters without spaces', /^[^\s\p{Cc}]{1,63}$/u);

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;
/** With its time zone: otherwise it would be another instant on another machine. */
const INSTANT: Rule = {
  allowed: 'an instant such as 2026-03-02T08:00:00Z',
  holds: (value) => typeof value === 'string' && ISO.test(value) && !Number.isNaN(Date.parse(value)),
};

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
  operatorTopicArn: orNull(topic),
  nobodyToTell: TRUE_OR_FALSE,
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

/**
 * @param raw a whole `ImageRestoreInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--image` for instance. @default the field itself
 */
export function parseRestoreInput(raw: unknown, nameOf: NameOf = (field) => field): Parsed<ImageRestoreInput> {
  const single = fieldProblems(raw, { rules: RULES, nameOf });
  if (single.length > 0) return { ok: false, problems: single };
  const input = raw as ImageRestoreInput;
  const problems = [...togetherProblems(input, nameOf), ...userProblems(input, nameOf)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: asFolder(input.report) } };
}

type Together = Pick<
  ImageRestoreInput,
  'target' | 'report' | 'strategy' | 'imageId' | 'notAfter' | 'operatorTopicArn' | 'lastImage'
>;

/** What must hold of fields together, for one WorkSpace and for a fleet. */
export function togetherProblems(input: Together, nameOf: NameOf): string[] {
  const { strategy, imageId, notAfter, operatorTopicArn, lastImage } = input;
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
  const elsewhere = [topicElsewhere(input, nameOf('operatorTopicArn'), operatorTopicArn), keyElsewhere(input, nameOf)];
  return [...problems, ...elsewhere.filter((problem) => problem !== null)];
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
