/** The workflows as one file of code, made once per worker start and per test run. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// Sources run as they are in a checkout, and as .js from dist/.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** @param interceptorModules paths of modules that the bundle loads besides; only the sandbox has some. */
export async function bundleWorkflows(interceptorModules: string[] = []): Promise<WorkflowBundleWithSourceMap> {
  return await bundleWorkflowCode({
    workflowsPath: pathOf(`../workflows/index.${extension}`),
    workflowInterceptorModules: interceptorModules,
    logger: new DefaultLogger('WARN'),
  });
}
