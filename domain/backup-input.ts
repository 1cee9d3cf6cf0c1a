/** Whether an image backup's parameters can be used, whoever gives them. All that is wrong is told at once. */
import { oneOf, orNull, text, TRUE_OR_FALSE, whole, within, type Rule } from './field-rules.ts';
import type { ImageBackupInput } from './image-backup.ts';
import {
  asFolder,
  fieldProblems,
  keyElsewhere,
  REPORT_RULES,
  SELECTION_RULES,
  TARGET_RULES,
  topic,
  topicElsewhere,
  WINDOWS_RULE,
  type NameOf,
} from './run-rules.ts';

const images = whole(0, 1_000, 'images');

/** An image takes longer than that, or lasts no longer. */
const MOST_RUNS_PER_DAY = 24;
const LEAST_RUNS_PER_DAY = 1 / 31;

const runs: Rule = {
  allowed: `a number of runs a day from 1/31 to ${MOST_RUNS_PER_DAY}`,
  holds: (value) => typeof value === 'number' && value >= LEAST_RUNS_PER_DAY && value <= MOST_RUNS_PER_DAY,
};

/** The nearest that can be reckoned with. */
export const asRunsPerDay = (value: number): number => Math.min(MOST_RUNS_PER_DAY, Math.max(LEAST_RUNS_PER_DAY, value));

const RULES: Readonly<Record<string, Rule>> = {
  ...TARGET_RULES,
  policy: text('a name of 1 to 40 letters, digits and hyphens', /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/),
  ...SELECTION_RULES,
  startStopped: TRUE_OR_FALSE,
  connectedUsers: oneOf(['skip', 'wait', 'proceed']),
  windows: WINDOWS_RULE,
  maxConcurrent: whole(1, 500, 'WorkSpaces'),
  maxResources: orNull(whole(0, 2_000, 'WorkSpaces')),
  imageTimeoutMinutes: whole(45, 1_440, 'minutes'),
  runTimeoutMinutes: whole(1, 20_160, 'minutes'),
  'retention.days': orNull(whole(1, 36_500, 'days')),
  'retention.keepAtLeast': images,
  'retention.keepDaily': images,
  'retention.keepWeekly': images,
  'retention.keepMonthly': images,
  'retention.maxDeletePercent': within('a number of percent', 0, 100),
  runsPerDay: runs,
  imageQuota: orNull(whole(0, 100_000, 'images')),
  operatorTopicArn: orNull(topic),
  ...REPORT_RULES,
};

export type ParsedBackupInput =
  | { readonly ok: true; readonly input: ImageBackupInput }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * @param raw a whole `ImageBackupInput`: what is missing is a problem, so that a run does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems, `--max-concurrent` for instance. @default the field itself
 */
export function parseBackupInput(raw: unknown, nameOf: NameOf = (field) => field): ParsedBackupInput {
  const single = fieldProblems(raw, { rules: RULES, nameOf });
  if (single.length > 0) return { ok: false, problems: single };
  const input = raw as ImageBackupInput;
  const problems = TOGETHER.flatMap((check) => check(input, nameOf) ?? []);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: asFolder(input.report) } };
}

/** What must hold of fields together. */
const TOGETHER: readonly ((input: ImageBackupInput, nameOf: NameOf) => string | null)[] = [
  nobodySelected,
  emptyPolicy,
  (input, nameOf) => topicElsewhere(input, nameOf('operatorTopicArn'), input.operatorTopicArn),
  keyElsewhere,
];

/** A selection that was forgotten never means every desktop of the Region. */
function nobodySelected({ selection }: ImageBackupInput, nameOf: NameOf): string | null {
  const { allOf, anyOf, workspaceIds, directoryIds } = selection;
  if (allOf.length + anyOf.length + workspaceIds.length + directoryIds.length > 0) return null;
  const names = ['allOf', 'anyOf', 'workspaceIds', 'directoryIds'].map((each) => nameOf(`selection.${each}`));
  return `which WorkSpaces? give ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function emptyPolicy({ retention }: ImageBackupInput, nameOf: NameOf): string | null {
  const { days, keepAtLeast, keepDaily, keepWeekly, keepMonthly } = retention;
  if ([days ?? 0, keepAtLeast, keepDaily, keepWeekly, keepMonthly].some((part) => part > 0)) return null;
  const names = ['days', 'keepAtLeast', 'keepDaily', 'keepWeekly', 'keepMonthly'].map((part) =>
    nameOf(`retention.${part}`),
  );
  return `the retention policy is empty and would keep the last image of each WorkSpace only: give ${names.join(', ')} above 0`;
}
