/** What a cohort waits for, by AWS's time, with one Temporal timer for all of it. */
import { condition } from '@temporalio/workflow';

/** Thrown out of a wait when nothing new is to be begun: the run was aborted, or goes on in a new history. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Thrown out of a wait when its WorkSpace has another way to go: a person said so, or nothing new may begin now. */
export class SentBack extends Error {
  override readonly name = 'SentBack';
}

interface Wait {
  readonly due: number;
  /** The WorkSpace that waits; empty: none of its own. */
  readonly owner: string;
  readonly rounding: Rounding;
  /** It goes on although the run was aborted: what is under way is followed to its end. */
  readonly evenAborted: boolean;
  readonly wake: () => void;
  readonly interrupt: (why: Error) => void;
}

/** `exact`; `tick`: up to the next tick; `lazy`: to a coarser one while nobody gains by an earlier one. */
export type Rounding = 'exact' | 'tick' | 'lazy';

export interface WaitOptions {
  /** @default 'exact' */
  readonly rounding?: Rounding;
  /** @default false */
  readonly evenAborted?: boolean;
  /** Id of the WorkSpace that waits, so that it can be woken or sent back. */
  readonly owner?: string;
}

/** So many ticks are one coarse tick. */
const COARSE = 20;

/**
 * AWS's time is known from replies, and moves on by what the agenda itself sleeps; this machine's clock is never asked.
 * Waits that need no exact instant are rounded up to a common tick, so that one timer and one batched call serve many.
 */
export class Agenda {
  readonly #tick: number;
  readonly #unhurried: () => boolean;
  #now: number;
  #waits: Wait[] = [];
  #stopped = false;
  #aborted = false;

  /** @param now AWS's time, epoch milliseconds; @param tick milliseconds; @param unhurried lazy waits may be longer now */
  constructor(now: number, tick: number, unhurried: () => boolean) {
    this.#now = now;
    this.#tick = tick;
    this.#unhurried = unhurried;
  }

  get now(): number {
    return this.#now;
  }

  get isoNow(): string {
    return new Date(this.#now).toISOString();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** A reply told AWS's time. */
  heard(at: string): void {
    this.#now = Math.max(this.#now, Date.parse(at));
    this.#wakeDue();
  }

  /** Resolves at that instant of AWS's time, or the tick after it; Infinity: when it is woken. @throws Interrupted, SentBack */
  async until(due: number, options: WaitOptions = {}): Promise<void> {
    const { rounding = 'exact', evenAborted = false, owner = '' } = options;
    this.check({ evenAborted });
    if (due <= this.#now) return;
    await new Promise<void>((wake, interrupt) => {
      this.#waits.push({ due, owner, rounding, evenAborted, wake, interrupt });
    });
  }

  /** Ends the WorkSpace's wait as if it were due. */
  wake(owner: string): void {
    const woken = this.#waits.filter((wait) => wait.owner === owner);
    this.#waits = this.#waits.filter((wait) => wait.owner !== owner);
    for (const wait of woken) wait.wake();
  }

  /** Ends the WorkSpace's wait: it has another way to go. */
  sendBack(owner: string): void {
    this.#interrupt((wait) => wait.owner === owner, new SentBack());
  }

  /** @throws Interrupted when nothing new is to be begun. */
  check({ evenAborted = false } = {}): void {
    if (this.#stopped || (this.#aborted && !evenAborted)) throw new Interrupted();
  }

  /** Ends every wait but of what is under way. */
  abort(): void {
    this.#aborted = true;
    this.#interrupt((wait) => !wait.evenAborted, new Interrupted());
  }

  /** Ends every wait. */
  stop(): void {
    this.#stopped = true;
    this.#interrupt(() => true, new Interrupted());
  }

  /** Keeps the time until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const next = this.#earliest();
      if (next === undefined) {
        await condition(() => this.#stopped || this.#earliest() !== undefined);
        continue;
      }
      const changed = () => this.#stopped || this.#earliest() !== next;
      if (next > this.#now && (await condition(changed, Math.ceil(next - this.#now)))) continue;
      this.#now = Math.max(this.#now, next);
      this.#wakeDue();
    }
  }

  #earliest(): number | undefined {
    const next = Math.min(...this.#waits.map((wait) => this.#wakesAt(wait)));
    return next === Infinity ? undefined : next;
  }

  #wakesAt({ due, rounding }: Wait): number {
    if (rounding === 'exact') return due;
    const tick = rounding === 'lazy' && this.#unhurried() ? this.#tick * COARSE : this.#tick;
    return Math.ceil(due / tick) * tick;
  }

  #wakeDue(): void {
    const due = this.#waits.filter((wait) => this.#wakesAt(wait) <= this.#now);
    this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    for (const wait of due) wait.wake();
  }

  #interrupt(which: (wait: Wait) => boolean, why: Error): void {
    const ended = this.#waits.filter(which);
    this.#waits = this.#waits.filter((wait) => !which(wait));
    for (const wait of ended) wait.interrupt(why);
  }
}
