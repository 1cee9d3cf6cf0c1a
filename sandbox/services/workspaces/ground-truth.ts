/** What really happened, for tests and figures: no API shows it. */
import { desktops } from './rows.ts';
import type { Migration, Place, Rebuild, RebuildCall } from './rows.ts';
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
export function mostRebuildingAtOnce(place: Place): number {
  const changes = rebuildIntervals(place)
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
