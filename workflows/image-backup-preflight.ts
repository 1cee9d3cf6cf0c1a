/** Everything that can be checked before an image is made. All problems are reported at once. */
import { judgeMember, shareRoom, type RoomShare } from '../domain/backup-eligibility.ts';
import {
  countVerdicts,
  isGoing,
  minutesFor,
  ORDINARY_DESKTOPS,
  tooManyToImage,
  unknownIds,
  type BackupPlanRow,
  type BackupPlanSummary,
  type BackupProblem,
  type PlannedImage,
} from '../domain/backup-plan.ts';
import { backupTags } from '../domain/backup-tags.ts';
import { mostKept, roomFor, roomText, type Room } from '../domain/image-capacity.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import { POLICY_TAG, WORKSPACE_TAG } from '../domain/holdfast-tags.ts';
import { groupOf } from '../domain/image-groups.ts';
import { imageNames } from '../domain/image-name.ts';
import {
  decideRetention,
  sharingWanted,
  type BackupImage,
  type RetentionDecision,
  type RetentionRule,
} from '../domain/image-retention.ts';
import { IMAGES_LIMIT, type LeaseAnswer } from '../domain/limits.ts';
import { windowRuleOf } from '../domain/windows.ts';
import { listings, quickCalls } from './activities.ts';
import { attempts } from './attempts.ts';
import { readBackupFleet, type BackupFleet } from './backup-reading.ts';
import { imageBackupId } from './image-backup.messages.ts';
import { readImages, withSharing } from './image-reading.ts';
import { checkGivenTopics, checkReport } from './preflight-checks.ts';

export interface BackupPreflight {
  readonly summary: BackupPlanSummary;
  readonly rows: readonly BackupPlanRow[];
  readonly images: readonly PlannedImage[];
  /** Of the Region; null: not known, which is a problem. */
  readonly quota: number | null;
  /** What other runs have reserved. */
  readonly lease: LeaseAnswer;
}

const NO_FLEET: BackupFleet = { at: '', members: [], unknown: [], tagsOf: new Map() };
const NO_IMAGES = { at: '', images: [] as readonly BackupImage[] };

/** @param plan only look: no write to S3 is tried, and nothing is reserved */
export async function backupPreflight(
  input: ImageBackupInput,
  { plan }: { readonly plan: boolean },
): Promise<BackupPreflight> {
  const problems: BackupProblem[] = [];
  const attempt = attempts<BackupProblem>(problems);
  const { target } = input;
  const [fleet, poolDirectories, { at, images }, quota] = await Promise.all([
    attempt(NO_FLEET, () => readBackupFleet(input)),
    attempt([] as readonly string[], () => listings(target).listPoolDirectories({ target })),
    attempt(NO_IMAGES, () => readImages(target)),
    attempt(null, (found) => readQuota(input, found)),
    attempt(undefined, (found) => checkReport(input, !plan, found)),
    attempt(undefined, (found) => checkGivenTopics(target, [input.operatorTopicArn], found)),
  ]);
  // Nobody may be selected: then the images alone tell AWS's time.
  const asOf = fleet.at || at;
  const judged = judge(input, fleet, new Set(poolDirectories));
  problems.push(...unknownIds(input, fleet.unknown));
  const isRead = problems.length === 0 && quota !== null;
  const { kept, room } = await attempt(NOTHING_FITTED, () => fitted(input, asOf, judged, { images, quota, isRead }));
  if (room && !room.fits) problems.push({ code: 'quota', message: roomText(room) });
  problems.push(...tooManyToImage(input, judged.filter(isGoing).length));
  const shared =
    isRead && problems.length === 0
      ? await attempt(NOT_SHARED, () => reserve(input, { judged, kept, images, quota, plan }))
      : NOT_SHARED;
  const rows = judged.map((row) => (shared.without.has(row.workspaceId) ? withoutRoom(row) : row));
  return {
    quota,
    lease: shared.lease,
    rows,
    images: kept.planned,
    summary: {
      asOf,
      selected: rows.length,
      going: rows.filter(isGoing).length,
      counts: countVerdicts(rows),
      problems,
      notes: [ORDINARY_DESKTOPS],
      room,
      images: images.length,
      reserved: shared.lease.others,
      reserve: shared.reserve,
      retention: kept.retention,
      minutes: minutesFor(input, rows.filter(isGoing).length),
    },
  };
}

async function readQuota({ target, imageQuota }: ImageBackupInput, problems: BackupProblem[]): Promise<number | null> {
  if (imageQuota !== null) return imageQuota;
  const { quota } = await quickCalls.imageQuota({ target });
  if (quota === null) {
    const message = `Service Quotas tells no quota of WorkSpaces images for ${target.account}/${target.region}: give it as imageQuota (--image-quota)`;
    problems.push({ code: 'quota', message });
  }
  return quota;
}

function judge(input: ImageBackupInput, fleet: BackupFleet, poolDirectoryIds: ReadonlySet<string>): BackupPlanRow[] {
  const { startStopped, windows } = input;
  const members = fleet.members.toSorted((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1));
  const names = imageNames(members, fleet.at);
  return members.map((member, index) => {
    const { workspaceId, computerName, userName, directoryId, state } = member;
    const { verdict, reason } = judgeMember(member, { startStopped, poolDirectoryIds });
    const windowRule = windowRuleOf(windows, { directoryId, tags: fleet.tagsOf.get(workspaceId) ?? {} });
    const imageName = names[index] ?? '';
    return { workspaceId, computerName, userName, directoryId, state, verdict, reason, imageName, windowRule };
  });
}

const withoutRoom = (row: BackupPlanRow): BackupPlanRow => ({ ...row, verdict: 'quota', reason: { code: 'quota' } });

interface Fitted {
  readonly kept: AfterRun;
  readonly room: Room | null;
}

/** What retention leaves, and whether there is room; where images that are shared could make the difference, they count. */
async function fitted(
  input: ImageBackupInput,
  asOf: string,
  judged: readonly BackupPlanRow[],
  { images, quota, isRead }: { images: readonly BackupImage[]; quota: number | null; isRead: boolean },
): Promise<Fitted> {
  const kept = await afterRun(input, asOf, judged, images);
  if (!isRead || quota === null) return { kept, room: null };
  const room = roomOf(input, judged, kept, { images, quota });
  if (!room?.fits || room.needed + kept.retention.delete <= quota) return { kept, room };
  const old = kept.planned.flatMap(({ keep, imageId }) => (keep || imageId === null ? [] : imageId));
  const known = await withSharing(input.target, images, old);
  const keptThen = await afterRun(input, asOf, judged, known);
  return { kept: keptThen, room: roomOf(input, judged, keptThen, { images: known, quota }) };
}

interface AfterRun {
  readonly planned: readonly PlannedImage[];
  readonly retention: BackupPlanSummary['retention'];
  /** Whose older images would go. */
  readonly shrinking: ReadonlySet<string>;
}

/** What retention would decide when every WorkSpace that is going had its new image. */
async function afterRun(
  input: ImageBackupInput,
  asOf: string,
  judged: readonly BackupPlanRow[],
  images: readonly BackupImage[],
): Promise<AfterRun> {
  const { target, retention: policy, policy: policyName } = input;
  const made = judged.filter(isGoing).map((row) => imageToBe(input, row, asOf));
  const decide = (all: readonly BackupImage[]) => decideRetention(policy, all, asOf, policyName);
  // Whether it is shared is read right before a deletion: one call an image is too much for a look.
  let all = unlessShared([...images, ...made]);
  let decided = decide(all);
  if (!decided.ok) {
    // Unless too many would go: then it counts which of them are shared, and stay.
    const known = await withSharing(target, images, sharingWanted(decide([...images, ...made])));
    all = unlessShared([...known, ...made]);
    decided = decide(all);
  }
  const isOfPolicy = ({ tags }: BackupImage): boolean => tags[POLICY_TAG] === policyName;
  const pairs = decided.decisions.map((decision, index) => [decision, all[index] as BackupImage] as const);
  const own = pairs.filter(([, image]) => isOfPolicy(image));
  return {
    planned: own.map(([decision, image]) => planned(decision, image, made.includes(image))),
    retention: {
      keep: own.filter(([{ keep }]) => keep).length,
      delete: own.filter(([{ keep }]) => !keep).length,
      refused: decided.ok ? null : decided.refused,
    },
    shrinking: new Set(own.flatMap(([{ keep, group }]) => (keep || group === null ? [] : group))),
  };
}

/** Those of which it is not known are taken for not shared. */
const unlessShared = (images: readonly BackupImage[]): BackupImage[] =>
  images.map((image) => (image.sharedWith === null ? { ...image, sharedWith: 0 } : image));

const NOTHING_DECIDED: AfterRun = {
  planned: [],
  retention: { keep: 0, delete: 0, refused: null },
  shrinking: new Set(),
};

const NOTHING_FITTED: Fitted = { kept: NOTHING_DECIDED, room: null };

function imageToBe(input: ImageBackupInput, row: BackupPlanRow, at: string): BackupImage {
  const tags = backupTags(row, { policy: input.policy, run: imageBackupId(input.target, input.policy), at });
  const about = { name: row.imageName, state: 'AVAILABLE', createdAt: at, tags, bundleIds: [], sharedWith: 0 };
  return { imageId: `new of ${row.workspaceId}`, ...about };
}

const planned = (
  { keep, reasons, group }: RetentionDecision,
  { imageId, name, createdAt, tags }: BackupImage,
  isNew: boolean,
): PlannedImage => {
  return {
    imageId: isNew ? null : imageId,
    name,
    createdAt,
    workspaceId: tags[WORKSPACE_TAG] ?? null,
    group,
    keep,
    reasons,
  };
};

interface Known {
  readonly images: readonly BackupImage[];
  readonly quota: number;
}

/** What the policy keeps of the WorkSpaces that it is for, besides all the other images. */
function roomOf(
  input: ImageBackupInput,
  judged: readonly BackupPlanRow[],
  { planned }: AfterRun,
  { images, quota }: Known,
): Room | null {
  const going = judged.filter(isGoing);
  if (going.length === 0) return null;
  const groups = new Set(going.map((row) => groupOf(imageToBe(input, row, ''))));
  // What somebody needs besides is beyond what the policy keeps.
  const needed = new Set(planned.filter(isOnlyProtected).map(({ imageId }) => imageId));
  const isOwn = (image: BackupImage): boolean =>
    image.tags[POLICY_TAG] === input.policy && groups.has(groupOf(image)) && !needed.has(image.imageId);
  return roomFor({
    workspaces: going.length,
    keptEach: mostKept(input.retention, input.runsPerDay),
    atOnce: input.maxConcurrent,
    others: images.filter((image) => !isOwn(image)).length,
    quota,
  });
}

const PROTECTING: ReadonlySet<RetentionRule> = new Set(['keepTag', 'inBundle', 'shared']);

const isOnlyProtected = ({ keep, reasons }: PlannedImage): boolean =>
  keep && reasons.every(({ rule }) => PROTECTING.has(rule));

interface Reserving extends Known {
  readonly judged: readonly BackupPlanRow[];
  readonly kept: AfterRun;
  readonly plan: boolean;
}

const NO_LEASE: LeaseAnswer = { ahead: 0, others: 0, holders: [] };
const NOT_SHARED: RoomShare & { readonly lease: LeaseAnswer } = { reserve: 0, without: new Set(), lease: NO_LEASE };

/** Room for the run's images beside those that are there. While other runs have some, their images may go: it is waited for. */
async function reserve(
  input: ImageBackupInput,
  { judged, kept, images, quota, plan }: Reserving,
): Promise<RoomShare & { readonly lease: LeaseAnswer }> {
  const { target, maxConcurrent } = input;
  const wishes = judged.filter(isGoing).map((row) => {
    const group = groupOf(imageToBe(input, row, ''));
    return { workspaceId: row.workspaceId, passing: group !== null && kept.shrinking.has(group) };
  });
  const share = shareRoom(wishes, maxConcurrent, quota - images.length);
  const units = plan ? null : share.reserve;
  const lease = await quickCalls.exchangeLease({ target, name: IMAGES_LIMIT, units });
  return { ...share, lease, without: lease.holders.length > 0 ? new Set() : share.without };
}
