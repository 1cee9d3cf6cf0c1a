/** The data-loader idea in deterministic code: what is asked for at the same moment goes out as one call. */
import { condition } from '@temporalio/workflow';
import { Interrupted } from './agenda.ts';

/** Lets so many calls be under way, so that a large run leaves room for a small one in the limited queue. */
export class Lane {
  #free: number;
  readonly #waiting: { readonly hurry: boolean; readonly go: () => void }[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  /** @param hurry it comes before those who have none */
  async pass<T>(send: () => Promise<T>, hurry = true): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push({ hurry, go }));
    try {
      return await send();
    } finally {
      // The place is handed over, and to nobody else.
      const first = Math.max(
        0,
        this.#waiting.findIndex((each) => each.hurry),
      );
      const [next] = this.#waiting.splice(first, 1);
      if (next) next.go();
      else this.#free += 1;
    }
  }
}

interface Asked<V> {
  readonly answer: (value: V) => void;
  readonly fail: (error: unknown) => void;
}

export interface Answers<V> {
  /** AWS's time of the reply. */
  readonly at: string;
  readonly values: ReadonlyMap<string, V>;
}

interface BatchOptions<V> {
  readonly size: number;
  readonly send: (ids: readonly string[]) => Promise<Answers<V>>;
  /** What an id gets that the reply does not hold. */
  readonly absent: V;
  /**
   * So many calls are under way at once; what is asked meanwhile goes into the next: so a queue that is long gets no
   * longer. @default as many as are asked for: one that hangs holds nobody else up
   */
  readonly atOnce?: number;
}

/** Asks for values by id, up to `size` of them a call, and keeps what it was told. */
export class Batch<V> {
  readonly #options: BatchOptions<V>;
  readonly #asked = new Map<string, Asked<V>[]>();
  readonly #known = new Map<string, { readonly at: number; readonly value: V }>();
  #stopped = false;

  constructor(options: BatchOptions<V>) {
    this.#options = options;
  }

  /** What AWS shows now, or showed at or after `since` (epoch milliseconds) when that is known. @throws Interrupted */
  async ask(id: string, since = Infinity): Promise<V> {
    const known = this.#known.get(id);
    if (known && known.at >= since) return known.value;
    if (this.#stopped) throw new Interrupted();
    return await new Promise<V>((answer, fail) => {
      this.#asked.set(id, [...(this.#asked.get(id) ?? []), { answer, fail }]);
    });
  }

  /** When this was last told; -Infinity: never. */
  knownAt(id: string): number {
    return this.#known.get(id)?.at ?? -Infinity;
  }

  /** Keeps what was learned otherwise. */
  learn({ at, values }: Answers<V>): void {
    for (const [id, value] of values) this.#known.set(id, { at: Date.parse(at), value });
  }

  /** Sends what was asked for, until `stop`. */
  async run(): Promise<void> {
    const { atOnce = Infinity } = this.#options;
    const calls = new Set<Promise<void>>();
    const isDue = (): boolean => this.#asked.size > 0 && calls.size < atOnce;
    while (!this.#stopped) {
      // A condition is looked at when everything that this moment woke up has had its say: so one call serves it all.
      await condition(() => this.#stopped || isDue());
      while (!this.#stopped && isDue()) {
        const call = this.#call().finally(() => calls.delete(call));
        calls.add(call);
      }
    }
    await Promise.all(calls);
  }

  /** Asks nothing more; calls under way still answer. */
  stop(): void {
    this.#stopped = true;
    for (const each of [...this.#asked.values()].flat()) each.fail(new Interrupted());
    this.#asked.clear();
  }

  async #call(): Promise<void> {
    const batch = [...this.#asked].slice(0, this.#options.size);
    for (const [id] of batch) this.#asked.delete(id);
    const ids = batch.map(([id]) => id);
    try {
      const { at, values } = await this.#options.send(ids);
      const value = (id: string): V => values.get(id) ?? this.#options.absent;
      for (const id of ids) this.#known.set(id, { at: Date.parse(at), value: value(id) });
      for (const [id, asked] of batch) for (const each of asked) each.answer(value(id));
    } catch (error) {
      for (const each of batch.flatMap(([, asked]) => asked)) each.fail(error);
    }
  }
}

/** All answers. When one fails, the others are let come all the same: a history that ends leaves no call behind. */
export async function allOf<T extends readonly unknown[]>(...asked: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(asked);
  return (await Promise.all(asked)) as unknown as T;
}
