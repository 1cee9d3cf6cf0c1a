import assert from 'node:assert/strict';
import { areCopyVaultsDue, dueCopyVaults, knowCopyVaults, rememberCopies } from '../../domain/custody-sweep-copies.ts';
import {
  addPage,
  countsOf,
  giveUp,
  hasFailed,
  isListingDue,
  jobsSince,
  knowVaults,
  listingsOf,
  nextTask,
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
  ...NO_MEMORY,
  jobsAt: { [target]: jobsAt },
  listedAt: { [nightly]: listedAt },
});
const page: PageFound = { counts: {}, odd: [], running: [], months: [], leftOut: null, nextToken: null };

describe('a sweep', () => {
  it('goes through the jobs since the one before began, and a day more', () => {
    const sweep = sweepAfter(remembered('2026-03-10T05:00:00.000Z', now));
    assert.equal(jobsSince(sweep, SOURCE), '2026-03-09T05:00:00.000Z');
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
    assert.deepEqual([sweep.counts.seen, sweep.inVault.partial, sweep.odd.length], [2000, 180, 105]);
    assert.deepEqual([sweep.running, sweep.months, sweep.token], [['a', 'b'], ['2026-02', '2026-03'], null]);
  });

  it('counts every vault as it was when it was last listed, whichever it lists itself', () => {
    const first = sweepAfter(NO_MEMORY);
    knowVaults(first, SOURCE, ['nightly', 'weekly']);
    for (const [name, unsupported] of [
      ['nightly', 3],
      ['weekly', 4],
    ] as const) {
      addPage(first, { ...page, counts: { seen: 10, unsupported } });
      rememberListing(first, { ...SOURCE, vault: name });
      nextTask(first);
    }
    assert.deepEqual([countsOf(first).unsupported, countsOf(first).seen], [7, 20]);
    const second = sweepAfter(first.memory);
    assert.deepEqual([countsOf(second).unsupported, countsOf(second).seen], [7, 0]);
    addPage(second, { ...page, counts: { seen: 5, unsupported: 1 } });
    assert.equal(countsOf(second).unsupported, 7, 'not before the vault is listed to its end');
    rememberListing(second, vault);
    assert.equal(countsOf(second).unsupported, 5);
    knowVaults(second, SOURCE, ['nightly']);
    assert.equal(countsOf(second).unsupported, 1, 'weekly is gone');
  });

  it('lists vaults of copies that are due, and forgets those in which no settled point has any', () => {
    const to = { account: '444455556666', region: 'eu-west-1', vault: 'nightly' };
    const other = { ...to, vault: 'weekly' };
    const name = '444455556666/eu-west-1/nightly';
    const sweep = sweepAfter(NO_MEMORY);
    assert.equal(areCopyVaultsDue(sweep, 7), true);
    knowCopyVaults(
      sweep,
      [to, other].map((each) => ({ vault: each, from: [vault] })),
    );
    assert.equal(dueCopyVaults(sweep, 7).length, 2);
    const odd = { oddity: 'copyGone', vault: name, pointArn: 'copy', why: '' } as const;
    const counts = { partial: 0, expired: 1, copyGone: 1 };
    rememberCopies(sweep, { vault: to, from: [vault] }, { counts, odd: [odd], months: [] });
    assert.deepEqual([countsOf(sweep).copyGone, countsOf(sweep).expired, sweep.odd], [1, 1, [odd]]);
    assert.deepEqual(listingsOf(sweep), { [name]: now, '444455556666/eu-west-1/weekly': null });

    const next = sweepAfter(sweep.memory);
    assert.equal(areCopyVaultsDue(next, 7), false);
    assert.deepEqual(
      [dueCopyVaults(next, 7).length, dueCopyVaults(next, 0).length],
      [1, 2],
      'the one that was not listed',
    );
    knowCopyVaults(next, [{ vault: other, from: [vault] }]);
    assert.equal(countsOf(next).copyGone, 0);
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
