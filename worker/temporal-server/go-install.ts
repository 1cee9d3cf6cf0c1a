import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { lastLines } from './reason.ts';
import { sayElapsed } from './say-elapsed.ts';

const LONGEST_MINUTES = 20;

export interface GoInstallOptions {
  /** `v1.5.1` */
  readonly release: string;
  /** Folder that the executable is put into. */
  readonly into: string;
  /** Its PATH is searched for `go`. */
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Builds the Temporal CLI from its source with Go, and returns the path of the executable. */
export async function goInstallTemporalServer({ release, into, env, say }: GoInstallOptions): Promise<string> {
  const what = `github.com/temporalio/cli/cmd/temporal@${release}`;
  const go = spawn('go', ['install', what], {
    env: { ...env, GOBIN: into },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(LONGEST_MINUTES * 60_000), // The option `timeout` keeps the process up without a go.
  });
  go.once('spawn', () => say(`Building the Temporal server with "go install ${what}": 3 to 5 minutes the first time.`));
  let said = '';
  go.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
  const ended = new Promise<void>((resolve, reject) => {
    go.once('error', (error: NodeJS.ErrnoException) => reject(notRun(error)));
    go.once('close', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`ended with ${code ?? signal}: ${lastLines(said, 3)}`)),
    );
  });
  await sayElapsed(say, () => 'Still building the Temporal server', ended);
  return join(into, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

function notRun(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT') return new Error('"go" is not on the PATH', { cause: error });
  if (error.name === 'AbortError') return new Error(`not done within ${LONGEST_MINUTES} minutes`, { cause: error });
  return error;
}
