/** What is kept of a restore test. */
import { sleep, workflowInfo } from '@temporalio/workflow';
import type { RestoreTestInput } from '../domain/restore-test.ts';
import { restoreTestCalls } from './restore-test-activities.ts';
import type { RestoreTestState } from './custody-restore-test.messages.ts';
import { troubleOf } from './failures.ts';

const AGAIN_AFTER = 600_000;
/** A day: by then the run itself is the only record, and its result. */
const MOST_TRIES = 144;

/** A vault without a point proves nothing about restores, nor does a test that a person ended: neither is recorded. */
export async function recordTest(test: RestoreTestInput, state: RestoreTestState): Promise<void> {
  if (state.outcome !== 'verified' && state.outcome !== 'failed') return;
  state.phase = 'recording';
  const { workflowId, firstExecutionRunId: runId } = workflowInfo();
  const { point, outcome, reason, verifiedAt, secondsToRestore, jobId, restoredArn } = state;
  const record = {
    workflowId,
    runId,
    pointArn: point?.arn ?? null,
    resourceArn: point?.resourceArn ?? null,
    pointCreatedAt: point?.createdAt ?? null,
    outcome,
    ok: outcome === 'verified',
    reason: reason ?? '',
    verifiedAt: verifiedAt ?? '',
    secondsToRestore,
    jobId,
    restoredArn,
  };
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      const { key } = await restoreTestCalls.recordRestoreTest({ test, record });
      state.record = `s3://${test.evidence.place.bucket}/${key}`;
      state.retrying = null;
      return;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      state.retrying = trouble.message;
    }
    await sleep(AGAIN_AFTER);
  }
}
