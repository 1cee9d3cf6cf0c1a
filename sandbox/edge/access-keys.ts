import type { World } from '../service.ts';
import { accountOfForeignKey } from './credential-scope.ts';

/** A key that STS handed out. */
export interface AccessKey {
  readonly id: string;
  readonly account: string;
  readonly roleName: string;
  readonly roleId: string;
  readonly sessionName: string;
  /**
   * Milliseconds since the epoch on the machine's own clock, not the virtual one: the SDKs compare a key's expiry with
   * the clock of the machine they run on, and would go on with a key that the virtual clock has long ended.
   */
  readonly expiresAtReal: number;
}

export function accessKeys(world: World) {
  return world.store.table<AccessKey>('*', '*', 'access-keys');
}

export function accountOf(world: World, accessKeyId: string): string {
  return accessKeys(world).get(accessKeyId)?.account ?? accountOfForeignKey(accessKeyId);
}

export function isExpired(world: World, accessKeyId: string): boolean {
  const key = accessKeys(world).get(accessKeyId);
  return key !== undefined && key.expiresAtReal <= Date.now();
}
