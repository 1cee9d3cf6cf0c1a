/** Where the embedded set-up of `holdfast dev` in this folder can be reached, told to the other commands by a file. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface DevState {
  /** The process of `holdfast dev`; the set-up ends with it. */
  readonly pid: number;
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  /** For AWS_ENDPOINT_URL: the sandbox. */
  readonly awsEndpoint: string;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly account: string;
  readonly region: string;
}

export const STATE_FOLDER = '.holdfast';
const file = (): string => join(process.cwd(), STATE_FOLDER, 'dev.json');

/** The set-up that runs in this folder; null: none does. */
export function readDevState(): DevState | null {
  if (!existsSync(file())) return null;
  try {
    const state = JSON.parse(readFileSync(file(), 'utf8')) as DevState;
    return isAlive(state.pid) ? state : null;
  } catch {
    // Half written, or by another version: nothing that could be joined.
    return null;
  }
}

/** @returns removes the file, if it is still this process's own */
export function writeDevState(state: DevState): () => void {
  mkdirSync(dirname(file()), { recursive: true });
  const unfinished = `${file()}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(unfinished, file());
  return () => {
    if (readDevState()?.pid === state.pid) rmSync(file(), { force: true });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
