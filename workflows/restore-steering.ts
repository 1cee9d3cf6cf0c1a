/** What people can have a restore do while it goes on. What it does not do is said before anything is noted. */
import { ApplicationFailure } from '@temporalio/workflow';
import { needsBundle } from '../domain/restore-checks.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { note, show, type RestoreRun } from './restore-run.ts';

const wrongState = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'WrongState');
const invalid = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'InvalidInput');

const LONGEST_TEXT = 1_000;

/** Updates come from the Temporal UI too, with whatever a person types there. @throws InvalidInput */
export function checkRequest(request: unknown): Readonly<Record<string, unknown>> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw invalid(`give one argument, an object such as {"by":"ana","reason":null}, got ${JSON.stringify(request)}`);
  }
  const fields = request as Readonly<Record<string, unknown>>;
  for (const name of ['by', 'reason']) {
    const value = fields[name] ?? null;
    if (value !== null && (typeof value !== 'string' || value.length > LONGEST_TEXT)) {
      throw invalid(`${name} must be a text of at most ${LONGEST_TEXT} characters, or null`);
    }
  }
  return fields;
}

const byOf = (request: Partial<By>): By => ({ by: request.by ?? null, reason: request.reason ?? null });

export function checkApprove({ input, state }: RestoreRun, request: unknown): void {
  const { workspaceId } = checkRequest(request);
  if (workspaceId !== input.workspaceId) {
    throw invalid(`workspaceId must be the one that is restored, ${input.workspaceId}, got ${String(workspaceId)}`);
  }
  if (!input.approval.required) throw wrongState('this restore was started without --require-approval');
  if (state.approvedBy) throw wrongState(`it was approved already, by ${state.approvedBy.by ?? 'somebody'}`);
  if (state.phase !== 'awaitingApproval') {
    const when = needsBundle(input.strategy) ? 'once all is prepared' : 'once its checks are passed';
    throw wrongState(`it is ${state.phase}: it can be approved ${when}`);
  }
}

export function approve(run: RestoreRun, request: By): SteeringAnswer {
  run.state.approvedBy = byOf(request);
  return answered(run, 'approve', request, `${run.input.workspaceId} is restored by ${run.input.strategy}`);
}

export function checkResume({ state }: RestoreRun, request: unknown): void {
  checkRequest(request);
  if (!state.blocked && !state.retrying) throw wrongState('nothing is blocked: there is nothing to resume');
}

export function resume(run: RestoreRun, request: By): SteeringAnswer {
  run.resumed += 1;
  return answered(run, 'resume', request, 'what was blocked is tried again now');
}

export function checkAbort({ state }: RestoreRun, request: unknown): void {
  checkRequest(request);
  if (state.aborted) throw wrongState(`it was aborted already${state.aborted.at && `, at ${state.aborted.at}`}`);
  if (state.outcome !== null) throw wrongState(`it has ended as ${state.outcome}: there is nothing to abort`);
}

export function abort(run: RestoreRun, request: By): SteeringAnswer {
  const { state, input } = run;
  state.aborted = { ...byOf(request), at: state.now };
  const late =
    input.strategy === 'recreate'
      ? 'the old WorkSpace is gone: its user gets the new one first'
      : 'AWS is at it: it is followed to its end';
  return answered(run, 'abort', request, state.committed ? late : 'nothing is destroyed, and what was made is removed');
}

function answered(run: RestoreRun, what: string, request: By, answer: string): SteeringAnswer {
  note(run, what, byOf(request), answer);
  show(run);
  return { answer };
}
