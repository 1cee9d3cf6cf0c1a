import assert from 'node:assert/strict';
import { DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { seedStack } from '../../sandbox/services/cloudformation.ts';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

describe('sandbox: CloudFormation', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(1);
  });
  afterEach(() => paused.close());

  const remove = (StackName: string) => paused.cloudformation.send(new DeleteStackCommand({ StackName }));
  const look = async (StackName?: string) =>
    (await paused.cloudformation.send(new DescribeStacksCommand({ StackName }))).Stacks ?? [];
  const name = 'workspaces-image-upgrade';

  it('deletes a stack over a while; then only its ARN finds it', async () => {
    const [stack] = await look(name);
    assert.equal(stack?.StackStatus, 'CREATE_COMPLETE');
    await remove(name);
    assert.equal((await look(name))[0]?.StackStatus, 'DELETE_IN_PROGRESS');
    await remove(name);
    paused.pass(90);
    await refused(look(name), 'ValidationError', /^Stack with id workspaces-image-upgrade does not exist$/);
    assert.equal((await look(stack.StackId))[0]?.StackStatus, 'DELETE_COMPLETE');
    assert.deepEqual(await look(), []);
  });

  it('succeeds for a stack that does not exist', async () => {
    await remove('never-there');
    await refused(look('never-there'), 'ValidationError');
  });

  it('refuses a protected stack', async () => {
    seedStack(paused.sandbox.world, { ...paused.fleet.place, name: 'protected', terminationProtection: true });
    await refused(remove('protected'), 'ValidationError', /TerminationProtection/);
    assert.equal((await look('protected'))[0]?.StackStatus, 'CREATE_COMPLETE');
  });

  it('can fail to delete, or never end, when a rule says so', async () => {
    const off = paused.sandbox.faults.add({ kind: 'fail', operation: 'DeleteStack', message: 'bucket not empty' });
    await remove(name);
    off();
    paused.pass(90);
    const [failed] = await look(name);
    assert.deepEqual([failed?.StackStatus, failed?.StackStatusReason], ['DELETE_FAILED', 'bucket not empty']);
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'DeleteStack' });
    await remove(name);
    paused.pass(24 * 3600);
    assert.equal((await look(name))[0]?.StackStatus, 'DELETE_IN_PROGRESS');
  });
});
