import assert from 'node:assert/strict';
import { ListObjectsV2Command, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, REGION, assertRefused, clientsFor } from './edge/rig.ts';

const Bucket = 'reports';
const KEYS = ['b/2', 'a', 'b/1', 'c/d/e', 'c/d/f', 'z & ü'];

describe('S3 listings', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  before(async () => {
    sandbox = await startSandbox();
    s3 = clientsFor(sandbox).s3;
    seedBucket(sandbox.world, { name: Bucket, account: ACCOUNT, region: REGION });
    for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  });
  after(() => sandbox.close());

  const list = (input: Partial<ListObjectsV2CommandInput> = {}) =>
    s3.send(new ListObjectsV2Command({ Bucket, ...input }));
  const names = async (input: Partial<ListObjectsV2CommandInput> = {}) => {
    const { Contents = [], CommonPrefixes = [] } = await list(input);
    return [...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key)];
  };

  it('are in the order of their keys', async () => {
    assert.deepEqual(await names(), ['a', 'b/1', 'b/2', 'c/d/e', 'c/d/f', 'z & ü']);
  });

  it('say size, ETag, time and class', async () => {
    const [first] = (await list()).Contents ?? [];
    assert.equal(first?.Size, 1);
    assert.match(first?.ETag ?? '', /^"[0-9a-f]{32}"$/);
    assert.equal(first?.StorageClass, 'STANDARD');
    assert.ok(first?.LastModified);
  });

  it('take a prefix and roll up at a delimiter', async () => {
    assert.deepEqual(await names({ Prefix: 'b/' }), ['b/1', 'b/2']);
    assert.deepEqual(await names({ Delimiter: '/' }), ['b/', 'c/', 'a', 'z & ü']);
    assert.deepEqual(await names({ Prefix: 'c/', Delimiter: '/' }), ['c/d/']);
    assert.deepEqual(await names({ StartAfter: 'b/1' }), ['b/2', 'c/d/e', 'c/d/f', 'z & ü']);
  });

  it('go on page by page, rolled-up prefixes counted as one', async () => {
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter: '/' })) {
      assert.equal(page.KeyCount, 1);
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
      seen.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    }
    assert.deepEqual(seen, ['a', 'b/', 'c/', 'z & ü']);
  });

  it('encode keys when asked to', async () => {
    assert.deepEqual(await names({ Prefix: 'z', EncodingType: 'url' }), ['z%20%26%20%C3%BC']);
  });

  it('refuse a token that was given for another listing', async () => {
    const { NextContinuationToken: token } = await list({ MaxKeys: 1 });
    assert.deepEqual(await names({ MaxKeys: 1, ContinuationToken: token }), ['b/1']);
    await assertRefused(list({ Prefix: 'c', ContinuationToken: token }), 'InvalidArgument', 400);
    await assertRefused(list({ ContinuationToken: 'AAAA' }), 'InvalidArgument', 400);
  });

  it('may be of no keys at all', async () => {
    const none = await list({ MaxKeys: 0 });
    assert.deepEqual([none.KeyCount, none.IsTruncated], [0, false]);
    await assertRefused(list({ MaxKeys: -1 }), 'InvalidArgument', 400);
  });
});
