/** The workflows as one file of code, made once per worker start and per test run. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const program = fileURLToPath(new URL(`bundle-process.${extension}`, import.meta.url));

/**
 * Made by a process of its own, which takes 200 MiB with it when it ends.
 * @param interceptorModules paths of modules that the bundle loads besides; only the sandbox has some.
 */
export async function bundleWorkflows(interceptorModules: string[] = []): Promise<WorkflowBundleWithSourceMap> {
  const child = fork(program, interceptorModules, { execArgv: [] });
  const made = once(child, 'message').then(([bundle]) => bundle as WorkflowBundleWithSourceMap);
  const ended = once(child, 'exit').then(([code]): never => {
    throw new Error(`the workflows could not be bundled: the process ended with ${String(code)}, see what it said`);
  });
  return await Promise.race([made, ended]);
}
