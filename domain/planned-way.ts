/** What stands in the way of copies that are not begun yet: of each hop, as if the one before it had ended well. */
import { routeObstacles, type RouteFacts } from './copy-route.ts';
import type { Hop, Obstacle, PointFacts } from './custody.ts';
import { coldAtOf, coldDaysOf, deleteAtOf } from './retention-arithmetic.ts';

export interface PlannedWay {
  /** What the first hop copies. */
  readonly facts: PointFacts;
  readonly hops: readonly Hop[];
  /** What was read of the way, by hop; a hop of which nothing was read has no obstacles. */
  readonly routes: readonly RouteFacts[];
  /** AWS's time. */
  readonly now: string;
}

export const plannedObstacles = ({ facts, hops, routes, now }: PlannedWay): Obstacle[] =>
  hops.flatMap(({ to, lifecycle }, index) => {
    const route = routes[index];
    if (route === undefined) return [];
    return routeObstacles({ facts: copiedFacts(facts, hops, index, routes), to, lifecycle, route, now });
  });

/** What the copy job of a hop would begin with: of the second, the first one's copy. */
function copiedFacts(
  facts: PointFacts,
  hops: readonly Hop[],
  index: number,
  routes: readonly RouteFacts[],
): PointFacts {
  const before = hops[index - 1];
  if (!before) return facts;
  const lifecycle = before.lifecycle ?? facts.lifecycle;
  return {
    ...facts,
    ref: { ...before.to, arn: facts.ref.arn },
    lifecycle,
    encryptionKeyArn: vaultKeyOf(routes[index - 1]) ?? facts.encryptionKeyArn,
    moveToColdAt: coldDaysOf(facts, lifecycle) === null ? null : coldAtOf(facts.createdAt, lifecycle),
    deleteAt: deleteAtOf(facts.createdAt, lifecycle),
    storageClass: 'WARM',
  };
}

/** Null: it could not be read, or there is none. */
export const vaultKeyOf = (route: RouteFacts | undefined): string | null =>
  route === undefined || route.vault === 'notReadable' ? null : (route.vault?.keyArn ?? null);
