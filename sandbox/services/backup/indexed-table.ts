import type { Store, Table } from '../../store.ts';

/** Rows are plain objects: what is missing stands as null. */
interface Kind<Row> {
  readonly table: string;
  readonly idOf: (row: Row) => string;
  /** What its rows are asked for by; of a row these never change. */
  readonly keysOf: (row: Row) => readonly string[];
}

/**
 * A table with its rows in groups. A hundred thousand recovery points are listed a page at a time, and reading all of
 * them for each page would be slow. Rows are only ever added: what has gone stays, so that a place in a list stays too.
 */
export class IndexedTable<Row> {
  readonly #table: Table<Row>;
  readonly #kind: Kind<Row>;
  readonly #groups = new Map<string, Row[]>();
  readonly #all: Row[] = [];

  constructor(table: Table<Row>, kind: Kind<Row>) {
    this.#table = table;
    this.#kind = kind;
    for (const row of table.values()) this.#index(row);
  }

  get(id: string): Row | undefined {
    return this.#table.get(id);
  }

  add(row: Row): Row {
    this.#table.set(this.#kind.idOf(row), row);
    this.#index(row);
    return row;
  }

  /** In the order in which they were added. */
  get all(): readonly Row[] {
    return this.#all;
  }

  group(key: string): readonly Row[] {
    return this.#groups.get(key) ?? [];
  }

  /** Says that a row was changed in place. */
  touch(): void {
    this.#table.touch();
  }

  #index(row: Row): void {
    this.#all.push(row);
    for (const key of this.#kind.keysOf(row)) {
      const group = this.#groups.get(key);
      if (group) group.push(row);
      else this.#groups.set(key, [row]);
    }
  }
}

const known = new WeakMap<Table<unknown>, IndexedTable<unknown>>();

/** The table of a kind in one account and Region. */
export function indexedTable<Row>(store: Store, account: string, region: string, kind: Kind<Row>): IndexedTable<Row> {
  const table = store.table<Row>(account, region, kind.table);
  const found = known.get(table as Table<unknown>);
  if (found) return found as IndexedTable<Row>;
  const made = new IndexedTable(table, kind);
  known.set(table as Table<unknown>, made as IndexedTable<unknown>);
  return made;
}
