/** All restore tests of a custody policy, side by side: what a schedule starts. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  placeProblem,
  restoreMetadata,
  restoreTestId,
  type RestoreTestInput,
  type RestoreTestsInput,
} from '../domain/restore-test.ts';
import { restoreTestCalls } from './restore-test-activities.ts';
import {
  abortRestoreTestUpdate,
  type RestoreTestPlan,
  type RestoreTestResult,
  type RestoreTestsResult,
} from './custody-restore-test.messages.ts';
import { troubleOf } from './failures.ts';

export async function custodyRestoreTests({ policy, tests }: RestoreTestsInput): Promise<RestoreTestsResult> {
  let aborted = false;
  const started = new Set<string>();
  setHandler(abortRestoreTestUpdate, async () => {
    aborted = true;
    await Promise.all([...started].map(cancelled));
    return { answer: `${started.size} tests delete what they have made, and end` };
  });
  setCurrentDetails(`Restore tests of \`${policy}\`: ${tests.length}`);
  const outcomes = await Promise.all(
    tests.map(async (test) => [restoreTestId(test), await outcomeOf(test, started)] as const),
  );
  const result = { outcome: aborted ? ('aborted' as const) : together(outcomes), tests: Object.fromEntries(outcomes) };
  upsertSearchAttributes({ HoldfastPhase: ['done'], HoldfastOutcome: [result.outcome] });
  setCurrentDetails(
    [
      `Restore tests of \`${policy}\`: **${result.outcome}**`,
      '',
      ...outcomes.map(([id, end]) => `- ${id}: ${end}`),
    ].join('\n'),
  );
  return result;
}

/** One that is over is as good. */
const cancelled = async (workflowId: string): Promise<void> =>
  await getExternalWorkflowHandle(workflowId)
    .cancel()
    .catch(() => undefined);

/** @param started what is running is somebody else's: that is not put into it */
async function outcomeOf(test: RestoreTestInput, started: Set<string>): Promise<string> {
  try {
    const child = await startChild<(input: RestoreTestInput) => Promise<RestoreTestResult>>('custodyRestoreTest', {
      workflowId: restoreTestId(test),
      args: [test],
      // It deletes what it has made, whatever becomes of this one.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `by the restore tests of ${test.policy}`,
    });
    started.add(child.workflowId);
    return (await child.result()).outcome;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running already';
    if (error instanceof ChildWorkflowFailure) return `failed: ${error.cause?.message ?? error.message}`;
    throw error;
  }
}

function together(outcomes: readonly (readonly [string, string])[]): RestoreTestsResult['outcome'] {
  const ends = outcomes.map(([, end]) => end);
  if (ends.every((end) => end === 'nothingToTest')) return 'nothingToDo';
  return ends.every((end) => end === 'verified' || end === 'nothingToTest') ? 'completed' : 'failed';
}

/** What the tests would do now. Reads only. */
export async function custodyRestoreTestPlan({ policy, tests }: RestoreTestsInput): Promise<RestoreTestPlan[]> {
  setCurrentDetails(`Looking at what the restore tests of \`${policy}\` would restore; nothing is changed`);
  return await Promise.all(tests.map(planOf));
}

async function planOf(test: RestoreTestInput): Promise<RestoreTestPlan> {
  try {
    const { point } = await restoreTestCalls.choosePoint(test);
    if (point === null) return { test, point, metadata: null, problem: null };
    const kept = await restoreTestCalls.readRestoreMetadata({ vault: test.vault, pointArn: point.arn });
    return { test, point, metadata: restoreMetadata(test, kept, '<a new name>'), problem: placeProblem(test) };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { test, point: null, metadata: null, problem: trouble.message };
  }
}
