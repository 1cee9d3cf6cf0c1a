/** All legs of a custody, side by side. */
import { workflowInfo } from '@temporalio/workflow';
import { legsOf } from '../domain/custody-legs.ts';
import { vaultArn, type CustodyRule, type Hop, type Leg, type Lifecycle, type PointFacts } from '../domain/custody.ts';
import { shortenedLifecycle } from '../domain/retention-arithmetic.ts';
import { quickCalls } from './activities.ts';
import { copyLeg } from './copy-leg.ts';
import type { CopyLegRun } from './copy-leg-run.ts';
import { whyGone } from './custody-open.ts';
import { end, persist, show, showPhase, stopper, type CustodyRun } from './custody-run.ts';

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
    state.legs.map((leg) =>
      copyLeg(legRunOf(run, rule, leg, { isStopped, sourceMissing: () => (over.missing = true) })),
    ),
  );
  over.legs = true;
  await watch;
  if (verified.every(Boolean) && !isStopped()) state.phase = 'settling';
}

/** Gives back the places in queues of copies that are not wanted any more. */
export async function leaveQueues(run: CustodyRun): Promise<void> {
  const waiting = run.leaving.filter(({ step }) => step === 'queue' || step === 'start');
  run.leaving = [];
  for (const { from, to } of waiting) {
    const { account, region } = from ?? run.input.point;
    const place = { holder: workflowInfo().workflowId, destinationVaultArn: vaultArn(to) };
    const queue = { source: { account, region }, destinationRegion: to.region };
    await persist(run, () => quickCalls.giveBackCopy({ queue, place }));
  }
}

/** Whether the point has gone is looked at when somebody says so: AWS's events, a sweep, or a copy that finds nothing. */
async function watchPoint(run: CustodyRun, over: { readonly legs: boolean; missing: boolean }): Promise<void> {
  const { input, mail, clock } = run;
  const isStopped = stopper(run);
  for (;;) {
    await clock.wait(() => over.legs || isStopped() || over.missing || mail.peek('point') !== undefined, Infinity);
    if (over.legs || isStopped()) return;
    const hint = mail.take('point');
    if (!over.missing && IN_ORDER.includes(hint?.state ?? '')) continue;
    over.missing = false;
    const gone = await whyGone(run, input.point);
    if (gone !== null && !over.legs) end(run, 'gone', `${gone}: it was gone before its copies were verified`);
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

/** An earlier leg that copies the same into the same vault: AWS need not do it twice. */
function sameCopy(legs: readonly Leg[], leg: Leg, hop: Hop): Hop | null {
  if (leg.hops[0] !== hop) return null;
  const earlier = legs.slice(0, legs.indexOf(leg)).flatMap(({ hops }) => hops.slice(0, 1));
  const fits = (other: Hop): boolean =>
    vaultArn(other.to) === vaultArn(hop.to) &&
    (leg.hops.length > 1 || JSON.stringify(other.lifecycle) === JSON.stringify(hop.lifecycle));
  return earlier.find(fits) ?? null;
}

/** The rule as it is now holds for what has not begun: copies that have are kept. */
export function adoptRule(run: CustodyRun, rule: CustodyRule): void {
  const { state } = run;
  if (!state.point) return;
  const before = state.legs;
  const wanted = legsOf(rule, state.point, state.now);
  run.leaving = before.filter((old) => !hasBegun(old)).flatMap(({ hops }) => hops);
  state.rule = rule;
  state.legs = [
    ...wanted.map((leg) => before.find((old) => hasBegun(old) && isSame(old, leg)) ?? leg),
    ...before.filter((old) => hasBegun(old) && !wanted.some((leg) => isSame(old, leg))),
  ];
  state.change = null;
  state.blocked = null;
  state.waiting = null;
  run.rules += 1;
  showPhase(run, 'copying');
}

const hasBegun = ({ hops }: Leg): boolean => hops.some(({ jobId }) => jobId !== null);

const isSame = (a: Leg, b: Leg): boolean => {
  const [from, to] = [a.hops.at(-1), b.hops.at(-1)];
  return from !== undefined && to !== undefined && vaultArn(from.to) === vaultArn(to.to);
};
