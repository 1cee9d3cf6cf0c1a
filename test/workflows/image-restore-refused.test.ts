/** Each check that is not passed, and each way to stop in time: nothing is destroyed, and nothing is left behind. */
import assert from 'node:assert/strict';
import type { ImageRestoreInput, Strategy } from '../../domain/image-restore.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { desktops, directories, images, type Desktop } from '../../sandbox/services/workspaces/rows.ts';
import {
  abortRestoreUpdate,
  approveRestoreUpdate,
  type ImageRestoreResult,
} from '../../workflows/image-restore.messages.ts';
import { desktopsOf, restoreBundles, restoreInput, startRestore, untilStatus, type Restore } from '../rig/restore.ts';
import { snapshotsDue } from '../rig/truth.ts';
import { startRig, target, type Rig } from '../rig/upgrade.ts';
import { desktopOf, enter } from '../rig/world.ts';

interface Case {
  readonly strategy: Strategy;
  readonly changes?: Partial<ImageRestoreInput>;
  /** What is wrong from the start. */
  readonly trouble?: (rig: Rig, index: number) => void;
  /** What a person does, or what goes wrong, while it waits. */
  readonly meanwhile?: (rig: Rig, restore: Restore, index: number) => Promise<unknown>;
  readonly reason: RegExp;
}

const set = (rig: Rig, index: number, changes: Partial<Desktop>): void => {
  const row = desktopOf(rig, index);
  desktops(rig.fleet.place).set(row.workspaceId, { ...row, ...changes });
};

const anImage = (rig: Rig, imageId: string, changes: object): void => {
  const table = images(rig.fleet.place);
  const image = table.get(WELL_KNOWN.newImageId) ?? assert.fail('no image');
  table.set(imageId, { ...image, imageId, name: imageId, ...changes });
};

const directory = (rig: Rig) => directories(rig.fleet.place).get(WELL_KNOWN.directoryId) ?? assert.fail('no directory');

const awaited = (restore: Restore) =>
  untilStatus(restore, 'it waits for approval', ({ phase }) => phase === 'awaitingApproval');
const approve = (restore: Restore, rig: Rig, index: number) => {
  const { workspaceId } = desktopOf(rig, index);
  return restore.executeUpdate(approveRestoreUpdate, { args: [{ by: 'ben', reason: null, workspaceId }] });
};
const approval = { required: true, expiresMinutes: 6_000 };

const DESTRUCTIVE = ['TerminateWorkspaces', 'RestoreWorkspace', 'RebuildWorkspaces', 'MigrateWorkspace'];

/** Each on a WorkSpace of its own, all at once. */
const CASES: Readonly<Record<string, Case>> = {
  'is SUSPENDED': { strategy: 'recreate', trouble: (rig, at) => enter(rig, at, 'SUSPENDED'), reason: /SUSPENDED/ },
  'has a standby': {
    strategy: 'recreate',
    trouble: (rig, at) =>
      set(rig, at, { related: { workspaceId: 'ws-1standby1', region: 'eu-west-1', type: 'STANDBY' } }),
    reason: /Multi-Region/,
  },
  'has a key that is disabled': {
    strategy: 'snapshot',
    trouble: (rig, at) => {
      const key = seedKey(rig.sandbox.world, { ...target, keyId: 'key-disabled', state: 'Disabled' });
      set(rig, at, { volumeEncryptionKey: key.arn });
    },
    reason: /is Disabled/,
  },
  'runs Linux, by image': {
    strategy: 'image',
    trouble: (rig, at) => set(rig, at, { operatingSystem: 'UBUNTU_22_04' }),
    reason: /AWS migrates Windows only/,
  },
  'is of another licence than the image, by image': {
    strategy: 'image',
    changes: { imageId: 'wsi-0byol00001' },
    trouble: (rig) => anImage(rig, 'wsi-0byol00001', { byol: true }),
    reason: /your own licence/,
  },
  'is to get an image that is PENDING': {
    strategy: 'recreate',
    changes: { imageId: 'wsi-0pending01' },
    trouble: (rig) => anImage(rig, 'wsi-0pending01', { state: 'PENDING' }),
    reason: /wsi-0pending01 is PENDING/,
  },
  'is to get an image of another account': {
    strategy: 'recreate',
    changes: { imageId: 'wsi-0foreign01' },
    trouble: (rig) => anImage(rig, 'wsi-0foreign01', { owner: '999988887777' }),
    reason: /wsi-0foreign01/,
  },
  'has a snapshot that is later than the damage': {
    strategy: 'snapshot',
    changes: { notAfter: '2026-03-01T00:00:00Z' },
    reason: /it holds the damage/,
  },
  'has another snapshot than the plan showed': {
    strategy: 'rebuild',
    changes: { snapshotTime: '2026-03-01T00:00:00Z' },
    reason: /the plan's was of 2026-03-01/,
  },
  'is typed otherwise': { strategy: 'rebuild', changes: { confirm: 'ws-0000000000' }, reason: /was typed, and it is/ },
  'is not typed again': { strategy: 'snapshot', changes: { confirm: null }, reason: /type the id/ },
  'would lose its user volume, and nobody said that it may': {
    strategy: 'recreate',
    changes: { loseUserVolume: false },
    reason: /lose-user-volume/,
  },
  'is in a directory that is not registered': {
    strategy: 'recreate',
    trouble: (rig, at) => set(rig, at, { directoryId: 'd-90670f1ee9' }),
    reason: /d-90670f1ee9 is not registered/,
  },
  'would be reported to a bucket that is not there': {
    strategy: 'rebuild',
    changes: { report: { bucket: 'no-such-bucket', prefix: '', kmsKeyArn: null } },
    reason: /no-such-bucket does not exist/,
  },
  'has a user whom the directory does not know any more': {
    strategy: 'recreate',
    trouble: (rig, at) => {
      const { userName } = desktopOf(rig, at);
      directory(rig).users = rig.fleet.members.map((_, index) => desktopOf(rig, index).userName);
      directory(rig).users = [...(directory(rig).users ?? []).filter((name) => name !== userName), 'canary.one'];
    },
    reason: /would not make a WorkSpace .*not found or is misconfigured/,
  },
  'has a canary that does not come up': {
    strategy: 'recreate',
    changes: { canary: true, otherUser: 'canary.one' },
    trouble: (rig) => {
      const fail = {
        kind: 'fail',
        service: 'workspaces',
        operation: 'CreateWorkspaces',
        resource: 'canary.one',
      } as const;
      rig.sandbox.faults.add({ ...fail, code: 'DomainJoinFailed' });
    },
    reason: /the canary did not come up/,
  },
  'gets another snapshot while it waits for approval': {
    strategy: 'snapshot',
    changes: { approval, snapshotTime: '2026-03-02T07:00:00Z' },
    trouble: (rig, at) => {
      const first = Date.parse('2026-03-02T07:00:00Z');
      desktopOf(rig, at).snapshotEpochs = [{ from: first, first, to: null }];
    },
    meanwhile: async (rig, restore, at) => {
      await awaited(restore);
      const now = rig.sandbox.clock.now();
      desktopOf(rig, at).snapshotEpochs.push({ from: now - 1_000, first: now, to: null });
      await approve(restore, rig, at);
    },
    reason: /the plan's was of 2026-03-02T07:00:00Z/,
  },
  'is to get an image that breaks while it waits for approval': {
    strategy: 'recreate',
    changes: { approval, imageId: 'wsi-0breaks001' },
    trouble: (rig) => anImage(rig, 'wsi-0breaks001', {}),
    meanwhile: async (rig, restore, at) => {
      await awaited(restore);
      anImage(rig, 'wsi-0breaks001', { state: 'ERROR' });
      await approve(restore, rig, at);
    },
    reason: /wsi-0breaks001 is ERROR|not available/,
  },
  'is approved by nobody in time': {
    strategy: 'image',
    changes: { approval: { required: true, expiresMinutes: 60 } },
    reason: /nobody approved it/,
  },
  'is aborted while it waits for approval': {
    strategy: 'recreate',
    changes: { approval },
    meanwhile: async (_rig, restore) => {
      await awaited(restore);
      await restore.executeUpdate(abortRestoreUpdate, { args: [{ by: 'ana', reason: 'a mistake' }] });
    },
    reason: /a mistake/,
  },
  'is cancelled while it waits for approval': {
    strategy: 'image',
    changes: { approval },
    meanwhile: async (_rig, restore) => {
      await awaited(restore);
      await restore.cancel();
    },
    reason: /was cancelled/,
  },
};

describe('a restore of a WorkSpace that', function () {
  this.timeout(120_000);
  const cases = Object.entries(CASES);
  let rig: Rig;
  let results: readonly ImageRestoreResult[];

  async function runCase({ strategy, changes, meanwhile }: Case, index: number): Promise<ImageRestoreResult> {
    const restore = await startRestore(rig, restoreInput(rig, index, strategy, changes));
    await meanwhile?.(rig, restore, index);
    return await restore.result();
  }

  before(async () => {
    rig = await startRig({ fleet: plainFleet(cases.length), speed: 2000 });
    snapshotsDue(rig, () => 660);
    for (const [index, [, { trouble }]] of cases.entries()) trouble?.(rig, index);
    results = await Promise.all(cases.map(async ([, each], index) => await runCase(each, index)));
  });
  after(() => rig.close());

  for (const [index, [title, { reason }]] of cases.entries()) {
    it(`${title} destroys nothing, and says why`, () => {
      const { outcome, row } = results[index] ?? assert.fail('no result');
      assert.match(row.reason ?? '', reason);
      assert.equal(outcome, /abort|cancel/.test(title) ? 'aborted' : 'refused');
      assert.equal(row.actedAt, null);
    });
  }

  it('makes no destructive call on any of them', () => {
    const called = rig.fleet.members.flatMap(({ workspaceId }) =>
      DESTRUCTIVE.filter((operation) => rig.sandbox.recorder.count({ operation, resource: workspaceId }) > 0),
    );
    assert.deepEqual(called, []);
  });

  it('leaves no bundle and no canary behind', () => {
    assert.deepEqual(restoreBundles(rig), []);
    assert.deepEqual(desktopsOf(rig, 'canary.one'), []);
  });
});
