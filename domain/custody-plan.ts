/** What a policy would do with a recovery point: which rule is for it, all dates, checks and costs. Changes nothing. */
import { coldOf } from './backup-types.ts';
import { copyCost, callsOf, sumOf, type CopyCost } from './custody-cost.ts';
import { legsOf, routeOf } from './custody-legs.ts';
import { coverageOf, matchReasons, type Coverage, type RuleReasons } from './custody-rules.ts';
import type { CustodyPolicy, CustodyRule, Hop, Leg, Lifecycle, Obstacle, PointFacts, VaultRef } from './custody.ts';
import type { RouteFacts } from './copy-route.ts';
import { foreseenObstacles } from './copy-verification.ts';
import { plannedGate, type PlannedGate } from './custody-plan-gate.ts';
import type { GateLook } from './original-gate.ts';
import { plannedObstacles } from './planned-way.ts';
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
  /** What the gate would say if all copies were verified now; null: it was not looked at, or nothing is to be changed. */
  readonly gate: PlannedGate | null;
}

interface Planning {
  readonly policy: CustodyPolicy;
  readonly facts: PointFacts;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS's time. */
  readonly now: string;
  /** By leg and hop, what was read of the way; absent: nothing was. */
  readonly routes?: readonly (readonly RouteFacts[])[];
  /** What the gate of the original reads; absent: nothing was. */
  readonly look?: Omit<GateLook, 'state'>;
}

export function planPoint({ policy, facts, tags, now, routes, look }: Planning): PlannedPoint {
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
    original: { ...original.planned, gate: look === undefined ? null : plannedGate(rule, look, now) },
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
    obstacles: [...plannedObstacles({ facts, hops, routes: routes ?? [], now }), ...foreseen],
    cost: costOf(hops, facts, now),
  };
}

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
): { readonly planned: Omit<PlannedOriginal, 'gate'>; readonly after: Lifecycle | null } {
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
