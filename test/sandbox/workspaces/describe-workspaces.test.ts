import assert from 'node:assert/strict';
import { DescribeWorkspacesCommand, type DescribeWorkspacesCommandInput } from '@aws-sdk/client-workspaces';
import { desktops } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: DescribeWorkspaces', () => {
  let paused: Paused;
  before(async () => {
    paused = await startPaused(60, {
      special: { inError: [1], stopped: [2], keyDisabled: [3], standby: [4], hasStandby: [5] },
      outside: { otherBundle: 3, untagged: 0 },
    });
  });
  after(() => paused.close());

  const describeWith = (input: DescribeWorkspacesCommandInput) =>
    paused.workspaces.send(new DescribeWorkspacesCommand(input));

  it('shows a WorkSpace as AWS does', async () => {
    const [one] = (await describeWith({ WorkspaceIds: [paused.id(0)] })).Workspaces ?? [];
    assert.equal(one?.State, 'AVAILABLE');
    assert.equal(one.BundleId, 'wsb-0fleet0001');
    assert.match(one.ComputerName ?? '', /^WSAMZN-[0-9A-Z]{8}$/);
    assert.match(one.IpAddress ?? '', /^10\./);
    assert.equal(one.WorkspaceProperties?.RunningMode, 'ALWAYS_ON');
    assert.equal(one.VolumeEncryptionKey, undefined);
    assert.equal(one.RelatedWorkspaces, undefined);
  });

  it('shows the error of a WorkSpace in ERROR, the key of an encrypted one, and both sides of a standby pair', async () => {
    const ids = [1, 3, 4, 5].map((index) => paused.id(index));
    const [inError, encrypted, standby, primary] = (await describeWith({ WorkspaceIds: ids })).Workspaces ?? [];
    assert.equal(inError?.ErrorCode, 'UnhealthyWorkspace');
    assert.equal(encrypted?.VolumeEncryptionKey, paused.fleet.volumeKeyArns[1]);
    assert.equal(standby?.RelatedWorkspaces?.[0]?.Type, 'PRIMARY');
    assert.equal(standby?.StandbyWorkspacesProperties, undefined);
    assert.equal(primary?.RelatedWorkspaces?.[0]?.Type, 'STANDBY');
    assert.equal(primary?.StandbyWorkspacesProperties?.length, 1);
  });

  it('pages through a bundle 25 at a time, each WorkSpace once', async () => {
    const seen: string[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const input = { BundleId: 'wsb-0fleet0001', ...(NextToken !== undefined && { NextToken }) };
      const output = await describeWith(input);
      sizes.push(output.Workspaces?.length ?? 0);
      seen.push(...(output.Workspaces ?? []).map(({ WorkspaceId }) => WorkspaceId ?? ''));
      NextToken = output.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(sizes, [25, 25, 10]);
    assert.equal(new Set(seen).size, 60);
  });

  it('refuses a token of another request, and a token a day later', async () => {
    const { NextToken = '' } = await describeWith({ BundleId: 'wsb-0fleet0001' });
    await refused(describeWith({ DirectoryId: 'd-90670f1ee7', NextToken }), 'InvalidParameterValuesException');
    paused.pass(24 * 3600);
    await refused(describeWith({ BundleId: 'wsb-0fleet0001', NextToken }), 'InvalidParameterValuesException');
  });

  it('finds the WorkSpace of a directory user, whatever the case of the name', async () => {
    const [one] = (await describeWith({ WorkspaceIds: [paused.id(0)] })).Workspaces ?? [];
    const UserName = one?.UserName?.toUpperCase();
    const found = await describeWith({ DirectoryId: 'd-90670f1ee7', UserName });
    assert.deepEqual(
      found.Workspaces?.map(({ WorkspaceId }) => WorkspaceId),
      [paused.id(0)],
    );
  });

  it('refuses ids, directory and bundle together, and a user without a directory', async () => {
    const BundleId = 'wsb-0fleet0001';
    await refused(describeWith({ WorkspaceIds: [paused.id(0)], BundleId }), 'InvalidParameterValuesException');
    await refused(describeWith({ DirectoryId: 'd-90670f1ee7', BundleId }), 'InvalidParameterValuesException');
    await refused(describeWith({ UserName: 'someone' }), 'InvalidParameterValuesException');
  });

  it('refuses more than 25 ids, and a limit above 25', async () => {
    const WorkspaceIds = Array.from({ length: 26 }, (_, index) => paused.id(index));
    await assert.rejects(describeWith({ WorkspaceIds }));
    await assert.rejects(describeWith({ Limit: 26 }));
  });

  it('leaves out ids that do not exist, without an error', async () => {
    const { Workspaces } = await describeWith({ WorkspaceIds: ['ws-000000000', paused.id(0)] });
    assert.equal(Workspaces?.length, 1);
  });

  it('does not show a WorkSpace in the moment after its creation', async () => {
    const table = desktops(paused.fleet.place);
    const model = table.get(paused.id(0));
    assert.ok(model);
    const createdAt = paused.now();
    const log = [{ at: createdAt, state: 'PENDING' as const }];
    table.set('ws-0new00001', { ...model, workspaceId: 'ws-0new00001', createdAt, log });
    assert.equal((await describeWith({ WorkspaceIds: ['ws-0new00001'] })).Workspaces?.length, 0);
    paused.pass(20);
    const [made] = (await describeWith({ WorkspaceIds: ['ws-0new00001'] })).Workspaces ?? [];
    assert.equal(made?.State, 'PENDING');
    assert.equal(made.IpAddress, undefined);
    table.delete('ws-0new00001');
  });

  it('shows a stale read the state of then', async () => {
    const desktop = desktops(paused.fleet.place).get(paused.id(6));
    desktop?.log.push({ at: paused.now(), state: 'UNHEALTHY' });
    const off = paused.sandbox.faults.add({ kind: 'stale', operation: 'DescribeWorkspaces', seconds: 60 });
    const [stale] = (await describeWith({ WorkspaceIds: [paused.id(6)] })).Workspaces ?? [];
    off();
    const [fresh] = (await describeWith({ WorkspaceIds: [paused.id(6)] })).Workspaces ?? [];
    assert.deepEqual([stale?.State, fresh?.State], ['AVAILABLE', 'UNHEALTHY']);
  });
});
