/** Which image backups stay and which go, each with its reasons. Pure: the clock and the images come from the caller. */
import { POLICY_TAG } from './holdfast-tags.ts';
import { groupOf } from './image-groups.ts';
import { protectionsOf } from './image-protection.ts';
import { keepRulesOf } from './keep-rules.ts';

/**
 * An image stays when any part says so, and goes when none does. At least one part must be given: an empty policy is
 * refused, as it would delete everything.
 */
export interface RetentionPolicy {
  /** Images younger than so many days stay; null: none stays by its age. */
  readonly days: number | null;
  /** The newest of each WorkSpace stay. */
  readonly keepAtLeast: number;
  /** The newest image of each of the last so many days (weeks, months) that have one stays; days are UTC's, weeks begin on Monday. */
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  /** A run that would delete a larger share of the images it knows, in percent, deletes none. */
  readonly maxDeletePercent: number;
}

/** An image as retention sees it. */
export interface BackupImage {
  readonly imageId: string;
  readonly name: string;
  /** AWS's: AVAILABLE, PENDING or ERROR. */
  readonly state: string;
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Bundles that carry it now. */
  readonly bundleIds: readonly string[];
  /** Accounts that it is shared with; null: not read. */
  readonly sharedWith: number | null;
}

/** What an image stays or goes by. */
export const RETENTION_RULES = [
  // The policy's own, for keeping and for not keeping.
  'days',
  'keepAtLeast',
  'keepDaily',
  'keepWeekly',
  'keepMonthly',
  /** An image in ERROR holds nothing: it goes. */
  'failed',
  /** The newest AVAILABLE one of its WorkSpace stays, whatever the policy says. */
  'lastGood',
  // What no policy deletes.
  'notOurs',
  'restore',
  'otherPolicy',
  'noWorkspace',
  'keepTag',
  'inBundle',
  'shared',
  'pending',
  'unknownState',
  'clock',
  // What would go, and does not.
  'sharingUnknown',
  /** The whole decision is refused. */
  'refused',
  /** Nothing more is to be deleted. */
  'stopped',
  /** AWS did not delete it, or did not answer. */
  'aws',
] as const;
export type RetentionRule = (typeof RETENTION_RULES)[number];

export interface RetentionReason {
  readonly rule: RetentionRule;
  /** A sentence with the numbers that were compared. */
  readonly text: string;
}

export interface RetentionDecision {
  readonly imageId: string;
  /** Whose image it is: see `image-groups.ts`; null: not known. */
  readonly group: string | null;
  readonly keep: boolean;
  /** At least one. Of an image that stays: each of which would be enough. Of one that goes: why no rule keeps it. */
  readonly reasons: readonly RetentionReason[];
}

/** One decision for every image, in their order. Where it is refused, all of them stay. */
export type Retention =
  | { readonly ok: true; readonly decisions: readonly RetentionDecision[] }
  | { readonly ok: false; readonly refused: string; readonly decisions: readonly RetentionDecision[] };

/**
 * @param images all that are known, of whatever origin
 * @param asOf AWS's time, one for the whole decision
 * @param policyName only images that were made by it can go
 */
export function decideRetention(
  policy: RetentionPolicy,
  images: readonly BackupImage[],
  asOf: string,
  policyName: string,
): Retention {
  const decisions = decide(policy, images, asOf, policyName);
  const empty = emptiness(policy);
  if (empty !== null) return { ok: false, refused: empty, decisions: decisions.map(stayUnread).map(stay) };
  const refused = excess(policy, images, decisions, policyName);
  return refused === null ? { ok: true, decisions } : { ok: false, refused, decisions: decisions.map(stay) };
}

/**
 * The images whose sharing has to be read before they can go: AWS is asked one by one, so only for these. Also where too many
 * would go with them: those that are shared stay anyway, so it is to be decided once more when that is known.
 */
export const sharingWanted = ({ decisions }: Retention): string[] =>
  decisions.filter(waitsForSharing).map(({ imageId }) => imageId);

const waitsForSharing = ({ reasons }: RetentionDecision): boolean => reasons[0]?.rule === 'sharingUnknown';

function decide(
  policy: RetentionPolicy,
  images: readonly BackupImage[],
  asOf: string,
  policyName: string,
): RetentionDecision[] {
  const protections = new Map(images.map((image) => [image, protectionsOf(image, asOf, policyName)]));
  const ranked = images.filter((image) => mayCount(image, protections.get(image) ?? []));
  const rules = keepRulesOf(policy, ranked, asOf);
  return images.map((image) => {
    const protectedBy = protections.get(image) ?? [];
    const found = rules.get(image);
    const keeps = [...protectedBy, ...(found?.keeps ?? [])];
    const common = { imageId: image.imageId, group: groupOf(image) };
    if (keeps.length > 0) return { ...common, keep: true, reasons: keeps };
    const lacks = found?.lacks ?? [FAILED];
    if (image.sharedWith !== null) return { ...common, keep: false, reasons: lacks };
    const text = `whether it is shared was not read; were it not, it would go: ${textOf(lacks)}`;
    return { ...common, keep: true, reasons: [{ rule: 'sharingUnknown', text }] };
  });
}

const FAILED: RetentionReason = { rule: 'failed', text: 'its state is ERROR: it holds no backup' };

const textOf = (reasons: readonly RetentionReason[]): string => reasons.map(({ text }) => text).join('; ');

/** An image that others look after, or whose time cannot be, takes no rank from the others. */
const UNRANKED: ReadonlySet<RetentionRule> = new Set(['notOurs', 'restore', 'otherPolicy', 'noWorkspace', 'clock']);
const mayCount = ({ state }: BackupImage, protectedBy: readonly RetentionReason[]): boolean =>
  state === 'AVAILABLE' && !protectedBy.some(({ rule }) => UNRANKED.has(rule));

function emptiness({ days, keepAtLeast, keepDaily, keepWeekly, keepMonthly }: RetentionPolicy): string | null {
  if ([days ?? 0, keepAtLeast, keepDaily, keepWeekly, keepMonthly].some((part) => part > 0)) return null;
  return (
    'the retention policy is empty, and would delete all but the last image of each WorkSpace: give days, keepAtLeast, ' +
    'keepDaily, keepWeekly or keepMonthly above 0'
  );
}

/**
 * Counted are the AVAILABLE ones of the policy: a failed image holds nothing that could be lost. Those whose sharing is not
 * read yet count as going, so that reading it for some after others does not get around the limit.
 */
function excess(
  { maxDeletePercent }: RetentionPolicy,
  images: readonly BackupImage[],
  decisions: readonly RetentionDecision[],
  policyName: string,
): string | null {
  const isCounted = ({ state, tags }: BackupImage): boolean => state === 'AVAILABLE' && tags[POLICY_TAG] === policyName;
  const known = images.filter(isCounted).length;
  const going = decisions.filter((decision, index) => {
    const image = images[index];
    return (!decision.keep || waitsForSharing(decision)) && image !== undefined && isCounted(image);
  }).length;
  // So that a limit that is no number refuses, too.
  if (going === 0 || going * 100 <= maxDeletePercent * known) return null;
  return (
    `${going} of the ${known} images of policy ${policyName} would be deleted, which is ` +
    `${Math.ceil((going * 100) / known)} %, and maxDeletePercent is ${maxDeletePercent}: none is deleted. See ` +
    '`holdfast backup explain` for why each would go; where that is meant, give a larger maxDeletePercent for one run'
  );
}

/** Whether it is shared makes no difference. */
const stayUnread = (decision: RetentionDecision): RetentionDecision =>
  waitsForSharing(decision) ? { ...decision, keep: false } : decision;

const stay = (decision: RetentionDecision): RetentionDecision => {
  if (decision.keep) return decision;
  const would = decision.reasons.map(({ text }) => text).join('; ');
  return {
    ...decision,
    keep: true,
    reasons: [{ rule: 'refused', text: `the run deletes none; it would go: ${would}` }],
  };
};
