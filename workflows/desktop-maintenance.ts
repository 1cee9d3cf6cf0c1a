/**
 * ADMIN_MAINTENANCE: nobody signs in while a WorkSpace waits for its turn. AWS ignores rebuilds in it, so it is left right
 * before one, and in the end whatever happens.
 */
import type { Row } from '../domain/upgrade-row.ts';
import { mayBeConnected } from '../domain/snapshots.ts';
import { workspacesCalls } from './activities.ts';
import type { Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

const IN_MAINTENANCE = 'ADMIN_MAINTENANCE';
/** AWS shows a state that was just changed a moment later. */
const LOOK_AGAIN = 15_000;
const MOST_LOOKS = 20;
/** In the end it is tried again after so long. */
const AGAIN_AFTER = 5 * 60_000;

/** Only under its lock, from AVAILABLE, and with nobody at work whom the run would wait for or spare. */
export async function enterMaintenance(row: Row, shared: Shared): Promise<void> {
  const { settings, observer, locks } = shared;
  const { target } = settings;
  const { workspaceId } = row;
  if (!settings.maintenance) return;
  // Another operation may need it in its own state.
  if ((await locks.acquire(workspaceId)) !== null) return await leaveMaintenance(row, shared);
  if (row.inMaintenance) return;
  if ((await look(row, shared)) !== 'AVAILABLE') return;
  const spared = settings.connectedUsers.policy !== 'proceed';
  if (spared && mayBeConnected(await observer.connection(workspaceId), row.state)) return;
  // Noted before the call: should nobody hear of its reply, it is left all the same.
  row.inMaintenance = true;
  try {
    const enter = () => workspacesCalls(target).modifyState({ target, workspaceId, state: IN_MAINTENANCE });
    await observer.persistently(enter, { stateToo: false });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    // Refused: it is in another state by now, or a call before, whose reply was lost, has put it there.
    row.inMaintenance = (await look(row, shared)) === IN_MAINTENANCE;
    if (!row.inMaintenance && trouble.type !== 'WrongState') throw error;
  }
}

async function look(row: Row, { observer }: Shared): Promise<string> {
  row.state = (await observer.desktop(row.workspaceId))?.state ?? row.state;
  return row.state;
}

/** Until AWS shows that it has left. */
export async function leaveMaintenance(row: Row, shared: Shared): Promise<void> {
  const { settings, observer, agenda } = shared;
  const { target } = settings;
  const { workspaceId } = row;
  for (let looks = 0; row.inMaintenance && looks < MOST_LOOKS; looks += 1) {
    try {
      const leave = () => workspacesCalls(target).modifyState({ target, workspaceId, state: 'AVAILABLE' });
      if (looks === 0) await observer.persistently(leave, { evenAborted: true, stateToo: false });
    } catch (error) {
      const type = troubleOf(error)?.type;
      if (type !== 'WrongState' && type !== 'NotFound') throw error;
    }
    const desktop = await observer.desktop(workspaceId);
    row.state = desktop?.state ?? row.state;
    if (desktop?.state !== IN_MAINTENANCE) row.inMaintenance = false;
    else await agenda.until(agenda.now + LOOK_AGAIN, { evenAborted: true });
  }
}

/** For good: tried until AWS lets it, whatever else becomes of the run. */
export async function leaveInTheEnd(row: Row, shared: Shared): Promise<void> {
  const { observer, agenda } = shared;
  for (;;) {
    try {
      await leaveMaintenance(row, shared);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      observer.retrying = trouble.message;
    }
    if (!row.inMaintenance) return;
    await agenda.until(agenda.now + AGAIN_AFTER, { rounding: 'tick', evenAborted: true });
  }
}
