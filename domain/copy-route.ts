/** What stands in the way of a copy before it is started: what AWS would say hours later, and in fewer words. */
import { capabilityOf } from './backup-types.ts';
import { keyObstacles } from './copy-keys.ts';
import { vaultArn } from './custody.ts';
import type { Lifecycle, Obstacle, PointFacts, VaultRef } from './custody.ts';
import { impossibleWay } from './custody-legs.ts';
import { answerOf, deniesOutright } from './resource-policy.ts';
import { coldDaysOf } from './retention-arithmetic.ts';
import { targetName } from './target.ts';

const HOUR_MS = 3_600_000;

/** What the worker's role may not read is not known, and never an obstacle: AWS decides when the copy is made. */
export type Known<Value> = Value | 'notReadable';

/** A vault lock in force. */
export interface VaultLock {
  readonly minRetentionDays: number | null;
  readonly maxRetentionDays: number | null;
  /** From then on nobody can take it off; null: whoever is allowed to can, at any time (governance mode). */
  readonly lockDate: string | null;
}

export interface VaultFacts {
  /** `BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, … */
  readonly type: string;
  /** `AVAILABLE` is usable; AWS leaves it out for old vaults. */
  readonly state: string | null;
  readonly keyArn: string | null;
  /** Null: it has none. */
  readonly lock: VaultLock | null;
}

export interface KeyFacts {
  readonly arn: string;
  /** `AWS`: its policy is AWS's own, and lets no other account use it. */
  readonly manager: 'AWS' | 'CUSTOMER';
  /** `Enabled` is usable. */
  readonly state: string;
  /** As AWS has it, JSON. */
  readonly policy: Known<string>;
}

/** What an activity reads for one hop. */
export interface RouteFacts {
  /** The destination's; null: there is none. */
  readonly vault: Known<VaultFacts | null>;
  /** The destination vault's, JSON; null: it has none. */
  readonly accessPolicy: Known<string | null>;
  /** `o-…`; null: the account is in none. */
  readonly organizations: { readonly source: Known<string | null>; readonly destination: Known<string | null> };
  /** The organization's setting isCrossAccountBackupEnabled. */
  readonly crossAccount: Known<boolean>;
  /** Whether the Region's settings have AWS Backup look after the type. */
  readonly optedIn: { readonly source: Known<boolean>; readonly destination: Known<boolean> };
  /** Of the point that is copied; null: it is not encrypted. */
  readonly sourceKey: Known<KeyFacts | null>;
  /** Of the destination vault. */
  readonly destinationKey: Known<KeyFacts | null>;
  /** The role that StartCopyJob names, in the source's account. */
  readonly backupRoleArn: string;
}

export interface RouteCheck {
  /** The point that is copied: of a second hop, the first one's copy. */
  readonly facts: PointFacts;
  readonly to: VaultRef;
  /** Of the copy; null: as the point's. */
  readonly lifecycle: Lifecycle | null;
  readonly route: RouteFacts;
  /** AWS's time. */
  readonly now: string;
}

/** Everything that stands in the way, as far as it can be read; empty: nothing does. */
export function routeObstacles(check: RouteCheck): Obstacle[] {
  const impossible = wayObstacle(check);
  // No mending of the rest would help.
  if (impossible) return [impossible];
  return [
    pointObstacle(check),
    ...organizationObstacles(check),
    ...optInObstacles(check),
    vaultObstacle(check),
    policyObstacle(check),
    ...lockObstacles(check),
    ...keyObstacles(check),
    expiryObstacle(check),
  ].filter((each) => each !== null);
}

const obstacle = (
  code: Obstacle['code'],
  message: string,
  remedy: string,
  statement: string | null = null,
): Obstacle => ({
  code,
  message,
  remedy,
  statement,
});

/** What goes, or cools, sooner would do so while it is copied. */
const A_COPY_TAKES_HOURS = 4;
const isDue = (at: string, now: string): boolean => Date.parse(at) <= Date.parse(now) + A_COPY_TAKES_HOURS * HOUR_MS;

function pointObstacle({ facts, now }: RouteCheck): Obstacle | null {
  const { arn } = facts.ref;
  if (facts.isContinuous) {
    return obstacle(
      'continuous',
      `${arn} is continuous: AWS copies none`,
      'have a periodic recovery point made, and copy that',
    );
  }
  const coldAt = coldDaysOf(facts, facts.lifecycle) === null ? null : facts.moveToColdAt;
  if (facts.storageClass !== 'COLD' && (coldAt === null || !isDue(coldAt, now))) return null;
  const isAhead = facts.storageClass !== 'COLD' && coldAt !== null && coldAt > now;
  const since = coldAt === null ? '' : ` (since ${coldAt})`;
  return obstacle(
    'cold',
    `${arn} ${isAhead ? `moves to cold storage at ${coldAt}, while it would be copied` : `is in cold storage${since}`}: AWS copies nothing out of it`,
    'restore it, back the resource up anew and copy that; next time, copy before the move to cold storage',
  );
}

function wayObstacle({ facts, to }: RouteCheck): Obstacle | null {
  const capability = capabilityOf(facts);
  const impossible = impossibleWay(facts, to, capability);
  if (impossible !== null) {
    return obstacle('unsupported', impossible, 'name another destination in the rule, or release the custody');
  }
  const isDiagonal = facts.ref.account !== to.account && facts.ref.region !== to.region;
  if (!isDiagonal || capability?.bothAtOnce.value !== 'no') return null;
  return obstacle(
    'unsupported',
    `AWS Backup does not copy the type ${facts.resourceType} into another account and another Region by one job (${capability.bothAtOnce.source})`,
    `copy it into ${to.account}/${facts.ref.region} first, and from there to ${targetName(to)}`,
  );
}

const isForeign = ({ facts, to }: RouteCheck): boolean => facts.ref.account !== to.account;

function organizationObstacles(check: RouteCheck): (Obstacle | null)[] {
  if (!isForeign(check)) return [];
  const { facts, to, route } = check;
  const { source, destination } = route.organizations;
  const isKnown = source !== 'notReadable' && destination !== 'notReadable';
  const inNone = (id: string | null): string => (id === null ? 'none' : id);
  return [
    isKnown && (source === null || source !== destination)
      ? obstacle(
          'organization',
          `AWS copies between accounts of one organization only: ${facts.ref.account} is in ${inNone(source)}, ${to.account} in ${inNone(destination)}`,
          'bring both accounts into the same organization, or name a destination in it',
        )
      : null,
    route.crossAccount === false
      ? obstacle(
          'crossAccountOff',
          'copies between accounts are switched off in the organization (isCrossAccountBackupEnabled is false)',
          'in the management account: aws backup update-global-settings --global-settings isCrossAccountBackupEnabled=true',
        )
      : null,
  ];
}

function optInObstacles({ facts, to, route }: RouteCheck): Obstacle[] {
  const { resourceType } = facts;
  const sides = [
    { place: targetName(facts.ref), optedIn: route.optedIn.source },
    { place: targetName(to), optedIn: route.optedIn.destination },
  ];
  const off = [...new Set(sides.filter(({ optedIn }) => optedIn === false).map(({ place }) => place))];
  return off.map((place) =>
    obstacle(
      'optedOut',
      `AWS Backup is not opted in to the type ${resourceType} in ${place}`,
      `in ${place}: aws backup update-region-settings --resource-type-opt-in-preference '${JSON.stringify({ [resourceType]: true })}'`,
    ),
  );
}

function vaultObstacle({ to, route: { vault } }: RouteCheck): Obstacle | null {
  if (vault === 'notReadable') return null;
  if (vault === null) {
    const wanted = `the vault ${to.vault} is not there in ${targetName(to)}`;
    return obstacle('noVault', wanted, `make it, with a customer-managed key, or name another one in the rule`);
  }
  if (vault.type === 'RESTORE_ACCESS_BACKUP_VAULT') {
    return obstacle(
      'noVault',
      `${vaultArn(to)} is a vault for restores only`,
      'name a vault that takes copies in the rule',
    );
  }
  if (vault.state === null || vault.state === 'AVAILABLE') return null;
  return obstacle(
    'noVault',
    `the vault ${vaultArn(to)} is ${vault.state}`,
    'wait until it is AVAILABLE, or name another one',
  );
}

const COPY_INTO = 'backup:CopyIntoBackupVault';

function policyObstacle(check: RouteCheck): Obstacle | null {
  const { facts, to, route } = check;
  const { accessPolicy: policy, organizations } = route;
  if (policy === 'notReadable' || route.vault === null) return null;
  const organization = organizations.source === 'notReadable' ? null : organizations.source;
  const caller = { account: facts.ref.account, roleArns: [route.backupRoleArn], organization };
  const asked = { action: COPY_INTO, resourceArn: vaultArn(to), caller };
  // Within an account its roles' own policies allow it, unless the vault's denies it.
  const isRefused = isForeign(check) ? answerOf(policy, asked) === 'denied' : deniesOutright(policy, asked);
  if (!isRefused) return null;
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${facts.ref.account}:root` },
    Action: COPY_INTO,
    Resource: '*',
  };
  return obstacle(
    'vaultPolicy',
    `the access policy of ${vaultArn(to)} does not let ${facts.ref.account} (role ${route.backupRoleArn}) copy into it`,
    `add the statement to the vault’s access policy in ${targetName(to)}, and take away what denies ${COPY_INTO} there`,
    JSON.stringify(statement),
  );
}

function lockObstacles({ facts, to, lifecycle, route: { vault } }: RouteCheck): Obstacle[] {
  if (vault === 'notReadable' || !vault?.lock) return [];
  const { minRetentionDays: min, maxRetentionDays: max } = vault.lock;
  const days = (lifecycle ?? facts.lifecycle).deleteAfterDays;
  const isShort = min !== null && days !== null && days < min;
  const isLong = max !== null && (days === null || days > max);
  if (!isShort && !isLong) return [];
  const kept = days === null ? 'without an end' : `for ${days} days`;
  const allowed = [min === null ? '' : `at least ${min}`, max === null ? '' : `at most ${max}`].filter(Boolean);
  return [
    obstacle(
      'lock',
      `the copy is to be kept ${kept}, and the lock of ${vaultArn(to)} takes ${allowed.join(' and ')} days: AWS would fail the copy job`,
      `set the leg’s lifecycle so that deleteAfterDays is ${allowed.join(' and ')}`,
    ),
  ];
}

function expiryObstacle({ facts, lifecycle, now }: RouteCheck): Obstacle | null {
  const { deleteAt } = facts;
  if (deleteAt === null) return null;
  if (isDue(deleteAt, now)) {
    const message = `${facts.ref.arn} is to be deleted at ${deleteAt}: it may go before the copy is made, for which ${A_COPY_TAKES_HOURS} hours are needed`;
    return obstacle('expiresTooSoon', message, 'have AWS Backup keep it longer, then resume; or release the custody');
  }
  if ((lifecycle ?? facts.lifecycle).deleteAfterDays !== null) return null;
  return obstacle(
    'expiresTooSoon',
    `the copy is to be kept without an end, and ${facts.ref.arn} is deleted at ${deleteAt}: AWS gives such a copy the date of its source`,
    'set the leg’s deleteAfterDays to a number, 36500 at the most, or let the original be kept without an end',
  );
}
