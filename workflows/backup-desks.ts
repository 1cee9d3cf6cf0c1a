/** What the WorkSpaces of an image backup share while they are imaged, put together for one history. */
import { workflowInfo } from '@temporalio/workflow';
import type { BackupRow } from '../domain/backup-row.ts';
import type { Opening } from '../domain/windows.ts';
import { localCalls } from './activities.ts';
import { Agenda } from './agenda.ts';
import { BackupAdmission } from './backup-admission.ts';
import { BackupObserver } from './backup-observer.ts';
import { BackupRoom } from './backup-room.ts';
import type { BackupRun } from './backup-run.ts';
import { Locks } from './locks.ts';
import { Turns } from './turns.ts';

export interface Desks {
  readonly run: BackupRun;
  readonly agenda: Agenda;
  readonly observer: BackupObserver;
  readonly turns: Turns;
  readonly locks: Locks;
  readonly admission: BackupAdmission;
  readonly room: BackupRoom;
}

/** Images are looked at together, at the same ticks. */
const TICK = 3 * 60_000;
const DAY = 24 * 3_600_000;

/** It has its turn: something of it was begun, or is about to be. */
const hasTurn = ({ step, requestedAt, lockedBy }: BackupRow): boolean =>
  lockedBy === null && step !== 'waiting' && step !== 'done' && !(step === 'creating' && requestedAt === null);

export async function openDesks(run: BackupRun): Promise<Desks> {
  const { input, state } = run;
  const agenda = new Agenda(Date.parse(state.now), TICK, () => false);
  const observer = new BackupObserver(input.target, agenda);
  const busy = state.rows.filter(hasTurn).map(({ workspaceId }) => workspaceId);
  const turns = new Turns(input.maxConcurrent, busy);
  const locks = new Locks({
    target: input.target,
    persistently: (send) => observer.persistently(send),
    next: () => turns.next(NEXT_LOCKS),
    held: busy,
    unwanted: state.unwantedLocks,
    turns: () => state.rows.filter(hasTurn).map(({ workspaceId }) => workspaceId),
  });
  const admission = new BackupAdmission(run, agenda, await openingsOf(run));
  return { run, agenda, observer, turns, locks, admission, room: new BackupRoom(run, agenda, observer) };
}

/** A lock each is a message each; a few ahead share one. */
const NEXT_LOCKS = 5;

async function openingsOf({ input, state }: BackupRun): Promise<readonly (readonly Opening[])[]> {
  const { windows } = input;
  if (windows.length === 0) return [];
  const days = Math.ceil((Date.parse(state.deadline) - Date.parse(state.now)) / DAY) + 1;
  return (await localCalls.openings({ windows, from: state.now, days: Math.max(1, days) })).openings;
}

/** Whose images and reservations these are. */
export const runName = (): string => workflowInfo().workflowId;
