/** How a WorkSpace goes back to waiting: what it had is left to others, and all is looked at anew when it has its turn again. */
import type { BackupReason, BackupRow } from '../domain/backup-row.ts';
import type { BackupOutcome } from '../domain/image-backup.ts';
import type { Desks } from './backup-desks.ts';
import { end } from './backup-ending.ts';

export const isSkipped = ({ workspaceId }: BackupRow, { run }: Desks): boolean => run.state.skips.includes(workspaceId);

/** Its turn, its lock and, without an image, its place go to others. */
export function leave({ workspaceId, imageId }: BackupRow, { turns, locks, room }: Desks): void {
  turns.release(workspaceId);
  if (locks.held.includes(workspaceId)) locks.release(workspaceId, turns.queued === 0);
  if (imageId === null) room.giveBack(workspaceId);
}

/** No image is begun on what was seen before a call that had no effect. */
export function lookAnew(row: BackupRow, desks: Desks): void {
  leave(row, desks);
  row.requestedAt = null;
  row.step = 'waiting';
}

/** What it waits for, and how it ends when the run does before. */
interface Hindrance {
  readonly outcome: BackupOutcome;
  readonly reason: BackupReason;
}

/** How long is waited for another operation, for a user, or for room. */
const AGAIN_AFTER = 10 * 60_000;

/** @throws Interrupted, SentBack */
export async function comeBack(row: BackupRow, desks: Desks, hindrance: Hindrance | null): Promise<void> {
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  lookAnew(row, desks);
  if (hindrance === null) return;
  const { agenda, admission } = desks;
  const due = agenda.now + AGAIN_AFTER;
  if (due < admission.deadline) await agenda.until(due, { rounding: 'tick', owner: row.workspaceId });
  else end(row, desks, hindrance.outcome, hindrance.reason);
}
