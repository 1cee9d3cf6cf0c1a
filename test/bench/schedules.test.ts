import assert from 'node:assert/strict';
import fc from 'fast-check';
import { idealEnd, lowerBound, oldSystemEnd, type Job } from '../../bench/schedules.ts';

const HOUR = 3_600_000;
const daily = (first: number): number[] => Array.from({ length: 60 }, (_, n) => first + n * 12 * HOUR);
const job = (first: number, rebuild: number): Job => ({ snapshots: daily(first), rebuild });

describe('the schedules that benchmarks compare with', () => {
  it('begins a rebuild the instant its snapshot exists and a slot is free', () => {
    const jobs = [job(2 * HOUR, HOUR), job(1 * HOUR, HOUR), job(1 * HOUR, 3 * HOUR)];
    assert.equal(idealEnd(jobs, 3), 4 * HOUR);
    assert.equal(idealEnd(jobs, 2), 4 * HOUR);
    assert.equal(idealEnd(jobs, 1), 6 * HOUR);
  });

  it('lets slots of the old system wait for a snapshot before they take the next WorkSpace', () => {
    assert.equal(oldSystemEnd([job(2 * HOUR, HOUR), job(1 * HOUR, HOUR)], 1, 0), 14 * HOUR);
  });

  it('never puts the ideal below the lower bound', () => {
    const jobs = fc.array(
      fc.record({ first: fc.integer({ min: 1, max: 12 * HOUR }), rebuild: fc.integer({ min: 1, max: HOUR }) }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(jobs, fc.integer({ min: 1, max: 10 }), (records, cap) => {
        const all = records.map(({ first, rebuild }) => job(first, rebuild));
        assert.ok(lowerBound(all, cap) <= idealEnd(all, cap) + 1e-6);
      }),
    );
  });
});
