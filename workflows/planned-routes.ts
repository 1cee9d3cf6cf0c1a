/** What the ways of copies are like that are not begun yet, read anew. */
import type { RouteFacts } from '../domain/copy-route.ts';
import type { Hop, PointFacts, VaultRef } from '../domain/custody.ts';
import { vaultKeyOf } from '../domain/planned-way.ts';
import { backupReads } from './activities.ts';

/** One after the other: what a second hop copies is encrypted with the key of the first one's vault. */
export async function plannedRoutes(
  backupRole: string,
  facts: PointFacts,
  hops: readonly Hop[],
): Promise<RouteFacts[]> {
  const routes: RouteFacts[] = [];
  let from: VaultRef = facts.ref;
  for (const { to } of hops) {
    const keyArn = vaultKeyOf(routes.at(-1)) ?? facts.encryptionKeyArn;
    const { account, region } = from;
    routes.push(
      await backupReads.describeRoute({
        from: { account, region },
        to,
        resourceType: facts.resourceType,
        keyArn,
        backupRole,
        fresh: true,
      }),
    );
    from = to;
  }
  return routes;
}
