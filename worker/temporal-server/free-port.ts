import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * A port of the loopback interface that nobody listens on, or the given one when that is so.
 * Throws when the given one is taken.
 */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${wanted} is in use: stop what listens on it, or choose another`, { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
