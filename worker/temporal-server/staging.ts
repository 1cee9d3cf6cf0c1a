import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sayElapsed } from './say-elapsed.ts';

const HEARTBEAT_MS = 5_000;
const DEAD_AFTER_MS = 30_000;

export interface Staging {
  /** An empty folder on the same disk as the cache, this process's own until it releases it. */
  readonly path: string;
  /** Whether another process had it first. */
  readonly waited: boolean;
  /** Removes it with all that is in it. */
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/**
 * The folder in which one process at a time makes what goes into the cache. Making the folder is taking the lock: it
 * is atomic, and what an interrupted process leaves behind is lock and leftovers in one. It is taken over from a
 * process that died, or has not touched it for 30 s; should two do that in the same instant, both install, which
 * costs time and breaks nothing, because each puts the executable in place by one rename.
 */
export async function takeStaging(folder: string, say: (line: string) => void): Promise<Staging> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'installing');
  let waited = false;
  while (!(await make(path))) {
    if (await isAbandoned(path)) {
      say('Removing what an interrupted install left behind.');
      await discard(path);
    } else {
      waited = true;
      await waitForOwner(path, say);
    }
  }
  await sweep(folder, path);
  // Of a name of its own: a build whose process died may still be at work, and writes where that one told it to.
  const own = await mkdtemp(join(path, 'by-'));
  const owner = join(path, 'owner.json');
  await writeFile(owner, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Owner));
  const touch = (): Promise<void> => utimes(owner, new Date(), new Date()).catch(() => undefined);
  const heartbeat = setInterval(() => void touch(), HEARTBEAT_MS).unref();
  return {
    path: own,
    waited,
    async release() {
      clearInterval(heartbeat);
      await discard(path);
    },
  };
}

async function make(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function waitForOwner(path: string, say: (line: string) => void): Promise<void> {
  const owner = await ownerOf(path);
  const who = `another process${owner ? ` (${owner.pid} on ${owner.host})` : ''}`;
  say(`Waiting for ${who}, which is installing the Temporal server.`);
  const gone = async (): Promise<void> => {
    while ((await stat(path).catch(() => undefined)) && !(await isAbandoned(path))) await sleep(200);
  };
  await sayElapsed(say, () => `Still waiting for ${who}`, gone());
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'owner.json'), 'utf8')) as Owner;
  } catch {
    return undefined; // Not written yet, or half written.
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const owner = await ownerOf(path);
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  const touched = await stat(join(path, 'owner.json')).catch(() => stat(path).catch(() => undefined));
  return touched !== undefined && Date.now() - touched.mtimeMs > DEAD_AFTER_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // Alive, and somebody else's.
  }
}

/** Renamed first, so that of two processes that discard it only one does. */
async function discard(path: string): Promise<void> {
  const aside = `${path}-${randomUUID()}`;
  const renamed = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (renamed) await rm(aside, { recursive: true, force: true });
}

/** Removes what was being discarded when its process died. */
async function sweep(folder: string, path: string): Promise<void> {
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}-`));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
