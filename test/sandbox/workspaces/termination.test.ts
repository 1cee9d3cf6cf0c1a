import assert from 'node:assert/strict';
import {
  CreateWorkspaceImageCommand,
  DescribeTagsCommand,
  DescribeWorkspacesCommand,
  MigrateWorkspaceCommand,
  RebootWorkspacesCommand,
  TerminateWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { terminations, userVolumeOf } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: TerminateWorkspaces', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(5, { special: { stopped: [1], inError: [2], adminMaintenance: [3] } });
  });
  afterEach(() => paused.close());

  async function terminate(...indexes: number[]) {
    const TerminateWorkspaceRequests = indexes.map((index) => ({ WorkspaceId: paused.id(index) }));
    const output = await paused.workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests }));
    return output.FailedRequests?.map(({ ErrorCode }) => ErrorCode);
  }
  async function state(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0]?.State;
  }

  it('shows TERMINATING for some minutes and then nothing, from any state; its user volume and tags are gone', async () => {
    assert.deepEqual(await terminate(0, 1, 2, 3), []);
    paused.pass(10);
    for (const index of [0, 1, 2, 3]) assert.equal(await state(index), 'TERMINATING');
    paused.pass(5 * 60);
    for (const index of [0, 1, 2, 3]) assert.equal(await state(index), undefined);
    assert.equal(userVolumeOf(paused.fleet.place, paused.id(0)), undefined);
    const tags = paused.workspaces.send(new DescribeTagsCommand({ ResourceId: paused.id(0) }));
    await refused(tags, 'ResourceNotFoundException');
  });

  it('accepts a second call and does nothing, until the id is unknown', async () => {
    await terminate(0);
    assert.deepEqual(await terminate(0), []);
    paused.pass(60);
    assert.deepEqual(await terminate(0), []);
    paused.pass(5 * 60);
    assert.deepEqual(await terminate(0), ['ResourceNotFound.Workspace']);
    assert.equal(terminations(paused.fleet.place).length, 1);
  });

  it('refuses what is SUSPENDED, from the call for its image on', async () => {
    const input = { WorkspaceId: paused.id(0), Name: 'last', Description: 'Last image' };
    await paused.workspaces.send(new CreateWorkspaceImageCommand(input));
    assert.deepEqual(await terminate(0), ['InvalidResourceState.Workspace']);
    paused.pass(60);
    assert.deepEqual(await terminate(0), ['InvalidResourceState.Workspace']);
    paused.pass(46 * 60);
    assert.deepEqual(await terminate(0), []);
  });

  it('refuses both sides of a migration', async () => {
    const input = { SourceWorkspaceId: paused.id(0), BundleId: WELL_KNOWN.otherBundleId };
    const { TargetWorkspaceId } = await paused.workspaces.send(new MigrateWorkspaceCommand(input));
    paused.pass(60);
    assert.deepEqual(await terminate(0), ['InvalidResourceState.Workspace']);
    const TerminateWorkspaceRequests = [{ WorkspaceId: TargetWorkspaceId }];
    const output = await paused.workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests }));
    assert.equal(output.FailedRequests?.length, 1);
  });

  it('lets nothing else be done from the call on', async () => {
    await terminate(4);
    const RebootWorkspaceRequests = [{ WorkspaceId: paused.id(4) }];
    const { FailedRequests } = await paused.workspaces.send(new RebootWorkspacesCommand({ RebootWorkspaceRequests }));
    assert.match(FailedRequests?.[0]?.ErrorMessage ?? '', /TERMINATING/);
  });

  it('never ends, or ends in ERROR, when a rule says so', async () => {
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'TerminateWorkspaces', resource: paused.id(0) });
    paused.sandbox.faults.add({ kind: 'fail', operation: 'TerminateWorkspaces', resource: paused.id(4) });
    await terminate(0, 4);
    paused.pass(24 * 3600);
    assert.deepEqual([await state(0), await state(4)], ['TERMINATING', 'ERROR']);
  });

  it('refuses an item when a rule says so', async () => {
    paused.sandbox.faults.add({
      kind: 'refuse',
      operation: 'TerminateWorkspaces',
      resource: paused.id(0),
      code: 'Busy',
    });
    assert.deepEqual(await terminate(0, 4), ['Busy']);
    paused.pass(10);
    assert.deepEqual([await state(0), await state(4)], ['AVAILABLE', 'TERMINATING']);
  });
});
