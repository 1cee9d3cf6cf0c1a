/** Starting a WorkSpace that is STOPPED for its image, and stopping it again afterwards. */
import type { BackupRow } from '../domain/backup-row.ts';
import { imageEffects } from './activities.ts';
import type { Desks } from './backup-desks.ts';
import { end } from './backup-ending.ts';

const MINUTE = 60_000;
/** A start takes a minute or two. */
const STARTS_WITHIN = 20 * MINUTE;
const SETTLES = 5 * MINUTE;
/** A WorkSpace that cannot be stopped so long after its image is left running: AUTO_STOP stops it. */
const STOPS_WITHIN = 60 * MINUTE;

export async function startForImage(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, observer, run } = desks;
  const { target } = run.input;
  const { workspaceId } = row;
  agenda.check();
  // Before the call: after it, whatever happens, it is to be stopped again.
  row.started = true;
  row.startedAt = agenda.isoNow;
  const reply = await observer.persistently(() => imageEffects(target).startWorkspace({ target, workspaceId }));
  const until = agenda.now + STARTS_WITHIN;
  for (;;) {
    const member = await observer.member(workspaceId);
    row.state = member?.state ?? 'TERMINATED';
    if (row.state === 'AVAILABLE') {
      // It keeps its turn and its place, and all is looked at anew: its user may have come meanwhile.
      row.step = 'waiting';
      return;
    }
    const isRefused = reply.reply === 'refused' && isStopped(row, agenda.now);
    if (!member || isRefused || agenda.now >= until) {
      const detail = reply.reply === 'refused' ? `${reply.code}: ${reply.message}` : row.state;
      return end(row, desks, 'ineligible', { code: 'notStarted', detail });
    }
    await agenda.until(nextMinute(agenda.now), { owner: workspaceId });
  }
}

/** Right after a start, AWS may still show what was before it. */
const isStopped = ({ state, startedAt }: BackupRow, now: number): boolean =>
  state === 'STOPPED' && now >= Date.parse(startedAt ?? '') + SETTLES;

/** Not while its user works on it: who came meanwhile keeps the WorkSpace. Nor while another operation holds it. */
export async function stopAgain(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, observer, run, locks } = desks;
  const { target } = run.input;
  const { workspaceId } = row;
  const until = Date.parse(row.endedAt ?? agenda.isoNow) + STOPS_WITHIN;
  for (let isAsked = false; ;) {
    row.lockedBy = await locks.acquire(workspaceId);
    const member = await observer.member(workspaceId);
    row.state = member?.state ?? 'TERMINATED';
    if (!member || isStopped(row, agenda.now) || (isAsked && IS_STOPPING.has(row.state))) break;
    if (agenda.now >= until) row.leftRunning = true;
    else if (row.lockedBy === null && CAN_STOP.has(row.state)) {
      if (await observer.isConnected(workspaceId)) row.leftRunning = true;
      else {
        await observer.persistently(() => imageEffects(target).stopWorkspace({ target, workspaceId }));
        isAsked = true;
      }
    }
    if (row.leftRunning) break;
    // What SUSPENDED and STARTING end in is waited for.
    await agenda.until(nextMinute(agenda.now), { evenAborted: true });
  }
  row.step = 'done';
}

const IS_STOPPING = new Set(['STOPPING', 'STOPPED']);

/** AWS stops a WorkSpace in these states. https://docs.aws.amazon.com/workspaces/latest/api/API_StopWorkspaces.html */
const CAN_STOP = new Set(['AVAILABLE', 'IMPAIRED', 'UNHEALTHY', 'ERROR']);

/** Those that wait at once are looked at in one call. */
const nextMinute = (now: number): number => Math.ceil((now + MINUTE / 2) / MINUTE) * MINUTE;
