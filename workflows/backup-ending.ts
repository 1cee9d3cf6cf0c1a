/** How the way of a WorkSpace through an image backup ends. */
import type { BackupReason, BackupRow } from '../domain/backup-row.ts';
import type { BackupOutcome } from '../domain/image-backup.ts';
import type { Agenda } from './agenda.ts';

/** Its outcome is known; what was begun is still to be put back. */
export function end(
  row: BackupRow,
  { agenda }: { readonly agenda: Agenda },
  outcome: BackupOutcome,
  reason: BackupReason | null,
): void {
  row.outcome ??= outcome;
  row.reason ??= reason;
  row.blocked = null;
  row.endedAt = agenda.isoNow;
  row.step = row.started ? 'stopping' : 'done';
}

/** Something of it is under way that an abort does not end. */
export const isUnderWay = ({ step }: BackupRow): boolean => !['waiting', 'starting', 'creating', 'done'].includes(step);
