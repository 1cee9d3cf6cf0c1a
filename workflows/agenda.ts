/** What a cohort waits for, by AWS's time, with one Temporal timer for all of it. */
import { condition } from '@temporalio/workflow';

/** Thrown out of a wait when nothing new is to be begun: the run was aborted, or goes on in a new history. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

interface Wait {
  readonly due: number;
  readonly rounding: Rounding;
  /** It goes on although the run was aborted: what is under way is followed to its end. */
  readonly evenAborted: boolean;
  readonly wake: () => void;
  readonly interrupt: () => void;
}

/** `exact`; `tick`: up to the next tick; `lazy`: to a coarser one while nobody gains by an earlier one. */
export type Rounding = 'exact' | 'tick' | 'lazy';

export interface WaitOptions {
  /** @default 'exact' */
  readonly rounding?: Rounding;
  /** @default false */
  readonly evenAborted?: boolean;
}

/** So many ticks are one coarse tick. */
const COARSE = 12;

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

  get aborted(): boolean {
    return this.#aborted;
  }

  /** A reply told AWS's time. */
  heard(at: string): void {
    this.#now = Math.max(this.#now, Date.parse(at));
    this.#wakeDue();
  }

  /** Resolves at that instant of AWS's time, or the tick after it. @throws Interrupted */
  async until(due: number, { rounding = 'exact', evenAborted = false }: WaitOptions = {}): Promise<void> {
    this.check({ evenAborted });
    if (due <= this.#now) return;
    await new Promise<void>((wake, reject) => {
      this.#waits.push({ due, rounding, evenAborted, wake, interrupt: () => reject(new Interrupted()) });
    });
  }

  /** @throws Interrupted when nothing new is to be begun. */
  check({ evenAborted = false } = {}): void {
    if (this.#stopped || (this.#aborted && !evenAborted)) throw new Interrupted();
  }

  /** Ends every wait but of what is under way. */
  abort(): void {
    this.#aborted = true;
    this.#interrupt((wait) => !wait.evenAborted);
  }

  /** Ends every wait. */
  stop(): void {
    this.#stopped = true;
    this.#interrupt(() => true);
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
    return this.#waits.length === 0 ? undefined : Math.min(...this.#waits.map((wait) => this.#wakesAt(wait)));
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

  #interrupt(which: (wait: Wait) => boolean): void {
    const ended = this.#waits.filter(which);
    this.#waits = this.#waits.filter((wait) => !which(wait));
    for (const wait of ended) wait.interrupt();
  }
}
