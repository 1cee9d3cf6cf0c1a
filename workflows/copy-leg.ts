/**
 * One copy of a recovery point by one or two copy jobs: each is checked, waits for its turn, is started once, followed, and
 * verified in its destination. What a leg knows is plain data, so that it goes on at its step in a new history.
 */
import type { Hop, Leg } from '../domain/custody.ts';
import { check } from './copy-hop-check.ts';
import { follow, verify } from './copy-hop-end.ts';
import { queue, start } from './copy-hop-turn.ts';
import { LegStopped, type CopyLegRun } from './copy-leg-run.ts';

const STEPS = { check, queue, start, follow, verify } as const;

/** @returns whether all its copies are verified; otherwise it was stopped, and goes on at its step */
export async function copyLeg(run: CopyLegRun): Promise<boolean> {
  const { leg } = run;
  const watched = { isOver: false };
  const watch = watchDeadline(run, watched);
  try {
    for (let hop = nextHop(leg); hop; hop = nextHop(leg)) {
      if (run.isStopped()) return false;
      if (hop.step !== 'verified') await STEPS[hop.step](run, hop);
    }
    if (leg.overdue) setOverdue(run, false);
    return true;
  } catch (error) {
    if (error instanceof LegStopped) return false;
    throw error;
  } finally {
    watched.isOver = true;
    await watch;
  }
}

const nextHop = ({ hops }: Leg): Hop | undefined => hops.find(({ step }) => step !== 'verified');

/** A leg that is late goes on, and is shown as overdue until it is done. */
async function watchDeadline(run: CopyLegRun, watched: { readonly isOver: boolean }): Promise<void> {
  const { leg, clock } = run;
  if (leg.overdue) return;
  const isOver = await clock.wait(() => watched.isOver || run.isStopped(), clock.until(leg.deadlineAt));
  if (!isOver) setOverdue(run, true);
}

function setOverdue(run: CopyLegRun, overdue: boolean): void {
  run.leg.overdue = overdue;
  run.changed();
}
