/** Amazon DynamoDB: tables that were restored, with items that are numbered. */
import { AwsError } from '../service.ts';
import type { Call, Operation, Service } from '../service.ts';
import type { Table } from '../store.ts';

type Place = Pick<Call, 'world' | 'account' | 'region'>;

interface DynamoTable {
  readonly name: string;
  readonly createdAt: number;
  /** It is CREATING until then. */
  readonly activeAt: number;
  readonly items: number;
  readonly sizeBytes: number;
  /** It is DELETING until then, and then gone; null: nobody deletes it. */
  goneAt: number | null;
}

const tables = ({ world, account, region }: Place): Table<DynamoTable> =>
  world.store.table(account, region, 'dynamodb.tables');

const DELETING_SECONDS = [5, 60] as const;
/** AWS counts a table's items about every six hours. */
const COUNTED_AFTER_MS = 6 * 3_600_000;
const MOST_PER_SCAN = 1000;
const MOST_PER_LIST = 100;

export type RestoredTable = Omit<DynamoTable, 'createdAt' | 'goneAt'>;

export const arnOfTable = ({ account, region }: Omit<Place, 'world'>, name: string): string =>
  `arn:aws:dynamodb:${region}:${account}:table/${name}`;

/** Makes a table of a backup; the answer is its ARN. */
export function putRestoredTable(place: Place, table: RestoredTable): string {
  tables(place).set(table.name, { ...table, createdAt: place.world.clock.now(), goneAt: null });
  return arnOfTable(place, table.name);
}

/** Undefined: it is not there. */
function statusAt(table: DynamoTable, at: number): string | undefined {
  if (at < table.createdAt || (table.goneAt !== null && at >= table.goneAt)) return undefined;
  if (table.goneAt !== null) return 'DELETING';
  return at < table.activeAt ? 'CREATING' : 'ACTIVE';
}

/** Undefined: there is none of that name. */
export function tableAt(place: Place, name: string, at: number): DynamoTable | undefined {
  const table = tables(place).get(name);
  return table && statusAt(table, at) !== undefined ? table : undefined;
}

/** By its name or its ARN. */
function tableNamed(call: Call, named: string, at: number): DynamoTable {
  const name = named.startsWith('arn:') ? named.slice(named.indexOf('/') + 1) : named;
  const table = tableAt(call, name, at);
  if (table) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

function shown(table: DynamoTable, call: Call, at: number): object {
  const isCounted = at >= table.activeAt + COUNTED_AFTER_MS;
  return {
    TableName: table.name,
    TableArn: arnOfTable(call, table.name),
    TableStatus: statusAt(table, at),
    CreationDateTime: new Date(table.createdAt),
    ItemCount: isCounted ? table.items : 0,
    TableSizeBytes: isCounted ? table.sizeBytes : 0,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    DeletionProtectionEnabled: false,
  };
}

const describeTable: Operation = ({ TableName }: { TableName: string }, call) => ({
  Table: shown(tableNamed(call, TableName, call.asOf), call, call.asOf),
});

const deleteTable: Operation = ({ TableName }: { TableName: string }, call) => {
  const table = tableNamed(call, TableName, call.now);
  const status = statusAt(table, call.now);
  if (status !== 'ACTIVE') {
    const what = status === 'CREATING' ? 'being created' : 'being deleted';
    const message = `Attempt to change a resource which is still in use: Table is ${what}: ${table.name}`;
    throw new AwsError('ResourceInUseException', message);
  }
  const seconds = call.world.random(`dynamodb/delete/${table.name}/${table.createdAt}`).between(...DELETING_SECONDS);
  table.goneAt = call.now + Math.round(seconds * 1000);
  tables(call).touch();
  return { TableDescription: shown(table, call, call.now) };
};

interface ListTablesInput {
  readonly ExclusiveStartTableName?: string;
  readonly Limit?: number;
}

const listTables: Operation = (
  { ExclusiveStartTableName: after = '', Limit = MOST_PER_LIST }: ListTablesInput,
  call,
) => {
  const names = tables(call)
    .values()
    .filter((table) => statusAt(table, call.asOf) !== undefined && table.name > after)
    .map(({ name }) => name)
    .sort();
  const page = names.slice(0, Limit);
  return { TableNames: page, LastEvaluatedTableName: names.length > Limit ? page.at(-1) : undefined };
};

interface ScanInput {
  readonly TableName: string;
  readonly Limit?: number;
  readonly Select?: string;
  readonly ExclusiveStartKey?: { readonly id?: { readonly S?: string } };
}

/** Items are numbered from 0; what an item holds besides is not known here, nor are filters. */
const scan: Operation = ({ TableName, Limit, Select, ExclusiveStartKey }: ScanInput, call) => {
  const table = tableNamed(call, TableName, call.asOf);
  if (statusAt(table, call.asOf) !== 'ACTIVE') {
    throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
  }
  const after = ExclusiveStartKey?.id?.S;
  const first = after === undefined ? 0 : Number(after.replace('item-', '')) + 1;
  if (Number.isNaN(first)) throw new AwsError('ValidationException', 'The provided starting key is invalid');
  const count = Math.max(0, Math.min(Limit ?? MOST_PER_SCAN, MOST_PER_SCAN, table.items - first));
  const items = Array.from({ length: count }, (_, index) => ({ id: { S: `item-${first + index}` } }));
  return {
    Count: count,
    ScannedCount: count,
    Items: Select === 'COUNT' ? undefined : items,
    LastEvaluatedKey: first + count < table.items ? items.at(-1) : undefined,
  };
};

export const dynamodb: Service = {
  signingName: 'dynamodb',
  operations: { DeleteTable: deleteTable, DescribeTable: describeTable, ListTables: listTables, Scan: scan },
};
