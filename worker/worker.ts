/** The worker process: workflows, and the activities that call AWS for the targets it serves. */
import { Client } from '@temporalio/client';
import {
  NativeConnection,
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnectionOptions,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createBundleTagsActivities } from '../activities/bundle-tags.ts';
import { createBackupCopiesActivities } from '../activities/backup-copies.ts';
import { createBackupGateActivities } from '../activities/backup-gate.ts';
import { createBackupPointsActivities } from '../activities/backup-points.ts';
import { createBackupReportActivities } from '../activities/backup-report.ts';
import { createCallRateActivities } from '../activities/call-rate.ts';
import { createCloudFormationActivities } from '../activities/cloudformation.ts';
import { createDirectoriesActivities } from '../activities/directories.ts';
import { createCustodyPlansActivities } from '../activities/custody-plans.ts';
import { createCopyRoutesActivities } from '../activities/copy-routes.ts';
import { createCustodyMessagesActivities } from '../activities/custody-messages.ts';
import { createCustodyCopiesActivities } from '../activities/custody-copies.ts';
import { createCustodySweepsActivities } from '../activities/custody-sweeps.ts';
import { createCustodyReportsActivities } from '../activities/custody-reports.ts';
import { createEarlierCustodyActivities } from '../activities/earlier-custody.ts';
import { createEvidenceActivities } from '../activities/evidence.ts';
import { createCustodyRecordsActivities } from '../activities/custody-records.ts';
import { createEvidenceCheckActivities } from '../activities/evidence-check.ts';
import { settledPointsOf, type SettledPoints } from '../activities/evidence-index.ts';
import { createImagesActivities } from '../activities/images.ts';
import { createImageTagsActivities } from '../activities/image-tags.ts';
import { createKmsActivities } from '../activities/kms.ts';
import { createLimitsActivities } from '../activities/limits.ts';
import { createQuotasActivities } from '../activities/quotas.ts';
import { createReportActivities } from '../activities/report.ts';
import { createCheckCommandsActivities } from '../activities/check-commands.ts';
import { createRestoredActivities } from '../activities/restored.ts';
import { createRestoreTestRecordsActivities } from '../activities/restore-test-records.ts';
import { createRestoreTestsActivities } from '../activities/restore-tests.ts';
import { createRestoresActivities } from '../activities/restores.ts';
import { createRestoreReportsActivities } from '../activities/restore-reports.ts';
import { createRunsActivities } from '../activities/runs.ts';
import { createSchedulesActivities } from '../activities/schedules.ts';
import { createSnapshotLooksActivities } from '../activities/snapshot-looks.ts';
import { createSnsActivities } from '../activities/sns.ts';
import { createSsmActivities } from '../activities/ssm.ts';
import { createSweepsActivities } from '../activities/sweeps.ts';
import { createTaggingActivities } from '../activities/tagging.ts';
import { createUsersActivities } from '../activities/users.ts';
import { createWindowsActivities } from '../activities/windows.ts';
import { createWorkspacesActivities } from '../activities/workspaces.ts';
import { CALLS_PER_SECOND } from '../domain/call-rate.ts';
import { TASK_QUEUE, workspacesTaskQueue } from '../domain/target.ts';
import { awsClients, type ServedTarget } from './aws-clients.ts';
import { bundleWorkflows } from './bundle.ts';
import { slowedByThrottles } from './call-rate.ts';
import { startIntake, type Intake, type IntakeOptions } from './intake.ts';
import { withoutPromiseTraces } from './promise-traces.ts';

export interface Pace {
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly workflowInterceptorModules: string[];
  readonly activityInterceptors: ActivityInterceptorsFactory[];
  /** For the queues of WorkSpaces calls, which let so many through in a real second. */
  readonly limitedQueueInterceptors: (perSecond: number) => ActivityInterceptorsFactory[];
}

export interface StartWorkerOptions {
  readonly address: string;
  readonly namespace: string;
  readonly targets: readonly ServedTarget[];
  /** Beside the sandbox only: what makes waits keep step with its clock. @default real time */
  readonly pace?: Pace;
  /** WorkSpaces calls a second per account and Region, across all workers. @default `CALLS_PER_SECOND` */
  readonly callsPerSecond?: number;
  /** TLS, API key and the like, as `@temporalio/envconfig` reads them. */
  readonly connectionOptions?: NativeConnectionOptions;
  /** Made once and used again by tests; absent: made now. */
  readonly workflowBundle?: WorkflowBundleWithSourceMap;
  /** The programs of restore tests that may be run here. @default none */
  readonly checkCommands?: readonly (readonly string[])[];
  /** The queues in which the events of AWS Backup arrive, and the policies of those recovery points. @default none */
  readonly intake?: IntakeOptions;
  /** How long activities may go on after shutdown was asked. @default 10 seconds */
  readonly shutdownGrace?: WorkerOptions['shutdownGraceTime'];
}

export interface RunningWorker {
  shutdown(): Promise<void>;
  /** Settles when the worker has ended, by `shutdown` or by a failure. */
  readonly done: Promise<void>;
}

/**
 * More open workflows than these are replayed from their histories whenever something happens to them, which takes a busy
 * worker more time than its work. A custody takes a third of a MiB, a cohort some ten, of which there are few.
 */
const CACHED_WORKFLOWS = 2_000;

/** A busy server answers each poll late: with the ten that the SDK makes at most, its tasks wait though the worker is idle. */
const AS_NEEDED: NonNullable<WorkerOptions['workflowTaskPollerBehavior']> = { type: 'autoscaling' };

export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { address, namespace, targets, pace, callsPerSecond = CALLS_PER_SECOND } = options;
  const [connection, workflowBundle] = await Promise.all([
    NativeConnection.connect({ ...options.connectionOptions, address }),
    options.workflowBundle ?? bundleWorkflows(pace?.workflowInterceptorModules),
  ]);
  const clients = awsClients(targets);
  const settledPoints = settledPointsOf(clients);
  const shared: WorkerOptions = {
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    shutdownGraceTime: options.shutdownGrace ?? '10 seconds',
    interceptors: { activity: pace?.activityInterceptors ?? [] },
  };
  const client = new Client({ connection, namespace });
  const main = await withoutPromiseTraces(() =>
    Worker.create({
      ...shared,
      workflowBundle,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      workflowTaskPollerBehavior: AS_NEEDED,
      activityTaskPollerBehavior: AS_NEEDED,
      activities: {
        ...sharedActivities({ ...clients, client, settledPoints }),
        ...createCallRateActivities({ callsPerSecond }),
        ...createCheckCommandsActivities({ checkCommands: options.checkCommands ?? [] }),
      },
    }),
  );
  const perSecond = callsPerSecond * (pace?.speed ?? 1);
  const limited = await Promise.all(
    targets.map((target) => {
      const taskQueue = workspacesTaskQueue(target);
      // A minute of the sandbox is milliseconds here: too short to change a queue for.
      const ownRate = pace?.limitedQueueInterceptors(perSecond) ?? [
        slowedByThrottles({ client, taskQueue, perSecond }),
      ];
      return Worker.create({
        ...shared,
        taskQueue,
        activities: workspacesActivities(clients),
        maxTaskQueueActivitiesPerSecond: perSecond,
        interceptors: { activity: [...ownRate, ...(pace?.activityInterceptors ?? [])] },
      });
    }),
  );
  const intake =
    options.intake && startIntake({ ...options.intake, ...clients, client, settledPoints, speed: pace?.speed ?? 1 });
  return run([main, ...limited], connection, intake);
}

type Clients = ReturnType<typeof awsClients>;
type SharedDeps = Clients & { readonly client: Client; readonly settledPoints: SettledPoints };

/** Those of the queue without a rate. */
const sharedActivities = (deps: SharedDeps): object => ({
  ...createTaggingActivities(deps),
  ...createSsmActivities(deps),
  ...createSnsActivities(deps),
  ...createWindowsActivities(),
  ...createKmsActivities(deps),
  ...createDirectoriesActivities(deps),
  ...createCloudFormationActivities(deps),
  ...createBundleTagsActivities(deps),
  ...createImageTagsActivities(deps),
  ...createQuotasActivities(deps),
  ...createReportActivities(deps),
  ...createBackupReportActivities(deps),
  ...createBackupPointsActivities(deps),
  ...createBackupCopiesActivities(deps),
  ...createBackupGateActivities(deps),
  ...createCopyRoutesActivities(deps),
  ...createCustodyPlansActivities(deps),
  ...createCustodyMessagesActivities(deps),
  ...createCustodyCopiesActivities(deps),
  ...createCustodySweepsActivities(deps),
  ...createEarlierCustodyActivities(deps),
  ...createEvidenceActivities(deps),
  ...createCustodyRecordsActivities(deps),
  ...createEvidenceCheckActivities(deps),
  ...createCustodyReportsActivities(deps),
  ...createRestoreReportsActivities(deps),
  ...createRestoreTestRecordsActivities(deps),
  ...createRestoreTestsActivities(deps),
  ...createRestoredActivities(deps),
  ...createRunsActivities(deps),
  ...createLimitsActivities(deps),
  ...createSchedulesActivities(deps),
});

/** Those of a target's limited queue: one WorkSpaces call each. */
const workspacesActivities = (clients: Clients): object => ({
  ...createWorkspacesActivities(clients),
  ...createUsersActivities(clients),
  ...createSnapshotLooksActivities(clients),
  ...createImagesActivities(clients),
  ...createSweepsActivities(clients),
  ...createRestoresActivities(clients),
});

function run(workers: readonly Worker[], connection: NativeConnection, intake?: Intake): RunningWorker {
  let stopped: Promise<void> | undefined;
  const shutdown = (): void => {
    stopped ??= intake?.stop();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // One that fails takes the others down: a worker that serves half of its queues looks healthy and is not.
  const done = (async () => {
    try {
      await Promise.all(workers.map((worker) => worker.run().finally(shutdown)));
    } finally {
      await stopped;
      await connection.close();
    }
  })();
  return {
    done,
    async shutdown() {
      shutdown();
      await done;
    },
  };
}
