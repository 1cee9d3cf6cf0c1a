/** How the way of a WorkSpace through an image backup ends, or comes to a stop that a person can end. */
import type { BackupReason, BackupRow } from '../domain/backup-row.ts';
import { FAILURES, type FailureType } from '../domain/errors.ts';
import type { BackupOutcome } from '../domain/image-backup.ts';
import type { Agenda } from './agenda.ts';
import { show, tellOperators, type BackupRun } from './backup-run.ts';
import type { Trouble } from './failures.ts';

/** Its outcome is known; what was begun is still to be put back. */
export function end(
  row: BackupRow,
  { agenda, room }: { readonly agenda: Agenda; readonly room: { giveBack(workspaceId: string): void } },
  outcome: BackupOutcome,
  reason: BackupReason | null,
): void {
  row.outcome ??= outcome;
  row.reason ??= reason;
  row.blocked = null;
  row.endedAt = agenda.isoNow;
  row.step = row.started ? 'stopping' : 'done';
  if (row.imageId === null) room.giveBack(row.workspaceId);
}

/** Something of it is under way that an abort does not end. */
export const isUnderWay = ({ step, requestedAt }: BackupRow): boolean =>
  step === 'creating' ? requestedAt !== null : !['waiting', 'starting', 'done'].includes(step);

type Stop = Omit<Trouble, 'passing'>;

/** It waits for a person, and goes on at its step. */
export async function block(
  row: BackupRow,
  { agenda, run }: { readonly agenda: Agenda; readonly run: BackupRun },
  trouble: Stop,
): Promise<void> {
  row.blocked = { code: trouble.code, message: trouble.message, remedy: remedyOf(trouble), since: agenda.isoNow };
  show(run);
  const { state, input } = run;
  const blocked = state.rows.filter((each) => each.blocked !== null).length;
  const before = state.blockedTold;
  state.blockedTold = blocked;
  if (blocked <= before) return;
  const message = 'See why and what to do with: holdfast backup status. Then: holdfast backup resume';
  await tellOperators(run, `${blocked} WorkSpaces of image backup ${input.policy} are blocked`, message);
}

const remedyOf = ({ type, code }: Stop): string =>
  type in FAILURES ? FAILURES[type as FailureType].remedy : `see what AWS says of ${code}`;
