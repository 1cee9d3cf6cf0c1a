/** One Temporal dev server for the whole test run, started by the first test that needs it. */
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { startTemporalServer, type StartOptions } from '../../worker/temporal-server/start.ts';
import { atEnd } from './at-end.ts';

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
}

export const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 'Keyword' as const]));

type Server = Awaited<ReturnType<typeof startTemporalServer>>;
let started: Promise<{ server: Server; connection: Connection }> | undefined;

/** @param options the first one's hold */
export async function testTemporal(options: Pick<StartOptions, 'passedByMs'> = {}): Promise<TestTemporal> {
  started ??= start(options);
  const { server, connection } = await started;
  return { address: server.address, namespace: 'default', client: new Client({ connection, namespace: 'default' }) };
}

let quiet = false;

/** The SDK tells its errors only. It takes this once a process, before anything else. */
export function quietRuntime(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
}

async function start(options: Pick<StartOptions, 'passedByMs'>): Promise<{ server: Server; connection: Connection }> {
  quietRuntime();
  const { path } = await findTemporalServer({ say: (line) => console.error(line) });
  const server = await startTemporalServer({ ...options, path, ui: false, namespace: 'default', searchAttributes });
  const connection = await Connection.connect({ address: server.address });
  atEnd(async () => {
    await connection.close();
    await server.stop();
  });
  return { server, connection };
}
