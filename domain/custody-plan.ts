/** What a policy would do with a recovery point: which rule is for it, all dates, checks and costs. Changes nothing. */
import { coldOf } from './backup-types.ts';
import { copyCost, callsOf, sumOf, type CopyCost } from './custody-cost.ts';
import { legsOf, routeOf } from './custody-legs.ts';
import { coverageOf, matchReasons, type Coverage, type RuleReasons } from './custody-rules.ts';
import type {
  CustodyPolicy,
  CustodyRule,
  Hop,
  Leg,
  Lifecycle,
  Obstacle,
  PointFacts,
  PointRef,
  VaultRef,
} from './custody.ts';
import { routeObstacles, type RouteFacts } from './copy-route.ts';
import { foreseenObstacles } from './copy-verification.ts';
import { coldAtOf, coldDaysOf, deleteAtOf, shortenedLifecycle } from './retention-arithmetic.ts';

export interface PlannedPoint {
  readonly facts: PointFacts;
  readonly verdict: Coverage;
  /** Of the rules up to the one that matches, or of all. */
  readonly reasons: readonly RuleReasons[];
  readonly legs: readonly PlannedLeg[];
  /** Null: no rule is for it. */
  readonly original: PlannedOriginal | null;
  /** Of all copies; null: no price is known, or no size. */
  readonly cost: CopyCost | null;
  /** Calls of AWS Backup that a custody takes in which nothing goes wrong. */
  readonly calls: number;
  /** AWS's time. */
  readonly asOf: string;
}

export interface PlannedLeg {
  readonly name: string;
  /** Where copies come to lie, the last one is the destination. */
  readonly places: readonly VaultRef[];
  /** Why it goes that way. */
  readonly why: string;
  readonly deadlineAt: string;
  readonly lifecycle: Lifecycle;
  /** Of the copy; null: never. */
  readonly coldAt: string | null;
  readonly deleteAt: string | null;
  /** What AWS ignores for the type, in a sentence; null: nothing. */
  readonly ignored: string | null;
  /** Whether the vaults, keys and policies of its way were looked at. */
  readonly isChecked: boolean;
  readonly obstacles: readonly Obstacle[];
  readonly cost: CopyCost | null;
}

export interface PlannedOriginal {
  readonly kind: 'keep' | 'shorten' | 'delete';
  readonly deleteAtBefore: string | null;
  /** When it would be gone if all copies were verified now; null: never. */
  readonly deleteAtAfter: string | null;
  /** The arithmetic, or what else decides. */
  readonly why: string;
}

interface Planning {
  readonly policy: CustodyPolicy;
  readonly facts: PointFacts;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS's time. */
  readonly now: string;
  /** By leg and hop, what was read of the way; absent: nothing was. */
  readonly routes?: readonly (readonly RouteFacts[])[];
}

export function planPoint({ policy, facts, tags, now, routes }: Planning): PlannedPoint {
  const verdict = coverageOf(policy, facts, tags);
  const all = matchReasons(policy, facts, tags);
  const matching = all.findIndex(({ mismatches }) => mismatches.length === 0);
  const reasons = matching < 0 ? all : all.slice(0, matching + 1);
  if (verdict.kind !== 'covered') {
    return { facts, verdict, reasons, legs: [], original: null, cost: null, calls: 0, asOf: now };
  }
  const { rule } = verdict;
  const original = originalOf(rule, facts, now);
  const legs = legsOf(rule, facts, now).map((leg, index) =>
    planLeg(leg, { rule, facts, now, routes: routes?.[index] }),
  );
  const costs = legs.flatMap(({ cost }) => cost ?? []);
  return {
    facts,
    verdict,
    reasons,
    legs,
    original: original.planned,
    cost: costs.length === legs.length ? sumOf(costs) : null,
    calls: callsOf(
      legs.map(({ places }) => places.length),
      rule.then.kind,
    ),
    asOf: now,
  };
}

interface LegPlanning {
  readonly rule: CustodyRule;
  readonly facts: PointFacts;
  readonly now: string;
  readonly routes: readonly RouteFacts[] | undefined;
}

function planLeg({ rule: legRule, hops, deadlineAt }: Leg, planning: LegPlanning): PlannedLeg {
  const { rule, facts, now, routes } = planning;
  const last = hops.at(-1) as Hop;
  const lifecycle = last.lifecycle ?? facts.lifecycle;
  const coldDays = coldDaysOf(facts, lifecycle);
  const after = originalOf(rule, facts, now).after;
  const foreseen = foreseenObstacles({
    source: facts,
    leg: { rule: legRule },
    hop: last,
    after,
    minRemainingDays: rule.minRemainingDays,
    now,
  });
  const onTheWay = hops.flatMap((hop, index) => {
    const route = routes?.[index];
    if (route === undefined) return [];
    return routeObstacles({
      facts: copiedFacts(facts, hops, index, routes ?? []),
      to: hop.to,
      lifecycle: hop.lifecycle,
      route,
      now,
    });
  });
  return {
    name: legRule.name,
    places: hops.map(({ to }) => to),
    why: routeOf(legRule, facts).why,
    deadlineAt,
    lifecycle,
    coldAt: coldDays === null ? null : coldAtOf(facts.createdAt, lifecycle),
    deleteAt: deleteAtOf(facts.createdAt, lifecycle),
    ignored:
      lifecycle.moveToColdStorageAfterDays !== null && coldOf(facts, lifecycle) === 'no'
        ? `AWS ignores moveToColdStorageAfterDays ${lifecycle.moveToColdStorageAfterDays} for the type ${facts.resourceType}: the copy stays warm`
        : null,
    isChecked: routes !== undefined && routes.length === hops.length,
    obstacles: [...onTheWay, ...foreseen],
    cost: costOf(hops, facts, now),
  };
}

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

/** Each hop leaves a copy where it leads. */
function costOf(hops: readonly Hop[], facts: PointFacts, now: string): CopyCost | null {
  const { resourceType, sizeBytes, createdAt } = facts;
  if (sizeBytes === null) return null;
  const costs = hops.flatMap(({ to, lifecycle }, index) => {
    const from = hops[index - 1]?.to ?? facts.ref;
    const kept = lifecycle ?? facts.lifecycle;
    const coldAt = coldDaysOf(facts, kept) === null ? null : coldAtOf(createdAt, kept);
    const deleteAt = deleteAtOf(createdAt, kept);
    return copyCost({ resourceType, sizeBytes, crossesRegion: from.region !== to.region, now, coldAt, deleteAt }) ?? [];
  });
  return costs.length === hops.length ? sumOf(costs) : null;
}

/** If all copies were verified now. */
function originalOf(
  { then }: CustodyRule,
  facts: PointFacts,
  now: string,
): { readonly planned: PlannedOriginal; readonly after: Lifecycle | null } {
  const deleteAtBefore = facts.deleteAt;
  if (then.kind === 'keep') {
    const planned = { kind: then.kind, deleteAtBefore, deleteAtAfter: deleteAtBefore, why: 'it is kept as it is' };
    return { planned, after: null };
  }
  if (then.kind === 'delete') {
    const why = 'it is deleted when all copies are verified and its vault has a newer one of its resource';
    return { planned: { kind: then.kind, deleteAtBefore, deleteAtAfter: now, why }, after: null };
  }
  const shortening = shortenedLifecycle({ facts, days: then.days, now });
  const after = shortening.kind === 'change' ? shortening.lifecycle : null;
  const deleteAtAfter = after === null ? deleteAtBefore : deleteAtOf(facts.createdAt, after);
  return { planned: { kind: then.kind, deleteAtBefore, deleteAtAfter, why: shortening.why }, after };
}

/** Of a vault, so many points are shown one by one. */
export const MOST_SHOWN = 200;

/** What is asked for. */
export interface CustodyPlanInput {
  readonly policy: CustodyPolicy;
  readonly scope:
    | { readonly kind: 'point'; readonly point: PointRef }
    /** @param limit so many points are looked at one by one */
    | { readonly kind: 'vault'; readonly vault: VaultRef; readonly limit: number };
}

export type CustodyPlan =
  /** Null: it is not there. */
  | { readonly kind: 'point'; readonly point: PlannedPoint | null }
  | {
      readonly kind: 'vault';
      readonly vault: VaultRef;
      readonly groups: readonly PlannedGroup[];
      /** The first points of AWS's list. */
      readonly first: readonly PlannedPoint[];
      readonly asOf: string;
    };

/** Points of a vault with which the same would be done, as far as AWS's list shows it. */
export interface PlannedGroup {
  readonly kind: 'covered' | 'ended' | 'early' | 'byTags';
  /** The rule that matches, `none`, or those of which tags decide: `a or b`. */
  readonly rule: string;
  /** How a custody would end at once; null: it would not. */
  readonly outcome: string | null;
  readonly resourceType: string;
  readonly points: number;
  readonly bytes: number;
  /** Of the copies; null: no price is known. */
  readonly monthly: number | null;
}

/** @param facts as AWS's list shows them, which has no tags */
export function groupOf(policy: CustodyPolicy, facts: PointFacts, now: string): PlannedGroup {
  const untagged = { ...policy, rules: policy.rules.map(withoutTags) };
  const rules = candidates(policy, matchReasons(untagged, facts, {}));
  const group = {
    rule: rules.map((each) => each?.name ?? 'none').join(' or '),
    outcome: null,
    resourceType: facts.resourceType,
    points: 1,
    bytes: facts.sizeBytes ?? 0,
    monthly: 0,
  };
  if (rules.length > 1) return { ...group, kind: 'byTags' };
  const planned = planPoint({ policy: untagged, facts, tags: {}, now });
  const { verdict, cost } = planned;
  if (verdict.kind === 'ended') return { ...group, kind: 'ended', outcome: verdict.outcome };
  return verdict.kind === 'early'
    ? { ...group, kind: 'early' }
    : { ...group, kind: 'covered', monthly: cost?.monthly ?? null };
}

/** The rules of which tags decide, in order, and the one that takes the rest; null: no rule does. */
function candidates({ rules }: CustodyPolicy, reasons: readonly RuleReasons[]): (CustodyRule | null)[] {
  const matching = rules.filter((_, index) => reasons[index]?.mismatches.length === 0);
  const last = matching.findIndex((rule) => !asksForTags(rule));
  return last < 0 ? [...matching, null] : matching.slice(0, last + 1);
}

const withoutTags = (rule: CustodyRule): CustodyRule => ({
  ...rule,
  match: { ...rule.match, allOf: [], anyOf: [], noneOf: [] },
});

const asksForTags = ({ match }: CustodyRule): boolean =>
  match.allOf.length + match.anyOf.length + match.noneOf.length > 0;

/** Groups that are alike are one. */
export function mergedGroups(groups: readonly PlannedGroup[]): PlannedGroup[] {
  const alike = Map.groupBy(groups, ({ kind, rule, outcome, resourceType }) =>
    JSON.stringify([kind, rule, outcome, resourceType]),
  );
  return [...alike.values()].map((same) => ({
    ...(same[0] as PlannedGroup),
    points: same.reduce((sum, { points }) => sum + points, 0),
    bytes: same.reduce((sum, { bytes }) => sum + bytes, 0),
    monthly: same.some(({ monthly }) => monthly === null)
      ? null
      : Math.round(same.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0) * 10_000) / 10_000,
  }));
}
