import assert from 'node:assert/strict';
import fc from 'fast-check';
import { idealEnd, idealEndUnderRate, lowerBound, oldSystemEnd, type Job } from '../../bench/schedules.ts';

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

  it('lets calls decide the end when their rate does, and not when it does not', () => {
    const jobs = Array.from({ length: 3600 }, (_, n) => job(n + 1, HOUR));
    const end = (callsPerSecond: number): number => idealEndUnderRate(jobs, 3600, { start: 0, callsPerSecond });
    // Each needs three calls and a share of common ones: its snapshot has come before its baseline is read.
    assert.ok(end(1) > 4.1 * HOUR && end(1) < 4.4 * HOUR);
    assert.ok(end(1000) < 1.01 * HOUR);
  });

  it('reads baselines while nobody is ready, so that they delay nobody', () => {
    const jobs = Array.from({ length: 100 }, (_, n) => job(HOUR + n * 60_000, HOUR));
    const late = idealEndUnderRate(jobs, 100, { start: 0, callsPerSecond: 1 }) - idealEnd(jobs, 100);
    assert.ok(late > 3000 && late < 4000);
  });

  it('sees a snapshot that came before its baseline was read when that is read, in the order of the fleet', () => {
    const jobs = [job(2 * HOUR, HOUR), job(1, HOUR), job(1, HOUR)];
    const rate = { start: 0, callsPerSecond: 1 / 60 };
    // A page, three baselines, and what the two need to begin: a little more than four calls, one after the other.
    const end = idealEndUnderRate(jobs.slice(1), 2, rate);
    assert.ok(end > HOUR + 7 * 60_000 && end < HOUR + 8 * 60_000);
    assert.ok(idealEndUnderRate(jobs, 3, rate) > 3 * HOUR);
  });

  it('never ends sooner with a rate than without', () => {
    const records = fc.array(
      fc.record({ first: fc.integer({ min: 1, max: 12 * HOUR }), rebuild: fc.integer({ min: 1, max: HOUR }) }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(
        records,
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (all, cap, rate) => {
          const jobs = all.map(({ first, rebuild }) => job(first, rebuild));
          assert.ok(idealEnd(jobs, cap) <= idealEndUnderRate(jobs, cap, { start: 0, callsPerSecond: rate }));
        },
      ),
    );
  });
});
