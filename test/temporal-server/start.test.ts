import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start.ts';
import { emptyMachine } from './machine.ts';

const phase = defineSearchAttributeKey('HoldfastPhase', 'KEYWORD');
const searchAttributes = { HoldfastPhase: 'Keyword' } as const;

async function isListening(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function untilGone(address: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (await isListening(address)) {
    assert.ok(Date.now() < deadline, `the server at ${address} is still there after 10 s`);
    await sleep(20);
  }
}

async function withClient<T>(server: TemporalServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('starting the Temporal server', () => {
  let path: string;
  let folder: string;
  before(async function () {
    this.timeout(20 * 60_000); // Run by itself, it may have to build the server first.
    ({ path } = await findTemporalServer({ say: (line) => console.error(line) }));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-temporal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const startWorkflow = (client: Client, workflowId: string) =>
    client.workflow.start('any', {
      workflowId,
      taskQueue: 'any',
      typedSearchAttributes: [{ key: phase, value: 'waiting' }],
    });

  it('returns when a workflow can be started with a search attribute', async () => {
    const server = await startTemporalServer({ path, searchAttributes });
    try {
      await withClient(server, (client) => startWorkflow(client, 'one'));
      assert.equal(server.uiUrl, undefined);
    } finally {
      server.kill();
    }
    await untilGone(server.address);
  });

  it('keeps in its database file what was there when it was stopped, and when it was killed', async () => {
    const options = { path, databaseFile: join(folder, 'temporal.db'), searchAttributes };
    const ends = {
      stopped: (server: TemporalServer) => server.stop(),
      killed: (server: TemporalServer) => server.kill(),
    };
    for (const [workflowId, end] of Object.entries(ends)) {
      const server = await startTemporalServer(options);
      await withClient(server, (client) => startWorkflow(client, workflowId));
      await end(server);
      await untilGone(server.address);
    }
    const server = await startTemporalServer(options);
    await withClient(server, async (client) => {
      for (const workflowId of Object.keys(ends)) {
        const { status, typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
        assert.deepEqual([status.name, typedSearchAttributes.get(phase)], ['RUNNING', 'waiting']);
      }
    });
    server.kill();
  });

  it('starts again on the same port', async () => {
    const first = await startTemporalServer({ path });
    const port = Number(first.address.split(':')[1]);
    first.kill();
    await untilGone(first.address);
    const second = await startTemporalServer({ path, port });
    assert.equal(second.address, first.address);
    second.kill();
  });

  it('serves the web UI when asked to, and makes the namespace', async () => {
    const server = await startTemporalServer({ path, ui: true, namespace: 'other' });
    try {
      const page = await fetch(`${server.uiUrl}/namespaces/other/workflows`);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<html/i);
    } finally {
      server.kill();
    }
  });

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    it(`ends with the process that started it, when that ends by ${signal}`, async () => {
      const script = join(import.meta.dirname, 'fixtures/start.ts');
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const address = line.toString().trim();
      assert.ok(await isListening(address));
      child.kill(signal);
      await untilGone(address);
    });
  }

  it('refuses a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await assert.rejects(startTemporalServer({ path, port }), {
      message: `port ${port} is in use: stop what listens on it, or choose another`,
    });
    other.close();
  });

  it('takes other ports when somebody else was quicker to take those that were free', async () => {
    const machine = emptyMachine();
    const firstFails = `[ -e "${machine.bin}/tried" ] || { : >"${machine.bin}/tried"; echo "bind: address already in use" >&2; exit 1; }`;
    const server = await startTemporalServer({
      path: machine.script(machine.bin, 'temporal', `${firstFails}; exec "${path}" "$@"`),
    });
    await server.stop();
    assert.ok(existsSync(join(machine.bin, 'tried')));
  });

  it('gives the end of the log, and writes the whole to the file, when the server does not come up', async () => {
    const machine = emptyMachine();
    const broken = machine.script(machine.bin, 'temporal', 'echo "cannot open the database" >&2; exit 3');
    const logFile = join(folder, 'temporal.log');
    await assert.rejects(startTemporalServer({ path: broken, logFile }), {
      message:
        'the Temporal server did not start: it ended by itself (3). The end of its log:\ncannot open the database',
    });
    assert.equal(readFileSync(logFile, 'utf8'), 'cannot open the database\n');
    machine.remove();
  });

  it('says so when there is nothing to run', async () => {
    await assert.rejects(startTemporalServer({ path: '/nowhere/temporal' }), /cannot be run from \/nowhere\/temporal/);
  });
});
