import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Lifecycle, PointFacts } from '../../domain/custody.ts';
import { coldAtOf, deleteAtOf, shortenedLifecycle } from '../../domain/retention-arithmetic.ts';
import { day, lifecycle, NOW, point } from '../rig/custody-facts.ts';

/** What becomes of DeleteAfterDays and of the move to cold storage; null: nothing is changed. */
function changed(facts: PointFacts, days: number, now = NOW): [number | null, number | null] | null {
  const shortening = shortenedLifecycle({ facts, days, now });
  if (shortening.kind === 'nothing') return null;
  return [shortening.lifecycle.deleteAfterDays, shortening.lifecycle.moveToColdStorageAfterDays];
}

describe('shortenedLifecycle', () => {
  /** Worked out with the old system's code, get_update_lifecycle_kwargs of backup_events_aws.py. */
  const table: readonly [
    title: string,
    daysAgo: number,
    storageClass: string,
    before: Lifecycle,
    days: number,
    after: [number | null, number | null] | null,
  ][] = [
    ['made today', 0, 'WARM', lifecycle(35), 7, [8, null]],
    ['made yesterday', 1, 'WARM', lifecycle(35), 7, [8, null]],
    ['six days old', 6, 'WARM', lifecycle(35), 7, [8, null]],
    ['seven days old: its age counts', 7, 'WARM', lifecycle(35), 7, [9, null]],
    ['30 days old', 30, 'WARM', lifecycle(365), 7, [32, null]],
    ['kept for one day', 0, 'WARM', lifecycle(35), 1, [2, null]],
    ['without an end', 3, 'WARM', lifecycle(null), 7, [8, null]],
    ['kept for as long already', 0, 'WARM', lifecycle(8), 7, null],
    ['kept for less already', 0, 'WARM', lifecycle(5), 7, null],
    ['one day more than needed', 0, 'WARM', lifecycle(9), 7, [8, null]],
    ['so old that its end is near', 33, 'WARM', lifecycle(35), 7, null],
    ['to move to cold storage later', 3, 'WARM', lifecycle(365, 30), 7, [8, null]],
    ['to move the day after the count of its age', 3, 'WARM', lifecycle(365, 5), 7, [8, null]],
    ['to move on the day of its age', 3, 'WARM', lifecycle(365, 4), 7, [95, 4]],
    ['due in cold storage since yesterday', 3, 'WARM', lifecycle(365, 3), 7, [94, 3]],
    ['in cold storage', 40, 'COLD', lifecycle(365, 30), 7, [121, 30]],
    ['in cold storage, and old', 200, 'COLD', lifecycle(365, 30), 7, [202, 30]],
    ['in cold storage for no known reason', 10, 'COLD', lifecycle(365), 7, [102, null]],
    ['in cold storage, and kept for the least time', 40, 'COLD', lifecycle(120, 30), 7, null],
    ['deleted', 3, 'DELETED', lifecycle(365), 7, null],
    ['kept in cold storage without an end', 40, 'COLD', lifecycle(null, 30), 7, [121, 30]],
  ];
  for (const [title, daysAgo, storageClass, before, days, after] of table) {
    it(`gives a point that is ${title} what the old system gave it`, () => {
      assert.deepEqual(changed(point({ createdAt: day(-daysAgo), storageClass, lifecycle: before }), days), after);
    });
  }

  it('counts UTC days, whatever the hour', () => {
    const late = point({ createdAt: '2026-02-20T23:59:59.999Z', lifecycle: lifecycle(365) });
    const early = point({ createdAt: '2026-02-20T00:00:00.000Z', lifecycle: lifecycle(365) });
    for (const now of ['2026-03-02T00:00:00.000Z', '2026-03-02T23:59:59.999Z']) {
      assert.deepEqual(changed(late, 7, now), [12, null]);
      assert.deepEqual(changed(early, 7, now), [12, null]);
    }
  });

  it('keeps what an update would otherwise empty, but for the cold transition that it drops', () => {
    const facts = point({ createdAt: day(-40), storageClass: 'COLD', lifecycle: lifecycle(365, 30) });
    const kept = shortenedLifecycle({ facts, days: 7, now: NOW });
    assert.deepEqual(kept.kind === 'change' && kept.lifecycle, lifecycle(121, 30));
    const dropped = shortenedLifecycle({ facts: point({ lifecycle: lifecycle(365, 30) }), days: 7, now: NOW });
    assert.deepEqual(dropped.kind === 'change' && dropped.lifecycle, lifecycle(8));
  });

  it('drops a cold transition that AWS ignores for the type, so that the new number is none that AWS refuses', () => {
    const ofDatabase = { resourceType: 'RDS', createdAt: day(-40), lifecycle: lifecycle(365, 30) };
    assert.deepEqual(changed(point(ofDatabase), 7), [42, null]);
    const notOptedIn = { ...lifecycle(365, 30), optInToArchive: false };
    assert.deepEqual(changed(point({ createdAt: day(-40), lifecycle: notOptedIn }), 7), [42, null]);
  });

  it('tells the arithmetic with its numbers', () => {
    const facts = point({ createdAt: day(-40), storageClass: 'COLD', lifecycle: lifecycle(365, 30) });
    assert.equal(
      shortenedLifecycle({ facts, days: 7, now: NOW }).why,
      '365 days becomes the highest of its age of 41 days, 1 and the 7 days asked for, 120 days as it moves to cold ' +
        'storage after 30 days, for 90 at the least, and one more: 121 days',
    );
    assert.match(
      shortenedLifecycle({ facts: point({ lifecycle: lifecycle(5) }), days: 7, now: NOW }).why,
      /kept for 5 days as it is/,
    );
  });

  /** Independent of the code above: by calendar dates as text, one day after the other, from the rules in words. */
  function secondOpinion(facts: PointFacts, days: number, now: string): [number, number | null] | null {
    if (facts.storageClass === 'DELETED') return null;
    let age = 1;
    for (let date = facts.createdAt.slice(0, 10); date < now.slice(0, 10); age += 1) date = nextDate(date);
    const { deleteAfterDays: before, moveToColdStorageAfterDays: cold } = facts.lifecycle;
    const candidates = [age, 1, days];
    let transition = cold;
    const hasNotMoved = facts.storageClass === 'WARM';
    if (cold !== null && hasNotMoved && cold > age) transition = null;
    if (transition !== null) candidates.push(transition + 90);
    if (cold === null && facts.storageClass === 'COLD') candidates.push(age + 90);
    const proposed = candidates.toSorted((a, b) => b - a)[0]! + 1;
    return before !== null && before <= proposed ? null : [proposed, transition];
  }

  const nextDate = (date: string): string => {
    const [year, month, dayOfMonth] = date.split('-').map(Number) as [number, number, number];
    return new Date(Date.UTC(year, month - 1, dayOfMonth + 1, 12)).toISOString().slice(0, 10);
  };

  const facts = fc
    .record({
      age: fc.integer({ min: 0, max: 400 * 86_400 }),
      storageClass: fc.constantFrom('WARM', 'COLD', 'DELETED', null),
      cold: fc.option(fc.integer({ min: 1, max: 400 })),
      rest: fc.option(fc.integer({ min: 1, max: 800 })),
    })
    .map(({ age, storageClass, cold, rest }) =>
      point({
        createdAt: new Date(Date.parse(NOW) - age * 1000).toISOString(),
        storageClass,
        lifecycle: lifecycle(rest === null ? null : rest + (cold === null ? 0 : cold + 90), cold),
      }),
    );
  const asked = fc.integer({ min: 1, max: 500 });

  it('agrees with a second implementation', () => {
    fc.assert(
      fc.property(facts, asked, (one, days) => {
        assert.deepEqual(changed(one, days), secondOpinion(one, days, NOW));
      }),
      { numRuns: 3000 },
    );
  });

  it('never lengthens, never goes below what was asked for or its age, and is one that AWS takes', () => {
    fc.assert(
      fc.property(facts, asked, (one, days) => {
        const after = shortenedLifecycle({ facts: one, days, now: NOW });
        if (after.kind === 'nothing') return;
        const { deleteAfterDays, moveToColdStorageAfterDays: cold } = after.lifecycle;
        assert.ok(deleteAfterDays !== null && deleteAfterDays > days);
        assert.ok(one.lifecycle.deleteAfterDays === null || deleteAfterDays < one.lifecycle.deleteAfterDays);
        assert.ok(Date.parse(deleteAtOf(one.createdAt, after.lifecycle) ?? '') > Date.parse(NOW));
        assert.ok(cold === null || deleteAfterDays >= cold + 90);
        assert.ok(cold === null || cold === one.lifecycle.moveToColdStorageAfterDays);
      }),
      { numRuns: 3000 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(facts, asked, (one, days) => {
        const after = shortenedLifecycle({ facts: one, days, now: NOW });
        if (after.kind === 'nothing') return;
        assert.equal(
          shortenedLifecycle({ facts: { ...one, lifecycle: after.lifecycle }, days, now: NOW }).kind,
          'nothing',
        );
      }),
    );
  });
});

describe('deleteAtOf and coldAtOf', () => {
  it('count from the creation, and never come where nothing is set', () => {
    assert.equal(deleteAtOf('2026-01-31T10:00:00.000Z', lifecycle(120, 30)), '2026-05-31T10:00:00.000Z');
    assert.equal(coldAtOf('2026-01-31T10:00:00.000Z', lifecycle(120, 30)), '2026-03-02T10:00:00.000Z');
    assert.equal(deleteAtOf(NOW, lifecycle(null)), null);
    assert.equal(coldAtOf(NOW, lifecycle(120)), null);
  });
});
