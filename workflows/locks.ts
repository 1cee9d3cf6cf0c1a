/**
 * A cohort's side of the WorkSpace locks. They are taken and given back together, in one message for all of a moment, and
 * with those whose turn comes are taken those of the next few: a message for each would be most of the history.
 */
import { condition } from '@temporalio/workflow';
import type { Target } from '../domain/target.ts';
import { quickCalls } from './activities.ts';
import { Interrupted } from './agenda.ts';

interface Asked {
  readonly answer: (holder: string | null) => void;
  readonly fail: (error: unknown) => void;
}

interface LocksOptions {
  readonly target: Target;
  readonly persistently: <T>(send: () => Promise<T>) => Promise<T>;
  /** Whose turn comes next. */
  readonly next: () => readonly string[];
  /** Whose locks are held from before a restart. */
  readonly held: readonly string[];
  /** Whose locks may be ours from before a restart, and are not wanted. */
  readonly unwanted: readonly string[];
  /** Who has its turn: its lock is kept when nothing new is to be begun, and over a restart. */
  readonly turns: () => readonly string[];
}

export class Locks {
  readonly #options: LocksOptions;
  readonly #asked = new Map<string, Asked>();
  readonly #held: Set<string>;
  /** To be given back with the next message. */
  #given: Set<string>;
  #flush = false;
  #stopped = false;

  constructor(options: LocksOptions) {
    this.#options = options;
    this.#held = new Set(options.held);
    this.#given = new Set(options.unwanted);
  }

  get held(): string[] {
    return [...this.#held];
  }

  /** Whose locks may be ours although nobody here wants them: a message that would give them back did not get through. */
  get unwanted(): string[] {
    return [...this.#given];
  }

  /** Null: the lock is ours; otherwise who holds it. @throws Interrupted */
  async acquire(workspaceId: string): Promise<string | null> {
    if (this.#stopped) throw new Interrupted();
    return await new Promise((answer, fail) => this.#asked.set(workspaceId, { answer, fail }));
  }

  /** Goes with the next message; `soon`: nobody waits whose turn would bring one. */
  release(workspaceId: string, soon: boolean): void {
    this.#held.delete(workspaceId);
    this.#given.add(workspaceId);
    this.#flush ||= soon;
  }

  /** It is not to begin soon any more; its lock may have been taken ahead. */
  letGo(workspaceId: string): void {
    if (this.has(workspaceId)) this.release(workspaceId, true);
  }

  has(workspaceId: string): boolean {
    return this.#held.has(workspaceId);
  }

  /** Gives back what is held for those who have no turn. */
  releaseAhead(): void {
    const turns = this.#options.turns();
    for (const id of this.#held) if (!turns.includes(id)) this.release(id, true);
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await condition(() => this.#stopped || this.#flush || this.#asked.size > 0);
      // Those who ask at the same moment are answered at the same moment: so their looks go out as one.
      const known = this.#asked.size > 0 && [...this.#asked.keys()].every((id) => this.#held.has(id));
      if (known && !this.#flush) this.#answerAll();
      else if (this.#asked.size > 0 || this.#given.size > 0) await this.#exchange();
    }
    // What a message brought that was under way when this was stopped, nobody will come for.
    this.releaseAhead();
    if (this.#given.size > 0) await this.#exchange();
  }

  /** Asks for no more; what is held for those without a turn goes back. */
  stop(): void {
    this.#stopped = true;
    for (const each of this.#asked.values()) each.fail(new Interrupted());
    this.#asked.clear();
  }

  #unlessTurn(id: string): void {
    if (!this.#options.turns().includes(id)) this.letGo(id);
  }

  #answerAll(): void {
    for (const each of this.#asked.values()) each.answer(null);
    this.#asked.clear();
  }

  async #exchange(): Promise<void> {
    const asked = new Map(this.#asked);
    const next = asked.size > 0 && !this.#stopped ? this.#options.next() : [];
    const acquire = [...new Set([...asked.keys(), ...next])].filter((id) => !this.#held.has(id));
    const release = [...this.#given].filter((id) => !acquire.includes(id));
    this.#asked.clear();
    this.#given = new Set();
    this.#flush = false;
    try {
      const input = { target: this.#options.target, release, acquire };
      const { granted, refused } = await this.#options.persistently(() => quickCalls.exchangeLocks(input));
      for (const id of granted) this.#held.add(id);
      // Taken ahead for somebody who has left the queue meanwhile.
      const stillNext = this.#options.next();
      for (const id of next) if (!asked.has(id) && !stillNext.includes(id)) this.#unlessTurn(id);
      const holders = new Map(refused.map((each) => [each.workspaceId, each.holder]));
      for (const [id, each] of asked) each.answer(holders.get(id) ?? null);
    } catch (error) {
      // Whether the message had its effect is not known: what it asked for may be ours.
      for (const id of [...release, ...acquire]) this.#given.add(id);
      for (const each of asked.values()) each.fail(error);
    }
  }
}
