/** What a run says to its cohorts, and asks about them. One that has ended without a word is found out here, and lost. */
import { getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import { quickCalls } from './activities.ts';
import type { Cohorts, Grant } from './cohorts.ts';
import { troubleOf } from './failures.ts';
import { abortCohortSignal, finishSignal, grantSignal } from './image-upgrade.messages.ts';

/** Hands free turns to those who wait for them. */
export async function grantTurns(cohorts: Cohorts): Promise<void> {
  // Turns of a cohort that is lost on the way are free again.
  for (let grants = cohorts.grants(); grants.length > 0; grants = cohorts.grants()) await send(cohorts, grants);
}

/** After the cap was changed: takes back what is too much, or hands out what is more. */
export async function resizeCap(cohorts: Cohorts): Promise<void> {
  await send(cohorts, [...cohorts.takeBack(), ...cohorts.giveAll()]);
  await grantTurns(cohorts);
}

async function send(cohorts: Cohorts, grants: readonly Grant[]): Promise<void> {
  for (const { cohort, turns } of grants) {
    await unlessEnded(cohorts, cohort, () => getExternalWorkflowHandle(cohort).signal(grantSignal, { turns }));
  }
}

export async function abortCohort(cohorts: Cohorts, id: string): Promise<void> {
  await unlessEnded(cohorts, id, () => getExternalWorkflowHandle(id).signal(abortCohortSignal));
}

/** Of an earlier run that was ended by force: it begins nothing more, and ends when what is under way has. */
export async function sendAway(id: string): Promise<void> {
  const stranger = getExternalWorkflowHandle(id);
  try {
    await stranger.signal(abortCohortSignal);
    await stranger.signal(finishSignal);
  } catch (error) {
    // It has ended.
    if (isCancellation(error)) throw error;
  }
}

/** All WorkSpaces of the run have ended: the cohorts write their parts of the report and end. */
export async function finishCohorts(cohorts: Cohorts): Promise<void> {
  for (const id of cohorts.running) {
    await unlessEnded(cohorts, id, () => getExternalWorkflowHandle(id).signal(finishSignal));
  }
}

async function unlessEnded(cohorts: Cohorts, id: string, tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (isCancellation(error)) throw error;
    // A cohort tells its end before it ends, so one that is done stays done.
    cohorts.lose(id);
  }
}

/** Finds those that have ended among the cohorts that have told nothing for long: a terminated one tells nothing. */
export async function lookAfter(cohorts: Cohorts): Promise<void> {
  const silent = cohorts.silent();
  if (silent.length === 0) return;
  try {
    const { ended } = await quickCalls.endedRuns({ workflowIds: silent });
    for (const id of ended) cohorts.lose(id);
  } catch (error) {
    // It is asked again at the next look.
    if (!troubleOf(error)) throw error;
  }
  await grantTurns(cohorts);
}
