import { join } from 'node:path';
import { Blobs } from './blobs.ts';
import type { VirtualClock as Clock } from './clock.ts';
import { VirtualClock } from './clock.ts';
import type { Edge } from './edge/run-operation.ts';
import { listen } from './edge/server.ts';
import { Throttle } from './edge/throttle.ts';
import { ScriptedFaults } from './fault-rules.ts';
import type { FaultRules } from './faults.ts';
import { seededRandom } from './random.ts';
import { Recorder } from './recorder.ts';
import type { World } from './service.ts';
import { services } from './services/index.ts';
import { TableStore } from './table-store.ts';

export interface SandboxOptions {
  /** @default 0, any free one; always on 127.0.0.1 */
  readonly port?: number;
  /** The same seed gives the same fleet, timings and faults. @default 1 */
  readonly seed?: number;
  /** ISO 8601; a folder that has a saved time goes on from there instead. @default the machine's time */
  readonly startTime?: string;
  /** Virtual seconds a real second. @default 1 */
  readonly speed?: number;
  /** Keeps the state across restarts; absent: in memory, and S3's bytes in a temporary folder. */
  readonly folder?: string;
}

export interface Sandbox {
  /** For AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly world: World;
  readonly clock: Clock;
  readonly faults: FaultRules;
  readonly recorder: Recorder;
  /** Answers no more requests, saves the state if there is a folder. */
  close(): Promise<void>;
}

/** Starts the embedded AWS in this process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, seed = 1, speed = 1, startTime, folder } = options;
  const store = new TableStore(folder);
  const clock = new VirtualClock(store.savedVirtualTime ?? parseTime(startTime), speed);
  store.keepTime(() => clock.now());
  const faults = new ScriptedFaults(seed, clock);
  const recorder = new Recorder();
  const blobs = new Blobs(folder && join(folder, 's3'));
  const closing = new AbortController();
  const world: World = {
    clock,
    faults,
    store,
    blobs,
    closing: closing.signal,
    get endpoint() {
      return listening.endpoint;
    },
    random: (name) => seededRandom(seed, name),
  };
  const edge: Edge = { world, services, recorder, throttle: new Throttle(clock), closing: closing.signal };
  const status = (): object => ({
    now: new Date(clock.now()).toISOString(),
    speed,
    seed,
    endpoint: listening.endpoint,
  });
  const listening = await listen(edge, { recorder, faults, clock, status }, port).catch((error: unknown) => {
    blobs.close();
    throw error;
  });

  const close = async (): Promise<void> => {
    closing.abort();
    await listening.close();
    store.close();
    blobs.close();
  };
  return { endpoint: listening.endpoint, world, clock, faults, recorder, close };
}

function parseTime(startTime: string | undefined): number {
  if (startTime === undefined) return Date.now();
  const time = Date.parse(startTime);
  if (Number.isNaN(time)) {
    throw new Error(`startTime must be an ISO 8601 time such as 2026-01-05T08:00:00Z, got '${startTime}'`);
  }
  return time;
}
