/** The activities as workflows call them, one proxy for each way of timing out and trying again. */
import { ActivityCancellationType, proxyActivities, workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import type { createBundleTagsActivities } from '../activities/bundle-tags.ts';
import type { createBackupCopiesActivities } from '../activities/backup-copies.ts';
import type { createBackupGateActivities } from '../activities/backup-gate.ts';
import type { createBackupPointsActivities } from '../activities/backup-points.ts';
import type { createBackupReportActivities } from '../activities/backup-report.ts';
import type { createCustodyPlansActivities } from '../activities/custody-plans.ts';
import type { createCallRateActivities } from '../activities/call-rate.ts';
import type { createCloudFormationActivities } from '../activities/cloudformation.ts';
import type { createDirectoriesActivities } from '../activities/directories.ts';
import type { createCopyRoutesActivities } from '../activities/copy-routes.ts';
import type { createCustodyMessagesActivities } from '../activities/custody-messages.ts';
import type { createCustodyCopiesActivities } from '../activities/custody-copies.ts';
import type { createCustodySweepsActivities } from '../activities/custody-sweeps.ts';
import type { createCustodyReportsActivities } from '../activities/custody-reports.ts';
import type { createEarlierCustodyActivities } from '../activities/earlier-custody.ts';
import type { createEvidenceActivities } from '../activities/evidence.ts';
import type { createCustodyRecordsActivities } from '../activities/custody-records.ts';
import type { createEvidenceCheckActivities } from '../activities/evidence-check.ts';
import type { createImagesActivities } from '../activities/images.ts';
import type { createImageTagsActivities } from '../activities/image-tags.ts';
import type { createKmsActivities } from '../activities/kms.ts';
import type { createLimitsActivities } from '../activities/limits.ts';
import type { createQuotasActivities } from '../activities/quotas.ts';
import type { createReportActivities } from '../activities/report.ts';
import type { createRestoresActivities } from '../activities/restores.ts';
import type { createRestoreReportsActivities } from '../activities/restore-reports.ts';
import type { createRunsActivities } from '../activities/runs.ts';
import type { createSchedulesActivities } from '../activities/schedules.ts';
import type { createSnapshotLooksActivities } from '../activities/snapshot-looks.ts';
import type { createSsmActivities } from '../activities/ssm.ts';
import type { createSnsActivities } from '../activities/sns.ts';
import type { createSweepsActivities } from '../activities/sweeps.ts';
import type { createTaggingActivities } from '../activities/tagging.ts';
import type { createUsersActivities } from '../activities/users.ts';
import type { createWindowsActivities } from '../activities/windows.ts';
import type { createWorkspacesActivities } from '../activities/workspaces.ts';
import { TASK_QUEUE, workspacesTaskQueue, type Target } from '../domain/target.ts';

/** One call each: it ends within seconds, or its worker is gone. Five attempts, then the workflow decides. */
const quickly: ActivityOptions = {
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 },
};

/**
 * Runs take turns in the limited queue where the server has fairness switched on; where it has not, short queues have to
 * do. At most 64 bytes: the bundle, which no two runs share.
 */
const fairly = () => ({ priority: { fairnessKey: (workflowInfo().workflowId.split('/')[3] ?? '').slice(0, 64) } });

/** On the target's limited queue: the time in the queue is not counted. */
export const workspacesCalls = (target: Target) =>
  proxyActivities<ReturnType<typeof createWorkspacesActivities> & ReturnType<typeof createUsersActivities>>({
    ...quickly,
    ...fairly(),
    taskQueue: workspacesTaskQueue(target),
  });

/** A last look is an old one after so long. */
const LOOK_HOLDS = 15 * 60_000;

/**
 * Made once: a second attempt could be a second rebuild. Not made at all when the last look would be an old one by then.
 *
 * @param atMost nor after so many milliseconds in the queue
 */
export const unrepeatableCalls = (target: Target, atMost: number) =>
  proxyActivities<Pick<ReturnType<typeof createWorkspacesActivities>, 'rebuildWorkspace' | 'migrateWorkspace'>>({
    ...fairly(),
    scheduleToStartTimeout: Math.min(LOOK_HOLDS, atMost),
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
    taskQueue: workspacesTaskQueue(target),
  });

export const restoreCalls = (target: Target) =>
  proxyActivities<ReturnType<typeof createRestoresActivities>>({
    ...quickly,
    ...fairly(),
    taskQueue: workspacesTaskQueue(target),
  });

/** What a restore may have to make again, but only when it is still wanted and by what AWS just showed. */
export const restoreActs = (target: Target) =>
  proxyActivities<
    Pick<ReturnType<typeof createRestoresActivities>, 'createWorkspace' | 'terminateWorkspace' | 'restoreWorkspace'>
  >({
    ...fairly(),
    scheduleToStartTimeout: '2 minutes',
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
    taskQueue: workspacesTaskQueue(target),
  });

/** Each look is an attempt, so that a wait of an hour is three events; each attempt is one call. */
export const watches = (target: Target) =>
  proxyActivities<Pick<ReturnType<typeof createWorkspacesActivities>, 'awaitRebuilds'>>({
    ...fairly(),
    startToCloseTimeout: '10 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '5 seconds', backoffCoefficient: 1.5, maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    taskQueue: workspacesTaskQueue(target),
  });

/** Each look is an attempt, of which there is one for each WorkSpace and one more for each call that does not get through. */
export const snapshotLooks = (target: Target) =>
  proxyActivities<ReturnType<typeof createSnapshotLooksActivities>>({
    ...fairly(),
    startToCloseTimeout: '10 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '30 seconds' },
    taskQueue: workspacesTaskQueue(target),
  });

type ImageActivities = ReturnType<typeof createImagesActivities>;

/** Lists that take several calls: each page is an attempt, and so is each call that does not get through. */
export const listings = (target: Target) =>
  proxyActivities<Pick<ImageActivities, 'listImages' | 'countImages' | 'listBundleImages' | 'listPoolDirectories'>>({
    ...fairly(),
    startToCloseTimeout: '10 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '30 seconds' },
    taskQueue: workspacesTaskQueue(target),
  });

export const imageReads = (target: Target) =>
  proxyActivities<Pick<ImageActivities, 'describeBackupMembers' | 'lookAtImages' | 'imageShares'>>({
    ...quickly,
    ...fairly(),
    taskQueue: workspacesTaskQueue(target),
  });

export const sweepCalls = (target: Target) =>
  proxyActivities<ReturnType<typeof createSweepsActivities>>({
    ...quickly,
    ...fairly(),
    taskQueue: workspacesTaskQueue(target),
  });

/** What may be repeated. */
export const imageEffects = (target: Target) =>
  proxyActivities<Pick<ImageActivities, 'deleteImage' | 'startWorkspace' | 'stopWorkspace'>>({
    ...quickly,
    ...fairly(),
    taskQueue: workspacesTaskQueue(target),
  });

/** Made once: a second attempt could meet the image of the first. Not made at all when the last look is an old one by then. */
export const imageCreation = (target: Target, atMost: number) =>
  proxyActivities<Pick<ImageActivities, 'createImage'>>({
    ...fairly(),
    scheduleToStartTimeout: Math.min(LOOK_HOLDS, atMost),
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
    taskQueue: workspacesTaskQueue(target),
  });

export const quickCalls = proxyActivities<
  ReturnType<typeof createTaggingActivities> &
    ReturnType<typeof createKmsActivities> &
    ReturnType<typeof createImageTagsActivities> &
    ReturnType<typeof createBundleTagsActivities> &
    ReturnType<typeof createQuotasActivities> &
    ReturnType<typeof createLimitsActivities> &
    ReturnType<typeof createCloudFormationActivities> &
    ReturnType<typeof createDirectoriesActivities> &
    Omit<ReturnType<typeof createRunsActivities>, 'steerCohorts'> &
    Pick<ReturnType<typeof createReportActivities>, 'checkReportBucket'> &
    ReturnType<typeof createSnsActivities> &
    Pick<ReturnType<typeof createCustodyMessagesActivities>, 'askForCopy' | 'giveBackCopy'> &
    Pick<ReturnType<typeof createSsmActivities>, 'describeAgents'>
>({ ...quickly, taskQueue: TASK_QUEUE });

/** What needs no AWS, only a worker: repeated until there is one. */
export const localCalls = proxyActivities<
  ReturnType<typeof createWindowsActivities> & ReturnType<typeof createCallRateActivities>
>({
  startToCloseTimeout: '10 seconds',
  taskQueue: TASK_QUEUE,
});

/** To all cohorts of a run at once, each of which answers when its worker does: repeated until they have. */
export const cohortCalls = proxyActivities<Pick<ReturnType<typeof createRunsActivities>, 'steerCohorts'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
  taskQueue: TASK_QUEUE,
});

/** To a run that is asked to end: repeated until it has answered. */
export const scheduleCalls = proxyActivities<Pick<ReturnType<typeof createSchedulesActivities>, 'abortRun' | 'hasRun'>>(
  {
    startToCloseTimeout: '1 minute',
    taskQueue: TASK_QUEUE,
  },
);

/** Several calls of Temporal each: given up after a while, as the next run of the watchdog looks again. */
export const scheduleLooks = proxyActivities<Pick<ReturnType<typeof createSchedulesActivities>, 'describeSchedules'>>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', maximumAttempts: 5 },
  taskQueue: TASK_QUEUE,
});

/** A warning is followed until its agent has run it; each look is an attempt. */
export const warnings = proxyActivities<Pick<ReturnType<typeof createSsmActivities>, 'warnUser'>>({
  startToCloseTimeout: '10 seconds',
  heartbeatTimeout: '10 seconds',
  taskQueue: TASK_QUEUE,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 1.5, maximumInterval: '30 seconds', maximumAttempts: 20 },
});

/** Several calls each, with a sign of life in between. Five attempts, then the workflow decides: see `untilWritten`. */
export const reports = proxyActivities<
  Omit<ReturnType<typeof createReportActivities>, 'checkReportBucket'> & ReturnType<typeof createBackupReportActivities>
>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  taskQueue: TASK_QUEUE,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 },
});

/** Two files in one go: repeated as the workflow says. */
export const restoreReports = proxyActivities<ReturnType<typeof createRestoreReportsActivities>>({
  ...quickly,
  taskQueue: TASK_QUEUE,
});

type BackupPointActivities = ReturnType<typeof createBackupPointsActivities>;
type BackupCopyActivities = ReturnType<typeof createBackupCopiesActivities>;

/**
 * Of AWS Backup, a few calls each, within ten seconds; but for the gate, which gives signs of life, as there may be many legal
 * holds to read.
 */
export const backupReads = proxyActivities<
  Omit<BackupPointActivities, 'setLifecycle' | 'deletePoint'> &
    Omit<BackupCopyActivities, 'startCopy' | 'endedCopies'> &
    ReturnType<typeof createCopyRoutesActivities> &
    ReturnType<typeof createBackupGateActivities>
>({ ...quickly, startToCloseTimeout: '2 minutes', heartbeatTimeout: '10 seconds', taskQueue: TASK_QUEUE });

/** For the time that AWS says, while somebody waits for an answer: once or not at all. */
export const timeReads = proxyActivities<Pick<BackupPointActivities, 'describePoint'>>({
  scheduleToCloseTimeout: '10 seconds',
  retry: { maximumAttempts: 1 },
  taskQueue: TASK_QUEUE,
});

/** As many calls as there are pages. */
export const copyListings = proxyActivities<Pick<BackupCopyActivities, 'endedCopies'>>({
  ...quickly,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  taskQueue: TASK_QUEUE,
});

/** Its token makes it the same job each time. */
export const copyStarts = proxyActivities<Pick<BackupCopyActivities, 'startCopy'>>({
  ...quickly,
  taskQueue: TASK_QUEUE,
});

/**
 * Right after the gate, or not at all: what it read is old by then. One attempt: another needs another look.
 *
 * @param atMost nor after so many milliseconds in the queue, for which the look still holds
 */
export const originalActs = (atMost: number) =>
  proxyActivities<Pick<BackupPointActivities, 'setLifecycle' | 'deletePoint'>>({
    scheduleToStartTimeout: atMost,
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 1 },
    taskQueue: TASK_QUEUE,
  });

/** To many workflows at once: repeated until they have heard. */
const untilHeard: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
  taskQueue: TASK_QUEUE,
};
export const holderCalls =
  proxyActivities<Pick<ReturnType<typeof createCustodyMessagesActivities>, 'tellHolders'>>(untilHeard);

/** A listing and a document. */
export const earlierCustodies = proxyActivities<ReturnType<typeof createEarlierCustodyActivities>>({
  ...quickly,
  taskQueue: TASK_QUEUE,
});

type EvidenceActivities = ReturnType<typeof createEvidenceActivities>;

/** A document, and a message for the last one. */
export const evidenceWrites = proxyActivities<Pick<EvidenceActivities, 'writeEvidence' | 'settlePoint'>>({
  ...quickly,
  taskQueue: TASK_QUEUE,
});

/** An object for each day of which there are entries. */
export const indexWrites = proxyActivities<Pick<EvidenceActivities, 'appendIndex'>>({
  ...quickly,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  taskQueue: TASK_QUEUE,
});

export const tellings = proxyActivities<Pick<EvidenceActivities, 'tellIndexed'>>(untilHeard);

/** A page of up to a thousand points each, whose custodies it begins; the next sweep does what could not be done. */
export const sweepCustodies = proxyActivities<ReturnType<typeof createCustodySweepsActivities>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
  taskQueue: TASK_QUEUE,
});

/** A page of a thousand points each, which is counted in the worker. */
export const custodyPlanReads = proxyActivities<ReturnType<typeof createCustodyPlansActivities>>({
  ...quickly,
  startToCloseTimeout: '30 seconds',
  taskQueue: TASK_QUEUE,
});

/** As many reads as there are points: given up with its worker, and begun again. */
const long: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 },
  taskQueue: TASK_QUEUE,
};

/** The index of a policy, and a vault of copies as a whole. */
export const sweepCopies = proxyActivities<ReturnType<typeof createCustodyCopiesActivities>>(long);
export const custodyRecords = proxyActivities<ReturnType<typeof createCustodyRecordsActivities>>(long);
export const evidenceReads = proxyActivities<ReturnType<typeof createEvidenceCheckActivities>>(long);
export const monthReports = proxyActivities<ReturnType<typeof createCustodyReportsActivities>>(long);
