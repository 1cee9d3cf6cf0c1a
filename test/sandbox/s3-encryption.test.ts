import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { KeySeed } from '../../sandbox/services/kms.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, REGION, assertRefused, clientsFor } from './edge/rig.ts';

const Bucket = 'reports';
const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`;
const KMS = { ServerSideEncryption: 'aws:kms' } as const;

describe('S3 with KMS', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  beforeEach(async () => {
    sandbox = await startSandbox();
    s3 = clientsFor(sandbox).s3;
    seedBucket(sandbox.world, { name: Bucket, account: ACCOUNT, region: REGION });
    seed({ aliases: ['alias/reports'] });
  });
  afterEach(() => sandbox.close());

  const seed = (changes: Partial<KeySeed>) =>
    seedKey(sandbox.world, { account: ACCOUNT, region: REGION, keyId: KEY_ID, ...changes });
  const put = (input: object) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'secret', ...input }));

  it('says which key an object has, by its ARN, whatever it was called', async () => {
    for (const SSEKMSKeyId of [KEY_ID, ARN, 'alias/reports']) {
      const done = await put({ ...KMS, SSEKMSKeyId, BucketKeyEnabled: true, SSEKMSEncryptionContext: 'e30=' });
      assert.deepEqual([done.SSEKMSKeyId, done.SSEKMSEncryptionContext], [ARN, 'e30=']);
      const object = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
      assert.deepEqual(
        [object.ServerSideEncryption, object.SSEKMSKeyId, object.BucketKeyEnabled],
        ['aws:kms', ARN, true],
      );
    }
  });

  it("takes AWS's own key where none is named", async () => {
    const { SSEKMSKeyId } = await put(KMS);
    assert.match(SSEKMSKeyId ?? '', new RegExp(`^arn:aws:kms:${REGION}:${ACCOUNT}:key/`));
    assert.notEqual(SSEKMSKeyId, ARN);
  });

  it('gives ETags that are no MD5 of the bytes', async () => {
    const { ETag } = await put({ ...KMS, SSEKMSKeyId: KEY_ID });
    assert.notEqual(ETag, `"${createHash('md5').update('secret').digest('hex')}"`);
  });

  it('refuses keys that are not there, disabled or about to be deleted', async () => {
    await assertRefused(put({ ...KMS, SSEKMSKeyId: 'nothing' }), 'KMS.NotFoundException', 400);
    seed({ state: 'Disabled' });
    await assertRefused(put({ ...KMS, SSEKMSKeyId: KEY_ID }), 'KMS.DisabledException', 400);
    seed({ state: 'PendingDeletion' });
    await assertRefused(put({ ...KMS, SSEKMSKeyId: KEY_ID }), 'KMS.KMSInvalidStateException', 400);
  });

  it('refuses to read what a disabled key protects', async () => {
    await put({ ...KMS, SSEKMSKeyId: KEY_ID });
    seed({ state: 'Disabled' });
    await assertRefused(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })), 'KMS.DisabledException', 400);
  });

  it('refuses a key without the encryption it belongs to', async () => {
    await assertRefused(put({ SSEKMSKeyId: KEY_ID }), 'InvalidArgument', 400);
  });

  it('is set once for a multipart upload, and told with each part', async () => {
    const upload = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'm', ...KMS, SSEKMSKeyId: 'alias/reports' }),
    );
    assert.equal(upload.SSEKMSKeyId, ARN);
    const part = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'm', UploadId: upload.UploadId, PartNumber: 1, Body: 'x' }),
    );
    assert.deepEqual([part.ServerSideEncryption, part.SSEKMSKeyId], ['aws:kms', ARN]);
  });
});
