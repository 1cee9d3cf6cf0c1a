import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { checksumOf } from '../../sandbox/checksums.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, REGION, assertRefused, optionsFor } from './edge/rig.ts';

const Bucket = 'reports';
const Key = 'big';
const FULL = Buffer.alloc(5 * 1024 * 1024, 'a');
const REST = Buffer.from('the end');

describe('S3 multipart uploads', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  /** Sends checksums only where they are asked for. */
  let plain: S3Client;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
    sandbox.clock.pause();
    s3 = new S3Client(optionsFor(sandbox));
    plain = new S3Client({ ...optionsFor(sandbox), requestChecksumCalculation: 'WHEN_REQUIRED' });
    seedBucket(sandbox.world, { name: Bucket, account: ACCOUNT, region: REGION });
  });
  afterEach(() => sandbox.close());

  const begin = async (input: object = {}): Promise<string> => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
    return UploadId ?? assert.fail('no upload id');
  };
  const send = async (
    UploadId: string,
    PartNumber: number,
    Body: Buffer,
    { client = s3, ...input }: { client?: S3Client } & Record<string, unknown> = {},
  ): Promise<CompletedPart> => {
    const part = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...input }));
    const checksums = Object.entries(part).filter(([name]) => name.startsWith('Checksum'));
    return { PartNumber, ETag: part.ETag, ...Object.fromEntries(checksums) };
  };
  const complete = (
    UploadId: string,
    Parts: readonly CompletedPart[],
    input: Partial<CompleteMultipartUploadCommandInput> = {},
  ) =>
    s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [...Parts] }, ...input }),
    );

  it('join their parts into one object, dated from their start', async () => {
    const id = await begin({ ContentType: 'text/plain', Metadata: { run: '1' } });
    const parts = [await send(id, 1, FULL), await send(id, 3, REST)];
    sandbox.clock.step(60_000);
    const { ETag } = await complete(id, parts);
    const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();
    const joined = createHash('md5')
      .update(Buffer.concat([md5(FULL), md5(REST)]))
      .digest('hex');
    assert.equal(ETag, `"${joined}-2"`);
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    assert.ok(bytes.equals(Buffer.concat([FULL, REST])));
    assert.deepEqual([object.ContentType, object.Metadata], ['text/plain', { run: '1' }]);
    assert.equal(object.LastModified?.toISOString(), '2026-01-05T08:00:00.000Z');
  });

  it('are gone when complete: asked again, a lost reply reads NoSuchUpload', async () => {
    const id = await begin();
    const parts = [await send(id, 1, REST)];
    await complete(id, parts);
    await assertRefused(complete(id, parts), 'NoSuchUpload', 404);
  });

  it('leave no object when aborted', async () => {
    const id = await begin();
    await send(id, 1, REST);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }));
    await assertRefused(send(id, 2, REST), 'NoSuchUpload', 404);
    await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key })), 'NotFound', 404);
    await assertRefused(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id })), 'NoSuchUpload', 404);
  });

  it('belong to one key', async () => {
    const id = await begin();
    await assertRefused(s3.send(new ListPartsCommand({ Bucket, Key: 'other', UploadId: id })), 'NoSuchUpload', 404);
  });

  it('take a part sent again in place of the first', async () => {
    const id = await begin();
    const first = await send(id, 1, FULL);
    const second = await send(id, 1, REST);
    await assertRefused(complete(id, [first]), 'InvalidPart', 400);
    await complete(id, [second]);
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength, REST.length);
  });

  it('need parts of 5 MiB but for the last, in ascending order, that were sent', async () => {
    const id = await begin();
    const [small, full] = [await send(id, 1, REST), await send(id, 2, FULL)];
    await assertRefused(complete(id, [small, full]), 'EntityTooSmall', 400);
    await assertRefused(complete(id, [full, small]), 'InvalidPartOrder', 400);
    await assertRefused(complete(id, [full, full]), 'InvalidPartOrder', 400);
    await assertRefused(complete(id, [{ ...small, PartNumber: 3 }]), 'InvalidPart', 400);
    await assertRefused(complete(id, [{ ...small, ETag: '"00"' }]), 'InvalidPart', 400);
    await assertRefused(complete(id, []), 'MalformedXML', 400);
  });

  it('have part numbers from 1 to 10,000', async () => {
    const id = await begin();
    for (const number of [0, 10_001]) await assertRefused(send(id, number, REST), 'InvalidArgument', 400);
    await send(id, 10_000, REST);
  });

  it('compare the size that is said with the size that came', async () => {
    const id = await begin();
    const parts = [await send(id, 1, REST)];
    await assertRefused(complete(id, parts, { MpuObjectSize: 1 }), 'InvalidRequest', 400);
    await complete(id, parts, { MpuObjectSize: REST.length });
  });

  it('end only where no object is, when asked so', async () => {
    const [first, second] = [await begin(), await begin()];
    await complete(first, [await send(first, 1, REST)], { IfNoneMatch: '*' });
    const parts = [await send(second, 1, REST)];
    await assertRefused(complete(second, parts, { IfNoneMatch: '*' }), 'PreconditionFailed', 412);
  });

  it('are listed, with their parts, page by page', async () => {
    const [first, second] = [await begin(), await begin()];
    await begin({ Key: 'a/b' });
    for (const number of [2, 1]) await send(first, number, REST);
    const page = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: first, MaxParts: 1 }));
    assert.deepEqual([page.Parts?.[0]?.PartNumber, page.IsTruncated], [1, true]);
    const next = await s3.send(
      new ListPartsCommand({ Bucket, Key, UploadId: first, PartNumberMarker: page.NextPartNumberMarker }),
    );
    assert.deepEqual([next.Parts?.map(({ PartNumber }) => PartNumber), next.IsTruncated], [[2], false]);

    const uploads = async (input: object) => s3.send(new ListMultipartUploadsCommand({ Bucket, ...input }));
    const two = await uploads({ MaxUploads: 2 });
    assert.deepEqual(
      two.Uploads?.map((upload) => upload.Key),
      ['a/b', Key],
    );
    assert.equal(two.Uploads?.[1]?.UploadId, first);
    const last = await uploads({ KeyMarker: two.NextKeyMarker, UploadIdMarker: two.NextUploadIdMarker });
    assert.deepEqual(
      last.Uploads?.map(({ UploadId }) => UploadId),
      [second],
    );
    assert.deepEqual((await uploads({ Delimiter: '/' })).CommonPrefixes, [{ Prefix: 'a/' }]);
  });

  describe('with checksums', () => {
    it('have the checksum of their parts’ checksums, for a hash', async () => {
      const id = await begin({ ChecksumAlgorithm: 'SHA256' });
      const options = { ChecksumAlgorithm: 'SHA256' };
      const parts = [await send(id, 1, FULL, options), await send(id, 2, REST, options)];
      const { ChecksumSHA256, ChecksumType } = await complete(id, parts);
      const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
      const joined = createHash('sha256')
        .update(Buffer.concat([sha256(FULL), sha256(REST)]))
        .digest('base64');
      assert.deepEqual([ChecksumSHA256, ChecksumType], [`${joined}-2`, 'COMPOSITE']);
    });

    it('have the checksum of the whole, for a CRC when asked so, and always for CRC64NVME', async () => {
      for (const input of [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }, {}] as const) {
        const id = await begin(input);
        const parts = [await send(id, 1, FULL, { client: plain }), await send(id, 2, REST, { client: plain })];
        const done = await complete(id, parts);
        assert.equal(done.ChecksumType, 'FULL_OBJECT');
        const algorithm = 'ChecksumAlgorithm' in input ? 'CRC32' : 'CRC64NVME';
        assert.equal(done[`Checksum${algorithm}`], await checksumOf(algorithm, FULL, REST));
      }
    });

    it('refuse combinations that AWS does not have', async () => {
      await assertRefused(begin({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }), 'InvalidRequest', 400);
      await assertRefused(begin({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }), 'InvalidRequest', 400);
    });

    it('refuse parts with another checksum, or none', async () => {
      const id = await begin({ ChecksumAlgorithm: 'SHA256' });
      await assertRefused(send(id, 1, REST, { ChecksumAlgorithm: 'CRC32' }), 'InvalidRequest', 400);
      await assertRefused(send(id, 1, REST, { client: plain }), 'InvalidRequest', 400);
    });

    it('refuse to complete without the checksum of each part', async () => {
      const id = await begin({ ChecksumAlgorithm: 'SHA256' });
      const { PartNumber, ETag } = await send(id, 1, REST, { ChecksumAlgorithm: 'SHA256' });
      await assertRefused(complete(id, [{ PartNumber, ETag }]), 'InvalidRequest', 400);
    });

    it('take a part for another when the SDK sent a checksum nobody listed', async () => {
      const id = await begin();
      const part = await send(id, 1, REST);
      assert.ok(part.ChecksumCRC32);
      await assertRefused(complete(id, [{ PartNumber: 1, ETag: part.ETag }]), 'InvalidPart', 400);
      await complete(id, [part]);
    });

    it('compare the checksum that is said of the whole', async () => {
      const id = await begin({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
      const parts = [await send(id, 1, REST)];
      await assertRefused(complete(id, parts, { ChecksumCRC32: 'AAAAAA==' }), 'BadDigest', 400);
      await complete(id, parts, { ChecksumCRC32: await checksumOf('CRC32', REST) });
    });
  });

  it('can fail within a reply of 200, as a rule asks', async () => {
    const id = await begin();
    const parts = [await send(id, 1, REST)];
    sandbox.faults.add({ kind: 'error', operation: 'CompleteMultipartUpload', status: 200, count: 1 });
    await assert.rejects(complete(id, parts), { name: 'InternalError' });
    await complete(id, parts);
  });
});
