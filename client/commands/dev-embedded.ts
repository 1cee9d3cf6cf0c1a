/** A Temporal server, the sandbox and a worker between them, in this process and its child. */
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import type { Target } from '../../domain/target.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import { bundleWorkflows } from '../../worker/bundle.ts';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start.ts';
import type { ServedTarget } from '../../worker/aws-clients.ts';
import type { IntakeOptions } from '../../worker/intake.ts';
import { startWorker } from '../../worker/worker.ts';
import { CommandError } from '../exit.ts';
import { say } from '../output.ts';
import { pointAwsAtSandbox } from './sandbox-env.ts';
import { logWorker } from './worker-log.ts';

export interface EmbedOptions {
  readonly target: Target;
  /** What the worker serves besides. @default nothing */
  readonly moreTargets?: readonly ServedTarget[];
  /** The queues that the worker reads. @default none */
  readonly intake?: (sandbox: Sandbox) => Promise<IntakeOptions>;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
  /** The sandbox's time at the start, ISO 8601. */
  readonly startTime: string;
  /** Puts in what the sandbox is to hold. */
  readonly fill: (sandbox: Sandbox) => void;
  readonly ui: boolean;
  readonly logs: { readonly temporal: string; readonly worker: string };
}

export interface Embedded {
  readonly sandbox: Sandbox;
  /** Of the Temporal server. */
  readonly address: string;
  readonly namespace: string;
  /** Empty without `ui`. */
  readonly uiUrl: string;
  /** Rejects when the worker ends, which it does not do by itself. */
  readonly broken: Promise<never>;
  /** AWS's time stands still until then: a second of getting ready would be an hour of it. */
  begin(): void;
  close(): Promise<void>;
}

/** Starts what can be started at the same time together: most of the wait is the making of the workflow bundle. */
export async function embed(options: EmbedOptions): Promise<Embedded> {
  const { target, moreTargets = [], speed, seed, startTime, fill, ui, logs } = options;
  logWorker('WARN', logs.worker);
  const pace = paceOf(speed);
  const [temporal, workflowBundle] = await Promise.all([
    temporalServer(ui, logs.temporal),
    bundleWorkflows(pace.workflowInterceptorModules),
  ]);
  const sandbox = await startSandbox({ seed, speed, startTime });
  sandbox.clock.pause();
  const closing: (() => Promise<void>)[] = [() => temporal.stop(), () => sandbox.close()];
  const close = async (): Promise<void> => {
    for (const each of closing.toReversed()) await each();
  };
  try {
    fill(sandbox);
    pointAwsAtSandbox({ endpoint: sandbox.endpoint, ...target });
    const { address, uiUrl = '' } = temporal;
    const namespace = 'default';
    const intake = await options.intake?.(sandbox);
    const worker = await startWorker({
      address,
      namespace,
      targets: [target, ...moreTargets],
      pace,
      workflowBundle,
      shutdownGrace: '2 seconds',
      ...(intake && { intake }),
    });
    closing.push(() => worker.shutdown());
    const broken = worker.done.then(() => Promise.reject(workerEnded(logs)));
    // Nobody may wait for it when it ends in order.
    broken.catch(() => undefined);
    return { sandbox, address, namespace, uiUrl, broken, begin: () => sandbox.clock.resume(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const workerEnded = ({ temporal, worker }: EmbedOptions['logs']): CommandError =>
  new CommandError('failed', `the worker ended by itself: see ${temporal} and ${worker}`);

async function temporalServer(ui: boolean, logFile: string): Promise<TemporalServer> {
  const { path } = await findTemporalServer({ say });
  const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 'Keyword' as const]));
  return await startTemporalServer({ path, ui, searchAttributes, logFile });
}
