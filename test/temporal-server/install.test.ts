import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { downloadTemporalServer } from '../../worker/temporal-server/download.ts';
import { findTemporalServer } from '../../worker/temporal-server/find.ts';
import { refusing } from './download-service.ts';
import { emptyMachine, type Machine } from './machine.ts';

interface Finder {
  readonly pid: number;
  output(): string;
  kill(): Promise<void>;
  ended(): Promise<string>;
}

/** Another Holdfast on the same machine. */
function startFinder(machine: Machine): Finder {
  const script = join(import.meta.dirname, 'fixtures/find.ts');
  const child = spawn(process.execPath, [script, machine.cache, machine.bin, refusing]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const closed = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async ended() {
      await closed;
      return output;
    },
  };
}

async function until(holds: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `not within 15 s: ${what()}`);
    await sleep(20);
  }
}

const says = (finder: Finder, text: string): Promise<void> =>
  until(
    () => finder.output().includes(text),
    () => `"${text}" in: ${finder.output()}`,
  );

describe('installing the Temporal server', () => {
  let machine: Machine;
  let staging: string;
  let said: string[];
  beforeEach(() => {
    machine = emptyMachine();
    staging = join(machine.cache, 'temporal-server', 'installing');
    said = [];
  });
  afterEach(() => machine.remove());

  const find = () =>
    findTemporalServer({
      say: (line) => said.push(line),
      env: machine.env,
      cacheFolder: machine.cache,
      downloadFrom: refusing,
    });

  it('is done once when two processes want it, and the one that waits says for whom', async () => {
    const go = machine.go();
    const first = startFinder(machine);
    await says(first, 'Building the Temporal server');
    const second = startFinder(machine);
    await says(second, `Waiting for another process (${first.pid} on ${hostname()})`);
    go.openGate();
    assert.match(await first.ended(), /found: go$/m);
    assert.match(await second.ended(), /found: cache$/m);
    assert.equal(go.runs().length, 1);
    assert.deepEqual(readdirSync(join(machine.cache, 'temporal-server')), ['temporal']);
  });

  it('goes on where a process that waited was left alone by a death', async () => {
    const go = machine.go();
    const first = startFinder(machine);
    await says(first, 'Building the Temporal server');
    const second = startFinder(machine);
    await says(second, 'Waiting for another process');
    await first.kill();
    await says(second, 'Building the Temporal server');
    // The build that the dead one started is still at work: it must not write where the second one builds.
    await until(
      () => go.runs().length === 2,
      () => 'two builds begun',
    );
    const [ofFirst, ofSecond] = go.runs();
    assert.notEqual(ofFirst, ofSecond);
    go.openGate();
    assert.match(await second.ended(), /found: go$/m);
  });

  it('starts afresh after an interrupted install, and leaves nothing of it', async () => {
    const go = machine.go();
    const interrupted = startFinder(machine);
    await says(interrupted, 'Building the Temporal server');
    await interrupted.kill();
    mkdirSync(`${staging}-left-while-removing`);
    go.openGate();
    assert.equal((await find()).source, 'go');
    assert.equal(said[0], 'Removing what an interrupted install left behind.');
    assert.deepEqual(readdirSync(join(machine.cache, 'temporal-server')), ['temporal']);
  });

  /** An install under way on another machine that shares the cache, where a process id says nothing. */
  function installElsewhere(touchedSecondsAgo: number): void {
    mkdirSync(staging, { recursive: true });
    const owner = join(staging, 'owner.json');
    writeFileSync(owner, JSON.stringify({ pid: 1, host: 'elsewhere' }));
    const touched = Date.now() / 1000 - touchedSecondsAgo;
    utimesSync(owner, touched, touched);
  }

  it('takes over from another machine that has been silent for 30 s', async () => {
    machine.go().openGate();
    installElsewhere(31);
    assert.equal((await find()).source, 'go');
    assert.equal(said[0], 'Removing what an interrupted install left behind.');
  });

  it('waits for another machine that is still at it', async () => {
    machine.go().openGate();
    installElsewhere(0);
    const found = find();
    await until(
      () => said.length > 0,
      () => 'anything said',
    );
    rmSync(staging, { recursive: true });
    assert.equal((await found).source, 'go');
    assert.equal(said[0], 'Waiting for another process (1 on elsewhere), which is installing the Temporal server.');
  });

  const stalls = {
    'never answers': () => undefined,
    'stops in the middle': (request: IncomingMessage, response: ServerResponse) => {
      const archiveUrl = `http://${request.headers.host}/archive`;
      if (request.url === '/archive') response.write('the first bytes');
      else response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }));
    },
  };
  for (const [how, listener] of Object.entries(stalls)) {
    it(`gives up a download that ${how}`, async () => {
      const server = createServer(listener).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      mkdirSync(staging, { recursive: true });
      const options = { from, release: 'v1.5.1', into: staging, say: () => undefined, stallMs: 100 };
      await assert.rejects(downloadTemporalServer(options), { message: 'no progress for 0.1 s' });
      server.close().closeAllConnections();
    });
  }
});
