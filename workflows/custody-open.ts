/** The beginning of a custody: what the point is, which rule is for it, and which of its copies are there already. */
import { coverageOf } from '../domain/custody-rules.ts';
import { legsOf } from '../domain/custody-legs.ts';
import type { PointRef } from '../domain/custody.ts';
import { backupReads } from './activities.ts';
import { takeOverOf } from './copy-hop.ts';
import { end, pause, persist, retry, showPhase, stopper, type CustodyRun } from './custody-run.ts';

const MINUTE = 60_000;
const LONGEST_PAUSE = 60 * MINUTE;

export async function open(run: CustodyRun): Promise<void> {
  const { input, state } = run;
  const isStopped = stopper(run);
  for (let delay = 5 * MINUTE; ; delay = Math.min(2 * delay, LONGEST_PAUSE)) {
    const opened = await persist(run, () => backupReads.openPoint({ point: input.point }), isStopped);
    if (!opened) return;
    const { at, facts, tags, copyJobs } = opened.reply;
    run.clock.heard(at);
    state.openedAt ??= state.now;
    if (!facts) return end(run, 'gone', `${input.point.arn} is not in the vault ${input.point.vault} any more`);
    state.point = facts;
    state.tags = tags;
    const coverage = coverageOf(input.policy, facts, tags);
    if (coverage.kind === 'ended') return end(run, coverage.outcome, coverage.reason);
    if (coverage.kind === 'covered') {
      state.rule = coverage.rule;
      state.legs = legsOf(coverage.rule, facts, state.now);
      for (const { hops } of state.legs) if (hops[0]) takeOverOf(hops[0], copyJobs);
      return showPhase(run, 'copying');
    }
    retry(run, coverage.reason);
    if (!(await pause(run, delay, isStopped))) return;
  }
}

/** AWS's own words for what is not there, or not as it was. @returns why it has gone; null: it is there */
export async function whyGone(run: CustodyRun, point: PointRef): Promise<string | null> {
  const looked = await persist(run, () => backupReads.describePoint({ point }));
  if (!looked) return null;
  const { at, facts } = looked.reply;
  run.clock.heard(at);
  if (!facts) return `${point.arn} is not in the vault ${point.vault} any more`;
  run.state.point = facts;
  return ['DELETING', 'EXPIRED'].includes(facts.status) ? `${point.arn} is ${facts.status}` : null;
}
