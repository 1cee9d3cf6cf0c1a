/** What really happened, for tests and figures: no API shows it. */
import { desktops, images } from './rows.ts';
import type { Image, Job, Migration, Place, Rebuild, RebuildCall } from './rows.ts';
import { settingsOf } from './settings.ts';
import { nextSnapshot } from './snapshots.ts';
import { viewAt } from './timeline.ts';

export interface RebuildInterval extends Rebuild {
  readonly workspaceId: string;
}

/** Every rebuild that AWS began or will begin, in order of its beginning. */
export function rebuildIntervals(place: Place): RebuildInterval[] {
  return desktops(place)
    .values()
    .flatMap(({ workspaceId, rebuilds }) => rebuilds.map((rebuild) => ({ ...rebuild, workspaceId })))
    .toSorted((a, b) => a.from - b.from);
}

/** The most WorkSpaces that were REBUILDING at the same moment. */
export const mostRebuildingAtOnce = (place: Place, of: (workspaceId: string) => boolean = () => true): number =>
  mostAtOnce(rebuildIntervals(place).filter(({ workspaceId }) => of(workspaceId)));

function mostAtOnce(spans: readonly { readonly from: number; readonly to: number | null }[]): number {
  const changes = spans
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to ?? Infinity, by: -1 },
    ])
    // One that ends at the instant another begins does not overlap it.
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of changes) most = Math.max(most, (now += by));
  return most;
}

export interface MigrationInterval extends Migration {
  readonly workspaceId: string;
}

/** Every migration that AWS began, by the WorkSpace that it began with, in order of its beginning. */
export function migrationIntervals(place: Place): MigrationInterval[] {
  return desktops(place)
    .values()
    .flatMap(({ workspaceId, migrations }) => migrations.map((migration) => ({ ...migration, workspaceId })))
    .toSorted((a, b) => a.from - b.from);
}

/** Every call of RebuildWorkspaces that named it. */
export function rebuildCallsOf(place: Place, workspaceId: string): readonly RebuildCall[] {
  return desktops(place).get(workspaceId)?.rebuildCalls ?? [];
}

/** The image on the root volume at that instant. */
export function rootImageOf(
  place: Place,
  workspaceId: string,
  at: number = place.world.clock.now(),
): string | undefined {
  const desktop = desktops(place).get(workspaceId);
  return desktop && viewAt(desktop, at)?.rootImageId;
}

/** What was accepted of one kind, by WorkSpace, in order of its beginning. */
function jobsOf<Kind extends Job['kind']>(place: Place, kind: Kind): JobOf<Kind>[] {
  return desktops(place)
    .values()
    .flatMap(({ workspaceId, jobs }) => jobs.map((job) => ({ ...job, workspaceId })))
    .filter((job): job is JobOf<Kind> => job.kind === kind)
    .toSorted((a, b) => a.from - b.from);
}

type JobOf<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }> & { readonly workspaceId: string };

/** Every time that a WorkSpace was, is or will be SUSPENDED, and for which image. */
export const suspensions = (place: Place): JobOf<'image'>[] => jobsOf(place, 'image');

/** The most WorkSpaces that were SUSPENDED at the same moment. */
export const mostSuspendedAtOnce = (place: Place): number => mostAtOnce(suspensions(place));

export const terminations = (place: Place): JobOf<'termination'>[] => jobsOf(place, 'termination');
export const restores = (place: Place): JobOf<'restore'>[] => jobsOf(place, 'restore');

/** Every image that was made of a WorkSpace, in order of its call, those that were deleted since among them. */
export const imagesMade = (place: Place): Image[] =>
  images(place)
    .values()
    .filter(({ madeOf }) => madeOf !== undefined);

export interface UserVolume {
  readonly volumeId: string;
  /** The snapshot that it was last made from: what was written between this and that act is lost. Null: none yet. */
  readonly dataOf: number | null;
}

/** The user volume that a WorkSpace has at that instant; undefined where the WorkSpace is not there. */
export function userVolumeOf(
  place: Place,
  workspaceId: string,
  at: number = place.world.clock.now(),
): UserVolume | undefined {
  const desktop = desktops(place).get(workspaceId);
  const view = desktop && viewAt(desktop, at);
  return view && { volumeId: desktop.userVolumeId, dataOf: view.userDataOf ?? null };
}

export interface Due {
  readonly workspaceId: string;
  /** Its first snapshot after the instant asked about; undefined: none within a day. */
  readonly snapshotAt: number | undefined;
  /** How long its rebuild takes, where that is settled already. */
  readonly rebuildMinutes: number | undefined;
}

/** When each could be rebuilt at the earliest and for how long: what an ideal schedule is computed from. */
export function dueAfter(place: Place, workspaceIds: readonly string[], after: number): Due[] {
  const settings = settingsOf(place);
  return workspaceIds.map((workspaceId) => {
    const desktop = desktops(place).get(workspaceId);
    const snapshotAt = desktop && nextSnapshot(desktop, after, settings)?.at;
    return { workspaceId, snapshotAt, rebuildMinutes: desktop?.rebuildPlan.minutes };
  });
}
