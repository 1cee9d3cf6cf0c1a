import assert from 'node:assert/strict';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  DescribeTagsCommand,
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceDirectoriesCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspaceSnapshotsCommand,
  DescribeWorkspacesCommand,
  DescribeWorkspacesConnectionStatusCommand,
  WorkSpacesClient,
} from '@aws-sdk/client-workspaces';
import { seedCopyOf } from '../../sandbox/fleet-copy.ts';
import type { DescribedWorkspace, FleetDescription } from '../../sandbox/fleet-copy.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { desktops } from '../../sandbox/services/workspaces/rows.ts';
import type { Place } from '../../sandbox/services/workspaces/rows.ts';
import { optionsFor } from './edge/rig.ts';

const account = '444455556666';
const region = 'eu-west-1';
const now = '2026-03-28T21:00:00.000Z';
const keyId = `arn:aws:kms:${region}:${account}:key/99991111-2222-4333-8444-555566667777`;

const usual: DescribedWorkspace = {
  workspaceId: 'ws-0available',
  computerName: 'WSAMZN-AAAA1111',
  userName: 'ada',
  directoryId: 'd-1111111111',
  bundleId: 'wsb-windows01',
  state: 'AVAILABLE',
  snapshot: '2026-03-28T18:30:00.000Z',
  connection: { state: 'DISCONNECTED', lastConnectedAt: '2026-03-28T20:00:00.000Z' },
  tags: { Env: 'Prod', Team: 'A' },
  keyId: null,
  paired: false,
  agentOnline: true,
};
const workspaces: readonly DescribedWorkspace[] = [
  usual,
  {
    ...usual,
    workspaceId: 'ws-0connected',
    connection: { state: 'CONNECTED', lastConnectedAt: now },
    runningMode: 'AUTO_STOP',
    keyId,
  },
  { ...usual, workspaceId: 'ws-0stopped00', state: 'STOPPED', runningMode: 'AUTO_STOP', agentOnline: false },
  { ...usual, workspaceId: 'ws-0suspended', state: 'SUSPENDED', tags: {} },
  { ...usual, workspaceId: 'ws-0error0000', state: 'ERROR', connection: null, paired: true },
  { ...usual, workspaceId: 'ws-0overdue00', snapshot: '2026-03-25T03:00:00.000Z', keyId: 'alias/aws/workspaces' },
  {
    ...usual,
    workspaceId: 'ws-0linux0000',
    directoryId: 'd-2222222222',
    bundleId: 'wsb-linux0001',
    snapshot: null,
    connection: { state: 'DISCONNECTED', lastConnectedAt: null },
  },
];
const description: FleetDescription = {
  account,
  region,
  now,
  workspaces,
  bundles: [
    { bundleId: 'wsb-windows01', name: 'office', imageId: 'wsi-windows01', ownerAccount: account },
    { bundleId: 'wsb-linux0001', name: 'lab', imageId: 'wsi-linux0001', ownerAccount: account },
  ],
  images: [
    { imageId: 'wsi-windows01', name: 'w', operatingSystem: 'WINDOWS', state: 'AVAILABLE', ownerAccount: account },
    { imageId: 'wsi-windows02', name: 'new', operatingSystem: 'WINDOWS', state: 'AVAILABLE', ownerAccount: account },
    { imageId: 'wsi-linux0001', name: 'l', operatingSystem: 'LINUX', state: 'PENDING', ownerAccount: '777788889999' },
  ],
};

describe('sandbox: the copy of a fleet', () => {
  let sandbox: Sandbox;
  let client: WorkSpacesClient;
  let place: Place;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: now });
    sandbox.clock.pause();
    place = seedCopyOf(sandbox.world, description);
    client = new WorkSpacesClient(optionsFor(sandbox, { region, account }));
  });
  afterEach(async () => {
    client.destroy();
    await sandbox.close();
  });

  const pass = (minutes: number) => sandbox.clock.step(minutes * 60_000);
  /** Lets the sandbox's rate of calls recover. */
  const rest = () => sandbox.clock.step(3000);
  async function stateOf(WorkspaceId: string) {
    rest();
    const { Workspaces } = await client.send(new DescribeWorkspacesCommand({ WorkspaceIds: [WorkspaceId] }));
    return Workspaces?.[0]?.State;
  }
  async function snapshotOf(WorkspaceId: string) {
    rest();
    const { RebuildSnapshots } = await client.send(new DescribeWorkspaceSnapshotsCommand({ WorkspaceId }));
    return RebuildSnapshots?.map(({ SnapshotTime }) => SnapshotTime?.toISOString());
  }

  it('shows every WorkSpace as it was described', async () => {
    const { Workspaces = [] } = await client.send(new DescribeWorkspacesCommand({}));
    const { snapshot, connection, tags, agentOnline } = usual;
    const elsewhere = { snapshot, connection, tags, agentOnline };
    const shown = Workspaces.map((one) => ({
      ...elsewhere,
      workspaceId: one.WorkspaceId,
      computerName: one.ComputerName,
      userName: one.UserName,
      directoryId: one.DirectoryId,
      bundleId: one.BundleId,
      state: one.State,
      runningMode: one.WorkspaceProperties?.RunningMode,
      keyId: one.VolumeEncryptionKey ?? null,
      paired: (one.RelatedWorkspaces ?? []).length > 0,
    }));
    assert.deepEqual(
      shown,
      workspaces.map((one) => ({ runningMode: 'ALWAYS_ON', ...one, ...elsewhere })),
    );
  });

  it('has the snapshots that were read, and the next ones every 12 hours from there', async () => {
    for (const { workspaceId, snapshot } of workspaces) {
      assert.deepEqual(await snapshotOf(workspaceId), snapshot === null ? [] : [snapshot], workspaceId);
    }
    pass(12 * 60);
    assert.deepEqual(await snapshotOf('ws-0available'), ['2026-03-29T06:30:00.000Z']);
    assert.deepEqual(await snapshotOf('ws-0overdue00'), ['2026-03-29T03:00:00.000Z']);
    assert.equal((await snapshotOf('ws-0linux0000'))?.length, 1);
  });

  it('has the connections, tags and agents that were read', async () => {
    const { WorkspacesConnectionStatus = [] } = await client.send(new DescribeWorkspacesConnectionStatusCommand({}));
    const states = WorkspacesConnectionStatus.map((one) => [
      one.ConnectionState,
      one.LastKnownUserConnectionTimestamp?.toISOString(),
    ]);
    const before = '2026-03-28T20:00:00.000Z';
    assert.deepEqual(states.toSpliced(1, 1), [
      ['DISCONNECTED', before],
      ['UNKNOWN', before],
      ['DISCONNECTED', before],
      ['DISCONNECTED', undefined],
      ['DISCONNECTED', before],
      ['DISCONNECTED', undefined],
    ]);
    assert.equal(states[1]?.[0], 'CONNECTED');
    const { TagList } = await client.send(new DescribeTagsCommand({ ResourceId: 'ws-0available' }));
    assert.deepEqual(
      TagList?.map(({ Key, Value }) => [Key, Value]),
      Object.entries(usual.tags),
    );
    const ssm = new SSMClient(optionsFor(sandbox, { region, account }));
    const { InstanceInformationList = [] } = await ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 50 }));
    ssm.destroy();
    const online = InstanceInformationList.map(({ PingStatus, PlatformType }) => `${PingStatus} ${PlatformType}`);
    assert.deepEqual(online, [...Array<string>(5).fill('Online Windows'), 'Online Linux']);
  });

  it('has the bundles, images, directories and keys around them', async () => {
    const { Bundles } = await client.send(new DescribeWorkspaceBundlesCommand({}));
    assert.deepEqual(
      Bundles?.map(({ BundleId, Name, ImageId }) => [BundleId, Name, ImageId]),
      [
        ['wsb-windows01', 'office', 'wsi-windows01'],
        ['wsb-linux0001', 'lab', 'wsi-linux0001'],
      ],
    );
    const { Images } = await client.send(new DescribeWorkspaceImagesCommand({}));
    assert.deepEqual(
      Images?.map(({ State, OperatingSystem, OwnerAccountId }) => [State, OperatingSystem?.Type, OwnerAccountId]),
      [
        ['AVAILABLE', 'WINDOWS', account],
        ['AVAILABLE', 'WINDOWS', account],
        ['PENDING', 'LINUX', '777788889999'],
      ],
    );
    const { Directories } = await client.send(new DescribeWorkspaceDirectoriesCommand({}));
    assert.deepEqual(
      Directories?.map(({ DirectoryId }) => DirectoryId),
      ['d-1111111111', 'd-2222222222'],
    );
    const kms = new KMSClient(optionsFor(sandbox, { region, account }));
    assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata?.KeyState, 'Enabled');
    kms.destroy();
  });

  it('lets passing states pass; an AUTO_STOP WorkSpace stops an hour after its user left', async () => {
    pass(46);
    assert.equal(await stateOf('ws-0suspended'), 'AVAILABLE');
    assert.equal(await stateOf('ws-0error0000'), 'ERROR');
    assert.equal(await stateOf('ws-0stopped00'), 'STOPPED');
    const { to } = desktops(place).get('ws-0connected')?.connections[0] ?? assert.fail('nobody is connected');
    pass((to - sandbox.clock.now()) / 60_000 + 55);
    assert.equal(await stateOf('ws-0connected'), 'AVAILABLE');
    pass(10);
    assert.equal(await stateOf('ws-0connected'), 'STOPPED');
  });
});
