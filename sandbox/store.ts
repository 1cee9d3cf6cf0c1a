/** Plain JSON rows of one table, by id, in order of creation. Change a row in place and call `touch`, or `set` it. */
export interface Table<Row> {
  get(id: string): Row | undefined;
  set(id: string, row: Row): void;
  delete(id: string): boolean;
  values(): Row[];
  readonly size: number;
  /** Says that a row was changed in place, so that it is saved. */
  touch(): void;
}

export interface Store {
  /** The table of that name; made when it is first asked for. `region` is `*` for what is global in an account. */
  table<Row>(account: string, region: string, name: string): Table<Row>;
  /** Every account and Region that has this table. */
  places(name: string): { account: string; region: string }[];
}
