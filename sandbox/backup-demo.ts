/** A vault as one meets it in the morning: what can be copied, what cannot, what is to be left alone, and what is to come. */
import { BACKUP_WORLD, seedBackupWorld, seedPoints, type PointsSpec } from './backup-world.ts';
import type { World } from './service.ts';
import { findKey } from './services/kms.ts';

const { account, region } = BACKUP_WORLD;
const snapshot = (number: number): string =>
  `arn:aws:ec2:${region}::snapshot/snap-0aaaa${String(number).padStart(12, '0')}`;
const volume = (number: number): string =>
  `arn:aws:ec2:${region}:${account}:volume/vol-0aaaa${String(number).padStart(12, '0')}`;

export const BACKUP_DEMO = {
  /** Nothing stands in its way. */
  snapshotArn: snapshot(1),
  /** Encrypted with AWS's own key for EBS, which no other account can be let use. */
  blockedSnapshotArn: snapshot(2),
} as const;

/** Some hours ago. */
const LAST_NIGHT = 0.15;

/** The two accounts with their vaults, and a dozen recovery points in that of the source. */
export function seedBackupDemo(world: World): void {
  seedBackupWorld(world);
  const keyArn = findKey({ world, account, region }, 'alias/aws/ebs').arn;
  const tags = { Env: 'Prod' };
  const nightly: readonly PointsSpec[] = [
    { count: 1, arn: BACKUP_DEMO.snapshotArn, resourceArn: volume(1), sizeGib: 40, tags },
    { count: 1, arn: BACKUP_DEMO.blockedSnapshotArn, resourceArn: volume(2), sizeGib: 8, tags, keyArn },
    { count: 1, arn: snapshot(3), resourceArn: volume(3), sizeGib: 100, tags: { Env: 'Scratch' } },
    { count: 2, type: 'RDS', sizeGib: 60, tags },
    { count: 1, type: 'DynamoDB', sizeGib: 5, tags },
    { count: 1, type: 'EFS', sizeGib: 20, tags },
    { count: 1, type: 'Aurora', outcome: 'AVAILABLE', sizeGib: 30, tags },
  ];
  for (const spec of nightly) seedPoints(world, { ageDays: LAST_NIGHT, ...spec });
  seedPoints(world, { count: 1, type: 'EFS', sizeGib: 20, tags, ageDays: 1 + LAST_NIGHT });
  // Copies count their days from the creation of this one: some are used up.
  seedPoints(world, { count: 1, arn: snapshot(4), resourceArn: volume(4), sizeGib: 16, tags, ageDays: 32 });
  // Events tell of them, and of no other.
  seedPoints(world, { count: 1, arn: snapshot(5), resourceArn: volume(5), sizeGib: 10, tags });
  seedPoints(world, { count: 2, type: 'DynamoDB', sizeGib: 1, tags, completeWithinMinutes: 240 });
}
