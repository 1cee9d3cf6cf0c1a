import assert from 'node:assert/strict';
import fc from 'fast-check';
import { firstFit, forgetBefore, occupy } from '../../../sandbox/services/backup/occupancy.ts';
import type { Occupancy } from '../../../sandbox/services/backup/occupancy.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

/** How many of the spans run at an instant, counted one by one. */
const runningAt = (spans: readonly Span[], at: number): number =>
  spans.filter(({ from, to }) => from <= at && at < to).length;

const fits = (spans: readonly Span[], start: number, length: number, limit: number): boolean =>
  Array.from({ length }, (_, offset) => start + offset).every((at) => runningAt(spans, at) < limit);

const asks = fc.array(fc.record({ from: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }), { maxLength: 40 });

describe('sandbox: how many copies run at once', () => {
  it('finds the earliest start that keeps the limit, as counting every instant does', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 4 }), (given, limit) => {
        const steps: Occupancy = [];
        const spans: Span[] = [];
        for (const { from, length } of given) {
          const start = firstFit(steps, from, length, limit);
          let earliest = from;
          while (!fits(spans, earliest, length, limit)) earliest += 1;
          assert.equal(start, earliest);
          occupy(steps, start, start + length);
          spans.push({ from: start, to: start + length });
        }
      }),
    );
  });

  it('knows the same of what is to come when the past is forgotten', () => {
    fc.assert(
      fc.property(asks, fc.nat(60), fc.integer({ min: 1, max: 20 }), (given, now, length) => {
        const steps: Occupancy = [];
        for (const ask of given) occupy(steps, ask.from, ask.from + ask.length);
        const before = firstFit(steps, now, length, 3);
        forgetBefore(steps, now);
        assert.equal(firstFit(steps, now, length, 3), before);
      }),
    );
  });

  it('leaves no room where nothing may run', () => {
    assert.equal(firstFit([], 5, 1, 0), Infinity);
  });
});
