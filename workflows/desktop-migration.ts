/** Moves a WorkSpace of another bundle to this one: AWS makes a new WorkSpace for its user and removes the old one. */
import type { Row } from '../domain/upgrade-row.ts';
import { migrationEnd } from '../domain/migration-end.ts';
import type { Desktop } from '../domain/rebuild-gate.ts';
import { unrepeatableCalls } from './activities.ts';
import { allOf } from './batches.ts';
import { confirmBundle } from './confirm-bundle.ts';
import { block, end, giveBack, timeLeft, type Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

const THROTTLED_WAIT = 20_000;
/** It takes up to an hour: looked at this often, all of a cohort at the same instant, so that one call serves many. */
const LOOK_EVERY = 5 * 60_000;

export async function migrate(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, admission } = shared;
  const { target, bundleId } = settings;
  const atMost = timeLeft(row, shared);
  if (!admission.may(row) || atMost <= 0) return giveBack(row, shared);
  row.rebuildCalls += 1;
  const reply = await unrepeatableCalls(target, atMost)
    .migrateWorkspace({ target, workspaceId: row.workspaceId, bundleId })
    .catch((error: unknown) => {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      return { reply: trouble.code === 'NotStarted' ? ('notMade' as const) : ('unclear' as const), code: trouble.code };
    });
  switch (reply.reply) {
    case 'accepted':
      agenda.heard(reply.at);
      row.rebuildRequestedAt = reply.at;
      row.newWorkspaceId = reply.newWorkspaceId;
      row.step = 'confirmMigration';
      return;
    case 'refused':
      if (reply.type !== 'AccessDenied' && reply.type !== 'QuotaExceeded') {
        return end(row, shared, 'rebuildFailed', { code: 'refused', detail: reply.code });
      }
      return block(row, shared, { type: reply.type, code: reply.code, message: reply.message });
    case 'unclear':
      // Whether it was taken shows: the user has a second WorkSpace, or an hour later still the old one.
      row.rebuildRequestedAt = agenda.isoNow;
      row.step = 'confirmMigration';
      return;
    case 'notMade':
    case 'throttled':
      row.rebuildCalls -= 1;
      row.step = 'lastLook';
      if (reply.reply === 'throttled') await agenda.until(agenda.now + THROTTLED_WAIT);
  }
}

/** AWS tells no failure: a WorkSpace that is back on its old bundle after an hour was not migrated. */
export async function confirmMigration(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda } = shared;
  for (;;) {
    await agenda.until((Math.floor(agenda.now / LOOK_EVERY) + 1) * LOOK_EVERY, { evenAborted: true });
    const found = await desktopsOf(row, shared);
    const ended = migrationEnd(row, { found, bundleId: settings.bundleId, now: agenda.now });
    row.newWorkspaceId = ended.newWorkspaceId;
    if (ended.outcome === null) continue;
    if (ended.outcome !== 'migrated') return end(row, shared, ended.outcome, ended.reason);
    row.rebuildConfirmedAt = agenda.isoNow;
    return await confirmBundle(row, shared);
  }
}

/** Those of the user that the migration is about. Without the reply of AWS the new one is not known by its id. */
async function desktopsOf(row: Row, { observer }: Shared): Promise<readonly Desktop[]> {
  const { workspaceId, newWorkspaceId } = row;
  if (newWorkspaceId === null) return await observer.desktopsOfUser(row);
  const seen = await allOf(observer.desktop(workspaceId), observer.desktop(newWorkspaceId));
  return seen.filter((desktop) => desktop !== null);
}
