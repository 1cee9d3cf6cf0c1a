/** Everything in one process and its child: a Temporal server, the sandbox with a fleet, and a worker between them. */
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import { seedFleet, type FleetSpec } from '../../sandbox/fleet.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import { bundleWorkflows } from '../../worker/bundle.ts';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start.ts';
import { startWorker } from '../../worker/worker.ts';
import { readDevState, STATE_FOLDER, writeDevState } from '../dev-state.ts';
import { CommandError } from '../exit.ts';
import { say } from '../output.ts';
import type { TemporalPlace } from '../temporal.ts';
import { pointAwsAtSandbox } from './sandbox-env.ts';
import { logWorker } from './worker-log.ts';

export interface SetUpOptions {
  readonly fleet: FleetSpec;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
}

export interface SetUp {
  readonly sandbox: Sandbox;
  readonly place: TemporalPlace;
  readonly uiUrl: string;
  /** Of Temporal and the worker. */
  readonly logs: readonly string[];
  /** Settles when the worker ends by itself, which is a failure. */
  readonly broken: Promise<void>;
  close(): Promise<void>;
}

/** The Monday on which every sandbox fleet begins, before people come to work. */
const START_TIME = '2026-03-02T06:00:00Z';

/** Starts what can be started at the same time together: most of the wait is the making of the workflow bundle. */
export async function setUp({ fleet, speed, seed }: SetUpOptions): Promise<SetUp> {
  refuseSecond();
  const { account, region } = fleet;
  const logs = ['temporal.log', 'worker.log'].map((name) => join(STATE_FOLDER, name));
  const [temporalLog = '', workerLog = ''] = logs;
  logWorker('WARN', workerLog);
  const pace = paceOf(speed);
  const [temporal, workflowBundle] = await Promise.all([
    temporalServer(temporalLog),
    bundleWorkflows(pace.workflowInterceptorModules),
  ]);
  const sandbox = await startSandbox({ seed, speed, startTime: START_TIME });
  // AWS's time stands still until all is ready: a second of starting a worker would be an hour of it.
  sandbox.clock.pause();
  const closing: (() => Promise<void>)[] = [() => temporal.stop(), () => sandbox.close()];
  const close = async (): Promise<void> => {
    for (const each of closing.toReversed()) await each();
  };
  try {
    seedFleet(sandbox.world, fleet);
    pointAwsAtSandbox({ endpoint: sandbox.endpoint, account, region });
    const { address } = temporal;
    const namespace = 'default';
    const targets = [{ account, region }];
    const worker = await startWorker({ address, namespace, targets, pace, workflowBundle, shutdownGrace: '2 seconds' });
    closing.push(() => worker.shutdown());
    const uiUrl = temporal.uiUrl ?? '';
    const dev = { pid: process.pid, address, namespace, uiUrl, awsEndpoint: sandbox.endpoint, speed, account, region };
    const forget = writeDevState(dev);
    closing.push(async () => forget());
    const place = { address, namespace, connectionOptions: { address }, dev };
    sandbox.clock.resume();
    return { sandbox, place, uiUrl, logs, broken: worker.done, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseSecond(): void {
  const running = readDevState();
  if (!running) return;
  throw new CommandError(
    'alreadyRunning',
    `holdfast dev or demo runs in this folder already (process ${running.pid}, ${running.uiUrl ?? running.address}): end it, or use another folder`,
  );
}

async function temporalServer(logFile: string): Promise<TemporalServer> {
  const { path } = await findTemporalServer({ say });
  const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 'Keyword' as const]));
  return await startTemporalServer({ path, ui: true, searchAttributes, logFile });
}
