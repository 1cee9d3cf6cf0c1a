import assert from 'node:assert/strict';
import { chmodSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findTemporalServer, NoTemporalServer, type FoundServer } from '../../worker/temporal-server/find.ts';
import { downloadService, refusing, type DownloadService } from './download-service.ts';
import { emptyMachine, good, type Machine } from './machine.ts';

describe('finding the Temporal server', () => {
  let machine: Machine;
  let said: string[];
  let service: DownloadService;
  beforeEach(async () => {
    machine = emptyMachine();
    said = [];
    service = await downloadService();
  });
  afterEach(async () => {
    await service.close();
    machine.remove();
  });

  const find = (env: NodeJS.ProcessEnv = {}, downloadFrom = refusing): Promise<FoundServer> =>
    findTemporalServer({
      say: (line) => said.push(line),
      env: { ...machine.env, ...env },
      cacheFolder: machine.cache,
      downloadFrom,
    });
  const cached = (): string => machine.script(join(machine.cache, 'temporal-server'), 'temporal', good);

  it('takes TEMPORAL_CLI_PATH before anything else', async () => {
    const named = machine.script(machine.cache, 'named', good);
    machine.script(machine.bin, 'temporal', good);
    const found = await find({ TEMPORAL_CLI_PATH: named });
    assert.deepEqual(found, { path: named, version: '1.29.1', source: 'TEMPORAL_CLI_PATH' });
  });

  it('takes the one on the PATH before the cache', async () => {
    cached();
    const path = machine.script(machine.bin, 'temporal', good);
    assert.deepEqual(await find(), { path, version: '1.29.1', source: 'PATH' });
  });

  it('takes the one in the cache before it installs any', async () => {
    machine.go();
    const path = cached();
    assert.deepEqual(await find({}, service.url), { path, version: '1.29.1', source: 'cache' });
    assert.deepEqual(said, []);
  });

  it('downloads it into the cache where there is none, and has it there from then on', async () => {
    machine.go();
    assert.equal((await find({}, service.url)).source, 'download');
    assert.deepEqual(await find(), { path: machine.installed, version: '1.29.1', source: 'cache' });
    assert.deepEqual(readdirSync(join(machine.cache, 'temporal-server')), ['temporal']);
    assert.match(service.asked[0] ?? '', /^\/cli\/v1\.5\.1\?arch=(amd64|arm64)&platform=\w+&format=(tar\.gz|zip)$/);
  });

  it('builds it with Go where the download is refused, and says so', async () => {
    machine.go().openGate();
    assert.deepEqual(await find(), { path: machine.installed, version: '1.29.1', source: 'go' });
    assert.match(said.join('\n'), /did not work: download from http:\/\/127\.0\.0\.1:2: fetch failed: .*ECONNREFUSED/);
    assert.match(said.join('\n'), /Building the Temporal server with "go install .*@v1\.5\.1": 3 to 5 minutes/);
  });

  it('builds it with Go where the download is an error or no such archive', async () => {
    machine.go().openGate();
    service.answer(403, 'no');
    assert.equal((await find({}, service.url)).source, 'go');
    assert.match(said.join('\n'), /did not work: download .* answered 403/);
  });

  it('builds it with Go where the downloaded one does not run', async () => {
    machine.go().openGate();
    await service.close();
    service = await downloadService('exit 126');
    assert.equal((await find({}, service.url)).source, 'go');
    assert.match(said.join('\n'), /did not work: download .* "--version" failed \(126\)/);
  });

  for (const { what, body, reason } of [
    { what: 'fails', body: 'echo "bad CPU type" >&2; exit 1', reason: '"--version" failed (1): bad CPU type' },
    {
      what: 'is something else',
      body: 'echo "temporal 0.3"',
      reason: '"--version" printed no server version: temporal 0.3',
    },
    {
      what: 'is too old',
      body: "echo 'temporal version 1.3.0 (Server 1.9.2, UI 2.0.0)'",
      reason: 'its server is 1.9.2, and Holdfast needs 1.29.0 or later',
    },
  ]) {
    it(`passes over one on the PATH that ${what}, and says why`, async () => {
      const broken = machine.script(machine.bin, 'temporal', body);
      const next = machine.script(join(machine.cache, 'bin'), 'temporal', good);
      const PATH = [machine.bin, join(machine.cache, 'bin')].join(delimiter);
      assert.deepEqual(await find({ PATH }), { path: next, version: '1.29.1', source: 'PATH' });
      assert.deepEqual(said, [`Passing over ${broken}: ${reason}.`]);
    });

    it(`replaces one in the cache that ${what}`, async () => {
      machine.script(join(machine.cache, 'temporal-server'), 'temporal', body);
      assert.equal((await find({}, service.url)).source, 'download');
      assert.equal(said[0], `Passing over ${machine.installed}: ${reason}.`);
      assert.equal((await find()).source, 'cache');
    });

    it(`refuses a TEMPORAL_CLI_PATH that ${what}, whatever else there is`, async () => {
      const named = machine.script(machine.cache, 'named', body);
      machine.script(machine.bin, 'temporal', good);
      await assert.rejects(find({ TEMPORAL_CLI_PATH: named }), (error: Error) => {
        assert.ok(error instanceof NoTemporalServer);
        assert.equal(error.message.split('\n')[0], `TEMPORAL_CLI_PATH is ${named}, which cannot be used: ${reason}`);
        return true;
      });
    });
  }

  it('refuses a TEMPORAL_CLI_PATH where nothing is, or nothing that can be run', async () => {
    await assert.rejects(find({ TEMPORAL_CLI_PATH: '/nowhere/temporal' }), /\/nowhere\/temporal.*no such executable/);
    const named = machine.script(machine.cache, 'named', good);
    chmodSync(named, 0o644);
    await assert.rejects(find({ TEMPORAL_CLI_PATH: named }), /it is not executable/);
  });

  it('says in one error what was tried and what to do when nothing works', async () => {
    await assert.rejects(find(), (error: Error) => {
      assert.ok(error instanceof NoTemporalServer);
      assert.deepEqual(error.message.split('\n'), [
        'There is no Temporal server to run. Tried, in this order:',
        '  - PATH: no executable "temporal" on it',
        `  - ${machine.installed}: not there`,
        `  - download from ${refusing}: fetch failed: connect ECONNREFUSED 127.0.0.1:2`,
        '  - go install: "go" is not on the PATH',
        'Do one of these, then run the command again:',
        '  - install the Temporal CLI, so that "temporal" is on the PATH: https://docs.temporal.io/cli#install',
        '  - set TEMPORAL_CLI_PATH to a Temporal CLI with server 1.29.0 or later',
        '  - let this machine reach https://temporal.download',
        '  - install Go (https://go.dev/doc/install), and Holdfast builds the CLI with it',
      ]);
      return true;
    });
    assert.deepEqual(readdirSync(join(machine.cache, 'temporal-server')), []);
  });

  it('gives the end of what Go said when the build fails', async () => {
    machine.script(machine.bin, 'go', 'echo "go: module lookup disabled" >&2; exit 1');
    await assert.rejects(find(), /go install: ended with 1: go: module lookup disabled/);
  });
});
