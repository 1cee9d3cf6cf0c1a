/** What people, and the restores themselves, say to a restore of many. */
import { ApplicationFailure, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { hasFailed } from '../domain/fleet-restore.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { holdIfPast, show, wavesOf, type FleetRun } from './fleet-restore-run.ts';
import {
  abortFleetRestoreUpdate,
  approveFleetRestoreUpdate,
  fleetRestoreStatusQuery,
  pauseFleetRestoreUpdate,
  restoreBlockedSignal,
  resumeFleetRestoreUpdate,
  type FleetRestoreStatus,
} from './image-restore-fleet.messages.ts';
import { imageRestoreId } from './image-restore.messages.ts';
import { checkRequest } from './restore-steering.ts';

const wrongState = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'WrongState');

export function handleMessages(run: FleetRun): void {
  setHandler(fleetRestoreStatusQuery, () => statusOf(run));
  setHandler(restoreBlockedSignal, ({ workspaceId, blocked }) => {
    const row = run.rows.find((each) => each.workspaceId === workspaceId);
    if (row?.phase !== 'restoring') return;
    row.blocked = blocked;
    holdIfPast(run);
    show(run);
  });
  setHandler(
    pauseFleetRestoreUpdate,
    (request) => {
      run.halt = { kind: 'paused', reason: request.reason ?? 'a person paused it' };
      return said(run, 'pause', request, 'no new restore begins; those under way go on');
    },
    { validator: (request) => check(run, request, run.halt ? `it is ${run.halt.kind} already` : null) },
  );
  setHandler(
    resumeFleetRestoreUpdate,
    (request) => {
      if (run.halt?.kind === 'held') run.accepted = run.rows.filter(hasFailed).map(({ workspaceId }) => workspaceId);
      run.halt = null;
      return said(run, 'resume', request, 'restores begin again');
    },
    { validator: (request) => check(run, request, run.halt ? null : 'it is not halted') },
  );
  setHandler(
    approveFleetRestoreUpdate,
    (request) => {
      run.approved = { by: request.by ?? null, reason: request.reason ?? null };
      return said(run, 'approve', request, `${run.rows.length} WorkSpaces are restored`);
    },
    { validator: (request) => check(run, request, approveProblem(run, request)) },
  );
  setHandler(abortFleetRestoreUpdate, async (request) => await abort(run, request), {
    validator: (request) => check(run, request, run.aborted ? 'it was aborted already' : null),
  });
}

function approveProblem(run: FleetRun, request: { readonly count?: unknown }): string | null {
  if (run.phase !== 'awaitingApproval') return `it is ${run.phase}, and does not wait for approval`;
  if (request.count === run.rows.length) return null;
  return `count must be ${run.rows.length}, the number of WorkSpaces, got ${String(request.count)}`;
}

function check(run: FleetRun, request: unknown, problem: string | null): void {
  checkRequest(request);
  if (run.phase === 'done' || run.phase === 'reporting') throw wrongState('it has ended');
  if (problem !== null) throw wrongState(problem);
}

/** Those under way are aborted too: what is past its point of no return is followed to its end. */
export async function abort(run: FleetRun, request: By): Promise<SteeringAnswer> {
  run.aborted ??= { by: request.by ?? null, reason: request.reason ?? null };
  const underWay = run.rows.filter(({ phase }) => phase === 'restoring');
  for (const { workspaceId } of underWay) await stop(run, workspaceId);
  const answer = `nothing new begins; ${underWay.length} under way stop where nothing was destroyed, or go on to their end`;
  return said(run, 'abort', request, answer);
}

export async function stop(run: FleetRun, workspaceId: string): Promise<void> {
  const { target } = run.input;
  try {
    await getExternalWorkflowHandle(imageRestoreId(target, workspaceId)).cancel();
  } catch (error) {
    said(run, `stop ${workspaceId}`, { by: null, reason: null }, `it was not told: ${(error as Error).message}`);
  }
}

function said(run: FleetRun, what: string, { by, reason }: By, answer: string): SteeringAnswer {
  run.steering.push({ at: run.now, what, by: by ?? null, reason: reason ?? null, answer });
  show(run);
  return { answer };
}

function statusOf(run: FleetRun): FleetRestoreStatus {
  const { phase, input, rows, openWave, problems, halt, aborted, approved, steering, report } = run;
  return {
    phase,
    input,
    rows,
    waves: wavesOf(run),
    openWave,
    problems,
    halt,
    aborted,
    approved,
    steering,
    report,
  };
}
