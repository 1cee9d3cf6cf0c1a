import assert from 'node:assert/strict';
import { copyFailureOf } from '../../domain/copy-failure.ts';
import type { ObstacleCode } from '../../domain/custody.ts';

const hop = {
  from: {
    account: '111122223333',
    region: 'eu-central-1',
    vault: 'nightly',
    arn: 'arn:aws:ec2:eu-central-1::snapshot/snap-1',
  },
  to: { account: '444455556666', region: 'eu-west-1', vault: 'nightly' },
  jobId: 'JOB-1',
  jobState: 'FAILED',
};

const BLOCKED: readonly (readonly [string, ObstacleCode])[] = [
  ['Access Denied trying to call AWS Backup service', 'vaultPolicy'],
  [
    'Access denied: Copy job failed. Both source and destination account must be a member of the same organization',
    'organization',
  ],
  ['Copy job failed. Cross-account backup is not enabled for the organization', 'crossAccountOff'],
  ['Copy job failed. Resource type EBS is not opted in for account 4 in eu-west-1', 'optedOut'],
  ['The key arn:aws:kms:eu-central-1:1:key/k of the source is not accessible', 'key'],
  ['Copy job failed. EBS recovery points encrypted with an AWS managed key cannot be shared', 'key'],
  [
    'The recovery point is kept for 35 days, which is less than the minimum retention of 60 days of the vault lock',
    'lock',
  ],
  ['Feature is not supported for provided resource type.', 'unsupported'],
  ['The backup vault nightly does not exist', 'noVault'],
  ['You have reached the limit of recovery points', 'quota'],
  ['AccessDenied: the role is not authorized to perform backup:StartCopyJob', 'accessDenied'],
  ['Something that nobody has seen', 'copyFailed'],
];

describe('a copy job that failed', () => {
  it('is told with what a person can do, by what AWS says', () => {
    for (const [message, code] of BLOCKED) {
      const failure = copyFailureOf(hop, message);
      assert.equal(failure.kind === 'blocked' && failure.obstacle.code, code, message);
      assert.ok(failure.kind === 'blocked' && failure.obstacle.message.includes(message));
    }
  });

  it('is made again where AWS’s trouble may pass', () => {
    for (const message of [
      'Internal failure',
      'Service is currently unavailable',
      'Rate exceeded',
      'Please try again',
    ]) {
      assert.equal(copyFailureOf(hop, message).kind, 'passing', message);
    }
  });

  it('is a person’s where AWS gives no reason, or only a part was copied', () => {
    assert.equal(copyFailureOf(hop, null).kind, 'blocked');
    assert.equal(copyFailureOf({ ...hop, jobState: 'PARTIAL' }, 'Internal failure').kind, 'blocked');
  });
});
