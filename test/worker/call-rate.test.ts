import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityExecuteInput } from '@temporalio/worker';
import { slowedByThrottles } from '../../worker/call-rate.ts';
import { testTemporal } from '../rig/temporal.ts';
import { waitUntil } from '../rig/upgrade.ts';

const input = {} as ActivityExecuteInput;

/** Runs one activity that ends so through the interceptor. */
async function execute(
  interceptors: ReturnType<typeof slowedByThrottles>,
  end: () => Promise<unknown>,
): Promise<unknown> {
  const { inbound } = interceptors({} as Parameters<typeof interceptors>[0]);
  return await inbound?.execute?.(input, end);
}

describe('the rate of WorkSpaces calls', () => {
  const limitOf = async (taskQueue: string): Promise<number | null> => {
    const { client, namespace } = await testTemporal();
    const asked = { namespace, taskQueue: { name: taskQueue }, taskQueueType: 2, reportConfig: true };
    const { config } = await client.workflowService.describeTaskQueue(asked);
    return config?.queueRateLimit?.rateLimit?.requestsPerSecond ?? null;
  };
  const throttled = (): Promise<never> => Promise.reject(ApplicationFailure.create({ type: 'Throttled' }));

  it('is halved when AWS throttles a call, and given back after a while', async () => {
    const { client } = await testTemporal();
    const taskQueue = 'call-rate-given-back';
    const slowed = slowedByThrottles({ client, taskQueue, perSecond: 1.5, slowFor: 500 });
    await assert.rejects(execute(slowed, throttled), { type: 'Throttled' });
    await waitUntil('the rate is halved', async () => (await limitOf(taskQueue)) === 0.75);
    await waitUntil('the rate is given back', async () => (await limitOf(taskQueue)) === null);
  });

  it('is halved also when a rebuild answers that it was throttled', async () => {
    const { client } = await testTemporal();
    const taskQueue = 'call-rate-rebuild';
    const slowed = slowedByThrottles({ client, taskQueue, perSecond: 2, slowFor: 60_000 });
    await execute(slowed, () => Promise.resolve({ reply: 'throttled' }));
    await waitUntil('the rate is halved', async () => (await limitOf(taskQueue)) === 1);
  });

  it('stays as it is when a call ends otherwise', async () => {
    const { client } = await testTemporal();
    const taskQueue = 'call-rate-untouched';
    const slowed = slowedByThrottles({ client, taskQueue, perSecond: 2 });
    assert.equal(await execute(slowed, () => Promise.resolve('done')), 'done');
    await assert.rejects(execute(slowed, () => Promise.reject(ApplicationFailure.create({ type: 'NotFound' }))));
    assert.equal(await limitOf(taskQueue), null);
  });
});
