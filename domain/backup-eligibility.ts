/** Which WorkSpaces an image can be made of, and why not of the others. */
import type { BackupReason } from './backup-row.ts';
import type { BackupVerdict } from './image-backup.ts';
import { isGone } from './workspace-states.ts';

/** A WorkSpace as an image backup sees it. */
export interface BackupMember {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly state: string;
  /** AWS's: AUTO_STOP, ALWAYS_ON or MANUAL. */
  readonly runningMode: string;
  readonly encrypted: boolean;
  /** What is being changed and how far that is, such as `ROOT_VOLUME UPDATE_IN_PROGRESS`; null: nothing. */
  readonly modification: string | null;
}

/** What WorkSpaces are judged by. */
export interface BackupTerms {
  readonly startStopped: boolean;
  /** Directories of WorkSpaces Pools. */
  readonly poolDirectoryIds: ReadonlySet<string>;
}

export interface Judged {
  readonly verdict: BackupVerdict;
  /** Why it gets no image; null: it goes on. */
  readonly reason: BackupReason | null;
}

const STARTABLE = new Set(['AUTO_STOP', 'MANUAL']);

/** Room is judged later, over all of them: see `withinRoom`. */
export function judgeMember(member: BackupMember, { startStopped, poolDirectoryIds }: BackupTerms): Judged {
  const { state, runningMode, modification } = member;
  if (poolDirectoryIds.has(member.directoryId)) return not('pool', { code: 'pool' });
  if (isGone(state)) return not('notAvailable', { code: 'gone', detail: state });
  if (member.encrypted) return not('encrypted', { code: 'encrypted' });
  if (modification !== null) return not('modifying', { code: 'modifying', detail: modification });
  if (state === 'UPDATING') return not('modifying', { code: 'modifying', detail: state });
  if (state === 'STOPPED') {
    if (!startStopped) return not('stopped', { code: 'stopped' });
    if (!STARTABLE.has(runningMode)) return not('stopped', { code: 'notStartable', detail: runningMode });
    return { verdict: 'stopped', reason: null };
  }
  if (state === 'AVAILABLE') return { verdict: 'eligible', reason: null };
  return not('notAvailable', { code: 'notAvailable', detail: state });
}

const not = (verdict: BackupVerdict, reason: BackupReason): Judged => ({ verdict, reason });

/** What each image needs of the Region's room. */
export interface RoomWish {
  readonly workspaceId: string;
  /** An older image of it goes as soon as the new one is good: it needs room only for a while. */
  readonly passing: boolean;
}

export interface RoomShare {
  /** Room to reserve: one for each image that stays besides, and one for each that is made at once besides. */
  readonly reserve: number;
  /** Those that are left without. */
  readonly without: ReadonlySet<string>;
}

/**
 * Shares out the room that there is: first what the passing ones need at once, as they can take turns in one place, then a
 * place for each of the others, in their order.
 */
export function shareRoom(wishes: readonly RoomWish[], maxConcurrent: number, room: number): RoomShare {
  const passing = wishes.filter((wish) => wish.passing);
  const staying = wishes.filter((wish) => !wish.passing);
  const left = Math.max(0, room);
  // One place is enough for the passing ones; they get more only of what the others leave.
  const least = Math.min(1, passing.length, left);
  const places = Math.min(staying.length, left - least);
  const turns = Math.min(passing.length, maxConcurrent, left - places);
  const without = [...staying.slice(places), ...(turns === 0 ? passing : [])];
  return { reserve: places + turns, without: new Set(without.map(({ workspaceId }) => workspaceId)) };
}
