/**
 * What a run does not do, and why: said before anything is changed or noted. Updates come from the Temporal UI too, with
 * whatever a person types there.
 */
import { ApplicationFailure } from '@temporalio/workflow';
import { windowsChangeProblem } from '../domain/cohort-steering.ts';
import { shareProblem, warningLongerThanWindow } from '../domain/upgrade-input.ts';
import { windowProblems, type WindowRule } from '../domain/windows.ts';
import type { ImageUpgradeStatus } from './image-upgrade.messages.ts';
import { countsOf, type Run } from './upgrade-run.ts';

type Phase = ImageUpgradeStatus['phase'];
const BEFORE_THE_END: readonly Phase[] = ['preflight', 'awaitingApproval', 'upgrading'];
const LONGEST_DEFERRAL = 30 * 24 * 60;
const LONGEST_TEXT = 1_000;
const WORKSPACE_ID = /^ws-[0-9a-z]{8,63}$/;
const JUST_BY = '{"by":"ana","reason":null}';
const ONE_WORKSPACE = '{"by":"ana","reason":null,"workspaceId":"ws-…"}';

export const wrongState = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'WrongState');
const invalid = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'InvalidInput');

export const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);
const isWhole = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;

/** The request as an object whose `by` and `reason` are text, null or absent. @throws InvalidInput */
export function asked(request: unknown, example: string): Readonly<Record<string, unknown>> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw invalid(`give one argument, an object such as ${example}, got ${shown(request)}`);
  }
  const fields = request as Readonly<Record<string, unknown>>;
  for (const name of ['by', 'reason']) {
    const value = fields[name] ?? null;
    if (value !== null && (typeof value !== 'string' || value.length > LONGEST_TEXT)) {
      throw invalid(`${name} must be a text of at most ${LONGEST_TEXT} characters, or null, got ${shown(value)}`);
    }
  }
  return fields;
}

export function checkPause(run: Run, request: unknown): void {
  asked(request, JUST_BY);
  checkPhase(run, BEFORE_THE_END);
}

export function checkRetryFailed(run: Run, request: unknown): void {
  asked(request, JUST_BY);
  checkPhase(run, ['upgrading']);
}

/** @throws WrongState unless the run is in one of the phases, and is not aborted */
function checkPhase({ state }: Run, phases: readonly Phase[]): void {
  if (!phases.includes(state.phase)) throw wrongState(`not possible: the run is ${state.phase}`);
  if (state.aborted) throw wrongState('not possible: the run was aborted');
  if (state.finishing) throw wrongState('not possible: all WorkSpaces have ended');
}

export function checkApprove(run: Run, request: unknown): void {
  const { hash } = asked(request, '{"by":"ana","reason":null,"hash":"…"}');
  checkPhase(run, ['awaitingApproval']);
  const own = run.state.plan?.hash ?? '';
  if (hash !== own) throw invalid(`the plan that waits for approval is ${own}, got ${shown(hash)}`);
}

export function checkResume(run: Run, request: unknown): void {
  const { workspaceId = null } = asked(request, '{"by":"ana","reason":null,"workspaceId":null}');
  // Also of an aborted run: what is blocked under rebuild is followed to its end.
  if (run.state.aborted && countsOf(run).blocked > 0) return;
  if (workspaceId !== null) return checkId(run, workspaceId);
  checkPhase(run, BEFORE_THE_END);
  if (run.state.halt === null && countsOf(run).blocked === 0) {
    throw wrongState('nothing to resume: the run is neither paused nor held, and nothing is blocked');
  }
}

export function checkSkip(run: Run, request: unknown): void {
  const { workspaceId } = asked(request, ONE_WORKSPACE);
  // Also of an aborted run: what is blocked under rebuild can be given up.
  if (run.state.aborted && countsOf(run).blocked > 0) return;
  checkId(run, workspaceId);
}

function checkId(run: Run, workspaceId: unknown): void {
  checkPhase(run, ['upgrading']);
  if (typeof workspaceId !== 'string' || !WORKSPACE_ID.test(workspaceId)) {
    throw invalid(`workspaceId must be ws- and 8 to 63 digits or small letters, got ${shown(workspaceId)}`);
  }
}

export function checkDefer(run: Run, request: unknown): void {
  const { workspaceId, minutes } = asked(request, '{"by":"ana","reason":null,"workspaceId":"ws-…","minutes":240}');
  checkId(run, workspaceId);
  if (isWhole(minutes, LONGEST_DEFERRAL)) return;
  throw invalid(`minutes must be a whole number from 1 to ${LONGEST_DEFERRAL}, got ${shown(minutes)}`);
}

function windowsProblems(run: Run, windows: unknown): string[] {
  if (windows === undefined) return [];
  const problems = windowProblems(windows);
  if (problems.length > 0) return problems;
  const { warnings } = run.input;
  const rules = windows as readonly WindowRule[];
  return [windowsChangeProblem(run.state.windows, rules), warningLongerThanWindow({ warnings, windows: rules })].filter(
    (problem) => problem !== null,
  );
}

export function checkChange(run: Run, request: unknown): void {
  const { maxConcurrent, maxFailures, windows } = asked(request, '{"by":"ana","reason":null,"maxConcurrent":20}');
  checkPhase(run, BEFORE_THE_END);
  const problems = [
    maxConcurrent === undefined || isWhole(maxConcurrent, 500)
      ? null
      : `maxConcurrent must be a whole number from 1 to 500, got ${shown(maxConcurrent)}`,
    maxFailures === undefined || maxFailures === null ? null : shareProblem(maxFailures),
    ...windowsProblems(run, windows),
    maxConcurrent === undefined && maxFailures === undefined && windows === undefined
      ? 'nothing to change: give maxConcurrent, maxFailures or windows'
      : null,
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw invalid(problems.join('; '));
}

export const isBeforeTheEnd = ({ state }: Run): boolean => BEFORE_THE_END.includes(state.phase);

export function checkAbort(run: Run, request: unknown): void {
  const { state } = run;
  const { rollback = false, rebuild = false } = asked(request, '{"by":"ana","reason":null,"rollback":false}');
  for (const [name, value] of Object.entries({ rollback, rebuild })) {
    if (typeof value !== 'boolean') throw invalid(`${name} must be true or false, got ${shown(value)}`);
  }
  if (!isBeforeTheEnd(run)) throw wrongState(`nothing can be aborted: the run is ${state.phase}`);
  if (rebuild && !rollback) throw invalid('rebuild needs rollback: what is rebuilt takes the image of the bundle');
  const possible = state.plan?.rollback;
  if (rollback && possible && !possible.possible) {
    throw wrongState(`the bundle cannot go back: ${possible.why ?? 'its previous image is not known'}`);
  }
}
