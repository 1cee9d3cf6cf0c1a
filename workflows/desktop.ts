/** What the WorkSpaces of a cohort share, and what can become of each at any step: its end, or a wait for a person. */
import { FAILURES } from '../domain/errors.ts';
import type { ImageUpgradeInput, Outcome, Reason } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import type { Admission } from './admission.ts';
import type { Agenda } from './agenda.ts';
import type { Trouble } from './failures.ts';
import type { FleetObserver } from './fleet-observer.ts';
import type { Lane } from './batches.ts';
import type { Follower } from './follower.ts';
import type { Locks } from './locks.ts';
import type { Turns } from './turns.ts';

/** What a cohort's WorkSpaces share. */
export interface Shared {
  readonly settings: ImageUpgradeInput;
  readonly runId: string;
  /** When WorkSpaces stop waiting for their snapshots: AWS's time, epoch milliseconds. */
  readonly deadline: number;
  /** When the run looked at the fleet: likewise. A snapshot since then is newer than any baseline. */
  readonly began: number;
  readonly agenda: Agenda;
  readonly observer: FleetObserver;
  readonly follower: Follower;
  readonly admission: Admission;
  readonly turns: Turns;
  /** Those whose turn is near, and who wait for it in ADMIN_MAINTENANCE: only so few are locked out meanwhile. */
  readonly near: Turns;
  readonly locks: Locks;
  /** When each last look was begun, by Temporal's time, and AWS's, which stands still while no worker is there. */
  readonly looksBegan: Map<string, { readonly ours: number; readonly aws: number }>;
  /** A few warnings at a time: Systems Manager throttles too. */
  readonly warningLane: Lane;
  /** WorkSpaces that a person took out, or whose window passed: they end so as soon as they can. */
  readonly skips: Map<string, Reason>;
  /** A row's trouble, or its end, is something that the run may have to know at once. */
  readonly onNews: () => void;
}

/** Milliseconds, the longer of both: a worker that was away for a while has not heard of AWS's time meanwhile. */
export function sinceLook({ workspaceId }: Row, { looksBegan, agenda }: Shared): number {
  const { ours, aws } = looksBegan.get(workspaceId) ?? { ours: Date.now(), aws: agenda.now };
  return Math.max(Date.now() - ours, agenda.now - aws);
}

/** By how much AWS's time may be later than it was heard last, in milliseconds. */
function unheard(row: Row, shared: Shared): number {
  const aws = shared.looksBegan.get(row.workspaceId)?.aws ?? shared.agenda.now;
  return sinceLook(row, shared) - (shared.agenda.now - aws);
}

/** For how long a call may stand in the queue before its window closes, in milliseconds; 0 or less: it has closed. */
export const timeLeft = (row: Row, shared: Shared): number => shared.admission.timeLeft(row) - unheard(row, shared);

export const iso = (instant: number): string => new Date(instant).toISOString();

/** The call was made: the WorkSpace is followed to its end, also when the run is aborted. */
export const isUnderWay = (row: Row): boolean =>
  row.step === 'settle' || row.step === 'confirm' || row.step === 'confirmMigration';
export const holdsTurn = (row: Row): boolean =>
  isUnderWay(row) || row.step === 'lastLook' || row.step === 'rebuild' || row.step === 'migrate';

export function end(row: Row, shared: Shared, outcome: Outcome, reason: Reason | null): void {
  if (holdsTurn(row)) giveBack(row, shared);
  else if (!row.inMaintenance) shared.locks.letGo(row.workspaceId);
  row.nextLookAt = null;
  row.outcome = outcome;
  row.reason = reason;
  row.blocked = null;
  row.step = row.inMaintenance ? 'leave' : 'done';
  shared.onNews();
}

/** The turn and the lock go back; the WorkSpace stands in the queue where it stood. */
export function giveBack(row: Row, { turns, locks }: Shared): void {
  row.step = 'turn';
  // Who held it last time may have let go of it meanwhile, and it is taken ahead.
  if (row.lockedBy === null || locks.has(row.workspaceId)) locks.release(row.workspaceId, turns.queued === 0);
  turns.release(row.workspaceId);
}

/** It has left the queue, or the time that its user was given: once it may begin again, its user is told anew. */
export function sentBack(row: Row): void {
  if (row.step !== 'turn') return;
  row.notified = null;
  row.noticeEndsAt = null;
  row.warningsSent = 0;
  row.userWaitEndsAt = null;
  row.stateWaitEndsAt = null;
  row.step = 'warning';
}

/** It waits for a person, and holds up nobody: unless its call was made, its turn goes to another. */
export function block(row: Row, shared: Shared, { type, code, message }: Omit<Trouble, 'passing'>): void {
  const remedy = type in FAILURES ? FAILURES[type as keyof typeof FAILURES].remedy : 'see the message';
  if (holdsTurn(row) && !isUnderWay(row)) giveBack(row, shared);
  else if (!holdsTurn(row) && !row.inMaintenance) shared.locks.letGo(row.workspaceId);
  row.blocked = { code, message, remedy, since: shared.agenda.isoNow };
  shared.onNews();
}
