/** What an image backup would do: one row a WorkSpace, and the arithmetic of its images. */
import type { BackupReason } from './backup-row.ts';
import { BACKUP_VERDICTS, type BackupVerdict, type ImageBackupInput } from './image-backup.ts';
import type { Room } from './image-capacity.ts';
import type { RetentionDecision } from './image-retention.ts';
import { namedShortly } from './plan-limits.ts';

export interface BackupPlanRow {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly state: string;
  readonly verdict: BackupVerdict;
  /** Why it gets no image; null: it gets one. */
  readonly reason: BackupReason | null;
  readonly imageName: string;
  /** The rule of `windows` that it falls under: its index; null: any time will do. */
  readonly windowRule: number | null;
}

export const isGoing = ({ reason }: Pick<BackupPlanRow, 'reason'>): boolean => reason === null;

/** An image as it is, or (`imageId` null) as this run would make it, and whether the policy keeps it after the run. */
export interface PlannedImage extends Pick<RetentionDecision, 'keep' | 'reasons' | 'group'> {
  readonly imageId: string | null;
  readonly name: string;
  readonly createdAt: string;
  readonly workspaceId: string | null;
}

/** A backup image as `backup list` shows it. */
export interface ListedImage {
  readonly imageId: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: string;
  readonly workspaceId: string | null;
  /** `<directory id>/<user name>`. */
  readonly user: string | null;
  readonly policy: string | null;
  /** Workflow id of the run that made it. */
  readonly run: string | null;
  /** Why no retention deletes it; null: it is not protected by a tag. */
  readonly keep: string | null;
  readonly bundleIds: readonly string[];
  /** Null: the WorkSpace does not exist any more. */
  readonly workspaceState: string | null;
}

/** Trouble that ends the run before anything is changed. All problems are reported at once. */
export interface BackupProblem {
  readonly code:
    | 'selection'
    | 'permission'
    | 'reportBucket'
    | 'reportKey'
    | 'topic'
    /** More WorkSpaces than `maxResources` allows. */
    | 'tooMany'
    /** What the policy keeps does not fit into the quota; or the quota is not known. */
    | 'quota';
  readonly message: string;
}

export interface BackupPlanSummary {
  /** AWS's time when it was made; empty: AWS could not be read. */
  readonly asOf: string;
  readonly selected: number;
  /** How many would get an image. */
  readonly going: number;
  readonly counts: Readonly<Record<BackupVerdict, number>>;
  readonly problems: readonly BackupProblem[];
  readonly notes: readonly string[];
  /** Null: nothing to image, or the quota is not known. */
  readonly room: Room | null;
  /** Images in the Region now, and what other runs reserve. */
  readonly images: number;
  readonly reserved: number;
  /** What this run reserves at its start. */
  readonly reserve: number;
  /** Of images of this policy, after the run; `refused`: why none would be deleted. */
  readonly retention: { readonly keep: number; readonly delete: number; readonly refused: string | null };
  /** How long the images take, at AWS's shortest and longest; null: nothing to image. */
  readonly minutes: { readonly least: number; readonly most: number } | null;
}

export function countVerdicts(rows: readonly BackupPlanRow[]): Record<BackupVerdict, number> {
  const counts = Object.fromEntries(BACKUP_VERDICTS.map((verdict) => [verdict, 0])) as Record<BackupVerdict, number>;
  for (const { verdict } of rows) counts[verdict] += 1;
  return counts;
}

/** AWS takes 10 to 45 minutes for an image. https://docs.aws.amazon.com/workspaces/latest/adminguide/create-custom-bundle.html */
const IMAGE_MINUTES = { least: 10, most: 45 };

export function minutesFor({ maxConcurrent }: ImageBackupInput, going: number): BackupPlanSummary['minutes'] {
  if (going === 0) return null;
  const rounds = Math.ceil(going / maxConcurrent);
  return { least: rounds * IMAGE_MINUTES.least, most: rounds * IMAGE_MINUTES.most };
}

/** What only shows when it is known who would be imaged. */
export function tooManyToImage({ maxResources }: ImageBackupInput, going: number): BackupProblem[] {
  if (maxResources === null || going <= maxResources) return [];
  const message = `${going} WorkSpaces would be imaged, at most ${maxResources} may be; select fewer, or allow more`;
  return [{ code: 'tooMany', message }];
}

export function unknownIds({ target }: ImageBackupInput, ids: readonly string[]): BackupProblem[] {
  if (ids.length === 0) return [];
  const message = `WorkSpaces do not exist in ${target.account}/${target.region}: ${namedShortly(ids)}; leave them out`;
  return [{ code: 'selection', message }];
}

/** More would be seldom right, and the plan and the README say why. */
export const ORDINARY_DESKTOPS =
  'an image takes its WorkSpace away from its user (SUSPENDED) for up to 45 minutes and holds no user data: nightly ' +
  'images are meant for golden and administrators’ WorkSpaces, and are rarely right for ordinary desktops';
