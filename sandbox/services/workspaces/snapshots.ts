/** Automatic snapshots: every 12 hours from each WorkSpace's own phase, and half an hour after a rebuild. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { seenDesktop } from './desktops.ts';
import type { Desktop, SnapshotEpoch, State } from './rows.ts';
import { settingsOf } from './settings.ts';
import type { WorkSpacesSettings } from './settings.ts';
import { randomOf, viewAt, within } from './timeline.ts';

/** A snapshot; the root volume is in it only when the WorkSpace was healthy. */
export interface Snapshot {
  readonly at: number;
  readonly withRootVolume: boolean;
}

const NONE: readonly State[] = ['PENDING', 'REBUILDING', 'RESTORING', 'SUSPENDED', 'TERMINATING', 'TERMINATED'];
const UNHEALTHY: readonly State[] = ['UNHEALTHY', 'IMPAIRED', 'ERROR'];

/** The snapshots that exist at that instant, the newest first. */
function* snapshotsAt(desktop: Desktop, asOf: number, settings: WorkSpacesSettings): Generator<Snapshot> {
  for (const epoch of desktop.snapshotEpochs.toReversed()) {
    for (const at of ticks(desktop, epoch, asOf, settings.snapshotHours * 3_600_000)) {
      const state = viewAt(desktop, at)?.state;
      if (!state || NONE.includes(state) || within(desktop.snapshotPauses, at)) continue;
      if (state === 'STOPPED' && !settings.snapshotsWhenStopped) continue;
      yield { at, withRootVolume: !UNHEALTHY.includes(state) };
    }
  }
}

function* ticks(desktop: Desktop, epoch: SnapshotEpoch, asOf: number, interval: number): Generator<number> {
  const end = Math.min(asOf, epoch.to ?? Infinity);
  const jitter = desktop.snapshotJitterSeconds * 1000;
  for (let n = Math.floor((end + jitter - epoch.first) / interval); n >= 0; n -= 1) {
    const offset = jitter && randomOf(desktop, `snapshot/${epoch.first}/${n}`).between(-jitter, jitter);
    // AWS gives snapshot times in whole seconds.
    const at = Math.floor((epoch.first + n * interval + offset) / 1000) * 1000;
    if (at >= epoch.from && at <= end) yield at;
  }
}

/** The first snapshot after that instant, as things stand; undefined where none comes within two intervals. */
export function nextSnapshot(desktop: Desktop, after: number, settings: WorkSpacesSettings): Snapshot | undefined {
  const horizon = after + 2 * settings.snapshotHours * 3_600_000;
  return [...snapshotsAt(desktop, horizon, settings)].findLast(({ at }) => at > after);
}

/** A rebuild or restore ends the old rhythm: nothing while it lasts, then one soon after its end. */
export function restartSnapshots(
  desktop: Desktop,
  from: number,
  to: number | null,
  settings: WorkSpacesSettings,
): void {
  for (const epoch of desktop.snapshotEpochs) epoch.to ??= from;
  if (to === null) return;
  desktop.snapshotEpochs.push({ from: to, first: to + settings.snapshotAfterRebuildMinutes * 60_000, to: null });
}

/** What a rebuild, and what a restore begun now would use. */
export function newestSnapshots(desktop: Desktop, call: Call): { rebuild?: Snapshot; restore?: Snapshot } {
  const { rebuild, restore } = listed(desktop, call.now, { ...settingsOf(call), snapshotsListed: 1 });
  return { ...(rebuild[0] && { rebuild: rebuild[0] }), ...(restore[0] && { restore: restore[0] }) };
}

/** The newest ones of both kinds. Those that a restore used, and older ones, are good for no other restore. */
function listed(desktop: Desktop, at: number, settings: WorkSpacesSettings) {
  const used = desktop.jobs.findLast((job) => job.kind === 'restore' && job.from <= at && !job.failed)?.from ?? 0;
  const rebuild: Snapshot[] = [];
  const restore: Snapshot[] = [];
  for (const snapshot of snapshotsAt(desktop, at, settings)) {
    if (rebuild.length < settings.snapshotsListed) rebuild.push(snapshot);
    if (snapshot.withRootVolume && snapshot.at > used) restore.push(snapshot);
    const noneToCome = snapshot.at <= used && rebuild.length === settings.snapshotsListed;
    if (restore.length === settings.snapshotsListed || noneToCome) break;
  }
  return { rebuild, restore };
}

const describeWorkspaceSnapshots: Operation = ({ WorkspaceId }: { WorkspaceId: string }, call) => {
  const desktop = seenDesktop(call, WorkspaceId);
  if (!desktop) {
    throw new AwsError('ResourceNotFoundException', `The WorkSpace ${WorkspaceId} could not be found.`, 400, {
      ResourceId: WorkspaceId,
    });
  }
  const { rebuild, restore } = listed(desktop, call.asOf, settingsOf(call));
  const times = (snapshots: Snapshot[]) => snapshots.map(({ at }) => ({ SnapshotTime: new Date(at) }));
  return { RebuildSnapshots: times(rebuild), RestoreSnapshots: times(restore) };
};

export const snapshotOperations = { DescribeWorkspaceSnapshots: describeWorkspaceSnapshots };
