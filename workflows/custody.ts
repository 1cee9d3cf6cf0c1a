/**
 * Everything that happens to one recovery point after AWS Backup completed it: its copies, and what becomes of it once all
 * of them are verified. Each phase goes on where it was in a new history.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
} from '@temporalio/workflow';
import { parseCustodyPolicy } from '../domain/custody-input.ts';
import {
  healthOf,
  type CustodyInput,
  type CustodyPhase,
  type CustodyResult,
  type CustodyState,
} from '../domain/custody.ts';
import { newCustodyState } from '../domain/custody-state.ts';
import { copy, leaveQueues, waitingPlaces } from './custody-copying.ts';
import { settle, writeEvidence } from './custody-evidence.ts';
import { open } from './custody-open.ts';
import { end, isEnding, isLong, newCustodyRun, showPhase, type CustodyRun, type Unheard } from './custody-run.ts';
import { settleOriginal } from './custody-settle.ts';
import { adopt, checkAdoptRule, checkRelease, checkResume, hearTime, release, resume } from './custody-steering.ts';
import {
  adoptRuleUpdate,
  copyGrantedSignal,
  custodyHintSignal,
  custodyStatusQuery,
  indexedSignal,
  releaseCustodyUpdate,
  resumeCustodyUpdate,
} from './custody.messages.ts';
import { shown } from './steering-checks.ts';

/** Each ends in the next phase, or where it is when it is to stop. */
const PHASES: Readonly<Record<Exclude<CustodyPhase, 'done'>, (run: CustodyRun) => Promise<void>>> = {
  opening: open,
  // What is copied is safe only when it is also written down: evidence is awaited before the original's turn comes.
  copying: async (run) => void (await Promise.all([writeEvidence(run), copy(run)])),
  settling: settleOriginal,
  closing: close,
};

export async function custody(input: CustodyInput, carried?: CustodyState, unheard?: Unheard): Promise<CustodyResult> {
  if (!carried) checkInput(input);
  const run = newCustodyRun(input, carried ?? newCustodyState(), unheard);
  const { state } = run;
  if (carried) run.shown = healthOf(carried);
  handleMessages(run);
  void CancellationScope.current().cancelRequested.catch(() => {
    run.released ??= { by: null, reason: 'the workflow was cancelled' };
  });
  await CancellationScope.nonCancellable(async () => {
    while (state.phase !== 'done' && !isLong()) {
      if (isEnding(run) && state.outcome === null) released(run);
      await PHASES[state.phase](run);
    }
    await condition(allHandlersFinished);
  });
  if (state.phase !== 'done') {
    const { released, leaving, unheard: resumed } = run;
    return await continueAsNew<typeof custody>(input, state, { released, leaving, resumed });
  }
  return { outcome: state.outcome ?? 'released', reason: state.reason ?? '' };
}

/** @throws InvalidInput */
function checkInput({ point, policy }: CustodyInput): void {
  const parsed = parseCustodyPolicy(policy);
  const problems = parsed.ok ? [] : [...parsed.problems];
  if (typeof point?.arn !== 'string' || !point.arn.startsWith('arn:')) {
    problems.push(`point must be a recovery point with its account, region, vault and arn, got ${shown(point)}`);
  }
  if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join('; '), 'InvalidInput');
}

function released(run: CustodyRun): void {
  const { by = null, reason = null } = run.released ?? {};
  end(run, 'released', [`released by ${by ?? 'somebody'}`, reason].filter((part) => part !== null).join(': '));
}

async function close(run: CustodyRun): Promise<void> {
  const { state } = run;
  if (state.closedAt === null && run.released) await hearTime(run);
  // What a person did belongs into the last document.
  await condition(allHandlersFinished);
  state.closedAt ??= state.now;
  run.leaving = waitingPlaces(run, state.legs);
  await leaveQueues(run);
  await writeEvidence(run);
  await settle(run);
  if (!isLong()) showPhase(run, 'done');
}

function handleMessages(run: CustodyRun): void {
  const { state, mail, input } = run;
  setHandler(custodyStatusQuery, () => ({ ...state, input, health: healthOf(state) }));
  setHandler(custodyHintSignal, (hint) => mail.hint(hint));
  setHandler(copyGrantedSignal, ({ destinationVaultArn }) => mail.grant(destinationVaultArn));
  setHandler(indexedSignal, () => {
    run.indexed = true;
  });
  setHandler(resumeCustodyUpdate, (request) => resume(run, request), {
    validator: (request) => checkResume(run, request),
  });
  setHandler(adoptRuleUpdate, (request) => adopt(run, request), {
    validator: (request) => checkAdoptRule(run, request),
  });
  setHandler(releaseCustodyUpdate, (request) => release(run, request), {
    validator: (request) => checkRelease(run, request),
  });
}
