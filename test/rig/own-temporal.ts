/** A Temporal server of a test's own, which keeps its database in a file and so can be stopped and started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start.ts';
import { quietRuntime, searchAttributes, type TestTemporal } from './temporal.ts';
import { waitUntil } from './upgrade.ts';

export interface OwnTemporal extends TestTemporal {
  /** Ends it in order, and starts it again at the same address. */
  restart(): Promise<void>;
  /** Ends it as a crash would, and starts it again. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export async function ownTemporal(): Promise<OwnTemporal> {
  quietRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const { path } = await findTemporalServer({ say: (line) => console.error(line) });
  const options = { path, databaseFile: join(folder, 'temporal.db'), searchAttributes };
  let server = await startTemporalServer(options);
  const { address } = server;
  const port = Number(address.split(':')[1]);
  const connection = await Connection.connect({ address });
  const again = async (): Promise<TemporalServer> => await startTemporalServer({ ...options, port });
  return {
    address,
    namespace: 'default',
    client: new Client({ connection, namespace: 'default' }),
    async restart() {
      await server.stop();
      server = await again();
    },
    async crash() {
      const { pid } = server;
      server.kill();
      await waitUntil('the server is gone', () => !isAlive(pid));
      server = await again();
    },
    async close() {
      await connection.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
