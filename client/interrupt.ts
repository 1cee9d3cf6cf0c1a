/** Ctrl-C: the first ends a command in order, the second at once. */
import { EXIT } from './exit.ts';

type CleanUp = () => Promise<void>;
const cleanUps: CleanUp[] = [];
let waiting: ((signal: NodeJS.Signals) => void) | undefined;
let interrupted = false;

/** Runs `cleanUp` when the command is interrupted; call what it returns once there is nothing to clean up any more. */
export function onInterrupt(cleanUp: CleanUp): () => void {
  cleanUps.push(cleanUp);
  return () => {
    const index = cleanUps.indexOf(cleanUp);
    if (index >= 0) cleanUps.splice(index, 1);
  };
}

/** For commands that stay up until somebody ends them. */
export async function untilInterrupted(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    waiting = resolve;
  });
}

async function interrupt(signal: NodeJS.Signals): Promise<void> {
  if (interrupted) process.exit(EXIT.interrupted);
  interrupted = true;
  if (waiting) {
    waiting(signal);
    return;
  }
  for (const cleanUp of cleanUps.toReversed()) await cleanUp().catch(() => undefined);
  process.exit(EXIT.interrupted);
}

export function handleInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, (each) => void interrupt(each));
}
