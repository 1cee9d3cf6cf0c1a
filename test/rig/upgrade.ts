/** A fleet in the sandbox, a worker beside it, and an upgrade of that fleet on the real Temporal server. */
import { WorkflowNotFoundError, type Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DEFAULTS, type ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import type { Row } from '../../domain/upgrade-row.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { searchAttributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { workspaceLocksId } from '../../domain/workspace-locks.ts';
import { seedFleet, type Fleet, type FleetSpec } from '../../sandbox/fleet.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import { bundleWorkflows } from '../../worker/bundle.ts';
import { startWorker, type RunningWorker } from '../../worker/worker.ts';
import type { imageUpgrade, ImageUpgradeOptions } from '../../workflows/image-upgrade.ts';
import { cohortStatusQuery, imageUpgradeId, statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { atEnd } from './at-end.ts';
import { testTemporal, type TestTemporal } from './temporal.ts';

export interface RigOptions {
  readonly fleet: FleetSpec;
  /** @default 2000 */
  readonly speed?: number;
  /** @default 1 */
  readonly seed?: number;
  /** @default 1.5 */
  readonly callsPerSecond?: number;
  /** AWS's time when it starts, ISO. @default 2026-03-02T08:00:00Z, a Monday */
  readonly startTime?: string;
  /** False: the test starts its workers itself. @default true */
  readonly worker?: boolean;
  /** @default the server of the whole test run */
  readonly temporal?: TestTemporal;
}

export interface Rig {
  readonly sandbox: Sandbox;
  readonly fleet: Fleet;
  readonly client: Client;
  readonly address: string;
  readonly speed: number;
  startWorker(): Promise<RunningWorker>;
  /** Ends the worker, every workflow that is still open, and the sandbox. */
  close(): Promise<void>;
}

export const target = { account: WELL_KNOWN.account, region: WELL_KNOWN.region };

/** So long before the rebuild, each a warning. */
export const warned = (...leadSeconds: number[]): Pick<ImageUpgradeInput, 'warnings'> => ({
  warnings: { ...DEFAULTS.warnings, leadSeconds },
});

/** The parameters of an upgrade of the well-known fleet. */
export const upgradeInput = (changes: Partial<ImageUpgradeInput> = {}): ImageUpgradeInput => {
  const { reportPrefix, ...defaults } = DEFAULTS;
  return {
    ...defaults,
    target,
    bundleId: WELL_KNOWN.bundleId,
    imageId: WELL_KNOWN.newImageId,
    selection: { ...NO_SELECTION, allOf: [WELL_KNOWN.tag] },
    report: { bucket: WELL_KNOWN.reportBucket, prefix: reportPrefix, kmsKeyArn: null },
    afterwards: { deleteScheduleId: null, deleteStackName: null },
    ...changes,
  };
};

/** A speed that stands nowhere else in the bundle. */
const ANY_SPEED = 987_654_321;
let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflow bundle for that speed: bundling takes seconds of a processor, so it is done once a process. */
export async function bundleFor(speed: number): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflows(paceOf(ANY_SPEED).workflowInterceptorModules);
  const made = await bundle;
  return { ...made, code: made.code.replaceAll(`speed=${ANY_SPEED}`, `speed=${speed}`) };
}

/** What the SDK's clients in this process take for AWS. */
export function pointAwsAt(endpoint: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: WELL_KNOWN.account,
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: WELL_KNOWN.region,
  });
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const { fleet: spec, speed = 2000, seed = 1, callsPerSecond = 1.5, startTime = '2026-03-02T08:00:00Z' } = options;
  const [{ address, namespace, client }, workflowBundle] = await Promise.all([
    options.temporal ?? testTemporal(),
    bundleFor(speed),
  ]);
  const sandbox = await startSandbox({ seed, speed, startTime });
  // AWS's time stands still until all is ready: a second of starting a worker would be an hour of it.
  sandbox.clock.pause();
  const fleet = seedFleet(sandbox.world, spec);
  pointAwsAt(sandbox.endpoint);
  const workers = workersOf({
    sandbox,
    client,
    knownIds: [imageUpgradeId(target, WELL_KNOWN.bundleId), workspaceLocksId(target)],
    start: () =>
      startWorker({ address, namespace, targets: [target], pace: paceOf(speed), callsPerSecond, workflowBundle }),
  });
  if (options.worker !== false) await workers.startWorker();
  sandbox.clock.resume();
  return { sandbox, fleet, client, address, speed, ...workers };
}

export interface RigWorkers {
  startWorker(): Promise<RunningWorker>;
  /** Ends the workers, every workflow that is still open, and the sandbox. */
  close(): Promise<void>;
}

/** @param knownIds workflows that may be too new to be listed */
export function workersOf({
  sandbox,
  client,
  knownIds,
  start,
}: {
  readonly sandbox: Sandbox;
  readonly client: Client;
  readonly knownIds: readonly string[];
  readonly start: () => Promise<RunningWorker>;
}): RigWorkers {
  const workers: RunningWorker[] = [];
  let closed: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.shutdown()));
    await endWorkflows(client, knownIds);
    await sandbox.close();
  };
  const close = (): Promise<void> => (closed ??= closeAll());
  // A worker that a failed test left behind would keep the process alive.
  atEnd(close);
  return {
    startWorker: async () => {
      const worker = await start();
      workers.push(worker);
      return worker;
    },
    close,
  };
}

/** A rig for one test, closed whatever becomes of it: a worker that stayed would take the next test's work. */
export async function withRig(options: RigOptions, use: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig(options);
  try {
    await use(rig);
  } finally {
    await rig.close();
  }
}

/** The next test uses the same ids: what this one left running must not meet it. */
async function endWorkflows(client: Client, known: readonly string[]): Promise<void> {
  const end = (id: string) =>
    client.workflow
      .getHandle(id)
      .terminate('the test is over')
      .catch(() => undefined);
  // The list may be a moment behind; some are known without it.
  await Promise.all(known.map(end));
  await waitUntil('no workflow is open', async () => {
    const open: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
      open.push(workflowId);
    await Promise.all(open.map(end));
    return open.length === 0;
  });
}

export type Upgrade = WorkflowHandleWithFirstExecutionRunId<typeof imageUpgrade>;

export async function startUpgrade(
  rig: Rig,
  input: ImageUpgradeInput = upgradeInput(),
  options: ImageUpgradeOptions = {},
): Promise<Upgrade> {
  return await rig.client.workflow.start<typeof imageUpgrade>('imageUpgrade', {
    workflowId: imageUpgradeId(input.target, input.bundleId),
    taskQueue: TASK_QUEUE,
    args: [input, options],
    searchAttributes: searchAttributesOf(input) as Record<string, string[]>,
  });
}

/** Every row of the run, as its cohorts hold them; those of a cohort that is only being started are not there yet. */
export async function rowsOf(rig: Rig, upgrade: Upgrade): Promise<Row[]> {
  const { cohorts } = await upgrade.query(statusQuery);
  const pages = await Promise.all(
    cohorts.map(async (id) => {
      try {
        return await rig.client.workflow.getHandle(id).query(cohortStatusQuery, { offset: 0, limit: 1000 });
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    }),
  );
  return pages.flatMap((page) => page?.rows.rows ?? []);
}

export async function waitUntil(what: string, holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
