/** The course of a run if all goes as planned: wave after wave, the cap, and windows. Times are epoch milliseconds. */
import { opensAt, type Opening } from './windows.ts';

export interface Job {
  /** Its snapshot is there. */
  readonly ready: number;
  /** How long it has its turn. */
  readonly duration: number;
  /** The rule whose openings count for it; null: any time. */
  readonly rule: number | null;
}

export interface Wave {
  readonly jobs: readonly Job[];
  /** It does not end before: somebody in it is waited for in vain until then; null: nobody. */
  readonly notBefore: number | null;
}

export interface Conditions {
  readonly now: number;
  /** How many have a turn at once. */
  readonly cap: number;
  /** How long before its turn a WorkSpace is warned. */
  readonly lead: number;
  /** How long after a wave the next one begins. */
  readonly soak: number;
  /** By rule, sorted; null: windows do not count. */
  readonly openings: readonly (readonly Opening[])[] | null;
}

export interface Course {
  /** When each wave ends. */
  readonly waveEnds: readonly number[];
  readonly mostAtOnce: number;
  /** How many find no opening any more. */
  readonly shutOut: number;
}

export function courseOf(waves: readonly Wave[], conditions: Conditions): Course {
  const turns = new Turns(conditions.cap);
  const waveEnds: number[] = [];
  let shutOut = 0;
  let opens = conditions.now;
  for (const { jobs, notBefore } of waves) {
    const wave = runWave(jobs, opens, turns, conditions);
    const end = Math.max(wave.end, notBefore ?? opens);
    shutOut += wave.shutOut;
    waveEnds.push(end);
    opens = end + conditions.soak;
  }
  return { waveEnds, mostAtOnce: turns.most, shutOut };
}

/** Goes from event to event: somebody has become ready, a turn has come free, a window has opened. */
function runWave(jobs: readonly Job[], opens: number, turns: Turns, { lead, openings }: Conditions) {
  const coming = jobs.toSorted((a, b) => a.ready - b.ready);
  const queue = new Queue();
  const opensFor = (rule: number | null, now: number): number =>
    rule === null || openings === null ? now : opensAt(openings[rule] ?? [], now);
  const arrival = (index: number): number => Math.max(coming[index]?.ready ?? Infinity, opens) + lead;
  let end = opens;
  let arrived = 0;
  let now = opens;
  while (now < Infinity) {
    for (; arrival(arrived) <= now; arrived += 1) queue.add(coming[arrived] as Job);
    turns.release(now);
    while (turns.isFree) {
      const job = queue.takeYoungest((rule) => opensFor(rule, now) <= now);
      if (!job) break;
      turns.take(now + job.duration, job.duration);
      end = Math.max(end, now + job.duration);
    }
    const events = queue.rules.map((rule) => (opensFor(rule, now) > now ? opensFor(rule, now) : turns.nextEnd));
    now = Math.min(arrival(arrived), ...events);
  }
  return { end, shutOut: queue.size };
}

/** Those that are ready, by their rule. As they come in the order of their snapshots, the last of each is its youngest. */
class Queue {
  readonly #byRule = new Map<number | null, Job[]>();
  size = 0;

  /** The rules that somebody waits under. */
  get rules(): (number | null)[] {
    return [...this.#byRule.keys()];
  }

  add(job: Job): void {
    const jobs = this.#byRule.get(job.rule);
    if (jobs) jobs.push(job);
    else this.#byRule.set(job.rule, [job]);
    this.size += 1;
  }

  takeYoungest(isOpen: (rule: number | null) => boolean): Job | null {
    let best: Job | null = null;
    for (const [rule, jobs] of this.#byRule) {
      const youngest = jobs.at(-1);
      if (youngest && (best === null || youngest.ready > best.ready) && isOpen(rule)) best = youngest;
    }
    if (best === null) return null;
    const jobs = this.#byRule.get(best.rule) as Job[];
    jobs.pop();
    if (jobs.length === 0) this.#byRule.delete(best.rule);
    this.size -= 1;
    return best;
  }
}

/** Turns end in the order in which they began, among those that last equally long. */
class Turns {
  readonly #cap: number;
  readonly #ends = new Map<number, { readonly times: number[]; first: number }>();
  #taken = 0;
  most = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get isFree(): boolean {
    return this.#taken < this.#cap;
  }

  get nextEnd(): number {
    return Math.min(Infinity, ...[...this.#ends.values()].map(({ times, first }) => times[first] ?? Infinity));
  }

  take(until: number, duration: number): void {
    const ends = this.#ends.get(duration) ?? { times: [], first: 0 };
    ends.times.push(until);
    this.#ends.set(duration, ends);
    this.#taken += 1;
    this.most = Math.max(this.most, this.#taken);
  }

  release(now: number): void {
    for (const ends of this.#ends.values()) {
      for (; (ends.times[ends.first] ?? Infinity) <= now; ends.first += 1) this.#taken -= 1;
    }
  }
}
