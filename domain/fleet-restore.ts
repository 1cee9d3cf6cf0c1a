/** What a restore of many WorkSpaces is given, after a bad upgrade for instance. */
import { list, matches, oneOf, orNull, text, TRUE_OR_FALSE, whole, type Rule } from './field-rules.ts';
import type { ImageRestoreInput, Strategy } from './image-restore.ts';
import { MOST_BUNDLES, needsBundle } from './restore-checks.ts';
import { RESTORE_RULES, togetherProblems, type Parsed } from './restore-input.ts';
import { isRestored, type RestoreOutcome } from './restore-outcome.ts';
import { asFolder, fieldProblems, SELECTION_RULES, type NameOf } from './run-rules.ts';
import type { Selection } from './selection.ts';
import { shareProblem } from './upgrade-input.ts';
import type { Share, WavePlan } from './waves.ts';

export interface FleetRestoreInput extends Pick<
  ImageRestoreInput,
  | 'target'
  | 'imageId'
  | 'notAfter'
  | 'loseUserVolume'
  | 'lastImage'
  | 'approval'
  | 'operatorTopicArn'
  | 'nobodyToTell'
  | 'report'
> {
  /** In the run's id: letters, digits, hyphens. */
  readonly name: string;
  /** By tags, or by ids from an upgrade's report. */
  readonly selection: Selection;
  readonly strategy: Exclude<Strategy, 'copy'>;
  /** How many WorkSpaces a person saw that it is for: another number is refused. */
  readonly confirmCount: number | null;
  readonly maxResources: number;
  readonly maxConcurrent: number;
  /** The first wave; null: none. */
  readonly canarySize: Share | null;
  readonly waveSizes: readonly Share[];
  readonly soakMinutes: number;
  /** Past so many, or such a share, that were not restored, nothing new begins; null: never. */
  readonly maxFailures: Share | null;
}

/** Each is a workflow of its own, and all of them must fit into one history. */
const MOST_RESTORES = 400;

const SIZE = /^(?:[1-9]\d{0,4}|(?:[1-9]\d?|100)%)$/;
const A_SIZE = 'a number of WorkSpaces such as "5", or a share of them such as "10%"';

const RULES: Readonly<Record<string, Rule>> = {
  ...RESTORE_RULES,
  ...SELECTION_RULES,
  name: text('a name of 1 to 40 letters, digits and hyphens', /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/),
  strategy: oneOf(['image', 'recreate', 'snapshot', 'rebuild']),
  confirmCount: orNull(whole(1, MOST_RESTORES, 'WorkSpaces')),
  maxResources: whole(1, MOST_RESTORES, 'WorkSpaces'),
  maxConcurrent: whole(1, 50, 'WorkSpaces'),
  canarySize: orNull(text(A_SIZE, SIZE)),
  waveSizes: list({ allowed: `at most 20 sizes, each ${A_SIZE}`, most: 20 }, matches(SIZE)),
  soakMinutes: whole(0, 20_160, 'minutes'),
  maxFailures: {
    allowed: 'the most that may fail, a number such as "3" or a share such as "10%", or null',
    holds: (value) => value === null || shareProblem(value) === null,
  },
  lastImage: TRUE_OR_FALSE,
};

export function parseFleetRestoreInput(raw: unknown, nameOf: NameOf = (field) => field): Parsed<FleetRestoreInput> {
  const single = fieldProblems(raw, { rules: RULES, nameOf });
  if (single.length > 0) return { ok: false, problems: single };
  const input = raw as FleetRestoreInput;
  const { selection, strategy, loseUserVolume } = input;
  const problems = togetherProblems(input, nameOf);
  if (selection.workspaceIds.length + selection.allOf.length + selection.anyOf.length === 0) {
    problems.push(`${nameOf('selection.allOf')} must select WorkSpaces: give a tag, or ids from a report`);
  }
  if (strategy === 'recreate' && !loseUserVolume) {
    problems.push(`${nameOf('loseUserVolume')} must be said for recreate, which destroys the user volume of each`);
  }
  if (strategy === 'recreate' && input.operatorTopicArn === null && !input.nobodyToTell) {
    problems.push(
      `${nameOf('operatorTopicArn')} must be a topic for recreate, so that somebody is told of a user without a desktop; or say ${nameOf('nobodyToTell')}`,
    );
  }
  if (strategy !== 'recreate' && input.notAfter === null) {
    problems.push(
      `${nameOf('notAfter')} must be an instant for ${strategy}, such as the time before the damage: nobody looks at the snapshot of each`,
    );
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...input, report: asFolder(input.report) } };
}

export const wavePlanOf = ({ canarySize, waveSizes, soakMinutes, maxFailures }: FleetRestoreInput): WavePlan => ({
  canary: canarySize === null ? null : { size: canarySize, choose: 'spread', tag: null, workspaceIds: [] },
  sizes: waveSizes,
  soakMinutes,
  maxFailures,
  failureKinds: [],
});

/** The restore of one of them: a person has agreed to all of them at once. */
export function restoreOfOne(input: FleetRestoreInput, workspaceId: string): ImageRestoreInput {
  const { target, strategy, imageId, notAfter, loseUserVolume, lastImage, operatorTopicArn, nobodyToTell, report } =
    input;
  return {
    target,
    workspaceId,
    strategy,
    imageId,
    snapshotTime: null,
    notAfter,
    loseUserVolume,
    confirm: workspaceId,
    otherUser: null,
    canary: false,
    lastImage,
    approval: { required: false, expiresMinutes: 60 },
    operatorTopicArn,
    nobodyToTell,
    report,
  };
}

export interface FleetRestoreRow {
  readonly workspaceId: string;
  readonly wave: number;
  phase: 'waiting' | 'restoring' | 'done';
  /** What stands in its way, when a person must act. */
  blocked: string | null;
  outcome: RestoreOutcome | null;
  reason: string | null;
  newWorkspaceId: string | null;
}

/** One that waits for a person counts: its user may have no desktop. */
export const hasFailed = ({ phase, outcome, blocked }: FleetRestoreRow): boolean =>
  phase === 'done' ? outcome !== 'aborted' && !isRestored(outcome) : blocked !== null;

/** Each WorkSpace that is restored by an image keeps a bundle of its own; null: there is room for so many. */
export function bundlesProblem(strategy: Strategy, count: number, own: number): string | null {
  if (!needsBundle(strategy) || own + count <= MOST_BUNDLES) return null;
  const room = Math.max(0, MOST_BUNDLES - own);
  return `${own} custom bundles and ${count} more, one for each WorkSpace, are ${own + count}, and AWS allows ${MOST_BUNDLES}: restore ${room} at most, or remove bundles that nobody needs`;
}

/** Ids of those that an upgrade changed, or may have changed; where it migrated, of those that are there now. */
export function changedByUpgrade(
  rows: readonly { readonly workspaceId: string; readonly outcome: string; readonly newWorkspaceId: string | null }[],
): string[] {
  const changed = new Set(['rebuilt', 'migrated', 'rebuildFailed', 'rebuildUnconfirmed']);
  return rows
    .filter(({ outcome }) => changed.has(outcome))
    .map(({ workspaceId, newWorkspaceId }) => newWorkspaceId || workspaceId);
}
