/**
 * Restores one recovery point, looks at what came of it, and deletes that again: whatever becomes of the restore, the check
 * or the test itself.
 */
import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { vaultArn } from '../domain/custody.ts';
import {
  placeProblem,
  restoredProblem,
  restoreMetadata,
  restoreTestName,
  type Metadata,
  type RestoreTestInput,
  type TestedPoint,
} from '../domain/restore-test.ts';
import { checkCommands, restoreStarts, restoreTestCalls, restoreWatches } from './restore-test-activities.ts';
import { cleanUp, tellFirst } from './custody-restore-test-cleanup.ts';
import {
  abortRestoreTestUpdate,
  restoreTestStatusQuery,
  type RestoreTestResult,
  type RestoreTestState,
} from './custody-restore-test.messages.ts';
import { recordTest } from './custody-restore-test-record.ts';
import { troubleOf } from './failures.ts';
import { asked, wrongState } from './steering-checks.ts';

export async function custodyRestoreTest(input: RestoreTestInput): Promise<RestoreTestResult> {
  const state: RestoreTestState = {
    phase: 'choosing',
    point: null,
    name: restoreTestName(workflowInfo().firstExecutionRunId),
    jobId: null,
    restoredArn: null,
    secondsToRestore: null,
    outcome: null,
    reason: null,
    leftBehind: null,
    retrying: null,
    record: null,
    verifiedAt: null,
  };
  const work = new CancellationScope();
  setHandler(restoreTestStatusQuery, () => ({ ...state, input }));
  setHandler(
    abortRestoreTestUpdate,
    ({ by, reason }) => {
      state.reason = [`${by ?? 'somebody'} ended it`, reason].filter((part) => part != null).join(': ');
      work.cancel();
      return { answer: 'it deletes what it has made, and ends' };
    },
    { validator: (request: unknown) => checkAbort(state, request) },
  );
  try {
    await work.run(async () => await restoreAndCheck(input, state));
  } catch (error) {
    const isEnded = isCancellation(error);
    end(state, isEnded ? 'cancelled' : 'failed', isEnded ? (state.reason ?? 'it was cancelled') : problemOf(error));
  } finally {
    await CancellationScope.nonCancellable(async () => await cleanUp(input, state));
  }
  await CancellationScope.nonCancellable(async () => await recordTest(input, state));
  enter(input, state, 'done');
  const { outcome, reason, secondsToRestore, verifiedAt } = state;
  return { outcome: outcome ?? 'failed', reason: reason ?? '', secondsToRestore, verifiedAt };
}

function checkAbort({ outcome }: RestoreTestState, request: unknown): void {
  asked(request, '{"by":"ana","reason":null}');
  if (outcome !== null) throw wrongState('its test is over: it deletes what it has made, and ends');
}

/** @throws what is no answer to the question whether the point can be restored: a bug */
function problemOf(error: unknown): string {
  const trouble = troubleOf(error);
  if (!trouble) throw error;
  return trouble.message;
}

async function restoreAndCheck(input: RestoreTestInput, state: RestoreTestState): Promise<void> {
  enter(input, state, 'choosing');
  const missing = placeProblem(input);
  if (missing !== null) return end(state, 'failed', missing);
  const { vault, resourceType } = input;
  const { at, point } = await restoreTestCalls.choosePoint(input);
  state.point = point;
  state.verifiedAt = at;
  if (!point) return end(state, 'nothingToTest', `${vault.vault} has no completed recovery point of ${resourceType}`);
  const problem = (await restore(input, state, point)) ?? (await check(input, state, point));
  end(state, problem === null ? 'verified' : 'failed', problem ?? state.reason ?? 'AWS’s check was passed');
}

/** What went wrong; null: nothing. */
async function restore(input: RestoreTestInput, state: RestoreTestState, point: TestedPoint): Promise<string | null> {
  enter(input, state, 'restoring');
  const { vault } = input;
  const kept = await restoreTestCalls.readRestoreMetadata({ vault, pointArn: point.arn });
  const metadata = restoreMetadata(input, kept, state.name);
  // Whoever ends the test now waits for the job's id: without it nobody could delete what the job makes.
  const { at, jobId } = await CancellationScope.nonCancellable(
    async () => await startRestore(input, state, { point, metadata }),
  );
  state.jobId = jobId;
  state.verifiedAt = at;
  const job = await restoreWatches.awaitRestore({ target: vault, jobId, deadlineAt: deadlineOf(input, at) });
  state.restoredArn = job.createdArn;
  state.secondsToRestore = job.seconds;
  state.verifiedAt = job.at;
  if (job.status === 'COMPLETED') return null;
  if (job.status === null) return `restore job ${jobId} did not end within ${input.timeoutMinutes} minutes`;
  return `restore job ${jobId} is ${job.status}: ${job.message ?? 'AWS gives no reason'}`;
}

const START_AGAIN = 60_000;

/**
 * Until AWS has answered, yes or no. A job may have begun by a call whose reply was lost: the token gives that one again, and
 * a refusal of a later call does not say that there is none.
 */
async function startRestore(
  input: RestoreTestInput,
  state: RestoreTestState,
  { point, metadata }: { readonly point: TestedPoint; readonly metadata: Metadata },
): Promise<{ readonly at: string; readonly jobId: string }> {
  const { vault, resourceType, backupRole } = input;
  const target = { account: vault.account, region: vault.region };
  const roleArn = `arn:aws:iam::${vault.account}:role/${backupRole}`;
  for (let isUnclear = false; ;) {
    try {
      const about = { target, pointArn: point.arn, resourceType, metadata, roleArn, token: state.name };
      const started = await restoreStarts.startRestore(about);
      state.retrying = null;
      state.leftBehind = null;
      return started;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble || !(trouble.passing || isUnclear)) throw error;
      state.retrying = trouble.message;
      if (!trouble.passing) await tellFirst(input, state, trouble.message);
      isUnclear ||= trouble.type === 'Unavailable';
    }
    await sleep(START_AGAIN);
  }
}

const deadlineOf = ({ timeoutMinutes }: RestoreTestInput, from: string): string =>
  new Date(Date.parse(from) + timeoutMinutes * 60_000).toISOString();

/** Between two looks at what was restored. */
const LOOK_EVERY = 30_000;
/** An instance that was just restored may settle for so long. */
const MOST_LOOKS = 60;

/** What was found wrong; null: nothing. */
async function check(input: RestoreTestInput, state: RestoreTestState, point: TestedPoint): Promise<string | null> {
  enter(input, state, 'checking');
  const { vault: target, resourceType } = input;
  const arn = state.restoredArn ?? '';
  for (let looks = 1; ; looks += 1) {
    const { at, restored } = await restoreTestCalls.lookAtRestored({ target, resourceType, arn });
    if (at !== '') state.verifiedAt = at;
    if (restored?.isPending === true && looks < MOST_LOOKS) {
      await sleep(LOOK_EVERY);
      continue;
    }
    const problem = restoredProblem(point, restored);
    return problem ?? (await runCommand(input, state, point));
  }
}

async function runCommand(input: RestoreTestInput, state: RestoreTestState, point: TestedPoint) {
  if (input.check.kind === 'aws') return null;
  const { ok, says } = await checkCommands(input.timeoutMinutes).runCheckCommand({
    command: input.check.command,
    env: {
      HOLDFAST_RESOURCE_ARN: state.restoredArn ?? '',
      HOLDFAST_RESOURCE_TYPE: input.resourceType,
      HOLDFAST_ACCOUNT: input.vault.account,
      HOLDFAST_REGION: input.vault.region,
      HOLDFAST_POINT_ARN: point.arn,
      HOLDFAST_SOURCE_ARN: point.resourceArn,
      HOLDFAST_POINT_CREATED_AT: point.createdAt,
    },
    seconds: input.timeoutMinutes * 60,
  });
  state.reason = `the check ${says}`;
  return ok ? null : `the check ${says}`;
}

function end(state: RestoreTestState, outcome: NonNullable<RestoreTestState['outcome']>, reason: string): void {
  state.outcome = outcome;
  state.reason = reason;
}

function enter(input: RestoreTestInput, state: RestoreTestState, phase: RestoreTestState['phase']): void {
  state.phase = phase;
  const { vault, resourceType } = input;
  upsertSearchAttributes({
    HoldfastCapability: ['restore-test'],
    HoldfastPhase: [phase],
    HoldfastHealth: [state.leftBehind === null ? 'ok' : 'blocked'],
    HoldfastAccount: [vault.account],
    HoldfastRegion: [vault.region],
    HoldfastResource: [`${vaultArn(vault)}/${resourceType}`],
    ...(phase === 'done' && state.outcome ? { HoldfastOutcome: [state.outcome] } : {}),
  });
  setCurrentDetails(
    [
      `Restore test of ${resourceType} in ${vaultArn(vault)}: **${state.outcome ?? phase}**`,
      ...(state.point ? ['', `Recovery point \`${state.point.arn}\` of ${state.point.createdAt}`] : []),
      ...(state.reason === null ? [] : ['', state.reason]),
    ].join('\n'),
  );
}
