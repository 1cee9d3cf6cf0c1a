import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

export type SearchAttributes = Readonly<Record<string, 'Keyword' | 'Text' | 'Int' | 'Bool' | 'Datetime'>>;

export interface ReadyOptions {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
  readonly searchAttributes: SearchAttributes;
  /** Ends the waiting; its reason is thrown. */
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 20;
const CALL_WITHIN_MS = 5_000;

/** Returns when the namespace answers and knows the search attributes. */
export async function untilReady({ address, namespace, searchAttributes, signal }: ReadyOptions): Promise<void> {
  // gRPC backs off for a second after a refused connection, so the port is watched without it.
  await until(signal, () => accepts(address));
  const connection = Connection.lazy({ address });
  const wanted = Object.keys(searchAttributes);
  try {
    const knowsAll = async (): Promise<boolean> => {
      await connection.workflowService.describeNamespace({ namespace });
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      return wanted.every((name) => name in customAttributes);
    };
    await until(signal, () => connection.withDeadline(Date.now() + CALL_WITHIN_MS, knowsAll));
  } finally {
    await connection.close();
  }
}

async function until(signal: AbortSignal, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) {
    signal.throwIfAborted();
    await sleep(LOOK_EVERY_MS);
  }
  signal.throwIfAborted();
}

function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
