/** What can be asked of, and said to, a restore test; loads outside a workflow too. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Metadata, RestoreTestInput, RestoreTestOutcome, TestedPoint } from '../domain/restore-test.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';

export { restoreTestId, restoreTestsId } from '../domain/restore-test.ts';

export interface RestoreTestState {
  phase: 'choosing' | 'restoring' | 'checking' | 'cleaningUp' | 'recording' | 'done';
  point: TestedPoint | null;
  /** What is restored under a name has this one. */
  readonly name: string;
  jobId: string | null;
  restoredArn: string | null;
  secondsToRestore: number | null;
  outcome: RestoreTestOutcome | null;
  reason: string | null;
  /** What keeps it from being deleted again: tried once more every hour at the latest; null: nothing. */
  leftBehind: string | null;
  /** Trouble that is expected to pass; null: none. */
  retrying: string | null;
  /** Where its record lies; null: not written yet. */
  record: string | null;
  verifiedAt: string | null;
}

export interface RestoreTestStatus extends RestoreTestState {
  readonly input: RestoreTestInput;
}

export interface RestoreTestResult {
  readonly outcome: RestoreTestOutcome;
  readonly reason: string;
  readonly secondsToRestore: number | null;
  readonly verifiedAt: string | null;
}

/** Of all tests of a policy: of each vault and type its outcome, or why it has none. */
export interface RestoreTestsResult {
  /** `nothingToDo`: no vault has anything to restore. */
  readonly outcome: 'completed' | 'nothingToDo' | 'failed' | 'aborted';
  readonly tests: Readonly<Record<string, string>>;
}

/** What a test would do now. */
export interface RestoreTestPlan {
  readonly test: RestoreTestInput;
  readonly point: TestedPoint | null;
  /** What AWS Backup would be asked, but for the name; null: nothing, see the problem. */
  readonly metadata: Metadata | null;
  readonly problem: string | null;
}

export const restoreTestStatusQuery = defineQuery<RestoreTestStatus>('status');
/** It ends, once what it has made is gone. */
export const abortRestoreTestUpdate = defineUpdate<SteeringAnswer, [By]>('abort');
