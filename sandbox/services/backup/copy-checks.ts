/** Why a copy job fails. AWS takes the call and says so in the job only. */
import type { World } from '../../service.ts';
import { isCrossAccountOn, isOptedIn } from './account-settings.ts';
import { keyRefusal } from './copy-keys.ts';
import { organizationIdOf } from '../organizations.ts';
import type { Lifecycle, Place, Point, Vault } from './rows.ts';
import { settingsOf } from './settings.ts';
import { factsOf } from './types.ts';
import { lockRefusal } from './vault-locks.ts';
import { vaultAllows } from './vault-policies.ts';

export interface Route {
  readonly from: Place;
  readonly to: Place;
  /** Null: it is not there. */
  readonly vault: Vault | null;
  readonly vaultName: string;
  readonly point: Point;
  /** As the copy would have it. */
  readonly lifecycle: Lifecycle;
}

/** The first thing that stands in a copy's way, as its status message; undefined: nothing does. */
export function copyRefusal(route: Route): string | undefined {
  for (const check of [membership, support, optIn, destination, keyRefusal, lock]) {
    const refusal = check(route);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function membership({ from, to }: Route): string | undefined {
  if (from.account === to.account) return undefined;
  if (!areTogether(from.world, from.account, to.account)) {
    return 'Access denied: Copy job failed. Both source and destination account must be a member of the same organization';
  }
  if (isCrossAccountOn(from.world, from.account)) return undefined;
  return 'Copy job failed. Cross-account backup is not enabled for the organization';
}

function areTogether(world: World, one: string, other: string): boolean {
  const organization = organizationIdOf(world, one);
  return organization !== undefined && organization === organizationIdOf(world, other);
}

function support({ from, to, point }: Route): string | undefined {
  const facts = factsOf(point.resourceType, point.arn);
  const isAbroad = from.region !== to.region;
  const isForeign = from.account !== to.account;
  const isDone =
    (!isAbroad || facts.crossRegion) &&
    (!isForeign || facts.crossAccount) &&
    (!(isAbroad && isForeign) || settingsOf(from).bothAtOnce.includes(point.resourceType));
  if (isDone) return undefined;
  return (
    `Copy job from ${from.region} to ${to.region} cannot be initiated for ${point.resourceType} resources. ` +
    'Feature is not supported for provided resource type.'
  );
}

function optIn({ from, to, point }: Route): string | undefined {
  const place = [from, to].find((where) => !isOptedIn(where, point.resourceType));
  if (!place) return undefined;
  return `Copy job failed. Resource type ${point.resourceType} is not opted in for account ${place.account} in ${place.region}`;
}

function destination({ from, to, vault, vaultName }: Route): string | undefined {
  const isLetIn = from.account === to.account || vaultAllows(to, vaultName, 'backup:CopyIntoBackupVault', from.account);
  return vault && isLetIn ? undefined : 'Access Denied trying to call AWS Backup service';
}

const lock = ({ vault, lifecycle }: Route): string | undefined => lockRefusal(vault?.lock ?? null, lifecycle);
