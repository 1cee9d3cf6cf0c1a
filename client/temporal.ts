/** The Temporal server that a command talks to. */
import { connect as connectTcp } from 'node:net';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readDevState, type DevState } from './dev-state.ts';
import { grpcOf } from './errors.ts';
import { CommandError } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { say } from './output.ts';

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  /** TLS, API key and the like. */
  readonly connectionOptions: NonNullable<ReturnType<typeof loadClientConnectConfig>['connectionOptions']>;
  /** The set-up of `holdfast dev`, when it is what was chosen. */
  readonly dev: DevState | null;
}

const CHOSEN_BY = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_API_KEY',
];
const ANSWER_WITHIN = 3_000;

/** What the environment names; else the `holdfast dev` of this folder; else Temporal's own configuration and default. */
export function temporalPlace(env: NodeJS.ProcessEnv = process.env): TemporalPlace {
  const dev = CHOSEN_BY.some((name) => env[name]) ? null : readDevState();
  if (dev) {
    return { address: dev.address, namespace: dev.namespace, connectionOptions: { address: dev.address }, dev };
  }
  try {
    const { namespace, connectionOptions } = loadClientConnectConfig();
    const { address = 'localhost:7233' } = connectionOptions;
    return { address, namespace: namespace ?? 'default', connectionOptions: { ...connectionOptions, address }, dev };
  } catch (error) {
    throw new CommandError('usage', `Temporal's configuration cannot be read: ${(error as Error).message}`);
  }
}

export interface TemporalClient {
  readonly client: Client;
  readonly place: TemporalPlace;
}

/** Connects, hands the client to `use`, and closes. Tells when the server is that of `holdfast dev`. */
export async function withTemporal<T>(use: (temporal: TemporalClient) => Promise<T>): Promise<T> {
  const place = temporalPlace();
  if (place.dev) say(`Using the set-up of holdfast dev in this folder: ${place.address}`);
  const connection = await connect(place);
  const forget = onInterrupt(() => connection.close());
  try {
    return await use({ client: new Client({ connection, namespace: place.namespace }), place });
  } finally {
    forget();
    await connection.close();
  }
}

async function connect({ address, namespace, connectionOptions }: TemporalPlace): Promise<Connection> {
  // The same fields, typed by the SDK's two connections each in its own way.
  const options = connectionOptions as ConnectionOptions;
  try {
    await refuseRefused(address);
    return await Connection.connect({ ...options, connectTimeout: ANSWER_WITHIN });
  } catch (error) {
    const why = grpcOf(error)?.details ?? (error as Error).message;
    throw new CommandError(
      'unreachable',
      `no Temporal server answers at ${address} (namespace ${namespace}): ${why}\n` +
        'start everything locally with `holdfast dev`, or set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and, for Temporal ' +
        'Cloud, TEMPORAL_API_KEY',
      { cause: error },
    );
  }
}

/** gRPC goes on knocking for seconds where nothing listens; on this machine that can be known at once. */
async function refuseRefused(address: string): Promise<void> {
  const [, host = '', port] = /^(localhost|127(?:\.\d+){3}):(\d+)$/.exec(address) ?? [];
  if (!port) return;
  await new Promise<void>((resolve, reject) => {
    const socket = connectTcp({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** Where Temporal's own UI shows a run; null where its address is not known. */
export function uiLink(
  { namespace, dev }: Pick<TemporalPlace, 'namespace' | 'dev'>,
  workflowId: string,
  runId: string,
): string | null {
  if (!dev?.uiUrl) return null;
  return `${dev.uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}
