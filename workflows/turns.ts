/** The cap on what goes on at once: turns are handed over, in order, and never more than there are. */
import { Interrupted, SentBack } from './agenda.ts';

interface Waiting {
  readonly id: string;
  readonly order: string;
  readonly go: () => void;
  readonly interrupt: (why: Error) => void;
}

export class Turns {
  #size: number;
  #queue: Waiting[] = [];
  readonly #held: Set<string>;
  #stopped = false;

  /** @param held who has a turn already, from before a restart. */
  constructor(size: number, held: Iterable<string>) {
    this.#size = size;
    this.#held = new Set(held);
  }

  get size(): number {
    return this.#size;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get idle(): number {
    return Math.max(0, this.#size - this.#held.size - this.#queue.length);
  }

  /** Those who are next, the first one first. */
  next(count: number): string[] {
    return this.#queue.slice(0, count).map((each) => each.id);
  }

  /** Waits for a turn; lower `order` comes first, equal ones as they came. @throws Interrupted, SentBack */
  async acquire(id: string, order: string): Promise<void> {
    if (this.#held.has(id)) return;
    if (this.#stopped) throw new Interrupted();
    await new Promise<void>((go, interrupt) => {
      const place = this.#queue.findIndex((each) => each.order > order);
      const waiting = { id, order, go, interrupt };
      this.#queue.splice(place === -1 ? this.#queue.length : place, 0, waiting);
      this.#handOver();
    });
  }

  release(id: string): void {
    this.#held.delete(id);
    this.#handOver();
  }

  /** More turns, or fewer: those that are held stay held until they are released. */
  resize(size: number): void {
    this.#size = size;
    this.#handOver();
  }

  /** Those leave the queue: they have another way to go. */
  sendBack(which: (id: string) => boolean): void {
    const leaving = this.#queue.filter(({ id }) => which(id));
    this.#queue = this.#queue.filter(({ id }) => !which(id));
    for (const each of leaving) each.interrupt(new SentBack());
  }

  /** Hands out no more turns, and sends everyone in the queue away. */
  stop(): void {
    this.#stopped = true;
    const queue = this.#queue;
    this.#queue = [];
    for (const each of queue) each.interrupt(new Interrupted());
  }

  // The turn is taken here, not by who wakes up: several that wake at the same moment must not all take the last one.
  #handOver(): void {
    while (this.#held.size < this.#size) {
      const first = this.#queue.shift();
      if (!first) return;
      this.#held.add(first.id);
      first.go();
    }
  }
}
