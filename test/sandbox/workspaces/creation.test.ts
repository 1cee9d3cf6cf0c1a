import assert from 'node:assert/strict';
import {
  CreateWorkspacesCommand,
  DescribeTagsCommand,
  DescribeWorkspaceSnapshotsCommand,
  DescribeWorkspacesCommand,
  TerminateWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import type { WorkspaceRequest } from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { rootImageOf, userVolumeOf } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { bundles, directories } from '../../../sandbox/services/workspaces/rows.ts';
import { changeSettings } from '../../../sandbox/services/workspaces/settings.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const { bundleId, directoryId, otherImageId, otherBundleId } = WELL_KNOWN;
const MINUTES = 60;

describe('sandbox: CreateWorkspaces', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(2);
  });
  afterEach(() => paused.close());

  const send = (...Workspaces: WorkspaceRequest[]) =>
    paused.workspaces.send(new CreateWorkspacesCommand({ Workspaces }));
  const request = (UserName: string, changes: Partial<WorkspaceRequest> = {}): WorkspaceRequest => ({
    DirectoryId: directoryId,
    BundleId: bundleId,
    UserName,
    ...changes,
  });
  async function create(...asked: Parameters<typeof request>): Promise<string> {
    const { FailedRequests, PendingRequests } = await send(request(...asked));
    assert.deepEqual(FailedRequests, []);
    return PendingRequests?.[0]?.WorkspaceId ?? assert.fail('no id');
  }
  async function failure(...asked: Parameters<typeof request>) {
    const { FailedRequests, PendingRequests } = await send(request(...asked));
    assert.deepEqual(PendingRequests, []);
    assert.equal(FailedRequests?.[0]?.WorkspaceRequest?.UserName, asked[0]);
    return FailedRequests[0].ErrorCode;
  }
  async function look(id: string) {
    const { Workspaces } = await paused.workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [id] }));
    return Workspaces?.[0];
  }
  const userOf = async (index: number) => (await look(paused.id(index)))?.UserName ?? assert.fail('no user');

  it('gives an id that is not shown at first, then PENDING, and AVAILABLE within 20 minutes', async () => {
    const id = await create('new.user');
    assert.equal(await look(id), undefined);
    paused.pass(20);
    const pending = await look(id);
    assert.deepEqual([pending?.State, pending?.IpAddress, pending?.UserName], ['PENDING', undefined, 'new.user']);
    paused.pass(20 * MINUTES);
    const made = await look(id);
    assert.deepEqual([made?.State, made?.BundleId, made?.DirectoryId], ['AVAILABLE', bundleId, directoryId]);
    assert.ok(made?.IpAddress && made.ComputerName);
    assert.equal(rootImageOf(paused.fleet.place, id), WELL_KNOWN.oldImageId);
  });

  it('makes it with the properties, encryption and tags asked for, else as the bundle and ALWAYS_ON', async () => {
    const properties = { RunningMode: 'AUTO_STOP', RunningModeAutoStopTimeoutInMinutes: 120 } as const;
    const volumes = { RootVolumeSizeGib: 175, UserVolumeSizeGib: 100, ComputeTypeName: 'POWER' } as const;
    const id = await create('new.user', {
      WorkspaceProperties: { ...properties, ...volumes },
      UserVolumeEncryptionEnabled: true,
      VolumeEncryptionKey: paused.fleet.volumeKeyArns[0],
      Tags: [{ Key: 'Env', Value: 'Prod' }],
    });
    paused.pass(61 * MINUTES);
    const made = await look(id);
    assert.deepEqual({ ...made?.WorkspaceProperties, ...properties, ...volumes }, made?.WorkspaceProperties);
    assert.deepEqual(
      [made?.VolumeEncryptionKey, made?.UserVolumeEncryptionEnabled, made?.RootVolumeEncryptionEnabled],
      [paused.fleet.volumeKeyArns[0], true, false],
    );
    const { TagList } = await paused.workspaces.send(new DescribeTagsCommand({ ResourceId: id }));
    assert.deepEqual(TagList, [{ Key: 'Env', Value: 'Prod' }]);
    const plain = (await look(await create('second.user').then((other) => (paused.pass(30), other))))
      ?.WorkspaceProperties;
    assert.deepEqual([plain?.RunningMode, plain?.RootVolumeSizeGib, plain?.UserVolumeSizeGib], ['ALWAYS_ON', 80, 50]);
  });

  it('begins with an empty user volume, whose first snapshot comes half an hour after it is AVAILABLE', async () => {
    paused.settings({ createMinutes: [15, 15] });
    const id = await create('new.user');
    paused.pass(44 * MINUTES);
    const snapshots = () => paused.workspaces.send(new DescribeWorkspaceSnapshotsCommand({ WorkspaceId: id }));
    assert.deepEqual((await snapshots()).RestoreSnapshots, []);
    paused.pass(2 * MINUTES);
    assert.equal((await snapshots()).RestoreSnapshots?.length, 1);
    assert.equal(userVolumeOf(paused.fleet.place, id)?.dataOf, null);
    const others = [0, 1].map((index) => userVolumeOf(paused.fleet.place, paused.id(index))?.volumeId);
    assert.equal(others.includes(userVolumeOf(paused.fleet.place, id)?.volumeId), false);
  });

  it('refuses a user who has one in that directory, until it is gone: not yet while it is TERMINATING', async () => {
    const user = await userOf(0);
    assert.equal(await failure(user.toUpperCase()), 'ResourceExists.WorkSpace');
    const TerminateWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
    await paused.workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests }));
    paused.pass(10);
    assert.equal((await look(paused.id(0)))?.State, 'TERMINATING');
    assert.equal(await failure(user), 'ResourceExists.WorkSpace');
    paused.pass(5 * MINUTES);
    assert.equal(await look(paused.id(0)), undefined);
    await create(user);
    assert.equal(await failure(user), 'ResourceExists.WorkSpace');
  });

  it('looks for a WorkSpace of the same user at whichever point of its checks is set: AWS documents none', async () => {
    const user = await userOf(0);
    const { place } = paused.fleet;
    const noBundle = { BundleId: 'wsb-000000000' };
    assert.equal(await failure(user, noBundle), 'ResourceExists.WorkSpace');
    changeSettings(place, { existsSeen: 'last' });
    assert.equal(await failure(user, noBundle), 'ResourceNotFound.Bundle');
    assert.equal(await failure(user), 'ResourceExists.WorkSpace');
    (directories(place).get(directoryId) ?? assert.fail()).users = ['Ada'];
    assert.equal(await failure(user), 'InvalidUserConfiguration.Workspace');
    changeSettings(place, { existsSeen: 'first' });
    assert.equal(await failure(user), 'ResourceExists.WorkSpace');
  });

  it('refuses one request and accepts another in the same call', async () => {
    const { FailedRequests, PendingRequests } = await send(request(await userOf(1)), request('new.user'));
    assert.deepEqual([FailedRequests?.length, PendingRequests?.length], [1, 1]);
  });

  it('refuses an unknown directory, a user that the directory does not have, and a bundle that cannot be used', async () => {
    const { place } = paused.fleet;
    assert.equal(await failure('new.user', { DirectoryId: 'd-0000000000' }), 'ResourceNotFound.Directory');
    (directories(place).get(directoryId) ?? assert.fail()).users = ['Ada'];
    assert.equal(await failure('new.user'), 'InvalidUserConfiguration.Workspace');
    assert.equal(await failure('ada', { BundleId: 'wsb-000000000' }), 'ResourceNotFound.Bundle');
    (bundles(place).get(bundleId) ?? assert.fail()).state = 'PENDING';
    assert.equal(await failure('ada'), 'ResourceUnavailable.Bundle');
    const tooSmall = { BundleId: otherBundleId, WorkspaceProperties: { RootVolumeSizeGib: 60 } };
    assert.equal(await failure('ada', tooSmall), 'InvalidParameterValue.WorkspaceProperties');
    const noKey = { BundleId: otherBundleId, UserVolumeEncryptionEnabled: true, VolumeEncryptionKey: 'nonsense' };
    assert.equal(await failure('ada', noKey), 'KmsKeyNotUsable.Workspace');
    await create('ada', { BundleId: otherBundleId });
    assert.notEqual(rootImageOf(place, paused.id(0)), otherImageId);
  });

  it('refuses the whole call beyond the account’s quota, and where a request is no valid one', async () => {
    paused.settings({ workspaceQuota: 3 });
    await refused(send(request('one'), request('two')), 'ResourceLimitExceededException');
    await create('one');
    await refused(send(request('two')), 'ResourceLimitExceededException');
    const odd = { WorkspaceProperties: { RunningModeAutoStopTimeoutInMinutes: 90 } };
    await refused(send(request('two', odd)), 'InvalidParameterValuesException');
  });

  it('ends in ERROR with a disabled key or by rule, or never by rule', async () => {
    const key = { RootVolumeEncryptionEnabled: true, VolumeEncryptionKey: paused.fleet.volumeKeyArns[1] };
    const disabled = await create('one', key);
    paused.sandbox.faults.add({
      kind: 'fail',
      operation: 'CreateWorkspaces',
      resource: 'two',
      code: 'DomainJoinFailed',
    });
    const failed = await create('two');
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'CreateWorkspaces', resource: 'three' });
    const stuck = await create('three');
    paused.pass(24 * 60 * MINUTES);
    const found = await Promise.all([disabled, failed, stuck].map(look));
    assert.deepEqual(
      found.map((one) => [one?.State, one?.ErrorCode]),
      [
        ['ERROR', 'KmsKeyNotUsable.Workspace'],
        ['ERROR', 'DomainJoinFailed'],
        ['PENDING', undefined],
      ],
    );
  });

  it('refuses by rule for six hours, an item or the whole call, and then accepts', async () => {
    const rule = { operation: 'CreateWorkspaces', lastsSeconds: 6 * 3600 } as const;
    paused.sandbox.faults.add({ ...rule, kind: 'refuse', resource: 'one', code: 'ResourceLimitExceeded.Workspace' });
    paused.sandbox.faults.add({
      ...rule,
      kind: 'error',
      resource: 'two',
      code: 'ResourceLimitExceededException',
      status: 400,
    });
    paused.pass(5 * 3600);
    assert.equal(await failure('one'), 'ResourceLimitExceeded.Workspace');
    await refused(send(request('two')), 'ResourceLimitExceededException');
    paused.pass(3600);
    await create('one');
    await create('two');
  });
});
