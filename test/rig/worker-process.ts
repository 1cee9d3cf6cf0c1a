/** A worker in a process of its own, which serves when its parent says so; see `killable-worker.ts`. */
import { readFile } from 'node:fs/promises';
import { DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import { startWorker } from '../../worker/worker.ts';
import type { ServedTarget } from '../../worker/aws-clients.ts';

/** What the worker is to serve, and with which code. */
export interface ServeMessage {
  readonly address: string;
  readonly namespace: string;
  readonly targets: readonly ServedTarget[];
  readonly speed: number;
  /** A file with the workflow bundle: making one takes seconds. */
  readonly bundleFile: string;
}

process.once('disconnect', () => process.exit());
process.once('message', (message) => void serve(message as ServeMessage));
process.send?.('loaded');

async function serve({ address, namespace, targets, speed, bundleFile }: ServeMessage): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = JSON.parse(await readFile(bundleFile, 'utf8')) as WorkflowBundleWithSourceMap;
  const worker = await startWorker({ address, namespace, targets, pace: paceOf(speed), workflowBundle });
  process.send?.('serving');
  await worker.done;
}
