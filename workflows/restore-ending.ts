/** What a restore removes again, and what it tells when it has ended. */
import { workflowInfo } from '@temporalio/workflow';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { isRestored, RESTORE_OUTCOMES, type RestoreRow } from '../domain/restore-outcome.ts';
import { isGone } from '../domain/workspace-states.ts';
import { imageEffects, restoreActs, restoreCalls, restoreReports, workspacesCalls } from './activities.ts';
import { untilWritten } from './report-writing.ts';
import { readOwnBundles } from './restore-facts.ts';
import { unlock } from './restore-lock.ts';
import { unmade } from './restore-making.ts';
import { softly } from './restore-put-back.ts';
import { enter, pause, show, tellOperators, unblock, type Making, type RestoreRun } from './restore-run.ts';

/** The canary goes in any case; bundle, and what was made on it, only where nothing was restored. */
export async function undo(run: RestoreRun): Promise<void> {
  const { state } = run;
  enter(run, isRestored(state.outcome) ? 'puttingBack' : 'undoing');
  if (state.canary) await removeDesktop(run, state.canary);
  if (state.making && !isRestored(state.outcome) && !state.bundleKept) await removeDesktop(run, state.making);
  if (state.bundle && !isRestored(state.outcome) && !state.bundleKept) await removeBundle(run, state.bundle.name);
  if (state.lastImage?.started) await stopAgain(run);
  await unlock(run);
  state.step = 'report';
}

/** It was started for its last image; where another WorkSpace took its place, there is nothing to stop. */
async function stopAgain(run: RestoreRun): Promise<void> {
  const { target, workspaceId } = run.input;
  if (run.state.newWorkspaceId !== null) return;
  await softly(run, `${workspaceId} as STOPPED`, () => imageEffects(target).stopWorkspace({ target, workspaceId }));
}

const LOOK_EVERY = 60_000;
const LOOKS = 60;

/** Only what this run made: it is on the run's own bundle. */
async function removeDesktop(run: RestoreRun, { userName }: Making): Promise<void> {
  const { input, state } = run;
  const { target } = input;
  const { directoryId } = state.before as RestoreDesktop;
  const what = `the WorkSpace that was made for ${userName}`;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const look = () => workspacesCalls(target).describeOfUser({ target, directoryId, userName });
    const seen = await softly(run, what, look);
    const mine = seen?.found.filter(
      (each) => each.bundleId === state.bundle?.bundleId && each.workspaceId !== input.workspaceId,
    );
    if (!mine) return;
    const living = mine.find((each) => !isGone(each.state));
    // What was asked for a moment ago does not show at once.
    if (mine.length === 0 && looks >= 2) return;
    if (living) await restoreActs(target).terminateWorkspace({ target, workspaceId: living.workspaceId }).catch(unmade);
    await pause(run, LOOK_EVERY);
  }
  state.notPutBack.push(`${what} has not gone: terminate it`);
}

async function removeBundle(run: RestoreRun, name: string): Promise<void> {
  const { target } = run.input;
  const bundles = await softly(run, 'the restore bundle', () => readOwnBundles(target));
  const bundleId = bundles?.find((each) => each.name === name)?.bundleId;
  if (bundleId === undefined) return;
  await softly(run, `the restore bundle ${bundleId}`, () => restoreCalls(target).deleteBundle({ target, bundleId }));
}

/** An abort that came before anything was destroyed. */
export function stopped({ state }: RestoreRun): void {
  state.outcome = 'aborted';
  state.reason = state.aborted?.reason ?? null;
  state.step = 'undo';
}

export async function report(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target } = input;
  enter(run, 'reporting');
  const head = {
    workflowId: workflowInfo().workflowId,
    endedAt: state.now,
    parameters: input,
    steering: state.steering,
  };
  const rows = [rowOf(run, true)];
  const about = { target, report: input.report, what: input.workspaceId, head, rows };
  // Where nothing was begun for want of a place for the report, or nothing was even read, none is written.
  if (state.now !== '' && (state.outcome !== 'refused' || state.bundle)) {
    state.report = await untilWritten(
      () => restoreReports.putRestoreReport(about),
      (trouble) => {
        state.retrying = trouble;
        show(run);
      },
    );
  }
  if (state.hinderedBy) unblock(run, state.hinderedBy);
  state.retrying = null;
  state.step = 'done';
  await tellEnd(run);
  enter(run, 'done');
}

async function tellEnd(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const outcome = state.outcome ?? 'failed';
  const { userName = '' } = state.before ?? {};
  const lines = [
    `${input.workspaceId} of ${userName}: ${RESTORE_OUTCOMES[outcome]}${state.reason ? ` (${state.reason})` : ''}`,
    ...(state.newWorkspaceId && isRestored(outcome) ? [`The new WorkSpace is ${state.newWorkspaceId}`] : []),
    ...(isRestored(outcome) && !state.userTold && input.strategy !== 'copy'
      ? [`Tell ${userName}: no message reached the desktop`]
      : []),
    ...state.notPutBack,
  ];
  await tellOperators(run, `Restore of ${input.workspaceId}: ${outcome}`, lines.join('\n'));
}

export function rowOf({ input, state }: RestoreRun, ended: boolean): RestoreRow {
  const { before } = state;
  return {
    workspaceId: input.workspaceId,
    directoryId: before?.directoryId ?? '',
    userName: before?.userName ?? '',
    computerName: before?.computerName ?? '',
    strategy: input.strategy,
    imageId: input.imageId,
    snapshotTime: state.snapshotTime,
    newWorkspaceId: state.newWorkspaceId,
    outcome: state.outcome,
    reason: state.reason,
    actedAt: state.actedAt,
    endedAt: ended ? state.now || null : null,
    bundleId: state.bundle?.bundleId ?? null,
    bundleKept: state.bundleKept,
    lastImageId: state.lastImage?.imageId ?? null,
    approvedBy: state.approvedBy?.by ?? null,
    userTold: state.userTold,
    notPutBack: state.notPutBack,
  };
}
