/** What a look at a user's WorkSpaces says of a migration: under way, done, or silently failed. */
import type { Outcome, Reason } from './image-upgrade.ts';
import type { Row } from './upgrade-row.ts';
import type { Desktop } from './rebuild-gate.ts';
import { isBroken, isGone, isRebuildable, isSettled } from './workspace-states.ts';

/** AWS says up to an hour, and that one which is unchanged after an hour has failed. https://docs.aws.amazon.com/workspaces/latest/adminguide/migrate-workspaces.html */
const TAKES_AT_MOST = 65 * 60_000;
/** Neither done nor back by then: a person must look. */
const NOT_ENDED = 4 * 3_600_000;

export interface MigrationLook {
  /** The user's WorkSpaces in the directory. */
  readonly found: readonly Desktop[];
  readonly bundleId: string;
  /** AWS's time, epoch milliseconds. */
  readonly now: number;
}

export interface MigrationEnd {
  readonly newWorkspaceId: string | null;
  /** Null: under way. */
  readonly outcome: Outcome | null;
  readonly reason: Reason | null;
}

type Migrated = Pick<Row, 'workspaceId' | 'newWorkspaceId' | 'rebuildRequestedAt'>;

export function migrationEnd(row: Migrated, { found, bundleId, now }: MigrationLook): MigrationEnd {
  const living = found.filter((desktop) => !isGone(desktop.state));
  const old = living.find((desktop) => desktop.workspaceId === row.workspaceId);
  // Where the reply was lost, the new WorkSpace is known by its bundle only.
  const fresh = living.find((desktop) =>
    row.newWorkspaceId === null
      ? desktop.workspaceId !== row.workspaceId && desktop.bundleId === bundleId
      : desktop.workspaceId === row.newWorkspaceId,
  );
  const newWorkspaceId = fresh?.workspaceId ?? row.newWorkspaceId;
  const ended = (outcome: Outcome | null, reason: Reason | null = null) => ({ newWorkspaceId, outcome, reason });
  if (fresh && isSettled(fresh.state) && !old) return ended('migrated');
  const elapsed = now - Date.parse(row.rebuildRequestedAt ?? '');
  if (elapsed <= TAKES_AT_MOST) return ended(null);
  if (fresh && isBroken(fresh.state)) {
    return ended('rebuildFailed', { code: 'failed', detail: fresh.errorCode ?? fresh.state });
  }
  if (!fresh && old && isRebuildable(old.state)) return ended('rebuildFailed', { code: 'migrationFailed' });
  if (elapsed > NOT_ENDED || (!fresh && !old)) {
    return ended('rebuildUnconfirmed', { code: 'notEnded', detail: fresh?.state ?? old?.state ?? 'gone' });
  }
  return ended(null);
}
