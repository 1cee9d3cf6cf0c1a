import assert from 'node:assert/strict';
import type { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { TASK_QUEUE } from '../../domain/target.ts';
import { nth, refOf, startCustody, untilCustody, withCustodyRig } from '../rig/custody.ts';

describe('stack traces of workflows', function () {
  this.timeout(60_000);

  it('tell in which functions an error was thrown, and are not taken of promises', async () => {
    await withCustodyRig({ points: [{ count: 1 }] }, async (rig) => {
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      await untilCustody(handle, 'it copies', ({ phase }) => phase === 'copying');
      assert.equal(await handle.query('__stack_trace'), '');
      const workflowId = 'custody/nothing';
      const failing = rig.client.workflow.execute('custody', { workflowId, taskQueue: TASK_QUEUE, args: [{}] });
      await assert.rejects(failing, (error: WorkflowFailedError) => {
        const { stack } = error.cause as ApplicationFailure;
        return /\n {4}at checkInput\n/.test(stack ?? '');
      });
    });
  });
});
