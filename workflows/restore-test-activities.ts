/** The activities of restore tests as workflows call them: each may take minutes, and gives signs of life. */
import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { createCheckCommandsActivities } from '../activities/check-commands.ts';
import type { createRestoreTestRecordsActivities } from '../activities/restore-test-records.ts';
import type { createRestoreTestsActivities } from '../activities/restore-tests.ts';
import type { createRestoredActivities } from '../activities/restored.ts';
import { TASK_QUEUE } from '../domain/target.ts';

type Records = ReturnType<typeof createRestoreTestRecordsActivities>;

/** Of a vault with 100,000 points the list is a hundred calls: a sign of life in between. */
const calls: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 },
  taskQueue: TASK_QUEUE,
};

export const restoreTestCalls = proxyActivities<
  Omit<ReturnType<typeof createRestoreTestsActivities>, 'awaitRestore' | 'startRestore'> &
    ReturnType<typeof createRestoredActivities> &
    Pick<Records, 'recordRestoreTest'>
>(calls);

/** One attempt: of a second one nobody could tell whether its refusal is the answer to the first. */
export const restoreStarts = proxyActivities<Pick<ReturnType<typeof createRestoreTestsActivities>, 'startRestore'>>({
  ...calls,
  retry: { maximumAttempts: 1 },
});

/** As many reads as there are records. */
export const restoreTestReads = proxyActivities<Omit<Records, 'recordRestoreTest'>>({
  ...calls,
  startToCloseTimeout: '10 minutes',
});

/** Each look is an attempt, so that a restore of a day is three events. */
export const restoreWatches = proxyActivities<Pick<ReturnType<typeof createRestoreTestsActivities>, 'awaitRestore'>>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '5 seconds', backoffCoefficient: 1.5, maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  taskQueue: TASK_QUEUE,
});

/** A program that reads: run again when its worker died. */
export const checkCommands = (minutes: number) =>
  proxyActivities<ReturnType<typeof createCheckCommandsActivities>>({
    startToCloseTimeout: (minutes + 1) * 60_000,
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '2 seconds', maximumAttempts: 3 },
    taskQueue: TASK_QUEUE,
  });
