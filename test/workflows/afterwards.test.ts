import assert from 'node:assert/strict';
import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { seedStack, type Stack } from '../../sandbox/services/cloudformation.ts';
import type { imageUpgrade } from '../../workflows/image-upgrade.ts';
import { startRig, startUpgrade, upgradeInput, waitUntil, type Rig } from '../rig/upgrade.ts';

const { account, region, stackName } = WELL_KNOWN;
/** Nothing to rebuild: only what comes afterwards matters here. */
const inputWith = (afterwards: Partial<ImageUpgradeInput['afterwards']>): ImageUpgradeInput =>
  upgradeInput({
    selection: { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Nobody' }] },
    afterwards: { deleteScheduleId: null, deleteStackName: null, ...afterwards },
  });

async function schedule(client: Client, scheduleId: string, input: ImageUpgradeInput): Promise<void> {
  await client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '365 days' }] },
    action: { type: 'startWorkflow', workflowType: 'imageUpgrade', taskQueue: TASK_QUEUE, args: [input] },
    state: { paused: true },
  });
}

async function exists(client: Client, scheduleId: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleId).describe();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

describe('after a run', () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig({ fleet: plainFleet(1), speed: 1000 });
  });
  after(() => rig.close());

  const stackStatus = (name: string): string | undefined =>
    rig.sandbox.world.store
      .table<Stack>(account, region, 'cloudformation.stacks')
      .values()
      .find((stack) => stack.name === name)
      ?.log.at(-1)?.status;

  it('nothing is removed that it was not told to remove', async () => {
    await schedule(rig.client, 'stays', inputWith({}));
    const { afterwards } = await (await startUpgrade(rig, inputWith({}))).result();
    assert.deepEqual(afterwards, []);
    assert.ok(await exists(rig.client, 'stays'));
    assert.equal(stackStatus(stackName), 'CREATE_COMPLETE');
    await rig.client.schedule.getHandle('stays').delete();
  });

  it('the schedule that started it is gone, and the stack that it was told to delete', async () => {
    const input = inputWith({ deleteScheduleId: 'once', deleteStackName: stackName });
    await schedule(rig.client, 'once', input);
    const handle = rig.client.schedule.getHandle('once');
    await handle.trigger();
    let workflowId = '';
    await waitUntil('the schedule has started the run', async () => {
      const [first] = (await handle.describe()).info.recentActions;
      if (first?.action.type === 'startWorkflow') workflowId = first.action.workflow.workflowId;
      return workflowId !== '';
    });
    const result = await rig.client.workflow.getHandle<typeof imageUpgrade>(workflowId).result();
    assert.deepEqual(result.afterwards, ['schedule once was deleted', `stack ${stackName} was deleted`]);
    assert.equal(await exists(rig.client, 'once'), false);
    assert.equal(stackStatus(stackName), 'DELETE_COMPLETE');
  });

  it('what cannot be removed is told, and fails nothing', async () => {
    seedStack(rig.sandbox.world, { account, region, name: 'protected', terminationProtection: true });
    const { outcome, afterwards } = await (
      await startUpgrade(rig, inputWith({ deleteStackName: 'protected' }))
    ).result();
    assert.equal(outcome, 'nothingToDo');
    assert.match(afterwards.join(), /^stack protected could not be deleted: .*TerminationProtection is enabled/);
    assert.equal(stackStatus('protected'), 'CREATE_COMPLETE');
  });

  it('a refused run removes nothing', async () => {
    seedStack(rig.sandbox.world, { account, region, name: 'still-needed' });
    const input = { ...inputWith({ deleteStackName: 'still-needed' }), imageId: 'wsi-0nobody001' };
    assert.equal((await (await startUpgrade(rig, input)).result()).outcome, 'refused');
    assert.equal(stackStatus('still-needed'), 'CREATE_COMPLETE');
  });
});
