import assert from 'node:assert/strict';
import { planRow, withPlaces, withSnapshot, type Member, type Terms } from '../../domain/eligibility.ts';
import { DEFAULTS } from '../../domain/image-upgrade.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const at = (offset: number): string => new Date(NOW + offset).toISOString();
const BUNDLE = 'wsb-0fleet0001';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1';

const member = (changes: Partial<Member> = {}): Member => ({
  workspaceId: 'ws-0fleet0001',
  computerName: 'WSAMZN-1',
  userName: 'ada.adler',
  directoryId: 'd-90670f1ee7',
  state: 'AVAILABLE',
  bundleId: BUNDLE,
  keyId: null,
  operatingSystem: 'WINDOWS_SERVER_2022',
  paired: false,
  ...changes,
});
const terms = (changes: Partial<Terms> = {}): Terms => ({
  bundleId: BUNDLE,
  otherBundle: 'list',
  image: { operatingSystem: 'WINDOWS', byol: false },
  restoreBundles: new Set(['wsb-0restore01']),
  byolBundles: new Set(),
  keyStates: new Map(),
  ...changes,
});
const verdict = (changes: Partial<Member>, keys: Record<string, string> = {}): string => {
  const { verdict, reason } = planRow(member(changes), terms({ keyStates: new Map(Object.entries(keys)) }));
  return [verdict, reason?.code, reason?.detail].filter(Boolean).join(' ');
};

describe('planRow', () => {
  const cases: readonly [title: string, changes: Partial<Member>, expected: string][] = [
    ['takes a WorkSpace that is AVAILABLE', {}, 'eligible'],
    ['takes one that is STOPPED', { state: 'STOPPED' }, 'eligible'],
    ['takes one that is in ERROR: a rebuild mends it', { state: 'ERROR' }, 'eligible'],
    ['takes one that is UNHEALTHY', { state: 'UNHEALTHY' }, 'eligible'],
    ['takes one that is IMPAIRED', { state: 'IMPAIRED' }, 'eligible'],
    ['waits out SUSPENDED', { state: 'SUSPENDED' }, 'later'],
    ['waits out UPDATING', { state: 'UPDATING' }, 'later'],
    ['waits out MAINTENANCE', { state: 'MAINTENANCE' }, 'later'],
    ['waits out STARTING', { state: 'STARTING' }, 'later'],
    ['waits out STOPPING', { state: 'STOPPING' }, 'later'],
    ['waits out PENDING', { state: 'PENDING' }, 'later'],
    ['leaves out one that is on another bundle', { bundleId: 'wsb-0other0001' }, 'skipped otherBundle wsb-0other0001'],
    [
      'tells of one that is on the bundle of its restore',
      { bundleId: 'wsb-0restore01' },
      'skipped onRestoreBundle wsb-0restore01',
    ],
    ['leaves out a standby pair', { paired: true }, 'skipped standby'],
    ['leaves out one that is being terminated', { state: 'TERMINATING' }, 'skipped gone TERMINATING'],
    [
      'tells of one that is gone before anything else',
      { state: 'TERMINATED', paired: true },
      'skipped gone TERMINATED',
    ],
  ];
  for (const [title, changes, expected] of cases) it(title, () => assert.equal(verdict(changes), expected));

  it('takes an encrypted WorkSpace whose key is enabled', () =>
    assert.equal(verdict({ keyId: KEY }, { [KEY]: 'Enabled' }), 'eligible'));
  it('takes an encrypted WorkSpace whose key may not be looked at: that says nothing of AWS’s use of it', () =>
    assert.equal(verdict({ keyId: KEY }, { [KEY]: 'AccessDenied' }), 'eligible'));
  for (const state of ['Disabled', 'PendingDeletion', 'NotFound']) {
    it(`leaves out an encrypted WorkSpace whose key is ${state}`, () =>
      assert.equal(verdict({ keyId: KEY }, { [KEY]: state }), `skipped keyNotUsable ${KEY} is ${state}`));
  }
});

describe('planRow where WorkSpaces of other bundles are migrated', () => {
  const OTHER = 'wsb-0other0001';
  const migration = (changes: Partial<Member>, image?: Terms['image']): string => {
    const asked = terms({ otherBundle: 'migrate', ...(image ? { image } : {}) });
    const { verdict, action, reason } = planRow(member({ bundleId: OTHER, ...changes }), asked);
    return [verdict, action, reason?.code, reason?.detail].filter(Boolean).join(' ');
  };

  for (const state of ['AVAILABLE', 'STOPPED', 'ERROR']) {
    it(`migrates one that is ${state}`, () => assert.equal(migration({ state }), 'eligible migrate'));
  }
  for (const state of ['UNHEALTHY', 'IMPAIRED']) {
    it(`does not migrate one that is ${state}, which AWS would rebuild`, () => {
      assert.equal(migration({ state }), `skipped migrate cannotMigrate it is ${state}`);
      assert.equal(migration({ state, bundleId: BUNDLE }), 'eligible rebuild');
    });
  }
  for (const state of ['ADMIN_MAINTENANCE', 'SUSPENDED', 'UPDATING']) {
    it(`waits out ${state}`, () => assert.equal(migration({ state }), 'later migrate'));
  }
  it('rebuilds one that is on the bundle already', () =>
    assert.equal(migration({ bundleId: BUNDLE }), 'eligible rebuild'));
  it('does not migrate a standby pair', () =>
    assert.match(migration({ paired: true }), /^skipped migrate cannotMigrate it is part of a Multi-Region/));
  it('does not migrate Linux, nor to Linux', () => {
    for (const operatingSystem of ['AMAZON_LINUX_2', 'UBUNTU_22_04', 'RHEL_8', 'ROCKY_8']) {
      assert.equal(migration({ operatingSystem }), `skipped migrate cannotMigrate it runs ${operatingSystem}`);
    }
    const linux = { operatingSystem: 'LINUX', byol: false };
    assert.equal(migration({}, linux), 'skipped migrate cannotMigrate the image is LINUX');
  });
  it('migrates Windows under the customer’s own licence only to an image of such', () => {
    const own = (byol: boolean) => {
      const asked = terms({
        otherBundle: 'migrate',
        byolBundles: new Set([OTHER]),
        image: { operatingSystem: 'WINDOWS', byol },
      });
      return planRow(member({ bundleId: OTHER }), asked).reason;
    };
    const detail = `${OTHER} is Windows under your own licence, the image is not`;
    assert.deepEqual([own(false), own(true)], [{ code: 'cannotMigrate', detail }, null]);
  });
  it('leaves to AWS what is not known', () => {
    assert.equal(migration({ operatingSystem: null }), 'eligible migrate');
    assert.equal(migration({ operatingSystem: 'UNKNOWN' }), 'eligible migrate');
  });
  it('leaves out one that is gone, or whose key cannot be used', () => {
    assert.equal(migration({ state: 'TERMINATING' }), 'skipped migrate gone TERMINATING');
    const asked = terms({ otherBundle: 'migrate', keyStates: new Map([[KEY, 'Disabled']]) });
    assert.equal(planRow(member({ bundleId: OTHER, keyId: KEY }), asked).reason?.code, 'keyNotUsable');
  });
});

describe('withPlaces', () => {
  const rows = ['AVAILABLE', 'TERMINATED', 'AVAILABLE', 'SUSPENDED'].map((state, n) =>
    planRow(
      member({ workspaceId: `ws-0fleet000${n}`, state, directoryId: n === 3 ? 'd-90670f1ee8' : 'd-90670f1ee7' }),
      terms(),
    ),
  );
  const tagsOf = new Map([['ws-0fleet0002', { Ring: 'canary', Site: 'Berlin' }]]);
  const open = [{ days: ['sun' as const], from: '08:00', to: '20:00', timeZone: 'UTC' }];
  const settings = {
    waves: {
      ...DEFAULTS.waves,
      canary: { size: '1', choose: 'tag' as const, tag: { key: 'Ring', value: 'canary' }, workspaceIds: [] },
      sizes: ['1'],
    },
    windows: [
      { directoryId: null, tag: { key: 'Site', value: 'Berlin' }, open },
      { directoryId: 'd-90670f1ee8', tag: null, open },
    ],
  };

  it('gives each that is upgraded its wave and window, by tag and directory, and none to what is left out', () => {
    const places = withPlaces(settings, rows, tagsOf).map(({ wave, windowRule }) => [wave, windowRule]);
    assert.deepEqual(places, [
      [1, null],
      [null, null],
      [0, 0],
      [2, 1],
    ]);
  });

  it('takes its wave from one that turns out to have no snapshot to rebuild from', () => {
    const [row = assert.fail('no row')] = withPlaces(
      settings,
      [planRow(member({ state: 'STOPPED' }), terms())],
      tagsOf,
    );
    assert.equal(row.wave, 0);
    assert.equal(withSnapshot(row, null, NOW).wave, null);
  });
});

describe('withSnapshot', () => {
  const row = (state = 'AVAILABLE') => planRow(member({ state }), terms());

  it('tells when the next snapshot is due', () => {
    const { snapshot, dueAt, dueTooLate, verdict } = withSnapshot(row(), at(-4 * HOUR), NOW + 15 * HOUR);
    assert.deepEqual(
      { snapshot, dueAt, dueTooLate, verdict },
      { snapshot: at(-4 * HOUR), dueAt: at(8 * HOUR), dueTooLate: false, verdict: 'eligible' },
    );
  });

  it('says which are due only after the wait has timed out', () =>
    assert.equal(withSnapshot(row(), at(-HOUR), NOW + 10 * HOUR).dueTooLate, true));

  it('says nothing of one that has no snapshot yet', () => {
    const { snapshot, dueAt, dueTooLate, verdict } = withSnapshot(row(), null, NOW + 10 * HOUR);
    assert.deepEqual(
      { snapshot, dueAt, dueTooLate, verdict },
      { snapshot: null, dueAt: undefined, dueTooLate: undefined, verdict: 'eligible' },
    );
  });

  it('leaves out one that is stopped and has no snapshot', () => {
    const { verdict, reason } = withSnapshot(row('STOPPED'), null, NOW + 10 * HOUR);
    assert.deepEqual({ verdict, reason }, { verdict: 'skipped', reason: { code: 'noSnapshotStopped' } });
  });
});
