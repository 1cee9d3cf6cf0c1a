/** What a worker beside the sandbox is given so that its waits keep step with the virtual clock. */
import { fileURLToPath } from 'node:url';
import { shortenActivityDelays } from './activity-time.ts';
import { evenCalls } from './even-calls.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const workflowTime = fileURLToPath(new URL(`workflow-time.${extension}`, import.meta.url));

export const paceOf = (speed: number) => ({
  speed,
  workflowInterceptorModules: [`${workflowTime}?speed=${speed}`],
  activityInterceptors: [shortenActivityDelays(speed)],
  limitedQueueInterceptors: (perSecond: number) => [evenCalls(perSecond)],
});
