/** What a person has a cohort do while it goes on. Doing it twice changes nothing. */
import type { CohortAnswer, CohortCommand } from '../domain/cohort-steering.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { isUnderWay, iso, sentBack, type Shared } from './desktop.ts';
import type { Desktops } from './desktops.ts';

export const NOTHING_DONE: CohortAnswer = { done: 0, refused: null };
const DONE: CohortAnswer = { done: 1, refused: null };
const refuse = (refused: string): CohortAnswer => ({ done: 0, refused });

export function obey(command: CohortCommand, rows: readonly Row[], shared: Shared, desktops: Desktops): CohortAnswer {
  switch (command.command) {
    case 'set':
      shared.admission.change(command.steering);
      return DONE;
    case 'unblock':
      return unblock(command.workspaceId, rows, shared);
    case 'skip':
      return withOpenRow(rows, command, (row) => skip(row, shared));
    case 'defer':
      return withOpenRow(rows, command, (row) => defer(row, command, shared));
    case 'retryFailed':
      return retryFailed(shared, desktops);
  }
}

type OfOne = Extract<CohortCommand, { readonly command: 'skip' | 'defer' }>;

function withOpenRow(
  rows: readonly Row[],
  { command, workspaceId }: OfOne,
  act: (row: Row) => CohortAnswer,
): CohortAnswer {
  const row = rows.find((each) => each.workspaceId === workspaceId);
  if (!row) return NOTHING_DONE;
  if (row.outcome) return refuse(`${workspaceId} has ended already: ${row.outcome}`);
  const isBeingCalled = row.step === 'rebuild' || row.step === 'migrate';
  // Blocked under rebuild, it may be given up: nobody can follow it.
  const isGivenUp = command === 'skip' && row.blocked !== null;
  if ((isUnderWay(row) && !isGivenUp) || isBeingCalled) return refuse(`${workspaceId} is being rebuilt already`);
  return act(row);
}

function unblock(workspaceId: string | null, rows: readonly Row[], { agenda, onNews }: Shared): CohortAnswer {
  const wanted = rows.filter((row) => workspaceId === null || row.workspaceId === workspaceId);
  const blocked = wanted.filter((row) => row.blocked !== null);
  for (const row of blocked) {
    row.blocked = null;
    // It was warned long ago.
    sentBack(row);
    agenda.wake(row.workspaceId);
  }
  if (blocked.length > 0) onNews();
  const named = workspaceId !== null && wanted.length > 0;
  if (named && blocked.length === 0) return refuse(`${workspaceId} is not blocked`);
  return { done: blocked.length, refused: null };
}

function retryFailed({ admission }: Shared, desktops: Desktops): CohortAnswer {
  const done = desktops.retryFailed();
  // Nobody may have waited for a window any more.
  admission.review();
  return { done, refused: null };
}

function skip(row: Row, shared: Shared): CohortAnswer {
  shared.skips.set(row.workspaceId, { code: 'skippedByOperator' });
  sendBack(row, shared);
  return DONE;
}

function defer(
  row: Row,
  { minutes, wave }: { readonly minutes: number; readonly wave: number },
  shared: Shared,
): CohortAnswer {
  row.deferredUntil = iso(shared.agenda.now + minutes * 60_000);
  // No wave is held up by it.
  row.wave = Math.max(row.wave, wave);
  shared.admission.review();
  sendBack(row, shared);
  return DONE;
}

/** Out of whatever it waits in. */
function sendBack({ workspaceId }: Row, { agenda, admission, near, turns }: Shared): void {
  agenda.sendBack(workspaceId);
  admission.sendBack(workspaceId);
  for (const queue of [near, turns]) queue.sendBack((id) => id === workspaceId);
}
