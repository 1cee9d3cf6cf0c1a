/** Vaults and points that are there from the start. */
import type { World } from '../../service.ts';
import { findKey } from '../kms.ts';
import { uuidFrom } from '../uuid.ts';
import { tellBackupJob, tellPoint } from './events.ts';
import { asTaken, DAY_MS } from './lifecycle.ts';
import type { BackupJob, Creator, Lifecycle, Outcome, Place, Point, Vault, VaultLock } from './rows.ts';
import { backupJobs, points, vaults } from './rows.ts';
import { settingsOf } from './settings.ts';
import { factsOf, pointArnOf } from './types.ts';

export interface VaultSeed {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** @default the key of AWS Backup */
  readonly keyArn?: string | undefined;
  readonly policy?: object | undefined;
  readonly lock?: VaultLock | undefined;
}

export function seedVault(world: World, seed: VaultSeed): Vault {
  const place = { world, account: seed.account, region: seed.region };
  const vault: Vault = {
    name: seed.name,
    createdAt: world.clock.now() - 400 * DAY_MS,
    keyArn: seed.keyArn ?? findKey(place, 'alias/aws/backup').arn,
    creatorRequestId: null,
    policy: seed.policy === undefined ? null : JSON.stringify(seed.policy),
    lock: seed.lock ?? null,
    tags: {},
  };
  vaults(place).set(vault.name, vault);
  return vault;
}

export interface PointSeed {
  readonly account: string;
  readonly region: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly resourceType: string;
  readonly resourceName?: string;
  /** @default as AWS forms it */
  readonly arn?: string;
  /** Virtual milliseconds. @default so long ago that it ends now */
  readonly createdAt?: number;
  /** Virtual milliseconds; one ahead: it is CREATING until then. @default as long after its creation as a backup takes */
  readonly endsAt?: number;
  /** @default 1 */
  readonly sizeGib?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly lifecycle?: Partial<Lifecycle>;
  /** A plan made it, and this is its id. @default made on demand */
  readonly planId?: string;
  /** `AVAILABLE`: a continuous one. @default 'COMPLETED' */
  readonly outcome?: Outcome;
  /** @default that of the vault, for types that AWS Backup manages fully; else none */
  readonly keyArn?: string | null;
  readonly isParent?: boolean;
  readonly parentArn?: string;
  /** Its deletion is answered with 200, and it ends EXPIRED. */
  readonly undeletable?: boolean;
  /** Whether AWS tells of it. @default when it ends now or later */
  readonly told?: boolean;
}

const ROLE = 'service-role/AWSBackupDefaultServiceRole';

/** Puts a recovery point into a vault, with the job that made it. */
export function seedPoint(world: World, seed: PointSeed): Point {
  const place = { world, account: seed.account, region: seed.region };
  const random = world.random(`backup/seed/${seed.account}/${seed.region}/${points(place).all.length}`);
  const arn = seed.arn ?? pointArnOf(place, seed.resourceType, 'job', random);
  const { createdAt, endsAt } = timesOf(place, seed);
  const lifecycle = { coldAfterDays: null, deleteAfterDays: null, archive: false, ...seed.lifecycle };
  const point = points(place).add({
    arn,
    vault: seed.vault,
    resourceArn: seed.resourceArn,
    resourceType: seed.resourceType,
    resourceName: seed.resourceName ?? null,
    createdAt,
    beganAt: createdAt,
    endsAt,
    outcome: seed.outcome ?? 'COMPLETED',
    statusMessage: null,
    sizeBytes: (seed.sizeGib ?? 1) * 2 ** 30,
    lifecycle: asTaken(lifecycle, seed.resourceType, arn),
    lifecycleSetAt: createdAt,
    keyArn: seed.keyArn === undefined ? usualKey(place, seed, arn) : seed.keyArn,
    createdBy: seed.planId === undefined ? null : creatorOf(seed.planId),
    sourceVaultArn: null,
    isParent: seed.isParent ?? false,
    parentArn: seed.parentArn ?? null,
    roleArn: `arn:aws:iam::${seed.account}:role/${ROLE}`,
    undeletable: seed.undeletable ?? false,
    deletedAt: null,
    tags: { ...seed.tags },
  });
  const job = jobOf(point, uuidFrom(random).toUpperCase());
  backupJobs(place).add(job);
  if (seed.told ?? endsAt >= world.clock.now()) {
    tellBackupJob(place, job);
    tellPoint(place, point, point.outcome, endsAt);
  }
  return point;
}

function timesOf(place: Place, { createdAt, endsAt, sizeGib = 1 }: PointSeed): { createdAt: number; endsAt: number } {
  const { base, perGib } = settingsOf(place).backupSeconds;
  const takes = (base + perGib * sizeGib) * 1000;
  const end = endsAt ?? (createdAt === undefined ? place.world.clock.now() : createdAt + takes);
  return { createdAt: createdAt ?? end - takes, endsAt: end };
}

function usualKey(place: Place, { vault, resourceType }: PointSeed, arn: string): string | null {
  return factsOf(resourceType, arn).fullyManaged ? (vaults(place).get(vault)?.keyArn ?? null) : null;
}

const creatorOf = (planId: string): Creator => ({ planId, planVersion: 'MWRmYTYyNDUt', ruleId: `${planId}-rule` });

function jobOf(point: Point, id: string): BackupJob {
  return {
    id,
    createdAt: point.createdAt,
    startsAt: point.createdAt,
    endsAt: point.endsAt,
    ends: point.outcome === 'PARTIAL' ? 'PARTIAL' : 'COMPLETED',
    message: null,
    resourceArn: point.resourceArn,
    resourceType: point.resourceType,
    sizeBytes: point.sizeBytes,
    roleArn: point.roleArn,
    vault: point.vault,
    pointArn: point.arn,
    startBy: point.createdAt + 8 * 3_600_000,
    lifecycle: point.lifecycle,
    createdBy: point.createdBy,
    isParent: point.isParent,
    parentJobId: null,
  };
}
