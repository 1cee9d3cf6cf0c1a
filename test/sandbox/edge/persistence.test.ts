import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { seedBucket } from '../../../sandbox/services/s3.ts';
import { TableStore } from '../../../sandbox/table-store.ts';
import { ACCOUNT, REGION, clientsFor } from './rig.ts';

describe('The state of a sandbox', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('survives a restart: rows, bytes, page tokens, and the virtual time goes on', async () => {
    const first = await startSandbox({ folder, startTime: '2030-01-01T00:00:00Z', speed: 1000 });
    seedBucket(first.world, { name: 'reports', account: ACCOUNT, region: REGION });
    const { s3 } = clientsFor(first);
    for (const Key of ['a', 'b'])
      await s3.send(new PutObjectCommand({ Bucket: 'reports', Key, Body: `body of ${Key}` }));
    const page = await s3.send(new ListObjectsV2Command({ Bucket: 'reports', MaxKeys: 1 }));
    const stopped = first.clock.now();
    await first.close();

    const second = await startSandbox({ folder, startTime: '2020-01-01T00:00:00Z' });
    const again = clientsFor(second).s3;
    const object = await again.send(new GetObjectCommand({ Bucket: 'reports', Key: 'a' }));
    assert.equal(await object.Body?.transformToString(), 'body of a');
    const next = await again.send(
      new ListObjectsV2Command({ Bucket: 'reports', ContinuationToken: page.NextContinuationToken }),
    );
    assert.deepEqual(
      next.Contents?.map(({ Key }) => Key),
      ['b'],
    );
    assert.ok(second.clock.now() >= stopped && second.clock.now() < stopped + 60_000);
    await second.close();
  });

  it('is saved while the sandbox runs, rows changed in place included', async () => {
    const store = new TableStore(folder);
    const row = { state: 'AVAILABLE' };
    store.table<typeof row>('1', 'r', 'things').set('x', row);
    store.flush();
    row.state = 'REBUILDING';
    store.table('1', 'r', 'things').touch();
    const saved = () => new TableStore(folder).table<typeof row>('1', 'r', 'things').get('x')?.state;
    const deadline = Date.now() + 5000;
    while (saved() !== 'REBUILDING' && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(saved(), 'REBUILDING');
  });

  it('is read whole even when the last save was broken off', async () => {
    const store = new TableStore(folder);
    store.table('1', 'r', 'things').set('x', { n: 1 });
    store.flush();
    await writeFile(join(folder, 'state.json.new'), '{"tables":[');
    assert.deepEqual(new TableStore(folder).table('1', 'r', 'things').get('x'), { n: 1 });
  });

  it('leaves nothing behind without a folder', async () => {
    const temporary = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('holdfast-sandbox-'));
    const before = await temporary();
    const sandbox = await startSandbox();
    const [own] = (await temporary()).filter((name) => !before.includes(name));
    assert.ok(own);
    await sandbox.close();
    assert.ok(!(await temporary()).includes(own));
  });

  it('says which port is taken, and what to do', async () => {
    const first = await startSandbox();
    const port = Number(new URL(first.endpoint).port);
    await assert.rejects(startSandbox({ port }), new RegExp(`port ${port} of 127.0.0.1 is in use.*another port`));
    await first.close();
  });

  it('a start time that is none is refused with an example', async () => {
    await assert.rejects(startSandbox({ startTime: 'soon' }), /ISO 8601 time such as 2026-01-05T08:00:00Z, got 'soon'/);
  });
});
