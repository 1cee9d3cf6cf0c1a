import assert from 'node:assert/strict';
import fc from 'fast-check';
import { STRATEGIES, type ImageRestoreInput, type Strategy } from '../../domain/image-restore.ts';
import {
  isDestructive,
  needsBundle,
  refusalsOf,
  restoreChecks,
  snapshotsFor,
  type RestoreCheckName,
} from '../../domain/restore-checks.ts';
import type { RestoreDesktop, RestoreFacts, RestoreImage } from '../../domain/restore-facts.ts';
import { restorePlan } from '../../domain/restore-plan.ts';

const SNAPSHOT = '2026-03-02T06:00:00Z';

const image: RestoreImage = {
  imageId: 'wsi-0golden001',
  name: 'golden',
  state: 'AVAILABLE',
  ownerAccount: '111122223333',
  operatingSystem: 'WINDOWS',
  byol: false,
  createdAt: '2026-03-01T00:00:00Z',
};

const desktop: RestoreDesktop = {
  workspaceId: 'ws-0fleet0001',
  state: 'AVAILABLE',
  errorCode: null,
  bundleId: 'wsb-0fleet0001',
  directoryId: 'd-90670f1ee7',
  userName: 'ana',
  computerName: 'WSAMZN-1',
  ipAddress: '10.0.0.1',
  operatingSystem: 'WINDOWS_SERVER_2022',
  paired: false,
  encryption: { root: false, user: false, keyId: null },
  settings: {
    runningMode: 'AUTO_STOP',
    autoStopMinutes: 60,
    computeType: 'STANDARD',
    rootGib: 80,
    userGib: 50,
    protocols: ['WSP'],
  },
  modifying: null,
};

const facts: RestoreFacts = {
  at: '2026-03-02T08:00:00Z',
  desktop,
  tags: {},
  image,
  presentImage: { ...image, imageId: 'wsi-0old000001' },
  directory: { state: 'REGISTERED', stage: 'Active' },
  ofOtherUser: [],
  userSnapshots: [SNAPSHOT],
  bothSnapshots: [SNAPSHOT],
  keyState: null,
  ownBundles: 3,
  images: null,
  made: null,
  surroundings: [],
};

const inputOf = (strategy: Strategy, changes: Partial<ImageRestoreInput> = {}): ImageRestoreInput => ({
  target: { account: '111122223333', region: 'eu-central-1' },
  workspaceId: desktop.workspaceId,
  strategy,
  imageId: needsBundle(strategy) ? image.imageId : null,
  snapshotTime: null,
  notAfter: null,
  loseUserVolume: true,
  confirm: desktop.workspaceId,
  otherUser: 'ben',
  canary: false,
  lastImage: false,
  approval: { required: false, expiresMinutes: 60 },
  operatorTopicArn: 'arn:aws:sns:eu-central-1:111122223333:operators',
  nobodyToTell: false,
  report: { bucket: 'reports', prefix: '', kmsKeyArn: null },
  ...changes,
});

const refusedBy = (input: ImageRestoreInput, seen: RestoreFacts = facts): RestoreCheckName[] =>
  refusalsOf(restoreChecks(input, seen)).map(({ check }) => check);
const ofDesktop = (changes: Partial<RestoreDesktop>): RestoreFacts => ({
  ...facts,
  desktop: { ...desktop, ...changes },
});
const ofImage = (changes: Partial<RestoreImage>): RestoreFacts => ({ ...facts, image: { ...image, ...changes } });
const settings = (changes: Partial<RestoreDesktop['settings']>) => ({ ...desktop.settings, ...changes });
const encryption = { root: true, user: true, keyId: 'key-1' };

/** What is seen, and which strategies it closes by which check. */
const CLOSED: readonly (readonly [string, RestoreFacts, RestoreCheckName, readonly Strategy[]])[] = [
  ['no such WorkSpace', { ...facts, desktop: null }, 'workspace', STRATEGIES],
  ['one that is TERMINATING', ofDesktop({ state: 'TERMINATING' }), 'workspace', STRATEGIES],
  ['one that is SUSPENDED', ofDesktop({ state: 'SUSPENDED' }), 'state', ['image', 'recreate', 'snapshot', 'rebuild']],
  ['one that is REBUILDING', ofDesktop({ state: 'REBUILDING' }), 'state', ['image', 'recreate', 'snapshot', 'rebuild']],
  ['one that is UNHEALTHY', ofDesktop({ state: 'UNHEALTHY' }), 'state', ['image']],
  [
    'a modification',
    ofDesktop({ modifying: 'COMPUTE_TYPE UPDATE_IN_PROGRESS' }),
    'modification',
    STRATEGIES.filter(isDestructive),
  ],
  ['a standby', ofDesktop({ paired: true }), 'standby', STRATEGIES.filter(isDestructive)],
  ['no user', ofDesktop({ userName: '[UNDEFINED]' }), 'user', ['recreate']],
  ['another user who has a WorkSpace', { ...facts, ofOtherUser: ['ws-1'] }, 'otherUser', ['copy']],
  ['no such image', { ...facts, image: null }, 'image', STRATEGIES.filter(needsBundle)],
  ['an image that is PENDING', ofImage({ state: 'PENDING' }), 'image', STRATEGIES.filter(needsBundle)],
  ['an image of others', ofImage({ ownerAccount: '999988887777' }), 'image', STRATEGIES.filter(needsBundle)],
  ['Linux', ofDesktop({ operatingSystem: 'UBUNTU_22_04' }), 'migration', ['image']],
  ['an image of Linux', ofImage({ operatingSystem: 'LINUX' }), 'migration', ['image']],
  ['an image of another licence', ofImage({ byol: true }), 'migration', ['image']],
  [
    'sizes that AWS does not show',
    ofDesktop({ settings: settings({ userGib: null }) }),
    'bundle',
    STRATEGIES.filter(needsBundle),
  ],
  ['50 bundles', { ...facts, ownBundles: 50 }, 'bundleQuota', STRATEGIES.filter(needsBundle)],
  ['no directory', { ...facts, directory: null }, 'directory', STRATEGIES],
  ['a directory in ERROR', { ...facts, directory: { state: 'ERROR', stage: 'Active' } }, 'directory', STRATEGIES],
  [
    'a directory that is Impaired',
    { ...facts, directory: { state: 'REGISTERED', stage: 'Impaired' } },
    'directory',
    STRATEGIES,
  ],
  ['a key that is disabled', { ...ofDesktop({ encryption }), keyState: 'Disabled' }, 'key', STRATEGIES],
  ['no snapshot', { ...facts, userSnapshots: [], bothSnapshots: [] }, 'snapshot', ['image', 'snapshot', 'rebuild']],
  ['a snapshot of the user volume only', { ...facts, bothSnapshots: [] }, 'snapshot', ['snapshot']],
  ['a report that cannot be written', { ...facts, surroundings: ['no bucket'] }, 'surroundings', STRATEGIES],
];

describe('the checks before a restore', () => {
  it('let every strategy begin where all is in order', () => {
    for (const strategy of STRATEGIES) assert.deepEqual(refusedBy(inputOf(strategy)), [], strategy);
  });

  for (const [what, seen, check, strategies] of CLOSED) {
    it(`close ${strategies.join(', ')} to ${what}, and no other`, () => {
      const closed = STRATEGIES.filter((strategy) => refusedBy(inputOf(strategy), seen).includes(check));
      assert.deepEqual(closed, strategies);
    });
  }

  it('let nobody destroy what was not typed again, and no user volume of which nobody spoke', () => {
    for (const strategy of STRATEGIES.filter(isDestructive)) {
      assert.deepEqual(refusedBy(inputOf(strategy, { confirm: null })), ['confirm']);
      assert.deepEqual(refusedBy(inputOf(strategy, { confirm: 'ws-0fleet0002' })), ['confirm']);
    }
    assert.deepEqual(refusedBy(inputOf('recreate', { loseUserVolume: false })), ['userVolume']);
  });

  it('let nobody ask for a last image where the Region has no room for one', () => {
    const lastImage = { lastImage: true };
    const room = (count: number, quota: number | null): RestoreFacts => ({ ...facts, images: { count, quota } });
    assert.deepEqual(refusedBy(inputOf('recreate', lastImage), room(40, 40)), ['lastImage']);
    assert.deepEqual(refusedBy(inputOf('recreate', lastImage), room(39, 40)), []);
    assert.deepEqual(refusedBy(inputOf('recreate', lastImage), room(40, null)), []);
    assert.deepEqual(refusedBy(inputOf('recreate'), room(40, 40)), []);
  });

  it('let nobody recreate of whom nobody would hear, unless that was said', () => {
    assert.deepEqual(refusedBy(inputOf('recreate', { operatorTopicArn: null })), ['operators']);
    assert.deepEqual(refusedBy(inputOf('recreate', { operatorTopicArn: null, nobodyToTell: true })), []);
    assert.deepEqual(refusedBy(inputOf('image', { operatorTopicArn: null })), []);
  });

  it('ask for a canary and a bundle that stand, right before the act', () => {
    const bundle = {
      bundleId: 'wsb-1',
      name: 'b',
      state: 'AVAILABLE',
      imageId: image.imageId,
      computeType: 'STANDARD',
      rootGib: 80,
      userGib: 50,
    };
    const made = (changes: object, canaryState: string | null = null): RestoreFacts => ({
      ...facts,
      made: { bundle: { ...bundle, ...changes }, canaryState },
    });
    const input = inputOf('recreate');
    assert.deepEqual(refusedBy(input, made({})), []);
    const wrong = [{ state: 'PENDING' }, { imageId: 'wsi-other' }, { userGib: 10 }, { computeType: 'POWER' }];
    for (const changes of wrong) assert.deepEqual(refusedBy(input, made(changes)), ['prepared']);
    assert.deepEqual(refusedBy(input, { ...facts, made: { bundle: null, canaryState: null } }), ['prepared']);
    assert.deepEqual(refusedBy(input, made({}, 'gone')), ['prepared']);
  });

  it('take a snapshot only that is the plan’s and not later than the damage, whatever the times', () => {
    const time = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    const withSnapshots = fc.constantFrom<Strategy>('image', 'snapshot', 'rebuild');
    fc.assert(
      fc.property(
        withSnapshots,
        fc.array(time, { maxLength: 4 }),
        fc.option(time),
        fc.option(time),
        (strategy, times, planned, notAfter) => {
          const snapshots = times.map((each) => each.toISOString());
          const seen = { ...facts, userSnapshots: snapshots, bothSnapshots: snapshots };
          const input = inputOf(strategy, {
            snapshotTime: planned?.toISOString() ?? null,
            notAfter: notAfter?.toISOString() ?? null,
          });
          const latest = Math.max(...times.map(Number));
          const allowed =
            times.length > 0 &&
            (planned === null || latest === Number(planned)) &&
            (notAfter === null || latest <= Number(notAfter));
          assert.equal(refusedBy(input, seen).length === 0, allowed);
        },
      ),
    );
  });
});

describe('the plan of a restore', () => {
  const plan = restorePlan(inputOf('image', { confirm: null, loseUserVolume: false, otherUser: null }), facts);
  const of = (strategy: Strategy) => plan.strategies.find((each) => each.strategy === strategy) ?? assert.fail();

  it('has every strategy, and calls possible what only waits for a person’s word', () => {
    assert.deepEqual(
      plan.strategies.map(({ strategy, possible }) => [strategy, possible]),
      STRATEGIES.map((strategy) => [strategy, true]),
    );
  });

  it('says which user volume is destroyed, and how old what comes back is', () => {
    assert.deepEqual([of('recreate').userVolumeLostGib, of('recreate').user], [50, null]);
    assert.equal(of('recreate').fates['user volume'].fate, 'lost');
    assert.deepEqual(of('image').root, { what: 'image', of: image.createdAt, ageSeconds: 32 * 3_600 });
    assert.deepEqual(of('snapshot').user, { what: 'snapshot', of: SNAPSHOT, ageSeconds: 2 * 3_600 });
  });

  it('says when the next snapshot will replace the present one, where one is used', () => {
    for (const { strategy, nextSnapshotAt } of plan.strategies) {
      const expected = snapshotsFor(strategy, facts) === null ? null : '2026-03-02T18:00:00.000Z';
      assert.equal(nextSnapshotAt, expected, strategy);
    }
  });
});
