/**
 * Begins custodies of recovery points, and tells those that run. A point's workflow id is its lock, so it has one custody
 * however often, and by whomever, it is begun.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { COPY_HINT } from '../domain/copy-queue.ts';
import {
  custodyId,
  type CustodyHint,
  type CustodyInput,
  type CustodyOutcome,
  type CustodyResult,
} from '../domain/custody.ts';
import { attributesOf } from '../domain/search-attributes.ts';
import { TASK_QUEUE } from '../domain/target.ts';

/** `settled`: it was begun before and has come to its end. */
export type Begun = 'started' | 'running' | 'settled';

/** Begins a custody that the index of settled points does not have. */
export async function beginCustody(client: Client, input: CustodyInput): Promise<Begun> {
  const start = async (again: boolean): Promise<Begun> => {
    await client.workflow.start('custody', startOptions(input, again));
    return 'started';
  };
  return await startOrJoin(client, input, start);
}

/** The same, and the custody is told what happened, whether it runs or begins now. */
export async function tellCustody(client: Client, input: CustodyInput, hint: CustodyHint): Promise<void> {
  await startOrJoin(client, input, async (again) => {
    const options = { ...startOptions(input, again), signal: COPY_HINT, signalArgs: [hint] };
    await client.workflow.signalWithStart('custody', options);
    return 'running';
  });
}

/** Tells a custody that runs. @returns whether there is one */
export async function hintCustody(client: Client, pointArn: string, hint: CustodyHint): Promise<boolean> {
  try {
    await client.workflow.getHandle(custodyId(pointArn)).signal(COPY_HINT, hint);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function startOrJoin(
  client: Client,
  { point }: CustodyInput,
  start: (again: boolean) => Promise<Begun>,
): Promise<Begun> {
  try {
    return await start(false);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle(custodyId(point.arn));
  if ((await handle.describe()).status.name === 'RUNNING') return 'running';
  // What was read of the index may be a minute old, so Temporal is believed too.
  const { outcome } = (await handle.result()) as CustodyResult;
  return BEGUN_AGAIN.includes(outcome) ? await start(true) : 'settled';
}

/**
 * What a custody ended as without having done anything that would have to stay done. This is asked only of points that the
 * index does not have as settled: of those that no rule was for the policy has changed since, and of one that was gone AWS had
 * shown nothing then, as the index has those that it had shown.
 */
const BEGUN_AGAIN: readonly CustodyOutcome[] = ['notCovered', 'belongsToAnother', 'gone'];

/** One that was terminated or failed left its point alone: it is begun again. */
const startOptions = (input: CustodyInput, again: boolean) => ({
  workflowId: custodyId(input.point.arn),
  taskQueue: TASK_QUEUE,
  args: [input],
  workflowIdReusePolicy: again ? ('ALLOW_DUPLICATE' as const) : ('ALLOW_DUPLICATE_FAILED_ONLY' as const),
  searchAttributes: attributesOf('custody', input.point, input.point.arn) as Record<string, string[]>,
  // The ARN does not tell the vault.
  memo: { vault: input.point.vault },
  staticSummary: `custody of a recovery point in ${input.point.vault}`,
});
