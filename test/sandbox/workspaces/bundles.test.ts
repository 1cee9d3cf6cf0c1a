import assert from 'node:assert/strict';
import {
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceImagesCommand,
  UpdateWorkspaceBundleCommand,
} from '@aws-sdk/client-workspaces';
import { bundleUpdates } from '../../../sandbox/services/workspaces/bundles.ts';
import { bundles, images } from '../../../sandbox/services/workspaces/rows.ts';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const BUNDLE = 'wsb-0fleet0001';
const NEW = 'wsi-0fleet0002';

describe('sandbox: bundles and images', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(1);
    const model = bundles(paused.fleet.place).get(BUNDLE) ?? assert.fail('no bundle');
    bundles(paused.fleet.place).set('wsb-0amazon001', { ...model, bundleId: 'wsb-0amazon001', owner: 'AMAZON' });
  });
  afterEach(() => paused.close());

  const describeBundles = async (input: { BundleIds?: string[]; Owner?: string; NextToken?: string }) =>
    paused.workspaces.send(new DescribeWorkspaceBundlesCommand(input));
  const update = async (ImageId: string | undefined = NEW, BundleId: string | undefined = BUNDLE) =>
    paused.workspaces.send(new UpdateWorkspaceBundleCommand({ BundleId, ImageId }));
  const image = (imageId: string) => images(paused.fleet.place).get(imageId) ?? assert.fail('no image');

  it('describes own bundles without an owner, AWS’s with AMAZON, any of them by id', async () => {
    const ids = async (input: { BundleIds?: string[]; Owner?: string }) =>
      (await describeBundles(input)).Bundles?.map(({ BundleId }) => BundleId);
    assert.deepEqual(await ids({}), [BUNDLE, 'wsb-0other0001']);
    assert.deepEqual(await ids({ Owner: 'AMAZON' }), ['wsb-0amazon001']);
    assert.deepEqual(await ids({ BundleIds: ['wsb-0amazon001', 'wsb-000000000'] }), ['wsb-0amazon001']);
    await refused(describeBundles({ BundleIds: [BUNDLE], Owner: 'AMAZON' }), 'InvalidParameterValuesException');
  });

  it('gives a bundle’s image, state, sizes as strings, and when it was updated', async () => {
    const [bundle] = (await describeBundles({ BundleIds: [BUNDLE] })).Bundles ?? [];
    assert.equal(bundle?.ImageId, 'wsi-0fleet0001');
    assert.equal(bundle.State, 'AVAILABLE');
    assert.equal(bundle.RootStorage?.Capacity, '80');
    assert.ok((bundle.LastUpdatedTime?.getTime() ?? Infinity) < paused.fleet.start);
  });

  it('pages bundles 25 at a time with a token that is good for a day', async () => {
    const table = bundles(paused.fleet.place);
    const model = table.get(BUNDLE) ?? assert.fail('no bundle');
    for (let n = 100; n < 130; n += 1) table.set(`wsb-0many00${n}`, { ...model, bundleId: `wsb-0many00${n}` });
    const first = await describeBundles({});
    assert.equal(first.Bundles?.length, 25);
    const NextToken = first.NextToken ?? assert.fail('no token');
    paused.pass(23 * 3600);
    assert.equal((await describeBundles({ NextToken })).Bundles?.length, 7);
    paused.pass(2 * 3600);
    await refused(describeBundles({ NextToken }), 'InvalidParameterValuesException');
  });

  it('changes the image at once and the time of update, again also for the same image', async () => {
    await update();
    const [first] = (await describeBundles({ BundleIds: [BUNDLE] })).Bundles ?? [];
    assert.equal(first?.ImageId, NEW);
    assert.ok((first.LastUpdatedTime?.getTime() ?? 0) > paused.fleet.start);
    await update();
    const [second] = (await describeBundles({ BundleIds: [BUNDLE] })).Bundles ?? [];
    assert.ok((second?.LastUpdatedTime?.getTime() ?? 0) > (first.LastUpdatedTime?.getTime() ?? Infinity));
    assert.equal(bundleUpdates(paused.fleet.place, BUNDLE).length, 2);
  });

  it('shows a stale read the image of before', async () => {
    await update();
    paused.sandbox.faults.add({ kind: 'stale', operation: 'DescribeWorkspaceBundles', seconds: 30 });
    assert.equal((await describeBundles({ BundleIds: [BUNDLE] })).Bundles?.[0]?.ImageId, 'wsi-0fleet0001');
  });

  it('refuses an update of what is unknown, not ours, or not available', async () => {
    await refused(update('wsi-000000000'), 'ResourceNotFoundException');
    await refused(update(NEW, 'wsb-000000000'), 'ResourceNotFoundException');
    await refused(update(NEW, 'wsb-0amazon001'), 'OperationNotSupportedException');
    image(NEW).state = 'PENDING';
    await refused(update(), 'ResourceUnavailableException');
    image(NEW).state = 'AVAILABLE';
    (bundles(paused.fleet.place).get(BUNDLE) ?? assert.fail()).state = 'ERROR';
    await refused(update(), 'ResourceUnavailableException');
    assert.equal(bundleUpdates(paused.fleet.place, BUNDLE).length, 0);
  });

  it('refuses an image of another operating system, and one with a larger root volume', async () => {
    const table = images(paused.fleet.place);
    table.set('wsi-0linux0001', { ...image(NEW), imageId: 'wsi-0linux0001', operatingSystem: 'LINUX' });
    table.set('wsi-0large0001', { ...image(NEW), imageId: 'wsi-0large0001', rootVolumeGib: 175 });
    await refused(update('wsi-0linux0001'), 'InvalidParameterValuesException', /operating system/);
    await refused(update('wsi-0large0001'), 'InvalidParameterValuesException', /root volume/);
  });

  it('needs both a bundle and an image', async () => {
    const command = new UpdateWorkspaceBundleCommand({ BundleId: BUNDLE });
    await refused(paused.workspaces.send(command), 'InvalidParameterValuesException');
  });

  it('describes images by id and by owner, with their system and without tags', async () => {
    const table = images(paused.fleet.place);
    table.set('wsi-0shared001', { ...image(NEW), imageId: 'wsi-0shared001', owner: '444455556666' });
    const found = async (input: { ImageIds?: string[]; ImageType?: 'OWNED' | 'SHARED' }) =>
      (await paused.workspaces.send(new DescribeWorkspaceImagesCommand(input))).Images ?? [];
    const [one] = await found({ ImageIds: [NEW, 'wsi-000000000'] });
    assert.equal(one?.OperatingSystem?.Type, 'WINDOWS');
    assert.equal(one.State, 'AVAILABLE');
    assert.equal('Tags' in one, false);
    assert.deepEqual(
      (await found({ ImageType: 'SHARED' })).map(({ ImageId }) => ImageId),
      ['wsi-0shared001'],
    );
    assert.equal((await found({ ImageType: 'OWNED' })).length, 3);
    assert.equal((await found({})).length, 4);
  });
});
