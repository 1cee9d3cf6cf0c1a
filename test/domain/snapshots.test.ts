import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isQuiet,
  lossWindow,
  mayBeConnected,
  newest,
  nextDue,
  nextLook,
  snapshotAsOf,
} from '../../domain/snapshots.ts';
import type { Connection } from '../../domain/snapshots.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const at = (offset: number): string => new Date(NOW + offset).toISOString();
const connection = (changes: Partial<Connection> = {}): Connection => ({
  state: 'DISCONNECTED',
  checkAgeSeconds: 120,
  lastConnectedAt: at(-30 * HOUR),
  ...changes,
});

describe('newest', () => {
  it('is the latest instant, whatever the order and the way of writing it', () => {
    assert.equal(newest([at(-HOUR), at(0), at(-2 * HOUR)]), at(0));
    assert.equal(
      newest(['2026-03-02T08:00:00+01:00', '2026-03-02T07:30:00.000Z']),
      '2026-03-02T07:30:00.000Z',
      'instants are compared, not texts',
    );
  });

  it('is null where there is none', () => assert.equal(newest([]), null));
});

describe('snapshotAsOf', () => {
  it('is the one that was read, unless it came later', () => {
    assert.equal(snapshotAsOf(at(0), at(0)), at(0));
    assert.equal(snapshotAsOf(null, at(0)), null);
  });
  it('is the one before where it came later', () => assert.equal(snapshotAsOf(at(HOUR), at(0)), at(-11 * HOUR)));
});

describe('nextDue', () => {
  it('is twelve hours after the snapshot', () => assert.equal(nextDue(at(-5 * HOUR)), NOW + 7 * HOUR));
  it('is null where there is no snapshot to reckon from', () => assert.equal(nextDue(null), null));
});

describe('nextLook', () => {
  const cases: readonly [title: string, baseline: string | null, poll: number, expected: number][] = [
    ['comes a minute after the snapshot is due', at(-5 * HOUR), MINUTE, 7 * HOUR + MINUTE],
    ['comes once more for a snapshot that is due now', at(-12 * HOUR), 10_000, MINUTE],
    ['keeps the smallest distance', at(-12 * HOUR + MINUTE), HOUR, HOUR],
    ['comes after half the delay of a snapshot that is late', at(-12.5 * HOUR), MINUTE, 15 * MINUTE],
    ['comes after half an hour at most, however late the snapshot is', at(-40 * HOUR), MINUTE, 30 * MINUTE],
    ['keeps the smallest distance for a late snapshot too', at(-12 * HOUR - 2 * MINUTE), 5 * MINUTE, 5 * MINUTE],
    ['comes every quarter of an hour where there is no snapshot yet', null, MINUTE, 15 * MINUTE],
    ['keeps a smallest distance that is longer than that', null, 20 * MINUTE, 20 * MINUTE],
  ];
  for (const [title, baseline, poll, expected] of cases) {
    it(title, () => assert.equal(nextLook(baseline, NOW, poll) - NOW, expected));
  }

  it('finds a snapshot that is hours late with a few looks', () => {
    const baseline = at(-12 * HOUR);
    let looks = 0;
    for (let now = NOW; now < NOW + 3 * HOUR; looks += 1) now = nextLook(baseline, now, MINUTE);
    assert.ok(looks <= 20, `${looks} looks for a snapshot that is 3 hours late`);
  });
});

describe('mayBeConnected', () => {
  const cases: readonly [title: string, state: string, changes: Partial<Connection>, expected: boolean][] = [
    ['a user who was not there at the last check is not connected', 'AVAILABLE', {}, false],
    ['a user who was there is connected', 'AVAILABLE', { state: 'CONNECTED' }, true],
    ['what AWS does not know counts as connected', 'AVAILABLE', { state: 'UNKNOWN' }, true],
    ['a check of fifteen minutes ago is believed', 'AVAILABLE', { checkAgeSeconds: 900 }, false],
    ['an older check counts as connected', 'AVAILABLE', { checkAgeSeconds: 901 }, true],
    ['no check at all counts as connected', 'AVAILABLE', { checkAgeSeconds: null }, true],
    [
      'a stopped WorkSpace has no user, whatever the check says',
      'STOPPED',
      { state: 'UNKNOWN', checkAgeSeconds: null },
      false,
    ],
    ['a WorkSpace in error may have one', 'ERROR', { state: 'UNKNOWN' }, true],
  ];
  for (const [title, state, changes, expected] of cases) {
    it(title, () => assert.equal(mayBeConnected(connection(changes), state), expected));
  }
});

describe('isQuiet', () => {
  const quiet = (changes: Partial<Connection> = {}, margin = 24 * HOUR, snapshot = at(-6 * HOUR)): boolean =>
    isQuiet(snapshot, connection(changes), 'AVAILABLE', margin);

  it('needs the whole margin between the last connection and the snapshot', () => {
    assert.equal(quiet({ lastConnectedAt: at(-30 * HOUR) }), true);
    assert.equal(quiet({ lastConnectedAt: at(-30 * HOUR + 1000) }), false);
  });
  it('is never so with a margin of 0', () => assert.equal(quiet({ lastConnectedAt: at(-99 * HOUR) }, 0), false));
  it('is not so while somebody may be connected', () => assert.equal(quiet({ state: 'UNKNOWN' }), false));
  it('is not so where AWS does not tell when the user was last there', () =>
    assert.equal(quiet({ lastConnectedAt: null }), false));
});

describe('lossWindow', () => {
  const taken = at(-3 * HOUR);
  const loss = (changes: Partial<Connection>, state = 'AVAILABLE') =>
    lossWindow(taken, connection(changes), state, NOW);

  it('is nothing for a user who left before the snapshot', () =>
    assert.equal(loss({ lastConnectedAt: at(-4 * HOUR) }), 0));
  it('reaches from the snapshot to when the user left', () =>
    assert.equal(loss({ lastConnectedAt: at(-HOUR) }), 2 * HOUR));
  it('reaches until now while the user is there, or may be', () => {
    assert.equal(loss({ state: 'CONNECTED', lastConnectedAt: at(-4 * HOUR) }), 3 * HOUR);
    assert.equal(loss({ state: 'UNKNOWN', lastConnectedAt: at(-4 * HOUR) }), 3 * HOUR);
    assert.equal(loss({ checkAgeSeconds: 3600, lastConnectedAt: at(-4 * HOUR) }), 3 * HOUR);
  });
  it('is not known where AWS does not tell when the user was last there', () =>
    assert.equal(loss({ lastConnectedAt: null }), null));
  it('reaches to the last connection of a WorkSpace that is stopped since', () =>
    assert.equal(loss({ state: 'UNKNOWN', lastConnectedAt: at(-2 * HOUR) }, 'STOPPED'), HOUR));
});

describe('looking for the next snapshot', () => {
  /** A snapshot that comes so long after it was due, the last one so long ago, looked for as the prediction says. */
  const search = fc.record({
    age: fc.integer({ min: 0, max: 12 * 60 }),
    late: fc.integer({ min: 0, max: 6 * 60 }),
    poll: fc.integer({ min: 10, max: 3_600 }),
  });

  it('never asks sooner than the smallest distance, nor before the snapshot is due', () => {
    fc.assert(
      fc.property(search, fc.nat(24 * 60), ({ age, poll }, passed) => {
        const now = Date.parse('2026-03-02T08:00:00Z');
        const baseline = new Date(now - age * MINUTE).toISOString();
        const at = now + passed * MINUTE;
        const look = nextLook(baseline, at, poll * 1000);
        assert.ok(look >= at + poll * 1000 || look > Date.parse(baseline) + 12 * 60 * MINUTE);
        assert.ok(look > Date.parse(baseline) + 12 * 60 * MINUTE);
        assert.ok(look > at);
      }),
    );
  });

  it('finds any in few looks, and soon after it came', () => {
    fc.assert(
      fc.property(search, ({ age, late, poll }) => {
        let now = Date.parse('2026-03-02T08:00:00Z');
        const baseline = new Date(now - age * MINUTE).toISOString();
        const comes = Date.parse(baseline) + (12 * 60 + late) * MINUTE;
        let looks = 0;
        while (now < comes) {
          now = nextLook(baseline, now, poll * 1000);
          looks += 1;
        }
        assert.ok(looks <= 26, `${looks} looks for one that is ${late} minutes late`);
        const longest = Math.max(30 * MINUTE, poll * 1000) + MINUTE;
        assert.ok(now - comes <= longest, `found ${(now - comes) / MINUTE} minutes after it came`);
      }),
    );
  });
});
