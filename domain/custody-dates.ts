/** When every copy that a rule wants, and the original, move to cold storage and are deleted: what a plan shows. */
import { coldOf } from './backup-types.ts';
import { routeOf } from './custody-legs.ts';
import type { CustodyRule, Lifecycle, PointFacts, VaultRef } from './custody.ts';
import { coldAtOf, coldDaysOf, deleteAtOf, shortenedLifecycle } from './retention-arithmetic.ts';

export interface Dates {
  /** Null: never. */
  readonly coldAt: string | null;
  readonly deleteAt: string | null;
  /** A move to cold storage is asked for, and AWS ignores it for the type. */
  readonly coldIgnored: boolean;
}

export interface LegDates extends Dates {
  readonly leg: string;
  /** One a copy job; all are kept as long. */
  readonly places: readonly VaultRef[];
  readonly deadlineHours: number;
  /** Why it goes this way, or cannot. */
  readonly route: string;
}

export interface CustodyDates {
  readonly legs: readonly LegDates[];
  readonly original: Dates & {
    /** What becomes of it when all legs are verified, with the arithmetic. */
    readonly then: string;
    /** Its dates from then on; null: it is deleted then. */
    readonly after: Dates | null;
  };
}

/** @param now AWS's time: of an original that is shortened later, the age counts more */
export const datesOf = (rule: CustodyRule, facts: PointFacts, now: string): CustodyDates => ({
  legs: rule.legs.map((leg) => {
    const { places, why, impossible } = routeOf(leg, facts);
    const dates = datesWith(leg.lifecycle ?? facts.lifecycle, facts);
    return { leg: leg.name, places, deadlineHours: leg.deadlineHours, route: impossible ?? why, ...dates };
  }),
  original: { ...datesWith(facts.lifecycle, facts), ...originalThen(rule, facts, now) },
});

function datesWith(lifecycle: Lifecycle, facts: PointFacts): Dates {
  const cold = coldDaysOf(facts, lifecycle) === null ? null : coldAtOf(facts.createdAt, lifecycle);
  const coldIgnored = lifecycle.moveToColdStorageAfterDays !== null && coldOf(facts, lifecycle) === 'no';
  return { coldAt: cold, deleteAt: deleteAtOf(facts.createdAt, lifecycle), coldIgnored };
}

function originalThen({ then }: CustodyRule, facts: PointFacts, now: string): { then: string; after: Dates | null } {
  const asItIs = datesWith(facts.lifecycle, facts);
  switch (then.kind) {
    case 'keep':
      return { then: 'it is kept as it is', after: asItIs };
    case 'delete':
      return { then: 'it is deleted, as soon as its vault has a newer one of its resource', after: null };
    case 'shorten': {
      const shortening = shortenedLifecycle({ facts, days: then.days, now });
      if (shortening.kind === 'nothing') return { then: shortening.why, after: asItIs };
      return { then: `it is shortened: ${shortening.why}`, after: datesWith(shortening.lifecycle, facts) };
    }
  }
}
