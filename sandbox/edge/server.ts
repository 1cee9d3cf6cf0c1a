import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerControl, CONTROL_PREFIX } from './control.ts';
import type { Control } from './control.ts';
import { answer } from './dispatch.ts';
import type { EdgeRequest, Reply } from './http.ts';
import type { Edge } from './run-operation.ts';
import { CUT } from './run-operation.ts';

const HOST = '127.0.0.1';

/** Clients keep connections for their next call; closing one while they send on it would look like a lost reply. */
const KEEP_ALIVE_MS = 10 * 60_000;

export interface Listening {
  readonly endpoint: string;
  /** Cuts every connection, then waits for the operations that were under way: nothing is written after it. */
  close(): Promise<void>;
}

/** Listens on the loopback interface only. */
export async function listen(edge: Edge, control: Control, port: number): Promise<Listening> {
  const underWay = new Set<Promise<void>>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (incoming, response) => {
    const served = serve(incoming, response, edge, control).catch((error: unknown) => {
      // A caller that went away is no trouble of the sandbox's.
      if (!incoming.socket.destroyed) console.error('sandbox: a reply could not be sent', error);
      response.destroy();
    });
    underWay.add(served);
    void served.finally(() => underWay.delete(served));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, port)));
    server.listen(port, HOST, resolve);
  });
  const close = async (): Promise<void> => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await Promise.all(underWay);
  };
  return { endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`, close };
}

function cannotListen(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new Error(`port ${port} of ${HOST} is in use by another process: give another port, or 0 for any free one`, {
    cause: error,
  });
}

async function serve(incoming: IncomingMessage, response: ServerResponse, edge: Edge, control: Control): Promise<void> {
  const request = await readRequest(incoming);
  const reply = request.path.startsWith(CONTROL_PREFIX) ? answerControl(request, control) : await answer(request, edge);
  if (reply === CUT) {
    response.destroy();
    return;
  }
  await send(reply, request, response, edge.world.clock.now());
}

async function readRequest(incoming: IncomingMessage): Promise<EdgeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? '/';
  const split = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: split < 0 ? url : url.slice(0, split),
    query: new URLSearchParams(split < 0 ? '' : url.slice(split + 1)),
    headers: incoming.headers,
    body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
  };
}

/** Every reply's Date is the virtual time: it is how callers learn AWS's now. */
async function send(reply: Reply, request: EdgeRequest, response: ServerResponse, now: number): Promise<void> {
  response.sendDate = false;
  const length = reply.body instanceof Readable ? {} : { 'content-length': Buffer.byteLength(reply.body) };
  response.writeHead(reply.status, { date: new Date(now).toUTCString(), ...length, ...reply.headers });
  if (reply.body instanceof Readable) return pipeline(reply.body, response);
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}
