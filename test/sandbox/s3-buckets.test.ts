import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION, assertRefused, clientsFor, signedFor } from './edge/rig.ts';

describe('S3 buckets', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
    s3 = clientsFor(sandbox).s3;
    seedBucket(sandbox.world, { name: 'reports', account: ACCOUNT, region: REGION });
    seedBucket(sandbox.world, { name: 'foreign', account: OTHER_ACCOUNT, region: REGION });
    seedBucket(sandbox.world, { name: 'far', account: ACCOUNT, region: 'us-east-1' });
  });
  afterEach(() => sandbox.close());

  const Bucket = 'reports';
  const create = (name: string, client = s3) => client.send(new CreateBucketCommand({ Bucket: name }));

  it('are listed for their owner only, with pages, prefix and Region', async () => {
    const names = async (input: object) =>
      (await s3.send(new ListBucketsCommand(input))).Buckets?.map(({ Name }) => Name) ?? [];
    assert.deepEqual(await names({}), ['far', 'reports']);
    assert.deepEqual(await names({ Prefix: 'r' }), ['reports']);
    assert.deepEqual(await names({ BucketRegion: 'us-east-1' }), ['far']);
    const { ContinuationToken } = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    assert.deepEqual(await names({ MaxBuckets: 1, ContinuationToken }), ['reports']);
    await assertRefused(s3.send(new ListBucketsCommand({ ContinuationToken: 'x' })), 'InvalidArgument', 400);
  });

  it('are made in the Region that is asked, once, under a name nobody has', async () => {
    await create('new-one');
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: 'new-one' }));
    assert.equal(LocationConstraint, REGION);
    await assertRefused(create('new-one'), 'BucketAlreadyOwnedByYou', 409);
    await assertRefused(create('foreign'), 'BucketAlreadyExists', 409);
    await assertRefused(create('No_Name'), 'InvalidBucketName', 400);
    await assertRefused(create('10.0.0.1'), 'InvalidBucketName', 400);
  });

  it('can be made again in us-east-1, and have no location there', async () => {
    const east = clientsFor(sandbox, { region: 'us-east-1' }).s3;
    await create('far', east);
    const { LocationConstraint } = await east.send(new GetBucketLocationCommand({ Bucket: 'far' }));
    assert.equal(LocationConstraint, undefined);
  });

  it('need the location constraint of the Region that is asked', async () => {
    const put = (xml: string) =>
      fetch(`${sandbox.endpoint}/new-two`, { method: 'PUT', headers: signedFor('s3'), body: xml });
    const named = (region: string): string =>
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    assert.match(await (await put('')).text(), /<Code>IllegalLocationConstraintException</);
    assert.match(await (await put(named('us-west-2'))).text(), /<Code>IllegalLocationConstraintException</);
    assert.match(await (await put(named('atlantis'))).text(), /<Code>InvalidLocationConstraint</);
    assert.match(await (await put('<Create')).text(), /<Code>MalformedXML</);
    assert.equal((await put(named(REGION))).status, 200);
  });

  it('are found by HeadBucket, or not', async () => {
    assert.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, REGION);
    await assertRefused(s3.send(new HeadBucketCommand({ Bucket: 'nothing' })), 'NotFound', 404);
    await assertRefused(s3.send(new ListObjectsV2Command({ Bucket: 'nothing' })), 'NoSuchBucket', 404);
  });

  it('are never versioned', async () => {
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  });

  it('are closed to other accounts, and to callers who expect another owner', async () => {
    await assertRefused(s3.send(new ListObjectsV2Command({ Bucket: 'foreign' })), 'AccessDenied', 403);
    const expecting = (owner: string) => s3.send(new ListObjectsV2Command({ Bucket, ExpectedBucketOwner: owner }));
    await expecting(ACCOUNT);
    await assertRefused(expecting(OTHER_ACCOUNT), 'AccessDenied', 403);
  });

  it('of another Region redirect, and name it', async () => {
    const reply = await fetch(`${sandbox.endpoint}/far/key`, { headers: signedFor('s3'), redirect: 'manual' });
    assert.equal(reply.status, 301);
    assert.equal(reply.headers.get('x-amz-bucket-region'), 'us-east-1');
    assert.match(await reply.text(), /<Code>PermanentRedirect<.*<Endpoint>far.s3.us-east-1.amazonaws.com</);
  });

  it('are deleted when they are empty', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    await assertRefused(s3.send(new DeleteBucketCommand({ Bucket })), 'BucketNotEmpty', 409);
    await create('brief');
    await s3.send(new DeleteBucketCommand({ Bucket: 'brief' }));
    await assertRefused(s3.send(new HeadBucketCommand({ Bucket: 'brief' })), 'NotFound', 404);
  });

  it('refuse what the sandbox does not have, instead of pretending', async () => {
    await assertRefused(s3.send(new GetBucketAclCommand({ Bucket })), 'NotImplemented', 501);
    await assertRefused(
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=b' })),
      'NotImplemented',
      501,
    );
    await assertRefused(
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' })),
      'AccessControlListNotSupported',
      400,
    );
  });
});
