import assert from 'node:assert/strict';
import { legsOf, routeOf } from '../../domain/custody-legs.ts';
import type { LegRule, PointFacts } from '../../domain/custody.ts';
import {
  BACKUP_ACCOUNT,
  BACKUP_VAULT,
  day,
  FAR_VAULT,
  legRule,
  lifecycle,
  NOW,
  point,
  rule,
  SOURCE_ACCOUNT,
  SOURCE_VAULT,
} from '../rig/custody-facts.ts';

const to = (region: string, changes: Partial<LegRule['destination']> = {}): Pick<LegRule, 'destination'> => ({
  destination: { account: BACKUP_ACCOUNT, region, alternateRegion: null, vault: null, ...changes },
});
const places = (changes: Partial<LegRule>, facts: PointFacts = point()) => routeOf(legRule(changes), facts).places;

describe('routeOf', () => {
  it('takes the vault of the same name, unless the rule names one', () => {
    assert.deepEqual(places(to('eu-central-1')), [BACKUP_VAULT]);
    assert.deepEqual(places(to('eu-central-1', { vault: 'copies' })), [{ ...BACKUP_VAULT, vault: 'copies' }]);
  });

  it('takes the alternate Region where the point lies in that Region already', () => {
    const leg = to('eu-central-1', { alternateRegion: 'eu-west-1' });
    assert.deepEqual(places(leg), [FAR_VAULT]);
    const elsewhere = point({ ref: { ...SOURCE_VAULT, region: 'us-east-1', arn: 'arn:a' } });
    assert.deepEqual(places(leg, elsewhere), [BACKUP_VAULT]);
  });

  it('copies into another account and Region by one job where AWS allows it for the type', () => {
    for (const resourceType of ['EBS', 'RDS', 'Aurora', 'EFS', 'DynamoDB', 'S3']) {
      assert.deepEqual(places(to('eu-west-1'), point({ resourceType })), [FAR_VAULT], resourceType);
    }
  });

  it('falls back to two hops where AWS is not known to allow it, and says so with the source', () => {
    const route = routeOf(legRule(to('eu-west-1')), point({ resourceType: 'Timestream' }));
    assert.deepEqual(route.places, [BACKUP_VAULT, FAR_VAULT]);
    assert.equal(
      route.why,
      'first 444455556666/eu-central-1, then 444455556666/eu-west-1: AWS Backup is not known to copy the type Timestream ' +
        'into another account and another Region by one job ' +
        '(https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html, 2026-11-21)',
    );
  });

  it('takes two hops where the rule asks for them, and one where they would be the same', () => {
    assert.deepEqual(places({ ...to('eu-west-1'), route: 'twoHop' }), [BACKUP_VAULT, FAR_VAULT]);
    assert.deepEqual(places({ ...to('eu-central-1'), route: 'twoHop' }), [BACKUP_VAULT]);
    assert.deepEqual(places({ ...to('eu-west-1', { account: SOURCE_ACCOUNT }), route: 'twoHop' }), [
      { ...SOURCE_VAULT, region: 'eu-west-1' },
    ]);
  });

  it('says what AWS cannot copy at all, not even into a vault beside it', () => {
    const facts = point({ resourceType: 'Redshift' });
    const beside = legRule(to('eu-central-1', { account: SOURCE_ACCOUNT, vault: 'beside' }));
    assert.match(
      routeOf(beside, facts).impossible ?? '',
      /does not copy such recovery points of the type Redshift anywhere/,
    );
    assert.equal(routeOf(beside, point()).impossible, null);
  });

  it('says that a point is not copied into the vault that it lies in', () => {
    const leg = legRule(to('eu-central-1', { account: SOURCE_ACCOUNT }));
    assert.match(routeOf(leg, point()).impossible ?? '', /lies in the vault .*:backup-vault:nightly already/);
  });
});

describe('legsOf', () => {
  it('begins each copy job at its check, from where it is known to begin', () => {
    const far = legRule({ name: 'far', ...to('eu-west-1'), route: 'twoHop', deadlineHours: 48 });
    const [near, two] = legsOf(rule({ legs: [legRule(), far] }), point(), NOW);
    assert.equal(near?.deadlineAt, day(1));
    assert.equal(two?.deadlineAt, day(2));
    assert.deepEqual(
      two?.hops.map(({ from, to: place, step, attempt }) => [from?.arn, place, step, attempt]),
      [
        [point().ref.arn, BACKUP_VAULT, 'check', 1],
        [undefined, FAR_VAULT, 'check', 1],
      ],
    );
  });

  it('keeps copies as long as the original was kept when the custody began, unless the rule says otherwise', () => {
    const legs = [legRule({ name: 'same' }), legRule({ name: 'longer', lifecycle: lifecycle(400, 30) })];
    const kept = legsOf(rule({ legs }), point(), NOW).map(({ hops }) => hops[0]?.lifecycle);
    assert.deepEqual(kept, [lifecycle(35), lifecycle(400, 30)]);
  });

  it('keeps out of cold storage what lies on the way, as AWS copies nothing out of it', () => {
    const leg = legRule({ ...to('eu-west-1'), route: 'twoHop', lifecycle: lifecycle(400, 30) });
    const [made] = legsOf(rule({ legs: [leg] }), point(), NOW);
    assert.deepEqual(
      made?.hops.map((hop) => hop.lifecycle),
      [lifecycle(400), lifecycle(400, 30)],
    );
  });
});
