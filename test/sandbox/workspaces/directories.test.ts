import assert from 'node:assert/strict';
import { DescribeWorkspaceDirectoriesCommand, DescribeWorkspacesPoolsCommand } from '@aws-sdk/client-workspaces';
import { pools } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: directories and Pools', () => {
  let paused: Paused;
  before(async () => {
    paused = await startPaused(2, {
      directories: [
        { directoryId: 'd-0000000001', name: 'corp.example.com', usersMayRebuild: false },
        { directoryId: 'd-0000000002', name: 'branch.example.com', usersMayRebuild: true },
      ],
    });
    for (const name of ['front-desk', 'call-center']) {
      const poolId = `wspool-0${name.replace('-', '')}`.slice(0, 16);
      pools(paused.fleet.place).set(poolId, {
        poolId,
        name,
        bundleId: 'wsb-0fleet0001',
        directoryId: 'd-0000000001',
        createdAt: paused.fleet.start,
        state: 'RUNNING',
      });
    }
  });
  after(() => paused.close());

  it('says whether a directory’s users may rebuild their WorkSpaces', async () => {
    const { Directories } = await paused.workspaces.send(new DescribeWorkspaceDirectoriesCommand({}));
    assert.deepEqual(
      Directories?.map(({ DirectoryId, SelfservicePermissions }) => [
        DirectoryId,
        SelfservicePermissions?.RebuildWorkspace,
      ]),
      [
        ['d-0000000001', 'DISABLED'],
        ['d-0000000002', 'ENABLED'],
      ],
    );
  });

  it('describes directories by id, in pages', async () => {
    const chosen = new DescribeWorkspaceDirectoriesCommand({ DirectoryIds: ['d-0000000002'] });
    assert.equal((await paused.workspaces.send(chosen)).Directories?.[0]?.DirectoryName, 'branch.example.com');
    const first = await paused.workspaces.send(new DescribeWorkspaceDirectoriesCommand({ Limit: 1 }));
    const { NextToken } = first;
    const second = await paused.workspaces.send(new DescribeWorkspaceDirectoriesCommand({ Limit: 1, NextToken }));
    assert.equal(second.Directories?.[0]?.DirectoryId, 'd-0000000002');
    assert.equal(second.NextToken, undefined);
  });

  it('shows which bundle a Pool uses', async () => {
    const { WorkspacesPools } = await paused.workspaces.send(new DescribeWorkspacesPoolsCommand({}));
    assert.deepEqual(
      WorkspacesPools?.map(({ PoolName, BundleId }) => [PoolName, BundleId]),
      [
        ['front-desk', 'wsb-0fleet0001'],
        ['call-center', 'wsb-0fleet0001'],
      ],
    );
  });

  it('filters Pools by name and refuses an unknown id', async () => {
    const Filters = [{ Name: 'PoolName' as const, Operator: 'CONTAINS' as const, Values: ['desk'] }];
    const found = await paused.workspaces.send(new DescribeWorkspacesPoolsCommand({ Filters }));
    assert.deepEqual(
      found.WorkspacesPools?.map(({ PoolName }) => PoolName),
      ['front-desk'],
    );
    const unknown = new DescribeWorkspacesPoolsCommand({ PoolIds: ['wspool-000000000'] });
    await refused(paused.workspaces.send(unknown), 'ResourceNotFoundException');
  });
});
