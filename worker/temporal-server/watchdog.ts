import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Kills the child when this process ends, also when it is killed itself: a small process of its own holds the other
 * end of a pipe and sees it close. Returns what to call when the child has ended.
 */
export function killWithThisProcess(child: ChildProcess): () => void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const script = `process.stdin.resume().once('close', () => process.kill(${child.pid}, 'SIGKILL'))`;
  const watchdog = spawn(process.execPath, ['-e', script], {
    detached: true, // Or the signal that ends this process's group would end the watchdog with it.
    windowsHide: true,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => undefined); // Not started: the exit listener is what is left.
  watchdog.unref();
  (watchdog.stdin as typeof watchdog.stdin & { unref(): void }).unref();
  return () => {
    process.off('exit', kill);
    watchdog.kill('SIGKILL');
  };
}
