/**
 * ADMIN_MAINTENANCE: nobody signs in while a WorkSpace waits for its turn. AWS ignores rebuilds in it, so it is left right
 * before one, and in the end whatever happens.
 */
import type { Row } from '../domain/image-upgrade.ts';
import { mayBeConnected } from '../domain/snapshots.ts';
import { workspacesCalls } from './activities.ts';
import type { Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

const IN_MAINTENANCE = 'ADMIN_MAINTENANCE';
/** AWS shows a state that was just changed a moment later. */
const LOOK_AGAIN = 15_000;
const MOST_LOOKS = 20;

/** Only from AVAILABLE, and with nobody at work whom the run would wait for or spare. */
export async function enterMaintenance(row: Row, shared: Shared): Promise<void> {
  const { settings, observer } = shared;
  const { target } = settings;
  const { workspaceId } = row;
  if (!settings.maintenance || row.inMaintenance || row.state !== 'AVAILABLE') return;
  const spared = settings.connectedUsers.policy !== 'proceed';
  if (spared && mayBeConnected(await observer.connection(workspaceId), row.state)) return;
  // Noted before the call: should its reply be lost, it is left all the same.
  row.inMaintenance = true;
  try {
    const enter = () => workspacesCalls(target).modifyState({ target, workspaceId, state: IN_MAINTENANCE });
    await observer.persistently(enter, { stateToo: false });
  } catch (error) {
    // It is in another state by now: rebuilt without it.
    if (troubleOf(error)?.type !== 'WrongState') throw error;
    row.inMaintenance = false;
  }
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
