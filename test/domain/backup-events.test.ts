import assert from 'node:assert/strict';
import fc from 'fast-check';
import { daysBetween, parseBackupEvent } from '../../domain/backup-events.ts';

const envelope = { version: '0', id: '844e2571-aa47-4cfd-8b1d-0f2a3c4b5d6e', source: 'aws.backup' };
const place = { account: '111122223333', region: 'us-west-2', time: '2020-07-15T22:08:00Z' };
const vault = 'arn:aws:backup:us-west-2:111122223333:backup-vault:nightly';
const point = 'arn:aws:backup:us-west-2:111122223333:recovery-point:8E0B1A2C';

// As AWS's guide shows them, https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
const backupJob = {
  ...envelope,
  ...place,
  'detail-type': 'Backup Job State Change',
  resources: [point],
  detail: {
    backupJobId: '1b2345b2-f22c-4dab-5eb6-bbc7890ed123',
    backupSizeInBytes: '36048',
    backupVaultArn: vault,
    backupVaultName: 'nightly',
    bytesTransferred: '36048',
    creationDate: '2020-07-15T21:40:31.207Z',
    iamRoleArn: 'arn:aws:iam::111122223333:role/MockRCBackupTestRole',
    resourceArn: 'arn:aws:service:us-west-2:111122223333:resource-type/resource-id',
    resourceType: 'EBS',
    state: 'COMPLETED',
    completionDate: '2020-07-15T21:41:05.921Z',
    startBy: '2020-07-16T05:40:31.207Z',
    percentDone: 100,
    retryCount: 3,
  },
};
const copyJob = {
  ...envelope,
  ...place,
  'detail-type': 'Copy Job State Change',
  resources: ['arn:aws:ec2:us-west-2::snapshot/snap-0source'],
  detail: {
    copyJobId: '0175DE71-5784-589F-D8AC-541ACCB4CAC8',
    backupSizeInBytes: 3221225472,
    creationDate: '2020-07-15T22:06:27.234Z',
    iamRoleArn: 'arn:aws:iam::111122223333:role/OrganizationMasterRole',
    resourceArn: 'arn:aws:ec2:us-west-2:111122223333:volume/vol-050eba21ee4d0c3fd',
    resourceType: 'EBS',
    sourceBackupVaultArn: vault,
    state: 'COMPLETED',
    completionDate: '2020-07-15T22:07:58.111Z',
    destinationBackupVaultArn: 'arn:aws:backup:us-west-2:444455556666:backup-vault:nightly',
    destinationRecoveryPointArn: 'arn:aws:ec2:us-west-2::snapshot/snap-0copy',
  },
};
const recoveryPoint = {
  ...envelope,
  ...place,
  'detail-type': 'Recovery Point State Change',
  resources: ['arn:aws:rds:us-west-2:111122223333:cluster-snapshot:awsbackup:job-d9b6'],
  detail: {
    backupVaultName: 'nightly',
    backupVaultArn: vault,
    creationDate: '2020-07-15T21:39:07.226Z',
    resourceType: 'Aurora',
    resourceArn: 'arn:aws:rds:us-west-2:111122223333:cluster:database-1',
    status: 'COMPLETED',
    isEncrypted: 'false',
    storageClass: 'WARM',
    completionDate: '2020-07-15T21:41:05.921Z',
    lifecycle: { deleteAfterDays: 100 },
    calculatedLifeCycle: { deleteAt: '2020-10-23T21:39:07.226Z' },
  },
};
const cloudTrail = {
  ...envelope,
  ...place,
  'detail-type': 'AWS Service Event via CloudTrail',
  resources: [],
  detail: {
    eventName: 'BackupJobCompleted',
    eventTime: '2020-07-15T21:41:06Z',
    serviceEventDetails: {
      backupJobId: '1b2345b2',
      backupVaultName: 'nightly',
      backupVaultArn: vault,
      resourceType: 'EBS',
      resourceArn: 'arn:aws:ec2:us-west-2:111122223333:volume/vol-1',
      recoveryPointArn: 'arn:aws:ec2:us-west-2::snapshot/snap-0source',
      state: 'COMPLETED',
      creationDate: { seconds: 1594849231, nanos: 207000000 },
    },
  },
};
const examples = [backupJob, copyJob, recoveryPoint, cloudTrail];

type Json = Record<string, unknown>;
const parse = (event: unknown) => parseBackupEvent(JSON.stringify(event));
const withDetail = (event: { readonly detail: Json }, changes: Json) => ({
  ...event,
  detail: { ...event.detail, ...changes },
});
const nightly = { account: '111122223333', region: 'us-west-2', vault: 'nightly' };

describe('what an event of AWS Backup says', () => {
  it('names the point of a completed backup job, which stands in its resources', () => {
    assert.deepEqual(parse(backupJob), {
      kind: 'point',
      ref: { ...nightly, arn: point },
      createdAt: ['2020-07-15T21:40:31.207Z'],
      state: 'COMPLETED',
    });
  });

  it('names the point of a recovery point event with its status', () => {
    const [arn] = recoveryPoint.resources;
    const createdAt = ['2020-07-15T21:39:07.226Z'];
    assert.deepEqual(parse(recoveryPoint), { kind: 'point', ref: { ...nightly, arn }, createdAt, state: 'COMPLETED' });
    const expired = parse(withDetail(recoveryPoint, { status: 'EXPIRED' }));
    assert.equal(expired.kind === 'point' && expired.state, 'EXPIRED');
  });

  it('reads the form of CloudTrail, whose dates are seconds', () => {
    const arn = 'arn:aws:ec2:us-west-2::snapshot/snap-0source';
    const createdAt = ['2020-07-15T21:40:31.000Z'];
    assert.deepEqual(parse(cloudTrail), { kind: 'point', ref: { ...nightly, arn }, createdAt, state: 'COMPLETED' });
  });

  it('names the source of a copy job, and its copy once there is one', () => {
    const [arn] = copyJob.resources;
    const hint = {
      kind: 'copyJob',
      copyJobId: '0175DE71-5784-589F-D8AC-541ACCB4CAC8',
      state: 'COMPLETED',
      destinationVaultArn: 'arn:aws:backup:us-west-2:444455556666:backup-vault:nightly',
      copyArn: 'arn:aws:ec2:us-west-2::snapshot/snap-0copy',
      message: null,
    };
    assert.deepEqual(parse(copyJob), { kind: 'copyJob', source: { ...nightly, arn }, hint });
    const begun = parse(
      withDetail(copyJob, { state: 'CREATED', copyJobId: undefined, destinationRecoveryPointArn: {} }),
    );
    assert.ok(begun.kind === 'copyJob');
    assert.deepEqual([begun.hint.copyJobId, begun.hint.copyArn, begun.hint.state], [null, null, 'CREATED']);
  });

  it('takes the account and Region of the event where only the name of a vault is told', () => {
    const told = parse(withDetail(backupJob, { backupVaultArn: undefined }));
    assert.deepEqual(told.kind === 'point' && told.ref, { ...nightly, arn: point });
  });

  it('tells each day on which a job that lasted over midnight may have created its point', () => {
    assert.deepEqual(daysBetween('2026-03-01T23:50:00.000Z', '2026-03-03T00:10:00.000Z'), [
      '2026-03-01T23:50:00.000Z',
      '2026-03-02T00:00:00.000Z',
      '2026-03-03T00:00:00.000Z',
    ]);
    assert.deepEqual(daysBetween('2026-03-01T10:00:00.000Z', '2026-03-01T11:00:00.000Z'), ['2026-03-01T10:00:00.000Z']);
  });

  it('ignores what says nothing of a usable point', () => {
    const events = [
      withDetail(backupJob, { state: 'FAILED' }),
      withDetail(backupJob, { state: 'RUNNING' }),
      { ...backupJob, 'detail-type': 'Backup Vault State Change', detail: { isLocked: 'true' } },
      { ...backupJob, 'detail-type': 'Restore Job State Change' },
      { ...backupJob, source: 'aws.ec2' },
      withDetail(cloudTrail, { eventName: 'CopyJobStarted' }),
      withDetail(cloudTrail, { serviceEventDetails: { ...cloudTrail.detail.serviceEventDetails, state: 'FAILED' } }),
    ];
    assert.deepEqual(
      events.map((event) => parse(event).kind),
      events.map(() => 'ignored'),
    );
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', 'hello', /is not a JSON object: "hello"/],
    ['an array', '[]', /is not a JSON object/],
    ['no envelope', '{"Records":[]}', /no source and detail-type/],
    ['no recovery point', JSON.stringify({ ...backupJob, resources: [] }), /does not name the recovery point/],
    ['an object for the point', JSON.stringify({ ...backupJob, resources: [{}] }), /does not name the recovery point/],
    ['no state', JSON.stringify(withDetail(backupJob, { state: undefined })), /without a state/],
    [
      'no vault',
      JSON.stringify(withDetail(backupJob, { backupVaultArn: {}, backupVaultName: '' })),
      /names no vault of arn:aws:backup/,
    ],
    ['no date', JSON.stringify(withDetail(recoveryPoint, { creationDate: 'soon' })), /does not say when/],
    [
      'no vault of the source',
      JSON.stringify(withDetail(copyJob, { sourceBackupVaultArn: {} })),
      /without a sourceBackupVaultArn/,
    ],
    ['no source', JSON.stringify({ ...copyJob, resources: null }), /does not name the recovery point that is copied/],
  ];
  for (const [what, body, why] of broken)
    it(`says what is wrong with an event with ${what}`, () => {
      const told = parseBackupEvent(body);
      assert.ok(told.kind === 'malformed', told.kind);
      assert.match(told.why, why);
    });

  it('answers whatever it is given', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, {}, [], '', 0, null, true));
    const keys = fc.constantFrom('source', 'detail-type', 'resources', 'account', 'region', 'detail');
    const details = fc.constantFrom(...new Set(examples.flatMap(({ detail }) => Object.keys(detail))));
    const mutated = fc
      .tuple(fc.constantFrom<Json>(...examples), fc.dictionary(keys, odd), fc.dictionary(details, odd))
      .map(([event, outer, inner]) => {
        const detail = { ...(event['detail'] as Json), ...inner };
        return JSON.stringify({ ...event, detail, ...outer });
      });
    const kinds = new Set(['point', 'copyJob', 'ignored', 'malformed']);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (body) => kinds.has(parseBackupEvent(body).kind)),
      { numRuns: 2000 },
    );
  });
});
