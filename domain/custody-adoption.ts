/** What becomes of a custody's legs when another rule holds: what serves it goes on, and all else is not waited for. */
import { legsOf, serves } from './custody-legs.ts';
import { JOBS_ARE_KEPT } from './custody-sweep.ts';
import {
  vaultArn,
  type CopyJobSeen,
  type CustodyRule,
  type Hop,
  type Leg,
  type OriginalChange,
  type PointFacts,
} from './custody.ts';

export interface Adoption {
  readonly legs: Leg[];
  /** Legs of before that nobody asks for any more; those that have copied, or copy, are among `legs` too. */
  readonly left: readonly Leg[];
}

export function adoptionOf(before: readonly Leg[], rule: CustodyRule, facts: PointFacts, now: string): Adoption {
  const left = new Set(before);
  const wanted = legsOf(rule, facts, now).map((leg) => {
    const old = [...left].find((each) => serves(each, leg.rule, facts));
    if (!old) return apart(leg, before);
    left.delete(old);
    return goingOn(old, leg);
  });
  const kept = [...left].filter(hasCopied).map((leg) => unwanted(leg, now));
  return { legs: [...wanted, ...kept], left: [...left] };
}

/** The point with the retention that it had before its custody, or an earlier one, changed it: copies are kept as long. */
export const asItWas = (facts: PointFacts, change: OriginalChange | null): PointFacts =>
  change && change.doneAt !== null ? { ...facts, lifecycle: change.before } : facts;

/**
 * Whether an earlier custody may have changed the point, and is to be asked about before anything is measured by it. It
 * changes what it has copied, and of a young point AWS still knows every copy job: those that begin as they should ask nothing.
 */
export const mayBeChanged = (
  { createdAt }: Pick<PointFacts, 'createdAt'>,
  copyJobs: readonly CopyJobSeen[],
  now: string,
): boolean => copyJobs.length > 0 || Date.parse(now) - Date.parse(createdAt) >= JOBS_ARE_KEPT;

/** What failed is made anew, as after a person's word. */
function goingOn(old: Leg, { rule, deadlineAt }: Leg): Leg {
  return {
    ...old,
    rule,
    deadlineAt: old.unwantedSince === null ? old.deadlineAt : deadlineAt,
    hops: old.hops.map((hop) => (hasFailed(old, hop) ? { ...hop, ...anew(hop) } : hop)),
    blocked: null,
    retrying: null,
    unwantedSince: null,
  };
}

const unwanted = (leg: Leg, now: string): Leg => ({
  ...leg,
  blocked: null,
  retrying: null,
  overdue: false,
  unwantedSince: leg.unwantedSince ?? now,
});

/** Its jobs are none of those that went to the same vault before. */
function apart(leg: Leg, before: readonly Leg[]): Leg {
  const earlier = before.flatMap(({ hops }) => hops);
  const hops = leg.hops.map((hop): Hop => {
    const same = earlier.filter(({ to }) => vaultArn(to) === vaultArn(hop.to));
    const attempt = Math.max(0, ...same.map((each) => each.attempt)) + 1;
    return { ...hop, attempt, earlierJobs: [...new Set(same.flatMap(jobsOf))] };
  });
  return { ...leg, hops };
}

const isBroken = ({ jobState }: Hop): boolean => jobState === 'FAILED' || jobState === 'PARTIAL';

const hasFailed = ({ blocked }: Leg, hop: Hop): boolean =>
  hop.step !== 'verified' && (isBroken(hop) || (hop.step === 'verify' && blocked !== null));

/** A copy is there, or on its way; also one whose start AWS has not answered yet. */
const hasCopied = ({ hops }: Leg): boolean =>
  hops.some((hop) => hop.step === 'start' || (hop.jobId !== null && !isBroken(hop)));

const jobsOf = ({ jobId, earlierJobs }: Hop): string[] => [...earlierJobs, ...(jobId === null ? [] : [jobId])];

/** A new job, with a token of its own, from the beginning. */
export const anew = (hop: Hop) =>
  ({
    step: 'check',
    attempt: hop.attempt + 1,
    jobId: null,
    jobState: null,
    startedAt: null,
    endedAt: null,
    adopted: false,
    earlierJobs: jobsOf(hop),
    copyArn: null,
    verified: null,
    verifiedAt: null,
  }) satisfies Partial<Hop>;
