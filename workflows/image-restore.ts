/**
 * Restores one WorkSpace, by one of five strategies. Steps up to the last look can be given up with nothing destroyed; from
 * the destructive call on the run goes on until its user has a desktop.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ImageRestoreInput, Strategy } from '../domain/image-restore.ts';
import { validRestoreInput } from './image-restore-plan.ts';
import {
  abortRestoreUpdate,
  approveRestoreUpdate,
  restoreStatusQuery,
  resumeRestoreUpdate,
  type ImageRestoreResult,
  type ImageRestoreStatus,
} from './image-restore.messages.ts';
import { followMigration, migrate } from './restore-by-image.ts';
import { followRebuild, rebuild } from './restore-by-rebuild.ts';
import { create, followTermination, terminate } from './restore-by-recreate.ts';
import { followRestore, restoreSnapshot } from './restore-by-snapshot.ts';
import { report, rowOf, stopped, undo } from './restore-ending.ts';
import { lastImage } from './restore-last-image.ts';
import { approval, bundle, canary, check, lastLook } from './restore-prepare.ts';
import { putBack } from './restore-put-back.ts';
import {
  enter,
  isLong,
  isStopping,
  newRestoreState,
  pause,
  Restarted,
  retry,
  show,
  unblock,
  type RestoreRun,
  type RestoreState,
  type RestoreStep,
} from './restore-run.ts';
import { abort, approve, checkAbort, checkApprove, checkResume, resume } from './restore-steering.ts';

type Step = (run: RestoreRun) => Promise<void>;

/** The call that cannot be taken back, and how its end is seen. */
const ACTS: Readonly<Record<Strategy, { readonly act: Step; readonly follow: Step }>> = {
  image: { act: migrate, follow: followMigration },
  recreate: { act: terminate, follow: followTermination },
  snapshot: { act: restoreSnapshot, follow: followRestore },
  rebuild: { act: rebuild, follow: followRebuild },
  copy: { act: beginCopy, follow: create },
};

/** Nothing is destroyed, so that an abort is heard to the end. */
async function beginCopy({ state }: RestoreRun): Promise<void> {
  await Promise.resolve();
  state.actedAt = state.now;
  state.step = 'create';
}

/** Each ends by naming the next one; begun again, it finds what it did. */
const STEPS: Readonly<Record<Exclude<RestoreStep, 'done'>, Step>> = {
  check,
  bundle,
  canary,
  approval,
  lastImage,
  lastLook,
  act: async (run) => {
    enter(run, 'restoring');
    if (await isLookOld(run)) return;
    unblock(run, 'step');
    await ACTS[run.input.strategy].act(run);
  },
  follow: async (run) => await ACTS[run.input.strategy].follow(run),
  create,
  putBack,
  undo,
  report,
};

/** What the last look saw may not be so any more: it is taken again. */
async function isLookOld(run: RestoreRun): Promise<boolean> {
  const { state } = run;
  if (Date.now() - state.lookedAt <= LOOK_HOLDS) return false;
  state.step = 'lastLook';
  await retry(run, 'the last look took more than two minutes: it is taken again');
  await pause(run, LOOK_AGAIN);
  return true;
}

const LOOK_HOLDS = 2 * 60_000;
const LOOK_AGAIN = 20_000;

export async function imageRestore(raw: ImageRestoreInput, carried?: RestoreState): Promise<ImageRestoreResult> {
  const input = validRestoreInput(raw);
  const run: RestoreRun = { input, state: carried ?? newRestoreState(), resumed: 0 };
  // Between two histories there may be any time.
  if (run.state.step === 'act') run.state.step = 'lastLook';
  handleMessages(run);
  // A cancellation is an abort: what is under way must come to its end.
  void CancellationScope.current().cancelRequested.catch(() => {
    run.state.aborted ??= { by: null, reason: 'the workflow was cancelled', at: run.state.now };
  });
  show(run);
  await CancellationScope.nonCancellable(async () => await goOn(run));
  if (run.state.step !== 'done') {
    return await continueAsNew<typeof imageRestore>(input, run.state);
  }
  const outcome = run.state.outcome ?? 'failed';
  upsertSearchAttributes({ HoldfastOutcome: [outcome] });
  return { outcome, row: rowOf(run, true), checks: run.state.checks, report: run.state.report };
}

async function goOn(run: RestoreRun): Promise<void> {
  const { state } = run;
  while (state.step !== 'done' && !isLong()) {
    if (isStopping(run)) stopped(run);
    try {
      await STEPS[state.step](run);
    } catch (error) {
      if (!(error instanceof Restarted)) throw error;
    }
  }
  await condition(allHandlersFinished);
}

function handleMessages(run: RestoreRun): void {
  setHandler(restoreStatusQuery, () => statusOf(run));
  setHandler(approveRestoreUpdate, (request) => approve(run, request), {
    validator: (request) => checkApprove(run, request),
  });
  setHandler(resumeRestoreUpdate, (request) => resume(run, request), {
    validator: (request) => checkResume(run, request),
  });
  setHandler(abortRestoreUpdate, (request) => abort(run, request), {
    validator: (request) => checkAbort(run, request),
  });
}

function statusOf(run: RestoreRun): ImageRestoreStatus {
  const { input, state } = run;
  const { phase, checks, committed, canary: second, blocked, retrying, approvalExpiresAt, aborted } = state;
  return {
    phase,
    input,
    checks,
    row: rowOf(run, phase === 'done'),
    committed,
    canary: second && { userName: second.userName, workspaceId: second.workspaceId },
    blocked,
    retrying,
    approvalExpiresAt,
    aborted,
    steering: state.steering,
    now: state.now,
    report: state.report,
  };
}
