/**
 * The end of a custody: what becomes of the original. Nothing is done to it but right after a look that opened its gate: a
 * call that did not get through, or whose end is unclear, leads back to the look.
 */
import type { Lifecycle, Obstacle, OriginalChange, PointFacts } from '../domain/custody.ts';
import { gateOf, survivorsOf, type GateVerdict } from '../domain/original-gate.ts';
import type { GateReading } from '../activities/backup-gate.ts';
import { backupReads, originalActs } from './activities.ts';
import { beginAgain } from './copy-hop.ts';
import { obstacleOf } from './copy-leg-run.ts';
import {
  A_DAY,
  block,
  clear,
  end,
  ORIGINAL,
  pause,
  persist,
  retry,
  show,
  stopper,
  type CustodyRun,
} from './custody-run.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;
const LOOK_HOLDS = 5 * MINUTE;

/** @returns when it has ended, is to copy again, or is to stop */
export async function settleOriginal(run: CustodyRun): Promise<void> {
  const { state } = run;
  const isStopped = stopper(run);
  while (state.phase === 'settling' && !isStopped()) {
    if (state.rule?.then.kind === 'keep') return end(run, 'kept', 'its rule keeps it as it is');
    const asked = Date.now();
    const reading = await look(run, isStopped);
    if (!reading || isStopped()) return;
    // No worker was there meanwhile: what was read then may not be so any more.
    if (Date.now() - asked > LOOK_HOLDS) continue;
    await follow(run, reading, verdictOf(run, reading));
  }
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

/** A change whose end was unclear may have been made: that is seen before anything else. */
function verdictOf({ state }: CustodyRun, { source, ...reading }: GateReading): Verdict {
  const { change } = state;
  if (change && change.doneAt === null && isMade(change, source)) return { kind: 'done', change };
  return gateOf({ ...reading, source, state });
}

const isMade = (change: OriginalChange, source: PointFacts | null): boolean =>
  change.kind === 'delete'
    ? source === null || source.status === 'DELETING'
    : source !== null && change.after !== null && isSame(source.lifecycle, change.after);

/** Archiving says nothing where nothing moves to cold storage. */
const isSame = (a: Lifecycle, b: Lifecycle): boolean =>
  a.deleteAfterDays === b.deleteAfterDays &&
  a.moveToColdStorageAfterDays === b.moveToColdStorageAfterDays &&
  (a.moveToColdStorageAfterDays === null || a.optInToArchive === b.optInToArchive);

async function follow(run: CustodyRun, reading: GateReading, verdict: Verdict): Promise<void> {
  const { state } = run;
  switch (verdict.kind) {
    case 'done':
      return await madeOrGoing(run, verdict.change, reading.source, reading.now);
    case 'gone':
      return end(run, 'gone', 'somebody else deleted it after its copies were verified');
    case 'nothing':
      return end(run, 'kept', verdict.why);
    case 'waiting':
      clear(run);
      state.waiting = verdict.why;
      show(run);
      await pause(run, A_DAY);
      return;
    case 'blocked':
      return await blocked(run, reading, verdict.obstacle);
    case 'open':
      state.change = verdict.change;
      return await act(run, verdict.change);
  }
}

/** A copy that its destination does not show any more is made again when a person says so. */
async function blocked(run: CustodyRun, reading: GateReading, obstacle: Obstacle): Promise<void> {
  const { state, mail } = run;
  block(run, obstacle);
  const before = mail.resumed(ORIGINAL);
  if (!(await pause(run, A_DAY)) || mail.resumed(ORIGINAL) === before) return;
  const there = new Set(reading.survivors.map((survivor) => survivor?.ref.arn));
  for (const { hops } of state.legs) {
    const last = hops.at(-1);
    if (!last || there.has(last.copyArn ?? '')) continue;
    beginAgain(last);
    state.phase = 'copying';
    state.blocked = null;
    state.change = null;
  }
}

/** One attempt: whatever comes of it but an answer, the gate is looked at again. */
async function act(run: CustodyRun, change: OriginalChange): Promise<void> {
  const { input } = run;
  const { point } = input;
  clear(run);
  try {
    const { at, readBack } =
      change.kind === 'delete'
        ? await originalActs.deletePoint({ point })
        : await originalActs.setLifecycle({ point, lifecycle: change.after ?? change.before });
    run.clock.heard(at);
    await madeOrGoing(run, change, readBack, at);
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    if (trouble.passing) retry(run, trouble.message);
    else block(run, obstacleOf(trouble));
    await pause(run, trouble.passing ? 2 * MINUTE : A_DAY);
  }
}

/** What was read afterwards says what became of it. A deletion takes some minutes, and may still come to nothing. */
async function madeOrGoing(
  run: CustodyRun,
  change: OriginalChange,
  readBack: PointFacts | null,
  at: string,
): Promise<void> {
  const { point } = run.input;
  let [shown, shownAt] = [readBack, at];
  for (let delay = 5 * MINUTE; shown?.status === 'DELETING'; delay = Math.min(2 * delay, 60 * MINUTE)) {
    if (!(await pause(run, delay))) return;
    const looked = await persist(run, () => backupReads.describePoint({ point }));
    if (!looked) return;
    [shown, shownAt] = [looked.reply.facts, looked.reply.at];
    run.clock.heard(shownAt);
  }
  if (isMade(change, shown)) made(run, change, shown, shownAt);
  else await notMade(run, change, shown);
}

function made(run: CustodyRun, change: OriginalChange, readBack: PointFacts | null, at: string): void {
  Object.assign(change, { doneAt: at, readBack });
  if (readBack) run.state.point = readBack;
  end(run, change.kind === 'delete' ? 'deleted' : 'shortened', change.why);
}

/** AWS said yes, and the point is not as it should be. */
async function notMade(run: CustodyRun, change: OriginalChange, readBack: PointFacts | null): Promise<void> {
  const { arn } = run.input.point;
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
