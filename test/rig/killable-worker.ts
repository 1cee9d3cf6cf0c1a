/** Workers in processes of their own, so that they can be killed as a machine that fails would kill them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServedTarget } from '../../worker/aws-clients.ts';
import { bundleFor, target, type Rig } from './upgrade.ts';
import type { ServeMessage } from './worker-process.ts';

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));

export interface KillableWorkers {
  /** Starts one; returns when it serves. */
  start(): Promise<void>;
  /** SIGKILL: it finishes nothing and tells nobody. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** For a rig without a worker of its own. One more than what serves is always loaded already: loading takes seconds. */
export async function killableWorkers(
  rig: Pick<Rig, 'address' | 'speed'>,
  targets: readonly ServedTarget[] = [target],
): Promise<KillableWorkers> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const bundleFile = join(folder, 'bundle.json');
  await writeFile(bundleFile, JSON.stringify(await bundleFor(rig.speed)));
  let serving: ChildProcess | undefined;
  let spare = load();

  const start = async (): Promise<void> => {
    const worker = await spare;
    spare = load();
    const message = { address: rig.address, namespace: 'default', targets, speed: rig.speed, bundleFile };
    await tell(worker, message);
    serving = worker;
  };
  const kill = async (): Promise<void> => {
    if (serving) await end(serving);
    serving = undefined;
  };
  const close = async (): Promise<void> => {
    await kill();
    await end(await spare);
    await rm(folder, { recursive: true });
  };
  return { start, kill, close };
}

async function load(): Promise<ChildProcess> {
  const worker = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

async function tell(worker: ChildProcess, message: ServeMessage): Promise<void> {
  worker.send(message);
  await once(worker, 'message');
}

async function end(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

/**
 * Temporal keeps sending a workflow's tasks to the worker that has it in its cache, for 10 real seconds after it was
 * heard of last: hours of AWS's time here. This ends it at once.
 */
export async function forgetCaches(rig: Pick<Rig, 'client'>, workflowIds: readonly string[]): Promise<void> {
  for (const workflowId of workflowIds) {
    await rig.client.workflowService.resetStickyTaskQueue({ namespace: 'default', execution: { workflowId } });
  }
}
