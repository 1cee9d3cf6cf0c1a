/** What people can have a custody do. What it does not do is said before anything is noted. */
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import { parseCustodyPolicy } from '../domain/custody-input.ts';
import { isUnderWay, type CustodyRule } from '../domain/custody.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { timeReads } from './activities.ts';
import { adoptRule } from './custody-copying.ts';
import { isLong, note, ORIGINAL, show, type CustodyRun } from './custody-run.ts';
import { troubleOf } from './failures.ts';
import { asked, shown, wrongState } from './steering-checks.ts';

const JUST_BY = '{"by":"ana","reason":null}';
const ONE_LEG = '{"by":"ana","reason":null,"leg":"second-region"}';
const ONE_RULE = '{"by":"ana","reason":null,"rule":{"name":"databases",…}}';

const invalid = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'InvalidInput');

export function checkResume({ state }: CustodyRun, request: unknown): void {
  const { leg = null } = asked(request, ONE_LEG);
  const names = state.legs.map(({ rule }) => rule.name);
  if (leg !== null && !names.includes(leg as string)) {
    throw invalid(
      `leg must be one of ${names.join(', ') || 'none, as it has no legs'}, or null for all, got ${shown(leg)}`,
    );
  }
  const meant = state.legs.filter(({ rule }) => leg === null || rule.name === leg);
  const waits = meant.some((each) => each.blocked ?? each.retrying ?? each.overdue);
  const originalWaits = leg === null && (state.blocked ?? state.retrying ?? state.waiting) !== null;
  if (!waits && !originalWaits) throw wrongState('nothing is blocked: there is nothing to resume');
}

export async function resume(run: CustodyRun, request: By & { readonly leg: string | null }): Promise<SteeringAnswer> {
  const leg = request.leg ?? null;
  run.mail.resume(leg);
  // Nobody listens any more: the next history begins with it.
  if (isLong())
    run.unheard.push(...(leg === null ? [ORIGINAL, ...run.state.legs.map(({ rule }) => rule.name)] : [leg]));
  const answer = leg === null ? 'what was blocked is tried again now' : `leg ${leg} is tried again now`;
  await hearTime(run);
  return answered(run, leg === null ? 'resume' : `resume ${leg}`, request, answer);
}

export function checkAdoptRule(run: CustodyRun, request: unknown): void {
  const { rule } = asked(request, ONE_RULE);
  checkAdoptable(run);
  const parsed = parseCustodyPolicy({ ...run.input.policy, rules: [rule] });
  if (!parsed.ok) throw invalid(parsed.problems.join('; '));
}

function checkAdoptable(run: CustodyRun): void {
  checkGoesOn(run, 'a changed rule would change nothing');
  if (run.state.phase === 'opening') throw wrongState('no rule has been found for it yet: try again in a moment');
}

export async function adopt(run: CustodyRun, request: By & { readonly rule: CustodyRule }): Promise<SteeringAnswer> {
  await hearTime(run);
  checkAdoptable(run);
  adoptRule(run, request.rule);
  return answered(
    run,
    'adopt rule',
    request,
    `the rule ${request.rule.name} holds from now on, for what has not begun`,
  );
}

export function checkRelease(run: CustodyRun, request: unknown): void {
  asked(request, JUST_BY);
  checkGoesOn(run, 'there is nothing to release');
  if (!run.state.point) throw wrongState('its point has not been read yet: try again in a moment');
}

export async function release(run: CustodyRun, request: By): Promise<SteeringAnswer> {
  run.released = { by: request.by ?? null, reason: request.reason ?? null };
  await hearTime(run);
  return answered(run, 'release', request, 'nothing more is copied, and the original is left as it is');
}

function checkGoesOn({ state, released }: CustodyRun, consequence: string): void {
  if (released) throw wrongState(`it was released already: ${consequence}`);
  if (state.outcome !== null) throw wrongState(`it has ended as ${state.outcome}: ${consequence}`);
  if (!isUnderWay(state.change)) return;
  const what = state.change?.kind === 'delete' ? 'deletion' : 'new retention';
  throw wrongState(
    `its ${what} is under way since ${state.change?.askedAt ?? ''}: wait until it has been made or refused`,
  );
}

/** Nothing may have been heard of AWS for days. What cannot be asked now is told by the time that was heard last. */
export async function hearTime({ input, clock }: CustodyRun): Promise<void> {
  try {
    await CancellationScope.nonCancellable(async () => {
      const { at } = await timeReads.describePoint({ point: input.point });
      clock.heard(at);
    });
  } catch (error) {
    if (!troubleOf(error)) throw error;
  }
}

function answered(run: CustodyRun, what: string, request: By, answer: string): SteeringAnswer {
  note(run, what, { by: request.by ?? null, reason: request.reason ?? null }, answer);
  show(run);
  return { answer };
}
