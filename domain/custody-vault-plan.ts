/** What a policy would do with the points of a vault, as far as AWS's list shows them. */
import { planPoint, type PlannedPoint } from './custody-plan.ts';
import { matchReasons, type RuleReasons } from './custody-rules.ts';
import type { CustodyPolicy, CustodyRule, PointFacts, PointRef, VaultRef } from './custody.ts';

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
