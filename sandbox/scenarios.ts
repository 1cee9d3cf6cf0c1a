/** Fleets with names that documents, the demo, tests and benchmarks share. */
import type { FleetSpec } from './fleet.ts';

export const WELL_KNOWN = {
  account: '111122223333',
  region: 'eu-central-1',
  bundleId: 'wsb-0fleet0001',
  oldImageId: 'wsi-0fleet0001',
  newImageId: 'wsi-0fleet0002',
  otherBundleId: 'wsb-0other0001',
  otherImageId: 'wsi-0other0001',
  directoryId: 'd-90670f1ee7',
  tag: { key: 'Env', value: 'Prod' },
  backupTag: { key: 'AutoBackup', value: 'enabled' },
  reportBucket: 'holdfast-reports',
  reportKeyId: '11112222-3333-4444-8555-666677778888',
  stackName: 'workspaces-image-upgrade',
  topicName: 'holdfast-operators',
  topicArn: 'arn:aws:sns:eu-central-1:111122223333:holdfast-operators',
} as const;

const base: Omit<FleetSpec, 'count'> = {
  account: WELL_KNOWN.account,
  region: WELL_KNOWN.region,
  directories: [{ directoryId: WELL_KNOWN.directoryId, name: 'corp.example.com', usersMayRebuild: false }],
  bundle: { bundleId: WELL_KNOWN.bundleId, name: 'office-desktop', imageId: WELL_KNOWN.oldImageId },
  otherBundle: { bundleId: WELL_KNOWN.otherBundleId, name: 'engineering-desktop', imageId: WELL_KNOWN.otherImageId },
  newImageId: WELL_KNOWN.newImageId,
  operatingSystem: 'WINDOWS',
  tag: WELL_KNOWN.tag,
  snapshots: { spreadHours: 12, jitterSeconds: 0 },
  rebuildMinutes: [20, 60],
  special: {},
  outside: { otherBundle: 0, untagged: 0 },
  reportBucket: WELL_KNOWN.reportBucket,
  reportKeyId: WELL_KNOWN.reportKeyId,
  stackName: WELL_KNOWN.stackName,
  topicName: WELL_KNOWN.topicName,
};

/** WorkSpaces that are all alike but for their timings: each waits for its next snapshot, each rebuild succeeds. */
export function plainFleet(count: number, changes: Partial<FleetSpec> = {}): FleetSpec {
  return { ...base, count, ...changes };
}

/** 200 WorkSpaces as one meets them, one whose rebuild fails and one that gets no snapshot in time among them. */
export function demoFleet(): FleetSpec {
  return {
    ...base,
    count: 200,
    directories: [
      { directoryId: WELL_KNOWN.directoryId, name: 'corp.example.com', usersMayRebuild: false },
      { directoryId: 'd-90670f1ee8', name: 'branch.example.com', usersMayRebuild: true },
    ],
    snapshots: { spreadHours: 12, jitterSeconds: 90 },
    special: {
      connected: 24,
      autoStop: 10,
      stopped: 12,
      quiet: 8,
      neverConnected: 3,
      suspended: 2,
      inError: 1,
      unhealthy: 1,
      maintenance: 2,
      noAgent: 10,
      agentOffline: 8,
      twoRegistrations: 6,
      encrypted: 5,
      keyDisabled: 1,
      standby: 1,
      noSnapshotYet: 2,
      rebuildFails: 1,
      noFreshSnapshot: 1,
    },
    outside: { otherBundle: 6, untagged: 4 },
    otherTag: WELL_KNOWN.backupTag,
  };
}

/** Golden and administrators' WorkSpaces that carry the backup tag, one of each kind that a backup treats differently. */
export function backupFleet(count = 8, changes: Partial<FleetSpec> = {}): FleetSpec {
  return {
    ...base,
    count,
    tag: WELL_KNOWN.backupTag,
    spareImages: 3,
    special: { stopped: [1], encrypted: [2], modifying: [3], connected: [4], suspended: [5] },
    ...changes,
  };
}
