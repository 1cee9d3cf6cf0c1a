import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mostKept, roomFor, roomText } from '../../domain/image-capacity.ts';
import { simulateRetention } from '../../domain/retention-simulation.ts';

describe('roomFor', () => {
  it('adds what is kept, what is made at once and what others have', () => {
    const room = roomFor({ workspaces: 4, keptEach: 8, atOnce: 4, others: 4, quota: 40 });
    assert.deepEqual([room.needed, room.fits], [40, true]);
    assert.equal(
      roomText(room),
      '4 WorkSpaces × 8 kept + 4 made at once + 4 other images = 40 images, of 40 that the Region may hold',
    );
    assert.equal(roomFor({ ...room, others: 5 }).fits, false);
  });

  it('says which quota to ask for, or how many to keep', () => {
    const room = roomFor({ workspaces: 60, keptEach: 31, atOnce: 4, others: 1, quota: 1_200 });
    assert.equal(
      roomText(room),
      '60 WorkSpaces × 31 kept + 4 made at once + 1 other image = 1,865 images, and the Region may hold 1,200: ask AWS ' +
        'for a quota of 1,865 (Service Quotas, Amazon WorkSpaces, Images), or keep at most 19 of each',
    );
  });

  it('says to select fewer where one image of each is too much', () => {
    const room = roomFor({ workspaces: 60, keptEach: 1, atOnce: 4, others: 0, quota: 40 });
    assert.match(
      roomText(room),
      /= 64 images, and the Region may hold 40: ask AWS for a quota of 64 .* or select fewer/,
    );
  });

  it('makes no more images at once than there are WorkSpaces', () => {
    assert.equal(roomFor({ workspaces: 2, keptEach: 1, atOnce: 10, others: 0, quota: 40 }).needed, 4);
  });
});

const NONE = { days: null, keepAtLeast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 100 };

describe('mostKept', () => {
  it('is what the newest that stay come to', () => {
    assert.equal(mostKept({ ...NONE, keepAtLeast: 8 }, 1), 8);
    assert.equal(mostKept({ ...NONE, days: 30, keepAtLeast: 1 }, 1), 31, 'runs do not begin to the second');
    assert.equal(mostKept({ ...NONE, days: 30 }, 2), 61);
    assert.equal(mostKept({ ...NONE, days: 30 }, 1 / 7), 5);
  });

  it('counts no day, week or month twice that a smaller part keeps already', () => {
    assert.equal(mostKept({ ...NONE, keepAtLeast: 3, keepDaily: 7 }, 1), 7);
    assert.equal(mostKept({ ...NONE, keepDaily: 14, keepWeekly: 4 }, 1), 16);
    assert.equal(mostKept({ ...NONE, keepMonthly: 12 }, 1), 12);
  });

  it('is never below what a simulation comes to', () => {
    const part = (most: number) => fc.integer({ min: 0, max: most });
    const policies = fc.record({
      days: fc.oneof(fc.constant(null), part(20)),
      keepAtLeast: fc.integer({ min: 1, max: 12 }),
      keepDaily: part(12),
      keepWeekly: part(6),
      keepMonthly: part(4),
      maxDeletePercent: fc.constant(100),
    });
    fc.assert(
      fc.property(policies, fc.constantFrom(24, 12, 8, 36, 48, 168), part(23), (policy, everyHours, startHour) => {
        const start = Date.parse('2026-01-01T00:00:00Z') + startHour * 3_600_000;
        const count = Math.floor((150 * 24) / everyHours);
        const times = Array.from({ length: count }, (_, run) =>
          new Date(start + run * everyHours * 3_600_000).toISOString(),
        );
        const { most } = simulateRetention(policy, times);
        const bound = mostKept(policy, 24 / everyHours);
        assert.ok(most <= bound, `${most} are kept, ${bound} were foretold`);
      }),
      { numRuns: 60 },
    );
  });
});
