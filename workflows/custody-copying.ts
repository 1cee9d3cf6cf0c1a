/** All legs of a custody, side by side. */
import { workflowInfo } from '@temporalio/workflow';
import { adoptionOf, asItWas } from '../domain/custody-adoption.ts';
import { wantedLegs } from '../domain/custody-legs.ts';
import {
  isSameLifecycle,
  vaultArn,
  type CustodyRule,
  type Hop,
  type Leg,
  type Lifecycle,
  type PointFacts,
} from '../domain/custody.ts';
import { shortenedLifecycle } from '../domain/retention-arithmetic.ts';
import { quickCalls } from './activities.ts';
import { copyLeg } from './copy-leg.ts';
import type { CopyLegRun } from './copy-leg-run.ts';
import { lookForLoss } from './custody-open.ts';
import { end, persist, show, showPhase, stopper, type CustodyRun, type QueuePlace } from './custody-run.ts';

/** @returns when all legs are verified, or it is to stop: they go on at their steps */
export async function copy(run: CustodyRun): Promise<void> {
  const { state } = run;
  const { rule } = state;
  if (!rule || !state.point) return;
  await leaveQueues(run);
  const over = { legs: false, missing: false };
  const isStopped = stopper(run);
  const watch = watchPoint(run, over);
  const verified = await Promise.all(
    wantedLegs(state.legs).map((leg) =>
      copyLeg(legRunOf(run, rule, leg, { isStopped, sourceMissing: () => (over.missing = true) })),
    ),
  );
  over.legs = true;
  await watch;
  if (verified.every(Boolean) && !isStopped()) state.phase = 'settling';
}

/** Gives back the places in queues of copies that are not wanted any more. */
export async function leaveQueues(run: CustodyRun): Promise<void> {
  for (let place = run.leaving[0]; place; place = run.leaving[0]) {
    const given = place;
    if (!(await persist(run, () => quickCalls.giveBackCopy(given)))) return;
    run.leaving.shift();
  }
}

/** The places of copies that have not begun. */
export const waitingPlaces = ({ input }: CustodyRun, legs: readonly Leg[]): QueuePlace[] =>
  legs.flatMap(({ hops }) =>
    hops.flatMap(({ step, to }, index): QueuePlace[] => {
      if (step !== 'queue' && step !== 'start') return [];
      const { account, region } = hops[index - 1]?.to ?? input.point;
      const place = { holder: workflowInfo().workflowId, destinationVaultArn: vaultArn(to) };
      return [{ queue: { source: { account, region }, destinationRegion: to.region }, place }];
    }),
  );

/** Whether the point has gone, or is EXPIRED, is looked at when somebody says so: AWS's events, a sweep, or a copy that finds nothing. */
async function watchPoint(run: CustodyRun, over: { readonly legs: boolean; missing: boolean }): Promise<void> {
  const { mail, clock } = run;
  const isStopped = stopper(run);
  for (;;) {
    await clock.wait(() => over.legs || isStopped() || over.missing || mail.peek('point') !== undefined, Infinity);
    if (over.legs || isStopped()) return;
    const hint = mail.take('point');
    if (!over.missing && IN_ORDER.includes(hint?.state ?? '')) continue;
    over.missing = false;
    const lost = await lookForLoss(run);
    if (lost && !over.legs) end(run, lost.outcome, `${lost.reason}: it was so before its copies were verified`);
  }
}

/** What the states of points and of their backup jobs say that is no reason to look. */
const IN_ORDER = ['CREATED', 'PENDING', 'RUNNING', 'CREATING', 'COMPLETED', 'AVAILABLE', 'MODIFIED'];

function legRunOf(
  run: CustodyRun,
  rule: CustodyRule,
  leg: Leg,
  own: Pick<CopyLegRun, 'isStopped' | 'sourceMissing'>,
): CopyLegRun {
  const { input, state, mail, clock } = run;
  const source = () => state.point as PointFacts;
  return {
    ...own,
    leg,
    source,
    backupRole: input.policy.backupRole,
    limits: input.policy.limits,
    after: () => afterOf(rule, source(), state.now),
    minRemainingDays: rule.minRemainingDays,
    takesOver: true,
    seed: workflowInfo().workflowType,
    mail,
    clock,
    sameCopy: (hop) => sameCopy(state.legs, leg, hop),
    changed: () => show(run),
  };
}

/** What the original is about to get; null: it keeps what it has, or goes. */
function afterOf({ then }: CustodyRule, facts: PointFacts, now: string): Lifecycle | null {
  if (then.kind !== 'shorten') return null;
  const shortening = shortenedLifecycle({ facts, days: then.days, now });
  return shortening.kind === 'change' ? shortening.lifecycle : null;
}

/** An earlier leg that copies the same into the same vault, or one of a former rule that has: AWS need not do it twice. */
function sameCopy(legs: readonly Leg[], leg: Leg, hop: Hop): Hop | null {
  if (leg.hops[0] !== hop) return null;
  const earlier = wantedLegs(legs.slice(0, legs.indexOf(leg))).flatMap(({ hops }) => hops.slice(0, 1));
  const kept = legs.filter(({ unwantedSince }) => unwantedSince !== null).flatMap(({ hops }) => hops.slice(0, 1));
  return (
    [...earlier, ...kept.filter(({ step }) => step === 'verified')].find(
      (other) => vaultArn(other.to) === vaultArn(hop.to) && isAsGood(other, hop, leg),
    ) ?? null
  );
}

/** On the way to another place it matters only that it can be copied on. */
const isAsGood = (other: Hop, { lifecycle }: Hop, { hops }: Leg): boolean =>
  (other.lifecycle !== null && lifecycle !== null && isSameLifecycle(other.lifecycle, lifecycle)) ||
  (hops.length > 1 && other.lifecycle?.moveToColdStorageAfterDays === null);

/** The rule as it is now holds from here on. Copies that are there, or on their way, are kept, and counted if it asks for them. */
export function adoptRule(run: CustodyRun, rule: CustodyRule): void {
  const { state } = run;
  if (!state.point) return;
  const { legs, left } = adoptionOf(state.legs, rule, asItWas(state.point, state.change), state.now);
  run.leaving.push(...waitingPlaces(run, left));
  state.rule = rule;
  state.legs = legs;
  if (!state.change?.doneAt) state.change = null;
  state.blocked = null;
  state.waiting = null;
  run.rules += 1;
  showPhase(run, 'copying');
}
