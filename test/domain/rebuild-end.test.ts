import assert from 'node:assert/strict';
import { looksEnded, rebuildEnd, showsEffect } from '../../domain/rebuild-end.ts';
import type { Desktop } from '../../domain/rebuild-gate.ts';

const MINUTE = 60_000;
const CALLED = Date.parse('2026-03-02T08:00:00Z');
const at = (offset: number): string => new Date(CALLED + offset).toISOString();
const limits = { settle: 5 * MINUTE, timeout: 240 * MINUTE };

type RowFacts = Parameters<typeof rebuildEnd>[0];
const called: RowFacts = {
  rebuildRequestedAt: at(0),
  ipBefore: '10.20.0.4',
  stateBefore: 'AVAILABLE',
  sawRebuilding: false,
  settledSeenAt: null,
};
const desktop = (state: string, changes: Partial<Desktop> = {}): Desktop => ({
  workspaceId: 'ws-0fleet0001',
  state,
  bundleId: 'wsb-0fleet0001',
  ipAddress: '10.20.0.4',
  errorCode: null,
  ...changes,
});
const newIp = { ipAddress: '10.20.0.99' };

const end = (row: Partial<RowFacts>, seen: Desktop | null, minutes: number): string | null => {
  const ended = rebuildEnd({ ...called, ...row }, { desktop: seen, now: CALLED + minutes * MINUTE }, limits);
  return ended && [ended.outcome, ended.reason?.code, ended.reason?.detail].filter(Boolean).join(' ');
};

describe('rebuildEnd', () => {
  const cases: readonly [
    title: string,
    row: Partial<RowFacts>,
    seen: Desktop | null,
    minutes: number,
    end: string | null,
  ][] = [
    ['is under way while it is REBUILDING', {}, desktop('REBUILDING'), 30, null],
    ['is rebuilt when AVAILABLE with a new address', {}, desktop('AVAILABLE', newIp), 30, 'rebuilt'],
    ['is rebuilt when STOPPED with a new address', {}, desktop('STOPPED', newIp), 30, 'rebuilt'],
    [
      'is rebuilt also when nobody saw it REBUILDING',
      { sawRebuilding: false },
      desktop('AVAILABLE', newIp),
      1,
      'rebuilt',
    ],
    [
      'does not believe AVAILABLE with the old address at once',
      { sawRebuilding: true },
      desktop('AVAILABLE'),
      30,
      null,
    ],
    [
      'believes it when it is still so after the settle window',
      { sawRebuilding: true, settledSeenAt: at(30 * MINUTE) },
      desktop('AVAILABLE'),
      35,
      'rebuilt',
    ],
    [
      'does not believe it a moment earlier',
      { sawRebuilding: true, settledSeenAt: at(30 * MINUTE + 1) },
      desktop('AVAILABLE'),
      35,
      null,
    ],
    [
      'believes it where the old address is not known, after the settle window',
      { sawRebuilding: true, ipBefore: null, settledSeenAt: at(20 * MINUTE) },
      desktop('AVAILABLE', newIp),
      25,
      'rebuilt',
    ],
    ['is not rebuilt in a state that passes', { sawRebuilding: true }, desktop('STARTING', newIp), 30, null],
    [
      'failed when it broke',
      {},
      desktop('ERROR', { errorCode: 'InternalError' }),
      30,
      'rebuildFailed failed InternalError',
    ],
    [
      'failed when it broke, told by the state where AWS gives no code',
      {},
      desktop('UNHEALTHY'),
      30,
      'rebuildFailed failed UNHEALTHY',
    ],
    ['is not told by an ERROR that was there before', { stateBefore: 'ERROR' }, desktop('ERROR'), 20, null],
    [
      'failed when an ERROR that was there before is there after REBUILDING, and stays',
      { stateBefore: 'ERROR', sawRebuilding: true, settledSeenAt: at(30 * MINUTE) },
      desktop('ERROR', { errorCode: 'InternalError' }),
      36,
      'rebuildFailed failed InternalError',
    ],
    ['failed when the WorkSpace is gone', {}, null, 3, 'rebuildFailed gone'],
    ['has time to show an effect', {}, desktop('AVAILABLE'), 30, null],
    [
      'is unconfirmed when nothing was seen for half an hour',
      {},
      desktop('AVAILABLE'),
      31,
      'rebuildUnconfirmed noEffectSeen',
    ],
    ['waits for its end until the timeout', { sawRebuilding: true }, desktop('REBUILDING'), 240, null],
    [
      'is unconfirmed after it',
      { sawRebuilding: true },
      desktop('REBUILDING'),
      241,
      'rebuildUnconfirmed notEnded REBUILDING',
    ],
    ['counts an end that is seen late', { sawRebuilding: true }, desktop('AVAILABLE', newIp), 400, 'rebuilt'],
  ];
  for (const [title, row, seen, minutes, expected] of cases) {
    it(title, () => assert.equal(end(row, seen, minutes), expected));
  }
});

describe('showsEffect', () => {
  const cases: readonly [title: string, row: Partial<RowFacts>, seen: Desktop, expected: boolean][] = [
    ['is not shown by a WorkSpace as it was', {}, desktop('AVAILABLE'), false],
    ['is shown by REBUILDING', {}, desktop('REBUILDING'), true],
    ['is shown by REBUILDING that was seen earlier', { sawRebuilding: true }, desktop('AVAILABLE'), true],
    ['is shown by a new address', {}, desktop('AVAILABLE', newIp), true],
    ['is not shown by an address that is not given', {}, desktop('AVAILABLE', { ipAddress: null }), false],
    [
      'is not shown by an address where the old one is not known',
      { ipBefore: null },
      desktop('AVAILABLE', newIp),
      false,
    ],
    ['is shown by an error that was not there', {}, desktop('ERROR'), true],
    ['is not shown by an error that was there', { stateBefore: 'UNHEALTHY' }, desktop('ERROR'), false],
  ];
  for (const [title, row, seen, expected] of cases) {
    it(title, () => assert.equal(showsEffect({ ...called, ...row }, seen), expected));
  }
});

describe('looksEnded', () => {
  it('is so in the states where rebuilds end', () => {
    for (const state of ['AVAILABLE', 'STOPPED', 'ERROR', 'UNHEALTHY', 'IMPAIRED'])
      assert.ok(looksEnded(desktop(state)));
    for (const state of ['REBUILDING', 'STARTING', 'PENDING', 'MAINTENANCE']) assert.ok(!looksEnded(desktop(state)));
  });
});
