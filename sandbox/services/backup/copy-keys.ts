/** Which keys a copy needs: the source's, where AWS Backup does not manage its type fully, and the destination's. */
import { findKey, mayUseForCopy } from '../kms.ts';
import type { Key } from '../kms.ts';
import { AwsError } from '../../service.ts';
import type { Route } from './copy-checks.ts';
import type { Place } from './rows.ts';
import { factsOf } from './types.ts';

export function keyRefusal(route: Route): string | undefined {
  return sourceKeyRefusal(route) ?? destinationKeyRefusal(route);
}

function sourceKeyRefusal({ from, to, point }: Route): string | undefined {
  if (point.keyArn === null) return undefined;
  const key = keyOf(from, point.keyArn);
  if (key?.state !== 'Enabled') return `The key ${point.keyArn} of the source is not accessible`;
  if (from.account === to.account || factsOf(point.resourceType, point.arn).fullyManaged) return undefined;
  if (key.manager === 'AWS') {
    return `Copy job failed. ${point.resourceType} recovery points encrypted with an AWS managed key cannot be shared with another account`;
  }
  if (mayUseForCopy(from.world, key, to.account)) return undefined;
  return `Copy job failed. The key ${point.keyArn} of the source is not shared with account ${to.account}`;
}

function destinationKeyRefusal({ from, to, vault, point }: Route): string | undefined {
  if (!vault) return undefined;
  const key = keyOf(to, vault.keyArn);
  if (key?.state !== 'Enabled') return `The key ${vault.keyArn} of the destination vault is not accessible`;
  const isForeign = from.account !== to.account;
  if (!isForeign || key.manager === 'CUSTOMER' || factsOf(point.resourceType, point.arn).fullyManaged) return undefined;
  return `Copy job failed. ${point.resourceType} recovery points cannot be copied to a vault that is encrypted with the key of AWS Backup`;
}

/** Undefined: there is no such key. */
function keyOf(place: Place, arn: string): Key | undefined {
  try {
    return findKey({ ...place, region: arn.split(':')[3] ?? place.region }, arn);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
