import assert from 'node:assert/strict';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { CreateTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-workspaces';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { assertRefused, clientsFor, refusalOf } from './rig.ts';

describe('Faults by rule', () => {
  let sandbox: Sandbox;
  let clients: ReturnType<typeof clientsFor>;
  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 7 });
    clients = clientsFor(sandbox, { region: 'us-east-1' });
  });
  afterEach(() => sandbox.close());

  const look = () => clients.ssm.send(new DescribeInstanceInformationCommand({}));
  const listBuckets = async () => ((await clients.s3.send(new ListBucketsCommand({}))).Buckets ?? []).length;
  const createBucket = () => clients.s3.send(new CreateBucketCommand({ Bucket: 'reports' }));

  it('throttle, in the words of each service', async () => {
    sandbox.faults.add({ kind: 'throttle' });
    await assertRefused(look(), 'ThrottlingException', 400);
    await assertRefused(createBucket(), 'SlowDown', 503);
    assert.equal(sandbox.recorder.count({ outcome: 'throttle' }), 2);
  });

  it('answer a 5xx before the effect, or any error that is asked for', async () => {
    sandbox.faults.add({ kind: 'error', service: 's3' });
    sandbox.faults.add({ kind: 'error', service: 'ssm', code: 'InternalServerError', status: 503, message: 'later' });
    await assertRefused(createBucket(), 'InternalError', 500);
    assert.deepEqual(await refusalOf(look()), { name: 'InternalServerError', message: 'later', status: 503 });
    sandbox.faults.clear();
    assert.equal(await listBuckets(), 0);
  });

  it('cut the connection before the effect', async () => {
    sandbox.faults.add({ kind: 'resetBefore', operation: 'CreateBucket' });
    await assert.rejects(createBucket(), { code: 'ECONNRESET' });
    assert.equal(await listBuckets(), 0);
    assert.equal(sandbox.recorder.count({ operation: 'CreateBucket', outcome: 'resetBefore' }), 1);
  });

  it('cut the connection after the effect: the reply is lost, the bucket is there', async () => {
    sandbox.faults.add({ kind: 'resetAfter', operation: 'CreateBucket' });
    await assert.rejects(createBucket(), { code: 'ECONNRESET' });
    assert.equal(await listBuckets(), 1);
    assert.equal(sandbox.recorder.count({ operation: 'CreateBucket', outcome: 'resetAfter' }), 1);
  });

  it('hold for so many requests, and until they are removed', async () => {
    sandbox.faults.add({ kind: 'throttle', service: 'ssm', count: 2 });
    await assertRefused(look(), 'ThrottlingException', 400);
    await assertRefused(look(), 'ThrottlingException', 400);
    await look();
    const remove = sandbox.faults.add({ kind: 'throttle', service: 'ssm' });
    await assertRefused(look(), 'ThrottlingException', 400);
    remove();
    await look();
  });

  it('hold for one resource, wherever it stands in the request', async () => {
    sandbox.faults.add({ kind: 'error', resource: 'ws-111111111' });
    const tags = [{ Key: 'a', Value: 'b' }];
    await assertRefused(
      clients.workspaces.send(new CreateTagsCommand({ ResourceId: 'ws-111111111', Tags: tags })),
      'InternalFailure',
      500,
    );
    await assertRefused(
      clients.workspaces.send(new DescribeTagsCommand({ ResourceId: 'ws-222222222' })),
      'ResourceNotFoundException',
      400,
    );
  });

  it('hold with a probability, and the same seed gives the same luck', async () => {
    const luckOf = async (seed: number): Promise<string> => {
      const other = await startSandbox({ seed });
      other.faults.add({ kind: 'throttle', probability: 0.3 });
      const { ssm } = clientsFor(other);
      let luck = '';
      for (let call = 0; call < 40; call++) {
        luck += await ssm.send(new DescribeInstanceInformationCommand({})).then(
          () => '.',
          () => 'x',
        );
      }
      await other.close();
      return luck;
    };
    const luck = await luckOf(7);
    const hits = luck.replaceAll('.', '').length;
    assert.ok(hits > 4 && hits < 22, luck);
    assert.equal(await luckOf(7), luck);
    assert.notEqual(await luckOf(8), luck);
  });

  it('make a reply late by virtual seconds', async () => {
    const fast = await startSandbox({ speed: 100 });
    fast.faults.add({ kind: 'slow', seconds: 20 });
    const started = fast.clock.now();
    await clientsFor(fast).ssm.send(new DescribeInstanceInformationCommand({}));
    const seconds = (fast.clock.now() - started) / 1000;
    await fast.close();
    assert.ok(seconds >= 19.9, `${seconds}`);
  });

  it('do not keep a sandbox from closing', async () => {
    const other = await startSandbox();
    other.faults.add({ kind: 'slow', seconds: 600 });
    const { s3 } = clientsFor(other, { region: 'us-east-1' });
    const late = s3.send(new CreateBucketCommand({ Bucket: 'reports' })).catch(() => 'cut');
    while (other.world.store.places('s3.buckets').length === 0) await new Promise((next) => setImmediate(next));
    await other.close();
    assert.equal(await late, 'cut');
  });
});
