import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { untilReady, type SearchAttributes } from './ready.ts';
import { lastLines } from './reason.ts';
import { killWithThisProcess } from './watchdog.ts';

export interface StartOptions {
  /** The `temporal` executable. */
  readonly path: string;
  /** SQLite file that keeps everything from one start to the next. @default in memory */
  readonly databaseFile?: string;
  /** Whether to serve Temporal's web UI. @default false */
  readonly ui?: boolean;
  /** @default a free one */
  readonly port?: number;
  /** @default a free one */
  readonly uiPort?: number;
  /** Made when it is not there. @default 'default' */
  readonly namespace?: string;
  /** Registered when they are not there, and usable once the server has started. @default none */
  readonly searchAttributes?: SearchAttributes;
  /**
   * So long a task that could not be handed over at once may be passed by later ones, in milliseconds. Strict order costs a
   * busy server much: it then writes down every task before it hands it over. @default 50
   */
  readonly passedByMs?: number;
  /** File that the server's log is appended to. @default none */
  readonly logFile?: string;
}

export interface TemporalServer {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Only with `ui`. */
  readonly uiUrl?: string;
  readonly pid: number;
  /** Ends the server in order, which takes it about 1.5 s. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): void;
}

type ServerProcess = ChildProcessByStdio<null, Readable, Readable>;

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 10_000;

/**
 * Starts Temporal's dev server on the loopback interface and returns when its namespace and search attributes can be
 * used, about half a second later. It ends with this process, however that ends. It does not keep this process alive.
 * Throws, with the end of the server's log, when it does not come up within 30 s.
 */
export async function startTemporalServer(options: StartOptions): Promise<TemporalServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free when it was chosen was taken by somebody else before the server came to it.
      if (tries === MOST_TRIES || !(error as Error).message.includes('address already in use')) throw error;
    }
  }
}

const MOST_TRIES = 3;

async function startOnce(options: StartOptions): Promise<TemporalServer> {
  const { path, namespace = 'default', searchAttributes = {} } = options;
  const port = await freePort(options.port);
  const uiPort = options.ui ? await freePort(options.uiPort) : undefined;
  // A process group of its own: Ctrl-C is for Holdfast to hear, which still needs the server to wind up.
  const server = spawn(path, flags(options, port, uiPort), {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = keepLog(server, options.logFile);
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  await spawned(server, path);
  const letGo = killWithThisProcess(server);
  const address = `127.0.0.1:${port}`;
  const ready = new AbortController();
  const ended = (): void => ready.abort(new Error(`it ended by itself (${server.exitCode ?? server.signalCode})`));
  server.once('exit', ended);
  try {
    const signal = AbortSignal.any([ready.signal, AbortSignal.timeout(READY_WITHIN_MS)]);
    await untilReady({ address, namespace, searchAttributes, signal });
  } catch (error) {
    server.kill('SIGKILL');
    letGo();
    await Promise.race([closed, sleep(1_000)]); // What it printed last may still be on its way.
    throw notReady(error, log());
  }
  server.off('exit', ended);
  server.once('exit', letGo);
  unref(server);
  return {
    address,
    ...(uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }),
    pid: server.pid ?? 0,
    stop: () => stop(server),
    kill: () => void server.kill('SIGKILL'),
  };
}

function flags(options: StartOptions, port: number, uiPort: number | undefined): string[] {
  const dynamicConfig = [
    // Timers and retries otherwise come up to a second late, which is an hour of a sandbox at speed 3600.
    'history.timerProcessorMaxTimeShift="10ms"',
    // The server looks for new tasks twenty times a second at most otherwise: each activity then waits for 50 ms twice,
    // which is minutes of a sandbox's time. Much more often, and a busy server does little else.
    'history.transferProcessorMaxPollRPS=60',
    'history.timerProcessorMaxPollRPS=60',
    // Each partition has its part of a queue's rate and order: with the usual four, a queue of 1.5 activities a
    // second gives four at once and then none for 2.7 s, and first come, first served holds only roughly.
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    // A task that could not be handed over at once is passed by later ones for up to five seconds otherwise, which are
    // minutes of a sandbox's time: first come, first served.
    `matching.backlogNegligibleAge="${options.passedByMs ?? 50}ms"`,
    // Timers that are read more than three times within a second are taken for stuck and put aside for half a minute,
    // which is half an hour of a sandbox at speed 60; with a grain of 10 ms they are read more often than that.
    'history.queueReaderStuckCriticalAttempts=1000000',
  ];
  const namespace = options.namespace ?? 'default';
  const searchAttributes = Object.entries(options.searchAttributes ?? {});
  return ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--log-level', 'warn'].concat(
    uiPort === undefined ? ['--headless'] : ['--ui-port', `${uiPort}`],
    options.databaseFile === undefined ? [] : ['--db-filename', options.databaseFile],
    namespace === 'default' ? [] : ['--namespace', namespace],
    dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
    searchAttributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  );
}

/** Reads what the server prints, or it would block; returns the end of it when asked. */
function keepLog(server: ServerProcess, logFile: string | undefined): () => string {
  let tail = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-8_000)));
    if (logFile !== undefined) stream.pipe(createWriteStream(logFile, { flags: 'a' }));
  }
  return () => lastLines(tail, 10);
}

async function spawned(server: ServerProcess, path: string): Promise<void> {
  try {
    await once(server, 'spawn');
  } catch (error) {
    throw new Error(`the Temporal server cannot be run from ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function notReady(error: unknown, log: string): Error {
  const timedOut = (error as Error).name === 'TimeoutError';
  const reason = timedOut ? `it did not answer within ${READY_WITHIN_MS / 1000} s` : (error as Error).message;
  const tail = log === '' ? 'It printed nothing.' : `The end of its log:\n${log}`;
  return new Error(`the Temporal server did not start: ${reason}. ${tail}`, { cause: error });
}

/** Lets this process end while the server runs; the pipes are sockets, which TypeScript does not know. */
function unref(server: ServerProcess): void {
  server.unref();
  for (const stream of [server.stdout, server.stderr]) (stream as Readable & { unref(): void }).unref();
}

async function stop(server: ServerProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  const late = sleep(STOPPED_WITHIN_MS, 'late', { ref: false });
  if ((await Promise.race([exit, late])) === 'late') server.kill('SIGKILL');
  await exit;
}
