import assert from 'node:assert/strict';
import { judge } from '../../domain/rebuild-gate.ts';
import type { Bundle, Desktop, LastLook } from '../../domain/rebuild-gate.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const at = (offset: number): string => new Date(NOW + offset).toISOString();
const settings: Parameters<typeof judge>[0] = {
  bundleId: 'wsb-0fleet0001',
  imageId: 'wsi-0fleet0002',
  maxDataLossSeconds: null,
  connectedUsers: { policy: 'proceed', waitMinutes: 240, afterWait: 'skip' },
};
const row: Parameters<typeof judge>[1] = {
  freshSnapshot: at(-2 * HOUR),
  action: 'rebuild',
  bundleId: settings.bundleId,
  userWaitEndsAt: null,
};
const desktop: Desktop = {
  workspaceId: 'ws-0fleet0001',
  state: 'AVAILABLE',
  bundleId: settings.bundleId,
  ipAddress: '10.20.0.4',
  errorCode: null,
};
const bundle: Bundle = {
  bundleId: settings.bundleId,
  name: 'office-desktop',
  state: 'AVAILABLE',
  imageId: settings.imageId,
  ownerAccount: '111122223333',
  updatedAt: at(-9 * HOUR),
};
const good: LastLook = {
  now: NOW,
  desktop,
  bundle,
  tagMatches: true,
  snapshots: [at(-2 * HOUR)],
  connection: { state: 'DISCONNECTED', checkAgeSeconds: 60, lastConnectedAt: at(-3 * HOUR) },
};
const look = (changes: Partial<LastLook>): LastLook => ({ ...good, ...changes });

describe('judge', () => {
  it('opens the gate when everything is as it must be, and keeps what the end will be told by', () => {
    assert.deepEqual(judge(settings, row, good), {
      verdict: 'rebuild',
      freshSnapshot: at(-2 * HOUR),
      ipBefore: '10.20.0.4',
      stateBefore: 'AVAILABLE',
      bundleUpdatedAt: at(-9 * HOUR),
      dataLossWindowSeconds: 0,
    });
  });

  const ends: readonly [title: string, changes: Partial<LastLook>, code: string][] = [
    ['a WorkSpace that AWS does not show', { desktop: null }, 'gone'],
    ['a WorkSpace that is being terminated', { desktop: { ...desktop, state: 'TERMINATING' } }, 'gone'],
    ['a WorkSpace without the tag', { tagMatches: false }, 'tagGone'],
    [
      'a WorkSpace that was moved to another bundle',
      { desktop: { ...desktop, bundleId: 'wsb-0other0001' } },
      'otherBundle',
    ],
    ['a bundle that carries another image', { bundle: { ...bundle, imageId: 'wsi-0fleet0003' } }, 'bundleChanged'],
    ['a bundle that is gone', { bundle: null }, 'bundleChanged'],
  ];
  for (const [title, changes, code] of ends) {
    it(`skips ${title}`, () => {
      const verdict = judge(settings, row, look(changes));
      assert.equal(verdict.verdict, 'end');
      assert.equal(verdict.verdict === 'end' && verdict.outcome, 'skipped');
      assert.equal(verdict.verdict === 'end' && verdict.reason.code, code);
    });
  }

  const states: readonly [state: string, verdict: string][] = [
    ['AVAILABLE', 'rebuild'],
    ['STOPPED', 'rebuild'],
    ['ERROR', 'rebuild'],
    ['UNHEALTHY', 'rebuild'],
    ['IMPAIRED', 'rebuild'],
    ['SUSPENDED', 'waitForState'],
    ['UPDATING', 'waitForState'],
    ['MAINTENANCE', 'waitForState'],
    ['ADMIN_MAINTENANCE', 'waitForState'],
    ['STOPPING', 'waitForState'],
    ['STARTING', 'waitForState'],
    ['PENDING', 'waitForState'],
    ['REBOOTING', 'waitForState'],
    ['REBUILDING', 'waitForState'],
    ['RESTORING', 'waitForState'],
    ['SOMETHING_NEW', 'waitForState'],
    ['TERMINATED', 'end'],
  ];
  for (const [state, verdict] of states) {
    it(`answers ${verdict} for a WorkSpace that is ${state}`, () =>
      assert.equal(judge(settings, row, look({ desktop: { ...desktop, state } })).verdict, verdict));
  }

  it('waits for a bundle that is not AVAILABLE, and says so', () =>
    assert.deepEqual(judge(settings, row, look({ bundle: { ...bundle, state: 'PENDING' } })), {
      verdict: 'waitForState',
      because: { code: 'bundleNotAvailable', detail: 'PENDING' },
    }));

  it('takes a snapshot later than the one waited for: it holds more', () => {
    const verdict = judge(settings, row, look({ snapshots: [at(-2 * HOUR), at(-HOUR)] }));
    assert.equal(verdict.verdict === 'rebuild' && verdict.freshSnapshot, at(-HOUR));
  });

  it('waits again when the snapshot that was waited for is gone', () => {
    for (const snapshots of [[], [at(-14 * HOUR)]]) {
      const verdict = judge(settings, row, look({ snapshots }));
      const newerThan = snapshots[0] ?? null;
      assert.deepEqual(verdict, { verdict: 'waitForSnapshot', newerThan, because: { code: 'noFreshSnapshot' } });
    }
  });

  describe('with work after the snapshot', () => {
    const worked = look({ connection: { ...good.connection, lastConnectedAt: at(-2 * HOUR + 90_500) } });
    const unknown = look({ connection: { ...good.connection, lastConnectedAt: null } });

    it('rebuilds and tells the loss, in whole seconds that never say too little', () => {
      const verdict = judge(settings, row, worked);
      assert.equal(verdict.verdict === 'rebuild' && verdict.dataLossWindowSeconds, 91);
    });

    it('tells null where the loss is not known', () => {
      const verdict = judge(settings, row, unknown);
      assert.equal(verdict.verdict === 'rebuild' && verdict.dataLossWindowSeconds, null);
    });

    it('waits for the next snapshot when that is more than allowed', () => {
      const verdict = judge({ ...settings, maxDataLossSeconds: 90 }, row, worked);
      assert.deepEqual(verdict, {
        verdict: 'waitForSnapshot',
        newerThan: at(-2 * HOUR),
        because: { code: 'dataLoss', detail: '91 seconds' },
      });
      assert.equal(judge({ ...settings, maxDataLossSeconds: 91 }, row, worked).verdict, 'rebuild');
    });

    it('takes an unknown loss for more than allowed, and says that it is unknown', () => {
      const verdict = judge({ ...settings, maxDataLossSeconds: 86_400 }, row, unknown);
      assert.equal(verdict.verdict, 'waitForSnapshot');
      assert.match((verdict.verdict === 'waitForSnapshot' && verdict.because.detail) || '', /AWS does not say/);
    });

    it('with a limit of 0 rebuilds only what lost nothing', () => {
      const strict = { ...settings, maxDataLossSeconds: 0 };
      assert.equal(judge(strict, row, good).verdict, 'rebuild');
      assert.equal(judge(strict, row, worked).verdict, 'waitForSnapshot');
    });
  });

  describe('of a WorkSpace whose user is connected', () => {
    const connected = look({ connection: { state: 'CONNECTED', checkAgeSeconds: 60, lastConnectedAt: at(-60_000) } });
    const withPolicy = (changes: Partial<typeof settings.connectedUsers>): typeof settings => ({
      ...settings,
      connectedUsers: { ...settings.connectedUsers, ...changes },
    });
    const verdictOf = (changes: Partial<typeof settings.connectedUsers>, userWaitEndsAt: string | null) =>
      judge(withPolicy(changes), { ...row, userWaitEndsAt }, connected).verdict;

    it('goes on when users do not matter', () => assert.equal(verdictOf({ policy: 'proceed' }, null), 'rebuild'));
    it('ends when they are to be spared', () => assert.equal(verdictOf({ policy: 'skip' }, null), 'end'));
    it('waits for them, until the wait is over', () => {
      assert.equal(verdictOf({ policy: 'wait' }, null), 'waitForUser');
      assert.equal(verdictOf({ policy: 'wait' }, at(1)), 'waitForUser');
      assert.equal(verdictOf({ policy: 'wait', afterWait: 'proceed' }, at(0)), 'rebuild');
      assert.deepEqual(judge(withPolicy({ policy: 'wait' }), { ...row, userWaitEndsAt: at(0) }, connected), {
        verdict: 'end',
        outcome: 'skipped',
        reason: { code: 'userConnected', detail: 'CONNECTED' },
      });
    });
    it('takes a user of whom AWS is not sure for connected', () => {
      const unsure = look({ connection: { state: 'UNKNOWN', checkAgeSeconds: null, lastConnectedAt: null } });
      assert.equal(judge(withPolicy({ policy: 'skip' }), row, unsure).verdict, 'end');
    });
    it('has no user when it is stopped', () => {
      const stopped = { ...connected, desktop: { ...desktop, state: 'STOPPED' } };
      assert.equal(judge(withPolicy({ policy: 'skip' }), row, stopped).verdict, 'rebuild');
    });
  });

  it('takes a WorkSpace that is to be migrated from the bundle where it was', () => {
    const migrated = { ...row, action: 'migrate' as const, bundleId: 'wsb-0other0001' };
    const there = look({ desktop: { ...desktop, bundleId: 'wsb-0other0001' } });
    assert.equal(judge(settings, migrated, there).verdict, 'rebuild');
    assert.equal(judge(settings, migrated, good).verdict, 'end');
    const unhealthy = { ...desktop, bundleId: 'wsb-0other0001', state: 'UNHEALTHY' };
    assert.equal(judge(settings, migrated, look({ desktop: unhealthy })).verdict, 'waitForState');
  });
});
