import assert from 'node:assert/strict';
import {
  CreateWorkspaceBundleCommand,
  CreateWorkspacesCommand,
  DeleteWorkspaceBundleCommand,
  DeleteWorkspaceImageCommand,
  DescribeTagsCommand,
  DescribeWorkspaceBundlesCommand,
  TerminateWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import type { CreateWorkspaceBundleCommandInput } from '@aws-sdk/client-workspaces';
import { WELL_KNOWN } from '../../../sandbox/scenarios.ts';
import { bundles, images, pools } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const { newImageId, bundleId, directoryId } = WELL_KNOWN;

describe('sandbox: CreateWorkspaceBundle and DeleteWorkspaceBundle', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(1);
  });
  afterEach(() => paused.close());

  async function create(changes: Partial<CreateWorkspaceBundleCommandInput> = {}) {
    const input = {
      BundleName: 'restore-1',
      BundleDescription: 'For a restore',
      ImageId: newImageId,
      ComputeType: { Name: 'STANDARD' },
      UserStorage: { Capacity: '50' },
      ...changes,
    } as const;
    const { WorkspaceBundle } = await paused.workspaces.send(new CreateWorkspaceBundleCommand(input));
    return { ...WorkspaceBundle, id: WorkspaceBundle?.BundleId ?? assert.fail('no id') };
  }
  const remove = (BundleId: string) => paused.workspaces.send(new DeleteWorkspaceBundleCommand({ BundleId }));
  async function look(id: string) {
    const found = await paused.workspaces.send(new DescribeWorkspaceBundlesCommand({ BundleIds: [id] }));
    return found.Bundles?.[0];
  }

  it('answers with the bundle, PENDING for some seconds, with its tags', async () => {
    const made = await create({
      RootStorage: { Capacity: '175' },
      UserStorage: { Capacity: '100' },
      Tags: [{ Key: 'a' }],
    });
    assert.match(made.id, /^wsb-[0-9a-z]{9}$/);
    assert.deepEqual(
      [made.State, made.ImageId, made.RootStorage?.Capacity, made.UserStorage?.Capacity, made.ComputeType?.Name],
      ['PENDING', newImageId, '175', '100', 'STANDARD'],
    );
    const request = { BundleId: made.id, DirectoryId: directoryId, UserName: 'new.user' };
    const early = await paused.workspaces.send(new CreateWorkspacesCommand({ Workspaces: [request] }));
    assert.equal(early.FailedRequests?.length, 1);
    paused.pass(40);
    assert.equal((await look(made.id))?.State, 'AVAILABLE');
    const { TagList } = await paused.workspaces.send(new DescribeTagsCommand({ ResourceId: made.id }));
    assert.deepEqual(TagList, [{ Key: 'a', Value: '' }]);
  });

  it('ends in ERROR, or never, by rule', async () => {
    const resource = 'restore-1';
    paused.sandbox.faults.add({ kind: 'fail', operation: 'CreateWorkspaceBundle', resource, count: 1 });
    const failed = await create();
    paused.sandbox.faults.add({ kind: 'stuck', operation: 'CreateWorkspaceBundle', resource: 'restore-2' });
    const stuck = await create({ BundleName: 'restore-2' });
    paused.pass(3600);
    assert.deepEqual([(await look(failed.id))?.State, (await look(stuck.id))?.State], ['ERROR', 'PENDING']);
  });

  it('refuses an image that is not there or not AVAILABLE, and volumes that do not fit', async () => {
    await refused(create({ ImageId: 'wsi-000000000' }), 'ResourceNotFoundException');
    const row = images(paused.fleet.place).get(newImageId) ?? assert.fail('no image');
    row.state = 'PENDING';
    await refused(create(), 'ResourceUnavailableException');
    images(paused.fleet.place).set(newImageId, { ...row, state: 'AVAILABLE', rootVolumeGib: 175 });
    await refused(create({ RootStorage: { Capacity: '80' } }), 'InvalidParameterValuesException', /smaller/);
    await refused(create(), 'InvalidParameterValuesException', /user volume of 50/);
    await create({ UserStorage: { Capacity: '100' } });
  });

  it('refuses a name that a bundle has, and for two hours after its deletion', async () => {
    const { id } = await create();
    await refused(create(), 'ResourceAlreadyExistsException');
    await remove(id);
    await refused(create(), 'ResourceAlreadyExistsException', /two hours/);
    paused.pass(2 * 3600);
    await create();
  });

  it('refuses more than 50 of the account’s own', async () => {
    const table = bundles(paused.fleet.place);
    const model = table.get(bundleId) ?? assert.fail('no bundle');
    for (let n = 100; n < 147; n += 1)
      table.set(`wsb-0many0${n}`, { ...model, bundleId: `wsb-0many0${n}`, name: `many-${n}` });
    const { id } = await create();
    await refused(create({ BundleName: 'restore-2' }), 'ResourceLimitExceededException', /50/);
    await remove(id);
    await create({ BundleName: 'restore-2' });
  });

  it('refuses to delete what a WorkSpace or a Pool is on, what is AWS’s, and what is unknown', async () => {
    const { place } = paused.fleet;
    await refused(remove(bundleId), 'ResourceAssociatedException', /ws-0fleet0001/);
    const { id } = await create();
    const pool = { poolId: 'wspool-000000001', name: 'lab', bundleId: id, directoryId, createdAt: paused.now() };
    pools(place).set(pool.poolId, { ...pool, state: 'RUNNING' });
    await refused(remove(id), 'ResourceAssociatedException', /wspool/);
    const model = bundles(place).get(bundleId) ?? assert.fail('no bundle');
    bundles(place).set('wsb-0amazon001', { ...model, bundleId: 'wsb-0amazon001', owner: 'AMAZON' });
    await refused(remove('wsb-0amazon001'), 'AccessDeniedException');
    await refused(remove('wsb-000000000'), 'ResourceNotFoundException');
  });

  it('keeps bundle and image while the WorkSpace made of them is there', async () => {
    const { id } = await create();
    paused.pass(40);
    const request = { BundleId: id, DirectoryId: directoryId, UserName: 'new.user' };
    const { PendingRequests } = await paused.workspaces.send(new CreateWorkspacesCommand({ Workspaces: [request] }));
    const WorkspaceId = PendingRequests?.[0]?.WorkspaceId ?? assert.fail('no id');
    paused.pass(30 * 60);
    await refused(remove(id), 'ResourceAssociatedException');
    const removeImage = () => paused.workspaces.send(new DeleteWorkspaceImageCommand({ ImageId: newImageId }));
    await refused(removeImage(), 'ResourceAssociatedException');
    const TerminateWorkspaceRequests = [{ WorkspaceId }];
    await paused.workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests }));
    paused.pass(10);
    await refused(remove(id), 'ResourceAssociatedException');
    paused.pass(5 * 60);
    await remove(id);
    assert.equal(await look(id), undefined);
    await removeImage();
  });
});
