/**
 * The end of a custody: what becomes of the original. Nothing is done to it but right after a look that opened its gate: a
 * call that did not get through, or whose end is unclear, leads back to the look.
 */
import {
  isSameLifecycle,
  isUnderWay,
  type Leg,
  type Obstacle,
  type OriginalChange,
  type PointFacts,
} from '../domain/custody.ts';
import { FAILURES } from '../domain/errors.ts';
import { failedLegs, gateOf, holdsFor, isFollowed, survivorsOf, type GateVerdict } from '../domain/original-gate.ts';
import type { GateReading } from '../activities/backup-gate.ts';
import { backupReads, originalActs } from './activities.ts';
import { beginAgain } from './copy-hop.ts';
import { obstacleOf } from './copy-leg-run.ts';
import { writeEvidence } from './custody-evidence.ts';
import { absent, lookTillSure } from './custody-open.ts';
import {
  A_DAY,
  block,
  clear,
  end,
  ORIGINAL,
  pause,
  pauseOf,
  persist,
  retry,
  show,
  stopper,
  type CustodyRun,
} from './custody-run.ts';
import { troubleOf, type Trouble } from './failures.ts';

const MINUTE = 60_000;

/** What one stay in this phase knows. */
interface Settling {
  readonly run: CustodyRun;
  readonly isStopped: () => boolean;
  /** What an earlier custody did to the original: it stays done, whatever comes of what this one is about to do. */
  readonly earlier: OriginalChange | null;
  /** The change that the evidence tells of already; empty: it tells of none, and null: nor of this phase. */
  told: string | null;
  /** Looks since AWS's answer to the change was lost. */
  unclear: number;
  /** A person has seen what is wrong with copies, and has asked for another try. */
  isResumed: boolean;
  /** Whether a person has said so since the last look began; undefined: nothing was to be seen as blocked then. */
  hears: (() => boolean) | undefined;
}

/** @returns when it has ended, is to copy again, or is to stop */
export async function settleOriginal(run: CustodyRun): Promise<void> {
  const { state } = run;
  const isStopped = stopper(run);
  const earlier = state.change?.doneAt ? state.change : null;
  const settling: Settling = { run, isStopped, earlier, told: null, unclear: 0, isResumed: false, hears: undefined };
  while (state.phase === 'settling' && !isStopped()) {
    if (state.rule?.then.kind === 'keep' && !isUnderWay(state.change)) return await kept(settling);
    const asked = Date.now();
    // What a person says of a block that is shown counts, also during the look that finds it still there.
    settling.hears = state.blocked === null ? undefined : run.mail.listen(ORIGINAL);
    const reading = await look(run, isStopped);
    if (!reading || isStopped()) return;
    const verdict = await verdictOf(settling, reading);
    // Seen not to be made, a change does not keep a person's word waiting any more.
    if (!verdict || isStopped()) continue;
    await tell(settling, verdict);
    // Without a worker, or a place for the evidence, time has passed: what was read then may not be so any more.
    const age = Date.now() - asked;
    if (isFollowed(verdict.kind, age) && !isStopped()) await follow(settling, { reading, age }, verdict);
    else if (!isUnderWay(state.change)) state.change = earlier;
  }
}

async function kept({ run, isStopped }: Settling): Promise<void> {
  await writeEvidence(run);
  if (!isStopped()) end(run, 'kept', 'its rule keeps it as it is');
}

/** What is about to be done is written down before it is done. */
async function tell(settling: Settling, verdict: Verdict): Promise<void> {
  const { run } = settling;
  if (verdict.kind === 'done') return;
  const { state } = run;
  const planned = verdict.kind === 'open' ? JSON.stringify([verdict.change.kind, verdict.change.after]) : '';
  if (settling.told === planned || (planned === '' && settling.told !== null)) return;
  if (verdict.kind === 'open') state.change = verdict.change;
  settling.told = planned;
  await writeEvidence(run);
}

async function look(run: CustodyRun, isStopped: () => boolean): Promise<GateReading | null> {
  const { input, state } = run;
  const isDeletion = state.rule?.then.kind === 'delete';
  const survivors = survivorsOf(state);
  const send = () => backupReads.lookAtGate({ source: input.point, survivors, isDeletion });
  const read = await persist(run, send, isStopped);
  if (!read) return null;
  run.clock.heard(read.reply.now);
  if (read.reply.source) state.point = read.reply.source;
  return read.reply;
}

type Verdict = GateVerdict | { readonly kind: 'done'; readonly change: OriginalChange };

/** A change whose end was unclear may have been made: that is seen before anything else. Null: it is looked at again. */
async function verdictOf(settling: Settling, { source, ...reading }: GateReading): Promise<Verdict | null> {
  const { run, earlier } = settling;
  const { state } = run;
  const { change } = state;
  if (source === null) {
    const looked = await lookTillSure(run);
    if (!looked || looked.facts) return null;
  }
  if (change && isUnderWay(change)) {
    if (isMade(change, source)) return { kind: 'done', change };
    if (await mayStillShow(settling)) return null;
  }
  state.change = earlier;
  return gateOf({ ...reading, source, state });
}

/** AWS may have taken it, and show it late. @returns whether it is to be looked at again */
async function mayStillShow(settling: Settling): Promise<boolean> {
  settling.unclear += 1;
  if (settling.unclear > MOST_LOOKS) return false;
  await awaitNext(settling.run, false, Math.min(2 ** settling.unclear, 60) * MINUTE);
  return true;
}

/** AWS has taken it. */
const isMade = (change: OriginalChange, source: PointFacts | null): boolean =>
  change.kind === 'delete'
    ? source === null || source.status === 'DELETING'
    : source !== null && change.after !== null && isSameLifecycle(source.lifecycle, change.after);

interface Look {
  readonly reading: GateReading;
  /** Milliseconds since it began. */
  readonly age: number;
}

async function follow(settling: Settling, { reading, age }: Look, verdict: Verdict): Promise<void> {
  const { run } = settling;
  const { state } = run;
  switch (verdict.kind) {
    case 'done':
      return await madeOrGoing(settling, verdict.change, reading.source, reading.now);
    case 'gone':
      return end(run, 'gone', reading.source ? `${reading.source.ref.arn} is being deleted by others` : absent(run));
    case 'nothing':
      return end(run, state.change?.doneAt ? 'shortened' : 'kept', state.change?.why ?? verdict.why);
    case 'waiting':
      clear(run);
      state.waiting = verdict.why;
      show(run);
      await pause(run, A_DAY);
      return;
    case 'blocked':
      return await blocked(settling, reading, verdict.obstacle);
    case 'open':
      state.change = verdict.change;
      return await act(settling, verdict.change, originalActs(holdsFor(age)));
  }
}

/** Copies that a person had a look at, and that are still not what they are to be, are made again. */
async function blocked(settling: Settling, reading: GateReading, obstacle: Obstacle): Promise<void> {
  const { run, isResumed, isStopped } = settling;
  const { state } = run;
  const failed = isResumed ? failedLegs({ ...reading, state }) : [];
  settling.isResumed = false;
  if (failed.length > 0) return copyAgain(run, failed);
  block(run, obstacle);
  settling.isResumed = (await pauseOf(run, A_DAY, isStopped, settling.hears)) === 'resumed';
}

function copyAgain({ state }: CustodyRun, failed: readonly Leg[]): void {
  for (const { hops } of failed) {
    const last = hops.at(-1);
    if (last?.step === 'verified') beginAgain(last);
  }
  state.phase = 'copying';
  state.blocked = null;
}

/** One attempt: whatever comes of it but an answer, the gate is looked at again. */
async function act(settling: Settling, change: OriginalChange, acts: ReturnType<typeof originalActs>): Promise<void> {
  const { run, earlier } = settling;
  const { point } = run.input;
  clear(run);
  change.askedAt = run.state.now;
  settling.unclear = 0;
  try {
    const { at, readBack: first } =
      change.kind === 'delete'
        ? await acts.deletePoint({ point })
        : await acts.setLifecycle({ point, lifecycle: change.after ?? change.before });
    run.clock.heard(at);
    // What is not shown is looked at again: it may be on its way out, and come to nothing yet.
    const looked = first ? { facts: first } : await lookTillSure(run);
    if (looked) await madeOrGoing(settling, change, looked.facts, run.state.now);
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    if (isRefused(trouble)) run.state.change = earlier;
    if (trouble.passing) retry(run, trouble.message);
    else block(run, obstacleOf(trouble));
    await pause(run, trouble.passing ? 2 * MINUTE : A_DAY);
  }
}

/** Nothing was done: AWS has said so, or was never asked. Anything else may have been done. */
const isRefused = ({ type, code }: Trouble): boolean =>
  code === 'NotStarted' || (type in FAILURES && type !== 'Unavailable');

/** AWS may show a change some time after it took it. */
const MOST_LOOKS = 5;

/** What was read afterwards says what became of it. A deletion takes some minutes, and may still come to nothing. */
async function madeOrGoing(
  settling: Settling,
  change: OriginalChange,
  readBack: PointFacts | null,
  at: string,
): Promise<void> {
  const { run } = settling;
  let [shown, shownAt] = [readBack, at];
  for (let looks = 1; ; looks += 1) {
    const isGoing = shown?.status === 'DELETING';
    if (!isGoing && isMade(change, shown)) return made(run, change, shown, shownAt);
    if (!isGoing && (shown?.status === 'EXPIRED' || looks > MOST_LOOKS)) return await notMade(settling, change, shown);
    if (!(await awaitNext(run, isGoing, Math.min(2 ** looks, 60) * MINUTE))) return;
    const looked = await lookTillSure(run);
    if (!looked) return;
    [shown, shownAt] = [looked.facts, run.state.now];
  }
}

/** Of a deletion AWS tells when it is done. @returns whether it goes on; otherwise what waits is to stop */
async function awaitNext(run: CustodyRun, isGoing: boolean, delay: number): Promise<boolean> {
  if (isGoing) return await pause(run, delay);
  retry(run, `AWS does not show yet what it took: ${run.input.point.arn} is looked at again`);
  const isStopped = stopper(run);
  await run.clock.wait(isStopped, delay);
  return !isStopped();
}

function made(run: CustodyRun, change: OriginalChange, readBack: PointFacts | null, at: string): void {
  Object.assign(change, { doneAt: at, readBack });
  if (readBack) run.state.point = readBack;
  end(run, change.kind === 'delete' ? 'deleted' : 'shortened', change.why);
}

/** AWS said yes, and the point is not as it should be. */
async function notMade({ run, earlier }: Settling, change: OriginalChange, readBack: PointFacts | null): Promise<void> {
  const { arn } = run.input.point;
  run.state.change = earlier;
  if (change.kind === 'delete' && readBack?.status !== 'EXPIRED') {
    retry(run, `${arn} is still ${readBack?.status ?? 'there'} after its deletion: it is looked at again`);
    return void (await pause(run, 5 * MINUTE));
  }
  block(run, change.kind === 'delete' ? expired(arn, readBack) : otherLifecycle(arn, change, readBack));
  await pause(run, A_DAY);
}

const expired = (arn: string, readBack: PointFacts | null): Obstacle => ({
  code: 'accessDenied',
  message: `AWS took the deletion of ${arn}, and could not make it: it is EXPIRED (${readBack?.statusMessage ?? 'no reason given'})`,
  remedy:
    'give the role that made the backup the permission to delete what lies behind it (such as ec2:DeleteSnapshot), take it out of use (an AMI, a shared snapshot), and resume',
  statement: null,
});

const otherLifecycle = (arn: string, change: OriginalChange, readBack: PointFacts | null): Obstacle => ({
  code: 'verification',
  message: `AWS took the new lifecycle of ${arn}, and shows another: ${JSON.stringify(readBack?.lifecycle ?? null)} instead of ${JSON.stringify(change.after)}`,
  remedy: 'see who else changes it, and resume',
  statement: null,
});
