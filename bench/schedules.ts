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

/** A page of a list, and what is asked for many WorkSpaces at once. */
const IDS_A_CALL = 25;
/** The last look at its snapshots, and the rebuild; with others its state, its user, and four looks an hour at its rebuild. */
const callsToBegin = ({ rebuild }: Job): number => 2 + (2 + rebuild / (15 * 60_000)) / IDS_A_CALL;

interface Rate {
  /** When the first call may be made. */
  readonly start: number;
  readonly callsPerSecond: number;
}

/**
 * `idealEnd` when calls have a rate and the future is not known: the fleet is listed, then every WorkSpace's baseline is
 * read in the order of the fleet, which tells when its snapshot comes, or that it has come. Who can begin comes before who
 * is looked at, and both before baselines; a call is made at the instant that the rate allows it.
 */
export function idealEndUnderRate(jobs: readonly Job[], cap: number, { start, callsPerSecond }: Rate): number {
  const call = 1000 / callsPerSecond;
  const slots = Array.from({ length: cap }, () => start);
  const unread = jobs.toReversed();
  const awaited: Job[] = [];
  const ready: Job[] = [];
  let now = start + Math.ceil(jobs.length / IDS_A_CALL) * call;
  while (unread.length + awaited.length + ready.length > 0) {
    const free = Math.min(...slots);
    const [next] = awaited;
    if (ready.length > 0 && free <= now) {
      const job = ready.shift() as Job;
      now += callsToBegin(job) * call;
      slots[slots.indexOf(free)] = now + job.rebuild;
    } else if (next && firstOf(next) <= now) {
      now += call;
      ready.push(...awaited.splice(0, 1));
    } else if (unread.length > 0) {
      now += call;
      const job = unread.pop() as Job;
      if (firstOf(job) <= now) ready.push(job);
      else awaited.splice(placeOf(job, awaited), 0, job);
    } else {
      now = Math.min(next ? firstOf(next) : Infinity, ready.length > 0 ? free : Infinity);
    }
  }
  return Math.max(...slots);
}

/** Where it belongs among those that are sorted by their snapshots. */
function placeOf(job: Job, sorted: readonly Job[]): number {
  const place = sorted.findIndex((each) => firstOf(each) > firstOf(job));
  return place === -1 ? sorted.length : place;
}
