/** Schedules of the same fleet, computed offline: the ideal one, what no schedule can beat, and the old system's. */

/** Times are milliseconds; `snapshots` are those to come, in order. */
export interface Job {
  readonly snapshots: readonly number[];
  readonly rebuild: number;
}

/** First come, first served: a rebuild begins the instant its snapshot exists and a slot is free. Its last end. */
export function idealEnd(jobs: readonly Job[], cap: number): number {
  const slots = Array.from({ length: cap }, () => 0);
  for (const { snapshots, rebuild } of jobs.toSorted((a, b) => firstOf(a) - firstOf(b))) {
    const slot = slots.indexOf(Math.min(...slots));
    slots[slot] = Math.max(slots[slot] ?? 0, firstOf({ snapshots, rebuild })) + rebuild;
  }
  return Math.max(...slots);
}

const firstOf = (job: Job): number => job.snapshots[0] ?? Infinity;

/** No schedule ends sooner: of what comes after any instant, the whole work in all slots, or the longest way of one. */
export function lowerBound(jobs: readonly Job[], cap: number): number {
  const sorted = jobs.toSorted((a, b) => firstOf(b) - firstOf(a));
  let work = 0;
  let bound = 0;
  for (const job of sorted) {
    work += job.rebuild;
    bound = Math.max(bound, firstOf(job) + work / cap, firstOf(job) + job.rebuild);
  }
  return bound;
}

const POLL = 60_000;
const WAIT_TIMEOUT = 720 * 60_000;

/** Slots that also wait: each takes the next WorkSpace, polls every minute for its next snapshot, then calls the rebuild. */
export function oldSystemEnd(jobs: readonly Job[], cap: number, start: number): number {
  const slots = Array.from({ length: cap }, () => start);
  let end = start;
  for (const { snapshots, rebuild } of jobs) {
    const slot = slots.indexOf(Math.min(...slots));
    const begun = slots[slot] ?? start;
    const snapshot = snapshots.find((at) => at > begun);
    const waited = snapshot === undefined ? Infinity : Math.ceil((snapshot - begun) / POLL) * POLL;
    slots[slot] = begun + Math.min(waited, WAIT_TIMEOUT);
    if (waited <= WAIT_TIMEOUT) end = Math.max(end, (slots[slot] ?? start) + rebuild);
  }
  return Math.max(end, ...slots);
}

/** What each WorkSpace cannot do without: its baseline, its fresh snapshot, its last look, its rebuild. */
const CALLS_AFTER_SNAPSHOT = 3;
/** Asked with 24 others: its state and its user before the rebuild. Once more each quarter of an hour while it goes on. */
const SHARED_CALLS = 2 / 25;
const WATCH = 15 * 60_000;

interface Rate {
  /** When the first call may be made. */
  readonly start: number;
  readonly callsPerSecond: number;
}

/**
 * `idealEnd` when calls have a rate: who is ready comes before who only waits, first come, first served, and a rebuild
 * begins when its calls have been made. Baselines are read in what is left, those that are due first first.
 */
export function idealEndUnderRate(jobs: readonly Job[], cap: number, { start, callsPerSecond }: Rate): number {
  const call = 1000 / callsPerSecond;
  const slots = Array.from({ length: cap }, () => start);
  let free = start;
  let baselines = 0;
  for (const [index, job] of jobs.toSorted((a, b) => firstOf(a) - firstOf(b)).entries()) {
    const slot = slots.indexOf(Math.min(...slots));
    const ready = Math.max(firstOf(job), slots[slot] ?? 0);
    baselines += Math.max(0, ready - free) / call;
    const missing = Math.max(0, index + 1 - baselines);
    baselines += missing;
    const own = CALLS_AFTER_SNAPSHOT + SHARED_CALLS + job.rebuild / WATCH / 25;
    free = Math.max(free, ready) + (missing + own) * call;
    slots[slot] = free + job.rebuild;
  }
  return Math.max(...slots);
}
