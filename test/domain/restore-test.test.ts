import assert from 'node:assert/strict';
import {
  placeProblem,
  RESTORE_TEST_NAME,
  restoredProblem,
  restoreMetadata,
  restoreTestName,
  type RestoredFacts,
  type RestoreTestInput,
} from '../../domain/restore-test.ts';

const vault = { account: '111122223333', region: 'eu-central-1', vault: 'nightly' };
const place = { availabilityZone: 'eu-central-1a', subnetGroup: 'tests', securityGroups: [], instanceClass: null };
const test: RestoreTestInput = {
  policy: 'nightly',
  vault,
  resourceType: 'RDS',
  pick: 'newest',
  isolated: place,
  check: { kind: 'aws' },
  timeoutMinutes: 60,
  backupRole: 'role',
  evidence: { target: vault, place: { bucket: 'b', prefix: '', kmsKeyArn: null } },
  operatorTopicArn: null,
};
const point = {
  arn: 'arn:p',
  resourceArn: 'arn:r',
  createdAt: '2026-03-01T00:00:00Z',
  sizeBytes: 100,
  isEncrypted: true,
};
const restored: RestoredFacts = {
  arn: 'arn:n',
  state: 'available',
  isAvailable: true,
  isPending: false,
  sizeBytes: 100,
  isEncrypted: true,
  isPublic: false,
};
describe('what a restore test asks of AWS', () => {
  const kept = {
    DBInstanceIdentifier: 'orders',
    DBSubnetGroupName: 'production',
    AvailabilityZone: 'eu-central-1a',
    PubliclyAccessible: 'true',
    MultiAZ: 'true',
    DeletionProtection: 'true',
    VpcSecurityGroupIds: '["sg-production"]',
    Engine: 'postgres',
  };

  it('of an instance is another name and place, reached by nobody and deletable, and all else as it was', () => {
    const isolated = { ...place, securityGroups: ['sg-1'], instanceClass: 'db.t4g.small' };
    assert.deepEqual(restoreMetadata({ ...test, isolated }, kept, 'new'), {
      Engine: 'postgres',
      DBInstanceIdentifier: 'new',
      DBSubnetGroupName: 'tests',
      PubliclyAccessible: 'false',
      MultiAZ: 'false',
      DeletionProtection: 'false',
      VpcSecurityGroupIds: '["sg-1"]',
      DBInstanceClass: 'db.t4g.small',
    });
  });

  it('of a volume is its zone, of a table its name', () => {
    const volume = restoreMetadata({ ...test, resourceType: 'EBS' }, { volumeSize: '8', encrypted: 'true' }, 'new');
    assert.deepEqual(volume, { volumeSize: '8', encrypted: 'true', availabilityZone: 'eu-central-1a' });
    const table = restoreMetadata({ ...test, resourceType: 'DynamoDB' }, { encryptionType: 'KMS' }, 'new');
    assert.deepEqual(table, { encryptionType: 'KMS', targetTableName: 'new' });
  });

  it('never takes an instance into the security groups of production', () => {
    assert.equal(restoreMetadata(test, kept, 'new')['VpcSecurityGroupIds'], undefined);
  });

  it('lacks a zone or a subnet group only where the type needs it', () => {
    const nowhere = { ...place, availabilityZone: null, subnetGroup: null };
    const problem = (resourceType: RestoreTestInput['resourceType']) =>
      placeProblem({ resourceType, isolated: nowhere });
    assert.match(problem('EBS') ?? '', /availabilityZone/);
    assert.match(problem('RDS') ?? '', /subnetGroup/);
    assert.equal(problem('DynamoDB'), null);
    assert.equal(placeProblem(test), null);
  });

  it('has a name that no two runs share, within what all services take', () => {
    const [one, other] = ['0197f6f0-aaaa-7bbb-8ccc-0123456789ab', '0197f6f0-aaaa-7bbb-8ccd-0123456789ab'];
    assert.notEqual(restoreTestName(one), restoreTestName(other));
    assert.match(restoreTestName(one), new RegExp(`^${RESTORE_TEST_NAME}[0-9a-f]{20,32}$`));
    assert.ok(restoreTestName(one).length <= 63);
  });
});

describe('AWS’s check of what was restored', () => {
  it('is passed by what is available, private, as large and as encrypted', () => {
    assert.equal(restoredProblem(point, restored), null);
    assert.equal(restoredProblem(point, { ...restored, sizeBytes: null, isEncrypted: null }), null);
    assert.equal(restoredProblem({ ...point, isEncrypted: false }, { ...restored, isEncrypted: false }), null);
  });

  for (const [what, facts, told] of [
    ['is not there', null, /does not exist/],
    ['is in another state', { ...restored, state: 'failed', isAvailable: false }, /is failed, not available/],
    ['is smaller', { ...restored, sizeBytes: 99 }, /has 99 bytes, and its recovery point 100/],
    ['is not encrypted though its point is', { ...restored, isEncrypted: false }, /not encrypted/],
    ['can be reached by everybody', { ...restored, isPublic: true }, /reached by everybody/],
  ] as const) {
    it(`is not passed by what ${what}`, () => assert.match(restoredProblem(point, facts) ?? '', told));
  }
});
