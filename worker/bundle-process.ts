/** Makes the workflow bundle for the process that forked this one: what webpack takes in memory ends with it. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// Sources run as they are in a checkout, and as .js from dist/.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const workflowsPath = pathOf(`../workflows/index.${extension}`);
const bundle = await bundleWorkflowCode({
  workflowsPath,
  // Loaded once for all workflows of a thread instead of anew for each: no module of ours keeps anything of a run.
  preloadModules: [workflowsPath],
  workflowInterceptorModules: process.argv.slice(2),
  logger: new DefaultLogger('WARN'),
});
process.send?.(bundle, () => process.disconnect());
