/** Makes the workflow bundle for the process that forked this one: what webpack takes in memory ends with it. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// Sources run as they are in a checkout, and as .js from dist/.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const bundle = await bundleWorkflowCode({
  workflowsPath: pathOf(`../workflows/index.${extension}`),
  workflowInterceptorModules: process.argv.slice(2),
  logger: new DefaultLogger('WARN'),
});
process.send?.(bundle, () => process.disconnect());
