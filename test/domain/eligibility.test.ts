import assert from 'node:assert/strict';
import { planRow, withSnapshot, type Member } from '../../domain/eligibility.ts';

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
  ipAddress: '10.20.0.4',
  errorCode: null,
  keyId: null,
  paired: false,
  ...changes,
});
const verdict = (changes: Partial<Member>, keys: Record<string, string> = {}): string => {
  const { verdict, reason } = planRow(member(changes), BUNDLE, new Map(Object.entries(keys)));
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

describe('withSnapshot', () => {
  const row = (state = 'AVAILABLE') => planRow(member({ state }), BUNDLE, new Map());

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
