import assert from 'node:assert/strict';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  CreateWorkspaceImageCommand,
  DeleteWorkspaceImageCommand,
  DescribeWorkspaceImagePermissionsCommand,
  DescribeWorkspaceImagesCommand,
  DescribeWorkspacesCommand,
  MigrateWorkspaceCommand,
  RebuildWorkspacesCommand,
  UpdateWorkspaceImagePermissionCommand,
} from '@aws-sdk/client-workspaces';
import type { CreateWorkspaceImageCommandInput } from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { imagesMade, mostSuspendedAtOnce, suspensions } from '../../../sandbox/services/workspaces/ground-truth.ts';
import { images } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const MINUTES = 60;

describe('sandbox: CreateWorkspaceImage', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(6, {
      special: { stopped: [1], encrypted: [2], adminMaintenance: [3], connected: [4] },
    });
    paused.settings({ imageMinutes: [30, 30] });
  });
  afterEach(() => paused.close());

  async function create(index: number, changes: Partial<CreateWorkspaceImageCommandInput> = {}) {
    const input = { WorkspaceId: paused.id(index), Name: `backup-${index}`, Description: 'Nightly backup', ...changes };
    const output = await paused.workspaces.send(new CreateWorkspaceImageCommand(input));
    return { ...output, id: output.ImageId ?? assert.fail('no id') };
  }
  async function image(id: string) {
    const found = await paused.workspaces.send(new DescribeWorkspaceImagesCommand({ ImageIds: [id] }));
    return found.Images?.[0];
  }
  async function state(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0]?.State;
  }
  const remove = (ImageId: string) => paused.workspaces.send(new DeleteWorkspaceImageCommand({ ImageId }));
  const fault = (kind: 'fail' | 'stuck', code?: string) =>
    paused.sandbox.faults.add({ kind, operation: 'CreateWorkspaceImage', count: 1, ...(code && { code }) });

  it('answers with the image as PENDING; the WorkSpace is SUSPENDED until it is AVAILABLE', async () => {
    const made = await create(0);
    assert.match(made.id, /^wsi-[0-9a-z]{9}$/);
    assert.deepEqual(
      [made.State, made.Name, made.OperatingSystem?.Type, made.RequiredTenancy, made.OwnerAccountId],
      ['PENDING', 'backup-0', 'WINDOWS', 'DEFAULT', WELL_KNOWN.account],
    );
    assert.equal(await state(0), 'AVAILABLE');
    paused.pass(10);
    assert.equal(await state(0), 'SUSPENDED');
    paused.pass(29 * MINUTES);
    assert.deepEqual([await state(0), (await image(made.id))?.State], ['SUSPENDED', 'PENDING']);
    paused.pass(1 * MINUTES);
    assert.deepEqual([await state(0), (await image(made.id))?.State], ['AVAILABLE', 'AVAILABLE']);
  });

  it('takes 10 to 45 minutes by itself', async () => {
    paused.settings({ imageMinutes: [10, 45] });
    const { id } = await create(0);
    paused.pass(9 * MINUTES);
    assert.equal((await image(id))?.State, 'PENDING');
    paused.pass(37 * MINUTES);
    assert.equal((await image(id))?.State, 'AVAILABLE');
  });

  it('gives the image its tags, which the tagging API shows by page and a description does not', async () => {
    const { id } = await create(0, { Tags: [{ Key: 'AutomatedBackup', Value: 'true' }] });
    const ResourceTypeFilters = ['workspaces:workspaceimage'];
    const { ResourceTagMappingList } = await paused.tagging.send(new GetResourcesCommand({ ResourceTypeFilters }));
    const ResourceARN = `arn:aws:workspaces:${WELL_KNOWN.region}:${WELL_KNOWN.account}:workspaceimage/${id}`;
    assert.deepEqual(ResourceTagMappingList, [{ ResourceARN, Tags: [{ Key: 'AutomatedBackup', Value: 'true' }] }]);
    assert.equal('Tags' in ((await image(id)) ?? {}), false);
    await refused(create(4, { Tags: [{ Key: 'aws:mine', Value: '' }] }), 'InvalidParameterValuesException');
  });

  it('refuses a WorkSpace that is encrypted in AWS’s words, and one that is not AVAILABLE', async () => {
    await refused(create(2), 'OperationNotSupportedException', /Confirm that the WorkSpace is not encrypted/);
    await refused(create(1), 'InvalidResourceStateException', /STOPPED/);
    await refused(create(3), 'InvalidResourceStateException', /ADMIN_MAINTENANCE/);
    await refused(create(0, { WorkspaceId: 'ws-000000000' }), 'ResourceNotFoundException');
    assert.equal(images(paused.fleet.place).size, 3);
  });

  it('refuses a second image of a WorkSpace from the call on, and what else would change it', async () => {
    const { id } = await create(0);
    await refused(create(0, { Name: 'another' }), 'InvalidResourceStateException');
    const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
    const { FailedRequests } = await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
    assert.equal(FailedRequests?.[0]?.ErrorCode, 'InvalidResourceState.Workspace');
    const migration = { SourceWorkspaceId: paused.id(0), BundleId: WELL_KNOWN.otherBundleId };
    await refused(paused.workspaces.send(new MigrateWorkspaceCommand(migration)), 'OperationInProgressException');
    paused.pass(31 * MINUTES);
    assert.equal((await image(id))?.State, 'AVAILABLE');
    await create(0, { Name: 'another' });
  });

  it('refuses a name that an image of the Region has, until that is deleted', async () => {
    const { id } = await create(0);
    await refused(create(4, { Name: 'backup-0' }), 'ResourceAlreadyExistsException');
    paused.pass(31 * MINUTES);
    await remove(id);
    await create(4, { Name: 'backup-0' });
  });

  it('counts images that are PENDING or in ERROR against the quota', async () => {
    paused.settings({ imageQuota: 5 });
    fault('fail');
    const failed = await create(0);
    paused.pass(31 * MINUTES);
    await create(4);
    await refused(create(0, { Name: 'another' }), 'ResourceLimitExceededException', /quota is 5/);
    await remove(failed.id);
    await create(0, { Name: 'another' });
  });

  it('fails by rule with AWS’s details, and gives the WorkSpace back', async () => {
    fault('fail', 'DiskFreeSpace');
    const { id } = await create(0);
    paused.pass(31 * MINUTES);
    const found = await image(id);
    assert.deepEqual([found?.State, found?.ErrorDetails?.[0]?.ErrorCode], ['ERROR', 'DiskFreeSpace']);
    assert.equal(await state(0), 'AVAILABLE');
  });

  it('never ends when a rule says so', async () => {
    fault('stuck');
    const { id } = await create(0);
    paused.pass(48 * 60 * MINUTES);
    assert.deepEqual([(await image(id))?.State, await state(0)], ['PENDING', 'SUSPENDED']);
  });

  it('tells tests what really happened, also of images that were deleted', async () => {
    const { id } = await create(0);
    paused.pass(20 * MINUTES);
    await create(4);
    paused.pass(31 * MINUTES);
    await remove(id);
    await create(5);
    const { place } = paused.fleet;
    assert.deepEqual(
      imagesMade(place).map(({ madeOf, deletedAt }) => [madeOf, deletedAt !== undefined]),
      [
        [paused.id(0), true],
        [paused.id(4), false],
        [paused.id(5), false],
      ],
    );
    assert.deepEqual([suspensions(place).length, mostSuspendedAtOnce(place)], [3, 2]);
  });

  it('has AWS’s limits of names and descriptions', async () => {
    await refused(create(0, { Name: 'a name' }), 'ValidationException', /pattern/);
    await refused(create(0, { Name: 'n'.repeat(65) }), 'ValidationException', /64/);
    await refused(create(0, { Description: 'a, b' }), 'ValidationException', /pattern/);
  });
});

describe('sandbox: images that are shared and deleted', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(1);
  });
  afterEach(() => paused.close());

  const OTHER = '444455556666';
  const { newImageId, oldImageId } = WELL_KNOWN;
  const remove = (ImageId: string) => paused.workspaces.send(new DeleteWorkspaceImageCommand({ ImageId }));
  const share = (ImageId: string, SharedAccountId: string, AllowCopyImage = true) =>
    paused.workspaces.send(new UpdateWorkspaceImagePermissionCommand({ ImageId, SharedAccountId, AllowCopyImage }));
  async function sharedWith(ImageId: string) {
    const found = await paused.workspaces.send(new DescribeWorkspaceImagePermissionsCommand({ ImageId }));
    return found.ImagePermissions?.map(({ SharedAccountId }) => SharedAccountId);
  }

  it('goes at once; a stale read still shows it', async () => {
    await remove(newImageId);
    const describe = () => paused.workspaces.send(new DescribeWorkspaceImagesCommand({ ImageIds: [newImageId] }));
    assert.deepEqual((await describe()).Images, []);
    paused.sandbox.faults.add({ kind: 'stale', operation: 'DescribeWorkspaceImages', seconds: 60 });
    assert.equal((await describe()).Images?.length, 1);
  });

  it('stays while a bundle carries it, while it is shared, and while it is PENDING', async () => {
    await refused(remove(oldImageId), 'ResourceAssociatedException', /bundle/);
    await share(newImageId, OTHER);
    await refused(remove(newImageId), 'ResourceAssociatedException', /shared/);
    await share(newImageId, OTHER, false);
    const row = images(paused.fleet.place).get(newImageId) ?? assert.fail('no image');
    row.state = 'PENDING';
    await refused(remove(newImageId), 'InvalidResourceStateException');
    row.state = 'AVAILABLE';
    await remove(newImageId);
  });

  it('that is unknown is an error or not, as the settings say: AWS models none', async () => {
    await refused(remove('wsi-000000000'), 'ResourceNotFoundException');
    paused.settings({ unknownImageDeletion: 'accepted' });
    await remove('wsi-000000000');
  });

  it('shows the accounts that may copy it, and refuses to take back what was not given', async () => {
    await share(newImageId, OTHER);
    await share(newImageId, OTHER);
    assert.deepEqual(await sharedWith(newImageId), [OTHER]);
    await share(newImageId, OTHER, false);
    assert.deepEqual(await sharedWith(newImageId), []);
    await refused(share(newImageId, OTHER, false), 'InvalidParameterValuesException');
    await refused(share(newImageId, WELL_KNOWN.account), 'InvalidParameterValuesException');
    await refused(sharedWith('wsi-000000000'), 'ResourceNotFoundException');
  });
});
