/** A program of the user's that looks at what was restored. */
import { spawn, type ChildProcess } from 'node:child_process';
import { ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { alive } from './alive.ts';

export interface CheckCommandsDeps {
  /**
   * What this worker may run, as its own configuration has it: who can start a workflow must not be able to have any
   * program run here.
   */
  readonly checkCommands: readonly (readonly string[])[];
}

export interface CheckEnd {
  /** It ended with 0, in time. */
  readonly ok: boolean;
  /** How it ended, in words, with the last that it said. */
  readonly says: string;
}

/** Of what it prints, the last so many bytes are kept. */
const OUTPUT_KEPT = 2_048;
/** Between asking it to end and ending it. */
const GRACE = 2_000;

export const createCheckCommandsActivities = ({ checkCommands }: CheckCommandsDeps) => ({
  /**
   * Runs the program, without a shell, in a process group of its own that is ended with it. It only reads, as its author has
   * promised: after a worker died it is run again.
   */
  async runCheckCommand(input: {
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly seconds: number;
  }): Promise<CheckEnd> {
    const { command, env, seconds } = input;
    const wanted = JSON.stringify(command);
    if (!checkCommands.some((each) => JSON.stringify(each) === wanted)) {
      throw ApplicationFailure.nonRetryable(
        `this worker does not run ${wanted}: start it with --config and a holdfast.yaml whose restoreTests have that command`,
        'SafetyRefused',
      );
    }
    return await alive(() => runProgram(command, { env, seconds, signal: cancellationSignal() }));
  },
});

interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

async function runProgram(
  [program = '', ...args]: readonly string[],
  { env, seconds, signal }: RunOptions,
): Promise<CheckEnd> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    shell: false,
  });
  const output = lastOf(child);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child);
  }, seconds * 1000);
  const stop = (): void => end(child);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const how = await ended(child);
    signal.throwIfAborted();
    const said = output();
    const what = late ? `did not end within ${seconds} s` : how.text;
    return { ok: how.ok && !late, says: said === '' ? what : `${what}: ${said}` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function ended(child: ChildProcess): Promise<{ readonly ok: boolean; readonly text: string }> {
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve({ ok: false, text: `it cannot be run: ${error.message}` }));
    child.once('close', (code, signal) =>
      resolve({ ok: code === 0, text: code === null ? `was ended by ${signal}` : `ended with ${code}` }),
    );
  });
}

/** What it printed last, on either stream. */
function lastOf({ stdout, stderr }: ChildProcess): () => string {
  let kept = Buffer.alloc(0);
  const keep = (chunk: Buffer): void => {
    kept = Buffer.concat([kept, chunk]).subarray(-OUTPUT_KEPT);
  };
  stdout?.on('data', keep);
  stderr?.on('data', keep);
  return () => kept.toString('utf8').trim();
}

/** With all that it has started. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
