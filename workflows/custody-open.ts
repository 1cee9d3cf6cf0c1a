/** The beginning of a custody: what the point is, which rule is for it, and which of its copies are there already. */
import { coverageOf } from '../domain/custody-rules.ts';
import { asItWas, mayBeChanged } from '../domain/custody-adoption.ts';
import { legsOf } from '../domain/custody-legs.ts';
import { isSameLifecycle, type CustodyOutcome, type PointFacts } from '../domain/custody.ts';
import { backupReads, earlierCustodies } from './activities.ts';
import { takeOverOf } from './copy-hop.ts';
import { end, pause, persist, retry, showPhase, stopper, type CustodyRun } from './custody-run.ts';

const MINUTE = 60_000;
const LONGEST_PAUSE = 60 * MINUTE;

export async function open(run: CustodyRun): Promise<void> {
  const { input, state } = run;
  const isStopped = stopper(run);
  for (let delay = 5 * MINUTE; ; delay = Math.min(2 * delay, LONGEST_PAUSE)) {
    const opened = await persist(run, () => backupReads.openPoint({ point: input.point }), isStopped);
    // A person may have said otherwise meanwhile.
    if (!opened || isStopped()) return;
    const { at, facts, tags, copyJobs } = opened.reply;
    run.clock.heard(at);
    state.openedAt ??= state.now;
    if (!facts) {
      const looked = await lookTillSure(run, isStopped);
      if (looked && !looked.facts) return end(run, 'gone', absent(run));
      if (!looked) return;
      continue;
    }
    state.point = facts;
    state.tags = tags;
    const coverage = coverageOf(input.policy, facts, tags);
    if (coverage.kind === 'ended') return end(run, coverage.outcome, coverage.reason);
    if (coverage.kind === 'covered') {
      if (mayBeChanged(facts, copyJobs, state.now) && !(await recall(run, facts, isStopped))) return;
      state.rule = coverage.rule;
      state.legs = legsOf(coverage.rule, asItWas(facts, state.change), state.now);
      for (const { hops } of state.legs) if (hops[0]) takeOverOf(hops[0], copyJobs);
      return showPhase(run, 'copying');
    }
    retry(run, coverage.reason);
    if (!(await pause(run, delay, isStopped))) return;
  }
}

/**
 * An earlier custody, whose end nobody remembers, may have shortened the point: its copies are not to be measured by
 * that. @returns whether it goes on; otherwise it is to stop
 */
async function recall(run: CustodyRun, facts: PointFacts, isStopped: () => boolean): Promise<boolean> {
  const { input, state } = run;
  const { evidence } = input.policy;
  const ask = { evidence, point: input.point, createdAt: facts.createdAt };
  const recalled = await persist(run, () => earlierCustodies.earlierChange(ask), isStopped);
  if (!recalled || isStopped()) return false;
  const change = recalled.reply;
  if (change?.after && isSameLifecycle(facts.lifecycle, change.after)) {
    const { askedAt, decidedAt, doneAt, readBack } = change;
    const done = { askedAt: askedAt ?? decidedAt, doneAt: doneAt ?? state.now, readBack: readBack ?? facts };
    state.change = { ...change, ...done };
  }
  return true;
}

/** One answer that it is not there may be wrong: so many looks are made, at a growing distance. */
const MOST_LOOKS = 5;

/** What AWS shows of the point. Null facts: it is not there, by several looks over ten minutes. Null: it is to stop. */
export async function lookTillSure(
  run: CustodyRun,
  isStopped: () => boolean = stopper(run),
): Promise<{ readonly facts: PointFacts | null } | null> {
  const { point } = run.input;
  for (let looks = 1; ; looks += 1) {
    const looked = await persist(run, () => backupReads.describePoint({ point }), isStopped);
    if (!looked || isStopped()) return null;
    const { at, facts } = looked.reply;
    run.clock.heard(at);
    if (facts ?? looks === MOST_LOOKS) return { facts };
    await run.clock.wait(isStopped, looks * MINUTE);
    if (isStopped()) return null;
  }
}

export const absent = ({ input: { point } }: CustodyRun): string =>
  `${point.arn} is not in the vault ${point.vault} any more`;

export interface PointLost {
  readonly outcome: CustodyOutcome;
  readonly reason: string;
}

/** In AWS's own words why there is nothing more to copy; null: there is, or it is to stop. */
export async function lookForLoss(run: CustodyRun): Promise<PointLost | null> {
  const looked = await lookTillSure(run);
  if (!looked) return null;
  const { facts } = looked;
  if (!facts) return { outcome: 'gone', reason: absent(run) };
  run.state.point = facts;
  const { ref, status, statusMessage } = facts;
  if (status === 'DELETING') return { outcome: 'gone', reason: `${ref.arn} is DELETING` };
  // It is still there: AWS could not delete it.
  const words = statusMessage === null ? '' : ` (${statusMessage})`;
  return status === 'EXPIRED' ? { outcome: 'unusable', reason: `${ref.arn} is EXPIRED${words}` } : null;
}
