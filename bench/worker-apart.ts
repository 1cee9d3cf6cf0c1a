/** Starts a worker in a process of its own, so that both cores are used and its memory can be measured. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import nodeFlags from '../worker/node-flags.json' with { type: 'json' };
import { target, type Rig } from '../test/rig/upgrade.ts';
import type { ServedTarget } from '../worker/aws-clients.ts';
import type { ServeMessage, WorkerFigures } from './worker-process.ts';

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));

export interface WorkerApart {
  figures(): Promise<WorkerFigures>;
  close(): Promise<void>;
}

/** For a rig without a worker of its own. AWS's time stands still until it serves. */
export async function startWorkerApart(
  rig: Pick<Rig, 'sandbox' | 'address' | 'speed'>,
  callsPerSecond: number,
  targets: readonly ServedTarget[] = [target],
): Promise<WorkerApart> {
  rig.sandbox.clock.pause();
  // What it says is no figure: it goes where errors go.
  const worker = fork(program, { execArgv: nodeFlags, stdio: ['ignore', 2, 2, 'ipc'] });
  const ask = async <T>(message: object): Promise<T> => {
    worker.send(message);
    const [answer] = (await once(worker, 'message')) as [T];
    return answer;
  };
  const { address, speed } = rig;
  const order: ServeMessage = { address, namespace: 'default', targets, speed, callsPerSecond };
  await ask(order);
  rig.sandbox.clock.resume();
  return {
    figures: () => ask<WorkerFigures>({}),
    async close() {
      const ended = once(worker, 'exit');
      worker.disconnect();
      await ended;
    },
  };
}
