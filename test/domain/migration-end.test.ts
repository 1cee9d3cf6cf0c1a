import assert from 'node:assert/strict';
import { migrationEnd } from '../../domain/migration-end.ts';
import type { Desktop } from '../../domain/rebuild-gate.ts';

const BEGAN = Date.parse('2026-03-02T08:00:00Z');
const OLD = 'ws-0old000001';
const NEW = 'ws-0new000001';
const desktop = (workspaceId: string, bundleId: string, state: string): Desktop => ({
  workspaceId,
  bundleId,
  state,
  ipAddress: null,
  errorCode: null,
});
const old = (state: string): Desktop => desktop(OLD, 'wsb-0other0001', state);
const fresh = (state: string): Desktop => desktop(NEW, 'wsb-0fleet0001', state);
const endAfter = (minutes: number, found: readonly Desktop[], newWorkspaceId: string | null = NEW) =>
  migrationEnd(
    { workspaceId: OLD, newWorkspaceId, rebuildRequestedAt: new Date(BEGAN).toISOString() },
    { found, bundleId: 'wsb-0fleet0001', now: BEGAN + minutes * 60_000 },
  );

describe('a migration', () => {
  it('is done when the new WorkSpace is there and the old one is not', () => {
    assert.equal(endAfter(30, [fresh('AVAILABLE')]).outcome, 'migrated');
    assert.equal(endAfter(30, [fresh('AVAILABLE'), old('TERMINATING')]).outcome, 'migrated');
  });
  it('is under way while both are there, or the new one is being made', () => {
    assert.equal(endAfter(30, [fresh('AVAILABLE'), old('AVAILABLE')]).outcome, null);
    assert.equal(endAfter(30, [fresh('PENDING')]).outcome, null);
    assert.equal(endAfter(30, [old('AVAILABLE')]).outcome, null);
  });
  it('has failed when an hour later only the old one is there: AWS tells no more', () => {
    const { outcome, reason } = endAfter(66, [old('AVAILABLE')]);
    assert.deepEqual([outcome, reason?.code], ['rebuildFailed', 'migrationFailed']);
  });
  it('has failed when the new WorkSpace is in ERROR', () =>
    assert.equal(endAfter(66, [fresh('ERROR')]).outcome, 'rebuildFailed'));
  it('is unconfirmed when neither is there, or nothing has ended for hours', () => {
    assert.equal(endAfter(66, []).outcome, 'rebuildUnconfirmed');
    assert.equal(endAfter(241, [fresh('PENDING')]).outcome, 'rebuildUnconfirmed');
  });
  it('whose reply was lost is known by the user’s second WorkSpace', () => {
    const { outcome, newWorkspaceId } = endAfter(30, [fresh('PENDING'), old('AVAILABLE')], null);
    assert.deepEqual([outcome, newWorkspaceId], [null, NEW]);
  });
});
