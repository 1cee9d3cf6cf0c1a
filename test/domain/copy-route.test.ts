import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  routeObstacles,
  type KeyFacts,
  type RouteCheck,
  type RouteFacts,
  type VaultFacts,
} from '../../domain/copy-route.ts';
import type { Obstacle, PointFacts } from '../../domain/custody.ts';
import {
  BACKUP_ACCOUNT,
  BACKUP_VAULT,
  day,
  FAR_VAULT,
  key,
  keyArn,
  lifecycle,
  NOW,
  ORGANIZATION,
  point,
  route,
  SOURCE_ACCOUNT,
  SOURCE_VAULT,
  vaultPolicy,
} from '../rig/custody-facts.ts';

const check = (changes: Partial<RouteCheck> = {}): RouteCheck => ({
  facts: point(),
  to: BACKUP_VAULT,
  lifecycle: lifecycle(35),
  route: route(),
  now: NOW,
  ...changes,
});
const obstacles = (changes: Partial<RouteCheck> = {}): Obstacle[] => routeObstacles(check(changes));
const onTheWay = (changes: Partial<RouteFacts>, others: Partial<RouteCheck> = {}): Obstacle[] =>
  obstacles({ ...others, route: route(changes) });
/** The only one that there is. */
function only(found: readonly Obstacle[], code: Obstacle['code']): Obstacle {
  assert.deepEqual(
    found.map((each) => each.code),
    [code],
  );
  const [first] = found;
  assert.ok(first && first.message !== '' && first.remedy !== '');
  return first;
}
const vault = (changes: Partial<VaultFacts>): { vault: VaultFacts } => ({
  vault: { type: 'BACKUP_VAULT', state: 'AVAILABLE', keyArn: keyArn(BACKUP_VAULT), lock: null, ...changes },
});
const locked = (min: number | null, max: number | null) =>
  vault({ lock: { minRetentionDays: min, maxRetentionDays: max, lockDate: null } });
/** Into another Region of the source's own account. */
const within = (changes: Partial<RouteFacts>): Obstacle[] => {
  const to = { ...SOURCE_VAULT, region: 'eu-west-1' };
  return onTheWay({ destinationKey: key(to, SOURCE_ACCOUNT), ...changes }, { to });
};
const managed = (arn: string): KeyFacts => ({ arn, manager: 'AWS', state: 'Enabled', policy: 'notReadable' });
const efs: Partial<PointFacts> = { resourceType: 'EFS' };

describe('routeObstacles', () => {
  it('finds nothing where all is as it should be', () => {
    assert.deepEqual(obstacles(), []);
  });

  describe('of the point', () => {
    it('names a continuous one', () => {
      only(obstacles({ facts: point({ isContinuous: true }) }), 'continuous');
    });

    it('names one in cold storage, or due there', () => {
      only(obstacles({ facts: point({ storageClass: 'COLD', lifecycle: lifecycle(365, 30) }) }), 'cold');
      only(obstacles({ facts: point({ createdAt: day(-30), lifecycle: lifecycle(365, 30) }) }), 'cold');
      assert.deepEqual(obstacles({ facts: point({ createdAt: day(-29), lifecycle: lifecycle(365, 30) }) }), []);
      // AWS ignores the setting for a database.
      assert.deepEqual(
        obstacles({ facts: point({ resourceType: 'RDS', createdAt: day(-30), lifecycle: lifecycle(365, 30) }) }),
        [],
      );
    });

    it('names one that is to be deleted by now', () => {
      only(obstacles({ facts: point({ createdAt: day(-35) }) }), 'expiresTooSoon');
      assert.deepEqual(obstacles({ facts: point({ createdAt: day(-34) }) }), []);
    });

    it('names one that goes, or cools, within the four hours that a copy may take', () => {
      const bound = Date.parse(NOW) + 4 * 3_600_000;
      const at = (time: number): string => new Date(time).toISOString();
      const soon = only(obstacles({ facts: { ...point(), deleteAt: at(bound) } }), 'expiresTooSoon');
      assert.ok(soon.message.includes(at(bound)));
      assert.deepEqual(obstacles({ facts: { ...point(), deleteAt: at(bound + 1) } }), []);
      const cooling = (time: number): PointFacts => ({
        ...point({ lifecycle: lifecycle(365, 30) }),
        moveToColdAt: at(time),
      });
      assert.match(only(obstacles({ facts: cooling(bound) }), 'cold').message, /moves to cold storage at .*, while it/);
      assert.deepEqual(obstacles({ facts: cooling(bound + 1) }), []);
    });

    it('names a copy without an end of one that has an end, as AWS would give it that one’s', () => {
      only(obstacles({ lifecycle: lifecycle(null) }), 'expiresTooSoon');
      assert.deepEqual(obstacles({ lifecycle: lifecycle(null), facts: point({ lifecycle: lifecycle(null) }) }), []);
      assert.deepEqual(obstacles({ lifecycle: lifecycle(36_500) }), []);
    });

    it('names a type that AWS does not copy that way', () => {
      only(obstacles({ facts: point({ resourceType: 'Redshift' }) }), 'unsupported');
      only(obstacles({ to: SOURCE_VAULT }), 'unsupported');
    });
  });

  describe('of the accounts', () => {
    it('names those that are in no organization, or in two', () => {
      only(
        onTheWay({ organizations: { source: 'o-other', destination: 'o-third' }, accessPolicy: 'notReadable' }),
        'organization',
      );
      const none = only(
        onTheWay({ organizations: { source: null, destination: ORGANIZATION }, accessPolicy: 'notReadable' }),
        'organization',
      );
      assert.match(none.message, /111122223333 is in none, 444455556666 in o-a1b2c3d4e5/);
      assert.deepEqual(within({ organizations: { source: 'o-1', destination: 'o-2' } }), []);
    });

    it('names the setting that is off', () => {
      const off = only(onTheWay({ crossAccount: false }), 'crossAccountOff');
      assert.match(off.remedy, /isCrossAccountBackupEnabled=true/);
      assert.deepEqual(within({ crossAccount: false }), []);
    });

    it('names the Region that is not opted in, on either side', () => {
      const there = only(onTheWay({ optedIn: { source: true, destination: false } }), 'optedOut');
      assert.match(there.message, /type EBS in 444455556666\/eu-central-1/);
      only(onTheWay({ optedIn: { source: false, destination: true } }), 'optedOut');
    });
  });

  describe('of the destination vault', () => {
    it('names one that is not there, or not to be copied into', () => {
      assert.match(
        only(onTheWay({ vault: null }), 'noVault').message,
        /vault nightly is not there in 444455556666\/eu-central-1/,
      );
      only(onTheWay(vault({ state: 'CREATING' })), 'noVault');
      only(onTheWay(vault({ type: 'RESTORE_ACCESS_BACKUP_VAULT' })), 'noVault');
      assert.deepEqual(onTheWay(vault({ state: null })), []);
    });

    it('names an access policy that does not let the account copy, with a statement that would', () => {
      for (const accessPolicy of [
        null,
        vaultPolicy({ Effect: 'Deny' }),
        vaultPolicy({ Principal: { AWS: '999900001111' } }),
      ]) {
        const refused = only(onTheWay({ accessPolicy }), 'vaultPolicy');
        const mended = JSON.stringify({ Statement: [JSON.parse(refused.statement ?? '')] });
        assert.deepEqual(onTheWay({ accessPolicy: mended }), []);
        assert.match(refused.message, /role arn:aws:iam::111122223333:role\/service-role\/AWSBackupDefaultServiceRole/);
      }
    });

    it('asks no policy within an account, unless it denies the copy', () => {
      assert.deepEqual(within({ accessPolicy: null }), []);
      only(within({ accessPolicy: vaultPolicy({ Effect: 'Deny' }) }), 'vaultPolicy');
    });

    it('names the retention that its lock does not take', () => {
      const short = only(onTheWay(locked(60, 400)), 'lock');
      assert.match(short.message, /for 35 days, .*backup-vault:nightly takes at least 60 and at most 400 days/);
      only(onTheWay(locked(null, 30)), 'lock');
      only(onTheWay(locked(null, 30), { lifecycle: null }), 'lock');
      const forEver = { lifecycle: lifecycle(null), facts: point({ lifecycle: lifecycle(null) }) };
      only(onTheWay(locked(null, 400), forEver), 'lock');
      assert.deepEqual(onTheWay(locked(60, null), forEver), []);
      assert.deepEqual(onTheWay(locked(35, 35)), []);
      assert.deepEqual(onTheWay(locked(null, null)), []);
    });
  });

  describe('of the keys', () => {
    it('names an AWS-managed source key, which no other account can use', () => {
      const refused = only(onTheWay({ sourceKey: managed(keyArn(SOURCE_VAULT)) }), 'key');
      assert.match(refused.message, /AWS-managed key arn:aws:kms:eu-central-1:111122223333:key\//);
      assert.match(refused.message, /444455556666/);
      assert.match(refused.remedy, /vol-0data with a customer-managed key/);
      assert.deepEqual(onTheWay({ sourceKey: managed('arn:k') }, { facts: point(efs) }), []);
      assert.deepEqual(within({ sourceKey: managed('arn:k') }), []);
    });

    it('names an AWS-managed key of the destination vault where the type is not fully managed', () => {
      const refused = only(onTheWay({ destinationKey: managed(keyArn(BACKUP_VAULT)) }), 'key');
      assert.match(refused.message, /of the vault nightly in 444455556666\/eu-central-1 is AWS-managed/);
      assert.deepEqual(onTheWay({ destinationKey: managed('arn:k') }, { facts: point(efs) }), []);
      assert.deepEqual(within({ destinationKey: managed('arn:k') }), []);
      const plain = { facts: point({ isEncrypted: false, encryptionKeyArn: null }) };
      assert.deepEqual(onTheWay({ sourceKey: null, destinationKey: managed('arn:k') }, plain), []);
    });

    for (const state of ['Disabled', 'PendingDeletion']) {
      it(`names a key that is ${state}`, () => {
        only(onTheWay({ sourceKey: { ...key(SOURCE_VAULT, SOURCE_ACCOUNT, BACKUP_ACCOUNT), state } }), 'key');
        only(onTheWay({ destinationKey: { ...key(BACKUP_VAULT, BACKUP_ACCOUNT), state } }), 'key');
      });
    }

    it('names a source key that the destination’s account may not use, with statements that would let it', () => {
      const own = key(SOURCE_VAULT, SOURCE_ACCOUNT);
      const refused = only(onTheWay({ sourceKey: own }), 'key');
      assert.match(refused.message, /does not let 444455556666 .*kms:Decrypt/);
      const statements = [JSON.parse(own.policy), { Statement: JSON.parse(refused.statement ?? '') }];
      const policy = JSON.stringify({
        Statement: statements.flatMap((each: { Statement: object[] }) => each.Statement),
      });
      assert.deepEqual(onTheWay({ sourceKey: { ...own, policy } }), []);
      assert.deepEqual(onTheWay({ sourceKey: own }, { facts: point(efs) }), []);
      assert.deepEqual(within({ sourceKey: own }), []);
    });

    it('lets other accounts make grants only for services of AWS', () => {
      const [use, grant] = JSON.parse(
        only(onTheWay({ sourceKey: key(SOURCE_VAULT, SOURCE_ACCOUNT) }), 'key').statement ?? '',
      ) as {
        Action: string | string[];
        Condition?: object;
      }[];
      assert.ok(use && grant);
      assert.ok(!use.Action.includes('kms:CreateGrant'));
      assert.deepEqual(grant.Condition, { Bool: { 'kms:GrantIsForAWSResource': 'true' } });
    });

    it('names a source key that its own account may not use', () => {
      const refused = only(onTheWay({ sourceKey: key(SOURCE_VAULT, BACKUP_ACCOUNT) }), 'key');
      assert.match(refused.message, /does not let 111122223333 \(role .*AWSBackupDefaultServiceRole\)/);
    });

    it('names a destination key that its own account may not use', () => {
      const refused = only(onTheWay({ destinationKey: key(BACKUP_VAULT, SOURCE_ACCOUNT) }), 'key');
      assert.match(
        refused.message,
        /does not let 444455556666 \(role .*AWSServiceRoleForBackup\).*kms:GenerateDataKey/,
      );
    });
  });

  it('tells all at once', () => {
    const found = onTheWay({ crossAccount: false, vault: null, optedIn: { source: false, destination: true } });
    assert.deepEqual(found.map(({ code }) => code).toSorted(), ['crossAccountOff', 'noVault', 'optedOut']);
  });

  it('never takes for an obstacle what could not be read', () => {
    const known: RouteFacts = {
      ...route({ organizations: { source: null, destination: null }, crossAccount: false, accessPolicy: null }),
      optedIn: { source: false, destination: false },
      ...locked(100, 200),
      sourceKey: managed('arn:k'),
      destinationKey: { ...managed('arn:k'), state: 'Disabled' },
    };
    assert.ok(onTheWay(known).length > 5);
    const parts = [
      'vault',
      'accessPolicy',
      'crossAccount',
      'sourceKey',
      'destinationKey',
      'organizations',
      'optedIn',
    ] as const;
    const unread = { source: 'notReadable', destination: 'notReadable' } as const;
    fc.assert(
      fc.property(fc.subarray([...parts]), (hidden) => {
        const without = Object.fromEntries(
          hidden.map((part) => [part, part === 'organizations' || part === 'optedIn' ? unread : 'notReadable']),
        );
        const before = new Set(onTheWay(known).map(({ message }) => message));
        const after = onTheWay({ ...known, ...without });
        assert.ok(after.every(({ message }) => before.has(message)));
        if (hidden.length === parts.length) assert.deepEqual(after, []);
      }),
    );
  });

  it('judges a diagonal copy by the destination’s own Region', () => {
    const far = {
      vault: { ...vault({}).vault, keyArn: keyArn(FAR_VAULT) },
      destinationKey: key(FAR_VAULT, BACKUP_ACCOUNT),
    };
    assert.deepEqual(onTheWay(far, { to: FAR_VAULT }), []);
  });
});
