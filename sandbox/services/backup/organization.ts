/** Which Organization an account is in, as far as AWS Backup asks. */
import type { World } from '../../service.ts';

interface Membership {
  readonly organizationId: string;
  readonly managementAccount: string;
}

const memberships = (world: World) => world.store.table<Membership>('*', '*', 'backup.memberships');

export function seedMembership(world: World, account: string, membership: Membership): void {
  memberships(world).set(account, membership);
}

export const organizationIdOf = (world: World, account: string): string | undefined =>
  memberships(world).get(account)?.organizationId;

export const managementAccountOf = (world: World, account: string): string | undefined =>
  memberships(world).get(account)?.managementAccount;
