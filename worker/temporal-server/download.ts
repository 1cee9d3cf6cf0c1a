import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { sayElapsed } from './say-elapsed.ts';

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const PROCESSORS: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface DownloadOptions {
  /** Temporal's download service, without a slash at its end. */
  readonly from: string;
  /** `v1.5.1` */
  readonly release: string;
  /** Folder for the archive and what is in it. */
  readonly into: string;
  readonly say: (line: string) => void;
  /** Milliseconds without a byte after which it gives up. @default 60,000 */
  readonly stallMs?: number;
}

/** Downloads the Temporal CLI as Temporal's SDKs do, and returns the path of the executable. */
export async function downloadTemporalServer(options: DownloadOptions): Promise<string> {
  const { from, release, into, say, stallMs = 60_000 } = options;
  const system = SYSTEMS[process.platform];
  const processor = PROCESSORS[process.arch];
  if (!system || !processor) throw new Error(`there is none for ${process.platform} ${process.arch}`);
  say(`Downloading the Temporal server (${release}) from ${from}.`);
  const stall = new Stall(stallMs);
  try {
    const format = system === 'windows' ? 'zip' : 'tar.gz';
    const query = new URLSearchParams({ arch: processor, platform: system, format });
    const about = await get(`${from}/cli/${release}?${query.toString()}`, stall);
    const { archiveUrl, fileToExtract } = (await about.json()) as { archiveUrl: string; fileToExtract: string };
    const archive = join(into, `archive.${format}`);
    await save(await get(archiveUrl, stall), archive, stall, say);
    // The tar of Windows and macOS reads both formats.
    await promisify(execFile)('tar', ['-xf', archive, '-C', into, fileToExtract]);
    return join(into, fileToExtract);
  } catch (error) {
    throw stall.signal.aborted ? stall.signal.reason : error;
  } finally {
    stall.end();
  }
}

/** Aborts what has shown no progress for a while: behind some firewalls a refused connection just hangs. */
class Stall {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    const error = new Error(`no progress for ${milliseconds / 1000} s`);
    this.#timer = setTimeout(() => this.#abort.abort(error), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  progress(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function get(url: string, stall: Stall): Promise<Response> {
  const response = await fetch(url, { signal: stall.signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
  stall.progress();
  return response;
}

async function save(response: Response, path: string, stall: Stall, say: (line: string) => void): Promise<void> {
  if (!response.body) throw new Error(`${response.url} answered with nothing`);
  let received = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      stall.progress();
      done(null, chunk);
    },
  });
  const total = Number(response.headers.get('content-length'));
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const progress = (): string =>
    `Downloaded ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB of the Temporal server`;
  const saved = pipeline(Readable.fromWeb(response.body), count, createWriteStream(path), { signal: stall.signal });
  await sayElapsed(say, progress, saved);
}
