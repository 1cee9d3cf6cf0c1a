import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, REGION, assertRefused, clientsFor } from './edge/rig.ts';

const Bucket = 'reports';

describe('S3 objects', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
    sandbox.clock.pause();
    s3 = clientsFor(sandbox).s3;
    seedBucket(sandbox.world, { name: Bucket, account: ACCOUNT, region: REGION });
  });
  afterEach(() => sandbox.close());

  const put = (Key: string, input: Partial<PutObjectCommandInput> = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: 'hello', ...input }));
  const get = (Key: string, input: object = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...input }));
  const head = (Key: string, input: object = {}) => s3.send(new HeadObjectCommand({ Bucket, Key, ...input }));
  const textOf = async (Key: string, input: object = {}) => (await get(Key, input)).Body?.transformToString();

  it('come back as they were put, with what was said of them', async () => {
    const Key = 'a folder/ü+&%=?#.csv';
    await put(Key, {
      Body: 'bytes\u0000ü',
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      Metadata: { run: '42' },
      StorageClass: 'STANDARD_IA',
    });
    const object = await get(Key);
    assert.equal(await object.Body?.transformToString(), 'bytes\u0000ü');
    for (const said of [object, await head(Key)]) {
      assert.equal(said.ContentLength, 8);
      assert.equal(said.ContentType, 'text/csv');
      assert.equal(said.CacheControl, 'no-store');
      assert.equal(said.ContentDisposition, 'attachment');
      assert.deepEqual(said.Metadata, { run: '42' });
      assert.equal(said.StorageClass, 'STANDARD_IA');
      assert.equal(said.ServerSideEncryption, 'AES256');
      assert.equal(said.LastModified?.toISOString(), '2026-01-05T08:00:00.000Z');
      assert.equal(said.ETag, `"${createHash('md5').update('bytes\u0000ü').digest('hex')}"`);
    }
  });

  it('may be empty', async () => {
    await put('empty', { Body: new Uint8Array() });
    assert.equal(await textOf('empty'), '');
    assert.equal((await head('empty')).ContentLength, 0);
  });

  it('are replaced by the next put', async () => {
    await put('k');
    await put('k', { Body: 'again' });
    assert.equal(await textOf('k'), 'again');
  });

  it('that are not there are NoSuchKey, and NotFound without a body', async () => {
    await assertRefused(get('nothing'), 'NoSuchKey', 404);
    await assertRefused(head('nothing'), 'NotFound', 404);
  });

  it('are deleted, one or many, there or not', async () => {
    await put('one');
    await put('two');
    await put('three');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'one' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'one' }));
    const many = (Quiet: boolean, ...keys: string[]) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Quiet, Objects: keys.map((Key) => ({ Key })) } }));
    assert.deepEqual((await many(false, 'two', 'nothing')).Deleted, [{ Key: 'two' }, { Key: 'nothing' }]);
    assert.equal((await many(true, 'three')).Deleted, undefined);
    for (const key of ['one', 'two', 'three']) await assertRefused(get(key), 'NoSuchKey', 404);
  });

  it('are deleted a thousand at a time at most', async () => {
    const Objects = Array.from({ length: 1001 }, (_, number) => ({ Key: `${number}` }));
    await assertRefused(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })), 'MalformedXML', 400);
  });

  it('are read in ranges', async () => {
    await put('k', { Body: '0123456789' });
    const range = async (Range: string) => {
      const part = await get('k', { Range });
      return [await part.Body?.transformToString(), part.ContentRange, part.$metadata.httpStatusCode];
    };
    assert.deepEqual(await range('bytes=2-4'), ['234', 'bytes 2-4/10', 206]);
    assert.deepEqual(await range('bytes=7-'), ['789', 'bytes 7-9/10', 206]);
    assert.deepEqual(await range('bytes=-2'), ['89', 'bytes 8-9/10', 206]);
    assert.deepEqual(await range('bytes=8-99'), ['89', 'bytes 8-9/10', 206]);
    assert.deepEqual(await range('bytes=4-2'), ['0123456789', undefined, 200]);
    await assertRefused(get('k', { Range: 'bytes=10-' }), 'InvalidRange', 416);
    assert.equal((await head('k', { Range: 'bytes=2-4' })).ContentLength, 3);
  });

  it('are written only where none is, when asked so', async () => {
    await put('k', { IfNoneMatch: '*' });
    await assertRefused(put('k', { IfNoneMatch: '*', Body: 'other' }), 'PreconditionFailed', 412);
    assert.equal(await textOf('k'), 'hello');
  });

  it('are written by one only of two who ask so at the same moment', async () => {
    const both = await Promise.allSettled([put('k', { IfNoneMatch: '*' }), put('k', { IfNoneMatch: '*' })]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('are written only over the one that is known, when asked so', async () => {
    await assertRefused(put('k', { IfMatch: '"00"' }), 'NoSuchKey', 404);
    const { ETag = '' } = await put('k');
    await assertRefused(put('k', { IfMatch: '"00"' }), 'PreconditionFailed', 412);
    await put('k', { IfMatch: ETag, Body: 'changed' });
    assert.equal(await textOf('k'), 'changed');
  });

  it('are read only when they are, or are not, what is known', async () => {
    const { ETag } = await put('k');
    const now = new Date(sandbox.clock.now());
    const earlier = new Date(sandbox.clock.now() - 60_000);
    await get('k', { IfMatch: ETag, IfModifiedSince: earlier, IfUnmodifiedSince: now });
    await assertRefused(get('k', { IfMatch: '"00"' }), 'PreconditionFailed', 412);
    await assertRefused(get('k', { IfUnmodifiedSince: earlier }), 'PreconditionFailed', 412);
    assert.equal(await refusedStatus(get('k', { IfNoneMatch: ETag })), 304);
    assert.equal(await refusedStatus(get('k', { IfModifiedSince: now })), 304);
  });

  it('have no versions', async () => {
    await put('k');
    assert.equal(await textOf('k', { VersionId: 'null' }), 'hello');
    await assertRefused(get('k', { VersionId: '3/L4kqtJlcpXroDTDmJ' }), 'InvalidArgument', 400);
  });

  it('have keys of 1024 bytes at most', async () => {
    await put('ü'.repeat(512));
    await assertRefused(put('ü'.repeat(513)), 'KeyTooLongError', 400);
  });

  it('refuse storage classes and encryptions that AWS does not have', async () => {
    await assertRefused(put('k', { StorageClass: 'ATTIC' as never }), 'InvalidStorageClass', 400);
    await assertRefused(put('k', { ServerSideEncryption: 'rot13' as never }), 'InvalidArgument', 400);
  });
});

async function refusedStatus(call: Promise<unknown>): Promise<number | undefined> {
  return call.then(
    () => undefined,
    (error: { $metadata: { httpStatusCode?: number } }) => error.$metadata.httpStatusCode,
  );
}
