/** A worker in a process of its own, which counts what it does; see `worker-apart.ts`. */
import { activityInfo } from '@temporalio/activity';
import { DefaultLogger, Runtime, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { TASK_QUEUE } from '../domain/target.ts';
import { paceOf } from '../sandbox/temporal/pace.ts';
import type { ServedTarget } from '../worker/aws-clients.ts';
import { startWorker } from '../worker/worker.ts';

/** What the worker is to serve. */
export interface ServeMessage {
  readonly address: string;
  readonly namespace: string;
  readonly targets: readonly ServedTarget[];
  readonly speed: number;
  readonly callsPerSecond: number;
}

/** What it did since it serves. */
export interface WorkerFigures {
  readonly maxRssMib: number;
  readonly cpuSeconds: number;
  readonly activities: number;
  /** The most activities that began in ten seconds in a row, a second. */
  readonly busiestPerSecond: number;
  /** By workflow id: how long each attempt stood in the limited queue, in virtual seconds. */
  readonly waits: Readonly<Record<string, readonly number[]>>;
}

const begun: number[] = [];
const waits = new Map<string, number[]>();

/** The server tells when an attempt was due, the worker when it began: what lies between, it stood in the queue. */
const countActivities =
  (speed: number): ActivityInterceptorsFactory =>
  () => ({
    inbound: {
      async execute(input, next) {
        const { taskQueue, currentAttemptScheduledTimestampMs, workflowExecution } = activityInfo();
        const now = Date.now();
        begun.push(now);
        if (taskQueue !== TASK_QUEUE) {
          const id = workflowExecution?.workflowId ?? '';
          const own = waits.get(id) ?? [];
          waits.set(id, own);
          own.push(Math.round(((now - currentAttemptScheduledTimestampMs) / 1000) * speed));
        }
        return await next(input);
      },
    },
  });

process.once('disconnect', () => process.exit());
process.once('message', (message) => void serve(message as ServeMessage));

async function serve({ address, namespace, targets, speed, callsPerSecond }: ServeMessage): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const ownPace = paceOf(speed);
  const pace = { ...ownPace, activityInterceptors: [...ownPace.activityInterceptors, countActivities(speed)] };
  const worker = await startWorker({ address, namespace, targets, pace, callsPerSecond });
  process.on('message', () => process.send?.(figures()));
  process.send?.('serving');
  await worker.done;
}

function figures(): WorkerFigures {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return {
    maxRssMib: maxRSS / 1024,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    activities: begun.length,
    busiestPerSecond: busiest(begun, 10),
    waits: Object.fromEntries(waits),
  };
}

function busiest(times: readonly number[], seconds: number): number {
  let from = 0;
  let most = 0;
  for (const [to, time] of times.entries()) {
    while ((times[from] ?? 0) <= time - seconds * 1000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most / seconds;
}
