import assert from 'node:assert/strict';
import { CreateTagsCommand, DeleteTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-workspaces';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: tags of WorkSpaces', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(2);
  });
  afterEach(() => paused.close());

  async function tags(ResourceId: string) {
    const { TagList } = await paused.workspaces.send(new DescribeTagsCommand({ ResourceId }));
    return Object.fromEntries((TagList ?? []).map(({ Key, Value }) => [Key, Value]));
  }
  const create = (ResourceId: string, Tags: { Key: string; Value: string }[]) =>
    paused.workspaces.send(new CreateTagsCommand({ ResourceId, Tags }));

  it('adds tags, replaces values, and deletes by key', async () => {
    assert.equal((await tags(paused.id(0)))['Env'], 'Prod');
    await create(paused.id(0), [
      { Key: 'Env', Value: 'Test' },
      { Key: 'Owner', Value: 'it' },
    ]);
    const changed = await tags(paused.id(0));
    assert.deepEqual([changed['Env'], changed['Owner']], ['Test', 'it']);
    await paused.workspaces.send(new DeleteTagsCommand({ ResourceId: paused.id(0), TagKeys: ['Env', 'Absent'] }));
    assert.equal((await tags(paused.id(0)))['Env'], undefined);
    assert.equal((await tags(paused.id(1)))['Env'], 'Prod');
  });

  it('tags directories, bundles and images too, and removes their tags', async () => {
    for (const id of ['d-90670f1ee7', 'wsb-0fleet0001', 'wsi-0fleet0002']) {
      await create(id, [{ Key: 'Owner', Value: 'it' }]);
      assert.deepEqual(await tags(id), { Owner: 'it' });
      await paused.workspaces.send(new DeleteTagsCommand({ ResourceId: id, TagKeys: ['Owner'] }));
      assert.deepEqual(await tags(id), {});
    }
  });

  it('refuses what is unknown, a 51st tag, and keys that AWS reserves', async () => {
    await refused(tags('ws-000000000'), 'ResourceNotFoundException');
    await refused(create('ws-000000000', [{ Key: 'a', Value: 'b' }]), 'ResourceNotFoundException');
    await refused(create(paused.id(0), [{ Key: 'aws:x', Value: 'b' }]), 'InvalidParameterValuesException');
    const many = Array.from({ length: 49 }, (_, n) => ({ Key: `key${n}`, Value: '' }));
    await refused(create(paused.id(0), many), 'ResourceLimitExceededException');
  });

  it('shows a stale read the tags of before', async () => {
    await create(paused.id(0), [{ Key: 'Env', Value: 'Test' }]);
    paused.sandbox.faults.add({ kind: 'stale', operation: 'DescribeTags', seconds: 10 });
    assert.equal((await tags(paused.id(0)))['Env'], 'Prod');
  });
});
