import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lastLines } from './reason.ts';

/** Worker versioning and the visibility that Holdfast relies on came with this one. */
export const MINIMUM_SERVER = '1.29.0';

/**
 * Runs the executable with `--version` and returns the version of the server inside it, `1.29.1`.
 * Throws an error whose message says in words why the executable will not do.
 */
export async function verifyTemporalServer(path: string): Promise<string> {
  const output = await printedVersion(path);
  const version = /\(Server (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version === undefined) {
    throw new Error(`"--version" printed no server version: ${lastLines(output, 1) || 'nothing'}`);
  }
  if (isOlder(version, MINIMUM_SERVER)) {
    throw new Error(`its server is ${version}, and Holdfast needs ${MINIMUM_SERVER} or later`);
  }
  return version;
}

async function printedVersion(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000, killSignal: 'SIGKILL' });
    return stdout;
  } catch (error) {
    const { code, killed, stderr = '' } = error as { code?: string | number; killed?: boolean; stderr?: string };
    if (killed) throw new Error('"--version" did not end within 20 s', { cause: error });
    if (code === 'ENOENT') throw new Error('there is no such executable', { cause: error });
    if (code === 'EACCES') throw new Error('it is not executable', { cause: error });
    const said = lastLines(stderr, 1);
    throw new Error(`"--version" failed (${code ?? 'killed'})${said && `: ${said}`}`, { cause: error });
  }
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
