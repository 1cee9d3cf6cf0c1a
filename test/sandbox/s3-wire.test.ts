import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm } from '../../sandbox/checksums.ts';
import { CHECKSUM_ALGORITHMS, checksumOf } from '../../sandbox/checksums.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, REGION, assertRefused, clientsFor, optionsFor, signedFor } from './edge/rig.ts';

const Bucket = 'reports';
const HELLO = Buffer.from('hello');

describe('S3 on the wire', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  before(async () => {
    sandbox = await startSandbox();
    s3 = clientsFor(sandbox).s3;
    seedBucket(sandbox.world, { name: Bucket, account: ACCOUNT, region: REGION });
  });
  after(() => sandbox.close());

  const put = (headers: Record<string, string>, body: string | Buffer = HELLO, key = 'k') =>
    fetch(`${sandbox.endpoint}/${Bucket}/${key}`, { method: 'PUT', headers: { ...signedFor('s3'), ...headers }, body });
  const codeOf = async (reply: Response): Promise<string> =>
    /<Code>(.*?)<\/Code>/.exec(await reply.text())?.[1] ?? `${reply.status}`;
  const read = async (Key: string, client = s3) =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

  const statusAt = (host: string, path: string) =>
    new Promise((resolve, reject) => {
      const { port } = new URL(sandbox.endpoint);
      const call = request({ port, host: '127.0.0.1', path, headers: { host, ...signedFor('s3') } });
      call.on('response', (reply) => resolve(reply.resume().statusCode)).on('error', reject);
      call.end();
    });

  it('takes the bucket from the host', async () => {
    await (await put({}, 'x', 'by/host')).text();
    const { port } = new URL(sandbox.endpoint);
    const local = [`localhost:${port}`, `s3.localhost:${port}`];
    for (const domain of ['s3.eu-west-1.amazonaws.com', 's3.amazonaws.com', ...local]) {
      assert.equal(await statusAt(`${Bucket}.${domain}`, '/by/host'), 200, domain);
    }
  });

  it('takes the bucket from the path where the host is that of S3 itself', async () => {
    await (await put({}, 'x', 'by/host')).text();
    for (const host of ['s3.localhost', 's3.eu-west-1.amazonaws.com', 'localhost']) {
      assert.equal(await statusAt(host, `/${Bucket}/by/host`), 200, host);
    }
  });

  it('takes a stream of unknown checksum in chunks, with the checksum behind it', async () => {
    const body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')]);
    const { ChecksumCRC32 } = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: body, ContentLength: 140_000 }),
    );
    const bytes = Buffer.concat([Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')]);
    assert.equal(ChecksumCRC32, await checksumOf('CRC32', bytes));
    assert.equal(await read('stream'), bytes.toString());
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    await object.Body?.transformToString();
    assert.equal(object.ContentEncoding, undefined);
  });

  it('takes signed chunks, keeps other encodings, and verifies the trailing checksum', async () => {
    const chunked = (checksum: string): string =>
      `3;chunk-signature=00\r\nhel\r\n2;chunk-signature=00\r\nlo\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;
    const headers = {
      'content-encoding': 'aws-chunked,gzip',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '5',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };
    assert.equal((await put(headers, chunked(await checksumOf('CRC32', HELLO)))).status, 200);
    const kept = await fetch(`${sandbox.endpoint}/${Bucket}/k`, { method: 'HEAD', headers: signedFor('s3') });
    assert.deepEqual([kept.headers.get('content-encoding'), kept.headers.get('content-length')], ['gzip', '5']);
    assert.equal(await codeOf(await put(headers, chunked('AAAAAA=='))), 'BadDigest');
    assert.equal(
      await codeOf(await put({ ...headers, 'x-amz-decoded-content-length': '6' }, chunked('x'))),
      'IncompleteBody',
    );
    assert.equal(await codeOf(await put(headers, 'ff;\r\nshort')), 'IncompleteBody');
  });

  for (const algorithm of CHECKSUM_ALGORITHMS) {
    it(`verifies ${algorithm}, and gives it back`, async () => {
      const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
      const value = await checksumOf(algorithm, HELLO);
      const done = await put({ [name]: value });
      assert.deepEqual([done.status, done.headers.get(name)], [200, value]);
      const wrong = await checksumOf(algorithm, Buffer.from('other'));
      assert.equal(await codeOf(await put({ [name]: wrong })), 'BadDigest');
      assert.equal(await codeOf(await put({ [name]: 'no checksum' })), 'InvalidRequest');
    });
  }

  it('computes checksums as others do', async () => {
    // The check values of each algorithm's catalogue entry, for the digits 1 to 9.
    const digits = Buffer.from('123456789');
    const hex = async (algorithm: ChecksumAlgorithm): Promise<string> =>
      Buffer.from(await checksumOf(algorithm, digits.subarray(0, 4), digits.subarray(4)), 'base64').toString('hex');
    assert.equal(await hex('CRC32'), 'cbf43926');
    assert.equal(await hex('CRC32C'), 'e3069283');
    assert.equal(await hex('CRC64NVME'), 'ae8b14860a799888');
  });

  it('keeps a CRC64NVME where the caller sent none', async () => {
    const done = await put({});
    assert.equal(done.headers.get('x-amz-checksum-crc64nvme'), await checksumOf('CRC64NVME', HELLO));
    const client = new S3Client({ ...optionsFor(sandbox), responseChecksumValidation: 'WHEN_SUPPORTED' });
    assert.equal(await read('k', client), 'hello');
  });

  it('refuses two checksums at once', async () => {
    const headers = {
      'x-amz-checksum-crc32': await checksumOf('CRC32', HELLO),
      'x-amz-checksum-sha1': await checksumOf('SHA1', HELLO),
    };
    assert.equal(await codeOf(await put(headers)), 'InvalidRequest');
  });

  it('verifies Content-MD5 and the hash in the signature', async () => {
    const md5 = createHash('md5').update(HELLO).digest('base64');
    assert.equal((await put({ 'content-md5': md5 })).status, 200);
    assert.equal(await codeOf(await put({ 'content-md5': md5 }, 'other')), 'BadDigest');
    assert.equal(await codeOf(await put({ 'content-md5': 'short' })), 'InvalidDigest');
    const sha256 = createHash('sha256').update(HELLO).digest('hex');
    assert.equal((await put({ 'x-amz-content-sha256': sha256 })).status, 200);
    assert.equal(await codeOf(await put({ 'x-amz-content-sha256': sha256 }, 'other')), 'XAmzContentSHA256Mismatch');
  });

  it('answers a presigned URL, with the headers it asks for', async () => {
    await put({});
    const query = new URLSearchParams({
      'X-Amz-Credential': `AKIA${ACCOUNT}/20260105/${REGION}/s3/aws4_request`,
      'response-content-type': 'text/csv',
    });
    const reply = await fetch(`${sandbox.endpoint}/${Bucket}/k?${query.toString()}`);
    assert.deepEqual([await reply.text(), reply.headers.get('content-type')], ['hello', 'text/csv']);
  });

  it('refuses what is not signed', async () => {
    const reply = await fetch(`${sandbox.endpoint}/${Bucket}/k`);
    assert.deepEqual([reply.status, await codeOf(reply)], [403, 'AccessDenied']);
  });

  it('tells sub-resources of a key from the key', async () => {
    const reply = await fetch(`${sandbox.endpoint}/${Bucket}/k?acl`, { headers: signedFor('s3') });
    assert.deepEqual([reply.status, await codeOf(reply)], [501, 'NotImplemented']);
  });

  it('has request ids, and no body in answers to HEAD', async () => {
    const reply = await fetch(`${sandbox.endpoint}/${Bucket}/nothing`, { method: 'HEAD', headers: signedFor('s3') });
    assert.equal(reply.status, 404);
    assert.match(reply.headers.get('x-amz-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(await reply.text(), '');
  });

  it('refuses a path that is no UTF-8', async () => {
    const reply = await fetch(`${sandbox.endpoint}/${Bucket}/%ff`, { headers: signedFor('s3') });
    assert.deepEqual([reply.status, await codeOf(reply)], [400, 'InvalidURI']);
    await assertRefused(read('nothing'), 'NoSuchKey', 404);
  });
});
