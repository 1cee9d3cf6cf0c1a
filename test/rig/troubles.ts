/** What can be wrong with a fleet's surroundings before an upgrade. */
import assert from 'node:assert/strict';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { buckets } from '../../sandbox/services/s3/rows.ts';
import { seedTopic } from '../../sandbox/services/sns.ts';
import { bundles, images, pools } from '../../sandbox/services/workspaces/rows.ts';
import type { Rig } from './upgrade.ts';

const { account, region, bundleId, newImageId } = WELL_KNOWN;

/** Makes something wrong; the answer puts it right again. */
export type Trouble = (rig: Rig) => () => void;

const nothing = (): void => undefined;

export const bundleIs =
  (state: 'PENDING' | 'ERROR'): Trouble =>
  ({ fleet }) => {
    const bundle = bundles(fleet.place).get(bundleId) ?? assert.fail('no bundle');
    bundle.state = state;
    return () => void (bundle.state = 'AVAILABLE');
  };

export const imageIs =
  (changes: { state?: 'PENDING' | 'ERROR'; operatingSystem?: 'LINUX' }): Trouble =>
  ({ fleet }) => {
    const table = images(fleet.place);
    const image = table.get(newImageId) ?? assert.fail('no image');
    table.set(newImageId, { ...image, ...changes });
    return () => table.set(newImageId, image);
  };

export const amazonBundle: Trouble = ({ fleet }) => {
  const bundle = bundles(fleet.place).get(bundleId) ?? assert.fail('no bundle');
  bundles(fleet.place).set('wsb-0amazon001', { ...bundle, bundleId: 'wsb-0amazon001', owner: 'AMAZON' });
  return nothing;
};

export const bucketIn =
  (place: { account: string; region: string }): Trouble =>
  ({ sandbox }) => {
    seedBucket(sandbox.world, { name: 'another-bucket', ...place });
    return () => buckets(sandbox.world).delete('another-bucket');
  };

export const keyIs =
  (state: 'Disabled' | 'PendingDeletion'): Trouble =>
  ({ sandbox }) => {
    seedKey(sandbox.world, { account, region, keyId: `key-${state}`, state });
    return nothing;
  };

export const poolOnBundle: Trouble = ({ fleet }) => {
  pools(fleet.place).set('wspool-0pool0001', {
    poolId: 'wspool-0pool0001',
    name: 'kiosks',
    bundleId,
    directoryId: WELL_KNOWN.directoryId,
    createdAt: fleet.start,
    state: 'RUNNING',
  });
  return () => pools(fleet.place).delete('wspool-0pool0001');
};

export const topicOfNobody: Trouble = ({ sandbox }) => {
  seedTopic(sandbox.world, { account, region, name: `${WELL_KNOWN.topicName}-nobody`, subscriptions: 0 });
  return nothing;
};
