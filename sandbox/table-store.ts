import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store, Table } from './store.ts';

interface Saved {
  readonly virtualTime: number;
  readonly tables: readonly { account: string; region: string; name: string; rows: [string, unknown][] }[];
}

/** How long changes gather before they are written; longer where writing takes long, as with a large fleet. */
const SAVE_DELAY_MS = 300;
const DELAY_PER_SAVE = 10;

/** All tables in memory; written as one JSON file, so that what is read back is the state of one moment. */
export class TableStore implements Store {
  readonly #tables: MemoryTable<unknown>[] = [];
  /** By name, account and Region: a table is asked for many times a call, and joining the three would cost more. */
  readonly #places = new Map<string, Map<string, Map<string, MemoryTable<unknown>>>>();
  #file: string | undefined;
  #virtualTime: () => number = () => 0;
  #timer: NodeJS.Timeout | undefined;
  #delay = SAVE_DELAY_MS;
  /** The virtual time at which the folder was last saved; undefined for a fresh one. */
  readonly savedVirtualTime: number | undefined;

  /** @param folder made when missing; absent: nothing is saved. */
  constructor(folder?: string) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'state.json');
    if (!existsSync(this.#file)) return;
    const saved = JSON.parse(readFileSync(this.#file, 'utf8')) as Saved;
    this.savedVirtualTime = saved.virtualTime;
    for (const { account, region, name, rows } of saved.tables) {
      for (const [id, row] of rows) this.#table(account, region, name).rows.set(id, row);
    }
  }

  /** Says where the virtual time comes from; it is saved with the rows. */
  keepTime(virtualTime: () => number): void {
    this.#virtualTime = virtualTime;
  }

  table<Row>(account: string, region: string, name: string): Table<Row> {
    return this.#table(account, region, name) as MemoryTable<unknown> as Table<Row>;
  }

  places(name: string): { account: string; region: string }[] {
    return this.#tables.filter((table) => table.name === name).map(({ account, region }) => ({ account, region }));
  }

  /** Writes all for the last time. */
  close(): void {
    this.flush();
    this.#file = undefined;
  }

  /** Writes all now; nothing is written after this until the next change. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#file === undefined) return;
    const began = performance.now();
    const tables = this.#tables.map(({ account, region, name, rows }) => ({
      account,
      region,
      name,
      rows: [...rows],
    }));
    const saved: Saved = { virtualTime: this.#virtualTime(), tables };
    const unfinished = `${this.#file}.new`;
    writeFileSync(unfinished, JSON.stringify(saved));
    renameSync(unfinished, this.#file);
    this.#delay = Math.max(SAVE_DELAY_MS, (performance.now() - began) * DELAY_PER_SAVE);
  }

  #table(account: string, region: string, name: string): MemoryTable<unknown> {
    const known = this.#places.get(name)?.get(account)?.get(region);
    if (known) return known;
    const table = new MemoryTable<unknown>(account, region, name, () => this.#changed());
    const accounts = this.#places.get(name) ?? new Map<string, Map<string, MemoryTable<unknown>>>();
    const regions = accounts.get(account) ?? new Map<string, MemoryTable<unknown>>();
    this.#places.set(name, accounts.set(account, regions.set(region, table)));
    this.#tables.push(table);
    return table;
  }

  #changed(): void {
    if (this.#file !== undefined) this.#timer ??= setTimeout(() => this.flush(), this.#delay);
  }
}

class MemoryTable<Row> implements Table<Row> {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly rows = new Map<string, Row>();
  readonly touch: () => void;

  constructor(account: string, region: string, name: string, touch: () => void) {
    this.account = account;
    this.region = region;
    this.name = name;
    this.touch = touch;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  set(id: string, row: Row): void {
    this.rows.set(id, row);
    this.touch();
  }

  delete(id: string): boolean {
    const deleted = this.rows.delete(id);
    if (deleted) this.touch();
    return deleted;
  }

  values(): Row[] {
    return [...this.rows.values()];
  }

  get size(): number {
    return this.rows.size;
  }
}
