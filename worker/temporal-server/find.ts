import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import envPaths from 'env-paths';
import { installTemporalServer } from './install.ts';
import { reasonOf } from './reason.ts';
import { MINIMUM_SERVER, verifyTemporalServer } from './verify.ts';

export interface FindOptions {
  /** Told what is being done: an install takes minutes. */
  readonly say: (line: string) => void;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** @default HOLDFAST_CACHE, else the user's cache folder */
  readonly cacheFolder?: string;
  /** Where Temporal's own download is asked for. @default https://temporal.download */
  readonly downloadFrom?: string;
}

export interface FoundServer {
  /** The `temporal` executable. */
  readonly path: string;
  /** Of the server inside it: `1.29.1`. */
  readonly version: string;
  readonly source: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download' | 'go';
}

/** Thrown when there is no Temporal server to run; the message says what was tried and what to do. */
export class NoTemporalServer extends Error {
  override readonly name = 'NoTemporalServer';
}

/**
 * Finds the Temporal CLI, whose dev server runs Holdfast locally, and installs it into the cache when the machine
 * has none. The first that works, of: `TEMPORAL_CLI_PATH` (which must work when it is set), `temporal` on the PATH,
 * the cache, Temporal's download, `go install`.
 */
export async function findTemporalServer(options: FindOptions): Promise<FoundServer> {
  const { say, env = process.env, downloadFrom = 'https://temporal.download' } = options;
  if (env.TEMPORAL_CLI_PATH) return await namedServer(env.TEMPORAL_CLI_PATH);
  const tried: string[] = [];
  const passOver = (what: string, error: unknown): void => {
    say(`Passing over ${what}: ${reasonOf(error)}.`);
    tried.push(`${what}: ${reasonOf(error)}`);
  };
  for (const path of await temporalsOnPath(env)) {
    try {
      return { path, version: await verifyTemporalServer(path), source: 'PATH' };
    } catch (error) {
      passOver(path, error);
    }
  }
  if (tried.length === 0) tried.push('PATH: no executable "temporal" on it');
  const cacheFolder = options.cacheFolder ?? (env.HOLDFAST_CACHE || envPaths('holdfast', { suffix: '' }).cache);
  const folder = join(cacheFolder, 'temporal-server');
  const path = join(folder, executable);
  if (await isThere(path)) {
    try {
      return { path, version: await verifyTemporalServer(path), source: 'cache' };
    } catch (error) {
      passOver(path, error);
    }
  } else {
    tried.push(`${path}: not there`);
  }
  const installed = await installTemporalServer({ folder, path, say, env, downloadFrom });
  if ('server' in installed) return installed.server;
  throw new NoTemporalServer(remedies([...tried, ...installed.reasons]));
}

const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

async function namedServer(path: string): Promise<FoundServer> {
  try {
    return { path, version: await verifyTemporalServer(path), source: 'TEMPORAL_CLI_PATH' };
  } catch (error) {
    throw new NoTemporalServer(
      `TEMPORAL_CLI_PATH is ${path}, which cannot be used: ${reasonOf(error)}\n` +
        `Set it to a Temporal CLI with server ${MINIMUM_SERVER} or later, or unset it and Holdfast finds one.`,
      { cause: error },
    );
  }
}

async function temporalsOnPath(env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.map((folder) => join(folder, executable));
  const there = await Promise.all(candidates.map((path) => isThere(path, constants.X_OK)));
  return candidates.filter((_, index) => there[index]);
}

async function isThere(path: string, mode = constants.F_OK): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

function remedies(tried: readonly string[]): string {
  return [
    'There is no Temporal server to run. Tried, in this order:',
    ...tried.map((each) => `  - ${each.replaceAll('\n', '\n    ')}`),
    'Do one of these, then run the command again:',
    '  - install the Temporal CLI, so that "temporal" is on the PATH: https://docs.temporal.io/cli#install',
    `  - set TEMPORAL_CLI_PATH to a Temporal CLI with server ${MINIMUM_SERVER} or later`,
    '  - let this machine reach https://temporal.download',
    '  - install Go (https://go.dev/doc/install), and Holdfast builds the CLI with it',
  ].join('\n');
}
