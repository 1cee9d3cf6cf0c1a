/** The command line as its users run it: a process of its own. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { waitUntil } from '../rig/upgrade.ts';

const program = join(import.meta.dirname, '../../client/holdfast.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** What it has printed on stdout so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

interface Where {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Of this machine's environment, only what finds programs: no server, account or profile that it is set up for. */
function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => name === 'TEMPORAL_CLI_PATH' || !/^(TEMPORAL|AWS)_|_proxy$/i.test(name),
  );
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: '', AWS_EC2_METADATA_DISABLED: 'true', ...env };
}

export function start(args: readonly string[], { cwd, env }: Where): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

export const run = async (args: readonly string[], where: Where): Promise<Ended> => await start(args, where).ended;

/** `holdfast dev`, once it is up. */
export async function startDev(cwd: string, ...flags: readonly string[]): Promise<Running> {
  const dev = start(['dev', ...flags], { cwd });
  await waitUntil('dev is up', () => dev.stdout().includes('Ctrl-C ends everything') || dev.process.exitCode !== null);
  assert.equal(dev.process.exitCode, null, dev.stderr());
  return dev;
}
