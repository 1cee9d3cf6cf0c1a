import assert from 'node:assert/strict';
import { BACKUP_TYPES, capabilityOf, coldOf } from '../../domain/backup-types.ts';
import { SOURCE_ACCOUNT, SOURCE_VAULT, point } from '../rig/custody-facts.ts';

const of = (resourceType: string, arn: string, resourceArn = 'arn:aws:any') =>
  capabilityOf({ resourceType, resourceArn, ref: { ...SOURCE_VAULT, arn } });

describe('the table of resource types', () => {
  it('says of each cell where and when it was read', () => {
    for (const [type, capability] of Object.entries(BACKUP_TYPES)) {
      for (const [name, { value, source, date }] of Object.entries(capability)) {
        assert.match(source, /^https:\/\/docs\.aws\.amazon\.com\//, `${type} ${name}`);
        assert.match(date, /^\d{4}-\d\d-\d\d$/, `${type} ${name}`);
        assert.ok(['yes', 'no', 'unknown'].includes(value), `${type} ${name}`);
      }
    }
  });

  it('has what AWS Backup encrypts by its vaults’ keys among those with ARNs of its own', () => {
    for (const [type, { fullyManaged, ownArn }] of Object.entries(BACKUP_TYPES)) {
      if (fullyManaged.value === 'yes') assert.equal(ownArn.value, 'yes', type);
    }
  });

  it('knows the two DynamoDBs by the ARNs of their recovery points', () => {
    const standard = of('DynamoDB', `arn:aws:dynamodb:eu-central-1:${SOURCE_ACCOUNT}:table/orders/backup/01-2`);
    const advanced = of('DynamoDB', `arn:aws:backup:eu-central-1:${SOURCE_ACCOUNT}:recovery-point:1`);
    assert.equal(standard?.crossAccount.value, 'no');
    assert.equal(advanced?.crossAccount.value, 'yes');
  });

  it('knows the clusters of RDS, and the volumes of ONTAP, that AWS Backup does not copy', () => {
    const instance = `arn:aws:rds:eu-central-1:${SOURCE_ACCOUNT}:db:orders`;
    const cluster = `arn:aws:rds:eu-central-1:${SOURCE_ACCOUNT}:cluster:orders`;
    assert.equal(of('RDS', 'arn:aws:rds:a', instance)?.crossRegion.value, 'yes');
    assert.equal(of('RDS', 'arn:aws:rds:a', cluster)?.crossRegion.value, 'no');
    assert.equal(of('Aurora', 'arn:aws:rds:a', cluster)?.crossRegion.value, 'yes');
    const volume = `arn:aws:fsx:eu-central-1:${SOURCE_ACCOUNT}:volume/fs-1/fsvol-1`;
    assert.equal(of('FSx', 'arn:aws:fsx:a', volume)?.crossAccount.value, 'no');
    assert.equal(
      of('FSx', 'arn:aws:fsx:a', `arn:aws:fsx:eu-central-1:${SOURCE_ACCOUNT}:file-system/fs-1`)?.crossAccount.value,
      'yes',
    );
  });

  it('does not know other types', () => {
    assert.equal(of('Mainframe', 'arn:aws:backup:a'), null);
  });
});

describe('coldOf', () => {
  it('has EBS in cold storage only where somebody opted in', () => {
    assert.equal(coldOf(point(), { optInToArchive: true }), 'yes');
    assert.equal(coldOf(point(), { optInToArchive: false }), 'no');
    assert.equal(coldOf(point({ resourceType: 'EFS' }), { optInToArchive: false }), 'yes');
  });

  it('takes for possible what is not known', () => {
    assert.equal(coldOf(point({ resourceType: 'Timestream' }), { optInToArchive: false }), 'unknown');
    assert.equal(coldOf(point({ resourceType: 'Mainframe' }), { optInToArchive: false }), 'unknown');
  });
});
