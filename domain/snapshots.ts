/** When a WorkSpace's next snapshot is due, and whether the present one is enough. Times are epoch milliseconds. */

/** AWS takes a snapshot of a WorkSpace every 12 hours. https://docs.aws.amazon.com/workspaces/latest/adminguide/restore-workspace.html */
const SNAPSHOT_INTERVAL = 12 * 3_600_000;
/** A snapshot is looked for so long after it is due: it is not visible at once. */
const MARGIN = 60_000;
/** A new WorkSpace's first snapshot comes within half an hour or so. */
const FIRST_LOOK = 15 * 60_000;
const LONGEST_DISTANCE = 30 * 60_000;

export const newest = (snapshots: readonly string[]): string | null =>
  snapshots.reduce<string | null>((best, each) => (best && Date.parse(best) >= Date.parse(each) ? best : each), null);

/** When the snapshot after this one is due; null: there is no snapshot to reckon from. */
export const nextDue = (baseline: string | null): number | null =>
  baseline === null ? null : Date.parse(baseline) + SNAPSHOT_INTERVAL;

/** The newest snapshot at `asOf`, of one that was read later: the one before it, should it have come meanwhile. */
export function snapshotAsOf(snapshot: string | null, asOf: string): string | null {
  if (snapshot === null || Date.parse(snapshot) <= Date.parse(asOf)) return snapshot;
  return new Date(Date.parse(snapshot) - SNAPSHOT_INTERVAL).toISOString();
}

/**
 * When to look for a newer snapshot than `baseline`: just after it is due; when it is overdue, again after half as long
 * as it is late, so that a snapshot that is h late costs about log(h) looks.
 */
export function nextLook(baseline: string | null, now: number, smallestDistance: number): number {
  const due = nextDue(baseline);
  if (due === null) return now + Math.max(FIRST_LOOK, smallestDistance);
  if (due + MARGIN > now) return Math.max(due + MARGIN, now + smallestDistance);
  return now + Math.min(Math.max((now - due) / 2, smallestDistance), LONGEST_DISTANCE);
}

export interface Connection {
  readonly state: 'CONNECTED' | 'DISCONNECTED' | 'UNKNOWN';
  /** How long before its answer AWS had looked, in seconds; null: unknown. */
  readonly checkAgeSeconds: number | null;
  /** Null: AWS does not say, which is not the same as never. */
  readonly lastConnectedAt: string | null;
}

/** A check that is so many seconds old says nothing of the present. */
const STALE_CHECK = 15 * 60;

/** Whether a user may be at work when AWS answers: what AWS does not say for certain counts as yes. A stopped WorkSpace has no user. */
export function mayBeConnected(connection: Connection, workspaceState: string): boolean {
  if (workspaceState === 'STOPPED') return false;
  if (connection.state !== 'DISCONNECTED') return true;
  return connection.checkAgeSeconds === null || connection.checkAgeSeconds > STALE_CHECK;
}

/** The user has done nothing since well before the snapshot, so that a newer one would hold no more. */
export function isQuiet(snapshot: string, connection: Connection, state: string, margin: number): boolean {
  if (margin <= 0 || connection.lastConnectedAt === null || mayBeConnected(connection, state)) return false;
  return Date.parse(snapshot) - Date.parse(connection.lastConnectedAt) >= margin;
}

/**
 * How much of the user's work, in milliseconds, lies after the snapshot: 0 when the user was not connected since; null
 * when AWS does not tell when the user was last connected.
 */
export function lossWindow(snapshot: string, connection: Connection, state: string, now: number): number | null {
  const taken = Date.parse(snapshot);
  if (mayBeConnected(connection, state)) return Math.max(0, now - taken);
  if (connection.lastConnectedAt === null) return null;
  return Math.max(0, Date.parse(connection.lastConnectedAt) - taken);
}
