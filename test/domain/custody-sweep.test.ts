import assert from 'node:assert/strict';
import {
  addPage,
  giveUp,
  hasFailed,
  hintsSince,
  isListingDue,
  jobsSince,
  knowVaults,
  NO_MEMORY,
  oldestDays,
  rememberListing,
  sweepOf,
  type PageFound,
  type SweepMemory,
} from '../../domain/custody-sweep.ts';

const SOURCE = { account: '111122223333', region: 'eu-central-1' };
const policy = { sources: [SOURCE] };
const now = '2026-03-10T06:00:00.000Z';
const sweepAfter = (memory: SweepMemory) => sweepOf(policy, memory, { aws: now, temporal: now });
const target = `${SOURCE.account}/${SOURCE.region}`;
const vault = { ...SOURCE, vault: 'nightly' };
const nightly = `${target}/nightly`;
const remembered = (jobsAt: string, listedAt: string): SweepMemory => ({
  jobsAt: { [target]: jobsAt },
  listedAt: { [nightly]: listedAt },
});
const page: PageFound = { counts: {}, odd: [], running: [], months: [], leftOut: null, nextToken: null };

describe('a sweep', () => {
  it('goes through the jobs since the one before began, and a day more', () => {
    const sweep = sweepAfter(remembered('2026-03-10T05:00:00.000Z', now));
    assert.equal(jobsSince(sweep, SOURCE), '2026-03-09T05:00:00.000Z');
    assert.equal(hintsSince(sweep, SOURCE), '2026-03-10T04:00:00.000Z');
    assert.equal(jobsSince(sweepAfter(NO_MEMORY), SOURCE), '2026-03-09T06:00:00.000Z');
  });

  it('lists a vault that never was, that was not for so many days, or whose jobs AWS may have forgotten', () => {
    const due = (memory: SweepMemory): boolean => isListingDue(sweepAfter(memory), vault, 7);
    assert.equal(due(NO_MEMORY), true);
    assert.equal(due(remembered('2026-03-10T05:00:00.000Z', '2026-03-03T06:00:01.000Z')), false);
    assert.equal(due(remembered('2026-03-10T05:00:00.000Z', '2026-03-03T06:00:00.000Z')), true);
    assert.equal(
      isListingDue(sweepAfter(remembered('2026-02-01T05:00:00.000Z', '2026-03-09T06:00:00.000Z')), vault, 90),
      true,
    );
  });

  it('remembers nothing of a vault that could not be listed, and forgets one that is gone', () => {
    const before = remembered('2026-03-10T05:00:00.000Z', '2026-03-01T00:00:00.000Z');
    const sweep = sweepAfter(before);
    sweep.tasks = [{ kind: 'vault', vault, planIds: null }];
    giveUp(sweep, 'AccessDenied');
    assert.deepEqual([sweep.failedVaults, sweep.tasks, hasFailed(sweep, nightly)], [1, [], true]);
    assert.deepEqual(sweep.memory, before);
    rememberListing(sweep, { ...SOURCE, vault: 'weekly' });
    knowVaults(sweep, SOURCE, ['weekly']);
    assert.deepEqual(sweep.memory.listedAt, { [`${target}/weekly`]: now });
  });

  it('adds its pages up, and lists the first hundred oddities of each kind', () => {
    const sweep = sweepAfter(NO_MEMORY);
    const odd = (oddity: 'partial' | 'expired', count: number) =>
      Array.from({ length: count }, (_, index) => ({ oddity, vault: nightly, pointArn: `${oddity}${index}`, why: '' }));
    const first = { ...page, counts: { seen: 1000, partial: 90 }, odd: odd('partial', 90), months: ['2026-03'] };
    addPage(sweep, { ...first, running: ['a'], nextToken: 'next' });
    assert.equal(sweep.token, 'next');
    addPage(sweep, {
      ...first,
      odd: [...odd('partial', 90), ...odd('expired', 5)],
      months: ['2026-02', '2026-03'],
      running: ['b'],
    });
    assert.deepEqual([sweep.counts.seen, sweep.counts.partial, sweep.odd.length], [2000, 180, 105]);
    assert.deepEqual([sweep.running, sweep.months, sweep.token], [['a', 'b'], ['2026-02', '2026-03'], null]);
  });

  it('tells once of each place that points were left out there', () => {
    const sweep = sweepAfter(NO_MEMORY);
    sweep.tasks = [{ kind: 'vault', vault, planIds: null }];
    addPage(sweep, { ...page, leftOut: 'an object is no index', nextToken: 'next' });
    addPage(sweep, { ...page, leftOut: 'another object is no index' });
    assert.deepEqual(sweep.failures, [{ where: nightly, why: 'an object is no index' }]);
  });

  it('says how long ago the vault was listed that was listed longest ago', () => {
    assert.equal(oldestDays(['2026-03-09T06:00:00.000Z', '2026-03-03T06:00:00.000Z'], now), 7);
    assert.equal(oldestDays(['2026-03-09T06:00:00.000Z', null], now), null);
    assert.equal(oldestDays([], now), null);
  });
});
