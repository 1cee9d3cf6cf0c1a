/** One lock per WorkSpace, kept by one workflow per account and Region. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { TASK_QUEUE } from '../../domain/target.ts';
import { workspaceLocksId, type LockAnswer, type LockExchange } from '../../domain/workspace-locks.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { exchangeLocksUpdate } from '../../workflows/workspace-locks.messages.ts';
import type { workspaceLocks } from '../../workflows/workspace-locks.ts';
import { locksHeld } from '../rig/locks.ts';
import { startRig, target, waitUntil, type Rig } from '../rig/upgrade.ts';

describe('the locks of WorkSpaces', function () {
  this.timeout(120_000);
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ fleet: plainFleet(1) });
  });
  afterEach(async () => await rig.close());

  const exchange = async (holder: string, changes: Partial<LockExchange>): Promise<LockAnswer> =>
    await rig.client.workflow.executeUpdateWithStart(exchangeLocksUpdate, {
      args: [{ holder, acquire: [], release: [], evict: [], ...changes }],
      startWorkflowOperation: new WithStartWorkflowOperation<typeof workspaceLocks>('workspaceLocks', {
        workflowId: workspaceLocksId(target),
        taskQueue: TASK_QUEUE,
        args: [{ held: {} }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  const locks = () => rig.client.workflow.getHandle(workspaceLocksId(target));

  it('are granted once, and refused with the name of the holder', async () => {
    assert.deepEqual(await exchange('a', { acquire: ['ws-1', 'ws-2'] }), { granted: ['ws-1', 'ws-2'], refused: [] });
    assert.deepEqual(await exchange('b', { acquire: ['ws-2', 'ws-3'] }), {
      granted: ['ws-3'],
      refused: [{ workspaceId: 'ws-2', holder: 'a' }],
    });
    assert.deepEqual(await locksHeld(rig), { 'ws-1': 'a', 'ws-2': 'a', 'ws-3': 'b' });
  });

  it('are granted again to their holder, so that a repeated message changes nothing', async () => {
    await exchange('a', { acquire: ['ws-1'] });
    assert.deepEqual(await exchange('a', { acquire: ['ws-1'] }), { granted: ['ws-1'], refused: [] });
    assert.deepEqual(await locksHeld(rig), { 'ws-1': 'a' });
  });

  it('go back by their holder only, and can be taken in the same message', async () => {
    await exchange('a', { acquire: ['ws-1', 'ws-2'] });
    await exchange('b', { release: ['ws-1'] });
    assert.deepEqual(await locksHeld(rig), { 'ws-1': 'a', 'ws-2': 'a' });
    await exchange('a', { release: ['ws-1'], acquire: ['ws-3'] });
    assert.deepEqual(await exchange('b', { acquire: ['ws-1'] }), { granted: ['ws-1'], refused: [] });
    assert.deepEqual(await locksHeld(rig), { 'ws-1': 'b', 'ws-2': 'a', 'ws-3': 'a' });
  });

  it('of a holder that was found dead are free', async () => {
    await exchange('a', { acquire: ['ws-1', 'ws-2'] });
    assert.deepEqual(await exchange('b', { acquire: ['ws-1'], evict: ['a'] }), { granted: ['ws-1'], refused: [] });
    assert.deepEqual(await locksHeld(rig), { 'ws-1': 'b' });
  });

  it('end when none was held for a while, and begin anew with the next message', async () => {
    await exchange('a', { acquire: ['ws-1'] });
    await exchange('a', { release: ['ws-1'] });
    const ended = async (): Promise<boolean> => (await locks().describe()).status.name === 'COMPLETED';
    await waitUntil('the locks ended', ended);
    assert.deepEqual(await exchange('b', { acquire: ['ws-1'] }), { granted: ['ws-1'], refused: [] });
    assert.equal((await locks().describe()).status.name, 'RUNNING');
  });

  it('are kept when their history becomes long and goes on in a new one, and no message is lost on the way', async () => {
    await exchange('a', { acquire: ['ws-kept'] });
    const { runId } = await locks().describe();
    // Temporal suggests it after four thousand events or four megabytes: long messages come there sooner.
    const many = Array.from({ length: 1500 }, (_, n) => `ws-of-a-long-message-${n}`);
    const fresh: string[] = [];
    await waitUntil('the locks went on in a new history', async () => {
      const ids = Array.from({ length: 5 }, () => `ws-${randomUUID()}`);
      const answers = await Promise.all(ids.map((id) => exchange('b', { acquire: [id, ...many] })));
      for (const [index, { granted }] of answers.entries()) assert.equal(granted[0], ids[index]);
      fresh.push(...ids);
      return (await locks().describe()).runId !== runId;
    });
    const held = await locksHeld(rig);
    assert.deepEqual(new Set(Object.keys(held)), new Set(['ws-kept', ...fresh, ...many]));
    assert.equal(held['ws-kept'], 'a');
  });
});
