/** The way of one WorkSpace through an upgrade, step by step. Each step may be the first one after a restart. */
import { judge, type Verdict } from '../domain/rebuild-gate.ts';
import type { ImageUpgradeInput, Outcome, Reason, Row, Step } from '../domain/image-upgrade.ts';
import { looksEnded, rebuildEnd, showsEffect } from '../domain/rebuild-end.ts';
import { isQuiet, newest, nextLook } from '../domain/snapshots.ts';
import { isGone, isRebuildable } from '../domain/workspace-states.ts';
import { unrepeatableCalls, warnings } from './activities.ts';
import { Interrupted, type Agenda } from './agenda.ts';
import { troubleOf, type Trouble } from './failures.ts';
import type { FleetObserver } from './fleet-observer.ts';
import type { Follower } from './follower.ts';
import type { Locks } from './locks.ts';
import type { Turns } from './turns.ts';

/** What a cohort's WorkSpaces share. */
export interface Shared {
  readonly settings: ImageUpgradeInput;
  readonly runId: string;
  /** When WorkSpaces stop waiting for their snapshots: AWS's time, epoch milliseconds. */
  readonly deadline: number;
  readonly agenda: Agenda;
  readonly observer: FleetObserver;
  readonly follower: Follower;
  readonly turns: Turns;
  readonly locks: Locks;
}

/** A state read this shortly before is a last look. */
const FRESH = 30_000;
/** A last look whose reads lie further apart, because one of them did not get through, is made again. */
const LOOK_LASTS = 15 * 60_000;
/** A state that turns out to be older than this when all has been read is read again. */
const STATE_LASTS = 5 * 60_000;
/** A WorkSpace that is ready but in a passing state is waited for at least so long. */
const STATE_WAIT = 60 * 60_000;
/** A throttled rebuild is tried again then. */
const THROTTLED_WAIT = 20_000;
const MOST_REBUILD_CALLS = 5;

const iso = (instant: number): string => new Date(instant).toISOString();

/** The call was made: the WorkSpace is followed to its end, also when the run is aborted. */
export const isUnderWay = (row: Row): boolean => row.step === 'settle' || row.step === 'confirm';
export const holdsTurn = (row: Row): boolean => isUnderWay(row) || row.step === 'lastLook' || row.step === 'rebuild';

/** Runs until the WorkSpace has its outcome, or returns without one when the run goes on in a new history. */
export async function upgradeDesktop(row: Row, shared: Shared): Promise<void> {
  try {
    while (row.step !== 'done') {
      shared.agenda.check({ evenAborted: isUnderWay(row) });
      await STEP[row.step](row, shared);
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      // Not called yet, and by the time it could be, its last look is an old one.
      if (row.step === 'rebuild') row.step = 'lastLook';
      if (shared.agenda.aborted && !isUnderWay(row)) end(row, shared, 'aborted', { code: 'abortedByOperator' });
      return;
    }
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    endInTrouble(row, shared, trouble);
  }
}

function endInTrouble(row: Row, shared: Shared, { type, code }: Trouble): void {
  if (isUnderWay(row)) return end(row, shared, 'rebuildUnconfirmed', { code: 'notFollowed', detail: code });
  // Of a WorkSpace that is gone, DescribeWorkspaceSnapshots says so; the other calls leave it out of their answers.
  if (type === 'NotFound') return end(row, shared, 'skipped', { code: 'gone' });
  end(row, shared, 'rebuildFailed', { code: 'errorFromAws', detail: code });
}

const STEP: Record<Exclude<Step, 'done'>, (row: Row, shared: Shared) => Promise<void>> = {
  baseline: readBaseline,
  snapshot: awaitSnapshot,
  warning: warn,
  turn: awaitTurn,
  lastLook,
  rebuild,
  settle,
  confirm,
};

async function readBaseline(row: Row, shared: Shared): Promise<void> {
  const { settings, observer } = shared;
  const margin = settings.quietMarginHours * 3_600_000;
  const [snapshots, connection] = await Promise.all([
    observer.snapshots(row.workspaceId),
    margin > 0 ? observer.connection(row.workspaceId) : null,
  ]);
  row.baselineSnapshot = newest(snapshots);
  if (row.baselineSnapshot === null && row.state === 'STOPPED') {
    return end(row, shared, 'skipped', { code: 'noSnapshotStopped' });
  }
  if (row.baselineSnapshot && connection && isQuiet(row.baselineSnapshot, connection, row.state, margin)) {
    row.reason = { code: 'quiet' };
    return ready(row, row.baselineSnapshot);
  }
  row.step = 'snapshot';
}

async function awaitSnapshot(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, observer, deadline } = shared;
  const after = row.newerThan ?? row.baselineSnapshot;
  for (;;) {
    const look = Math.min(nextLook(after, agenda.now, settings.pollSeconds * 1000), deadline);
    row.nextLookAt = iso(look);
    await agenda.until(look, { rounding: 'lazy' });
    const found = newest(await observer.snapshots(row.workspaceId));
    if (found && (!after || Date.parse(found) > Date.parse(after))) return ready(row, found);
    if (agenda.now >= deadline) return await endWithoutSnapshot(row, shared);
  }
}

async function endWithoutSnapshot(row: Row, shared: Shared): Promise<void> {
  const desktop = await shared.observer.desktop(row.workspaceId);
  if (!desktop || isGone(desktop.state)) return end(row, shared, 'skipped', { code: 'gone' });
  row.state = desktop.state;
  const why = row.state === 'STOPPED' ? 'stoppedNoSnapshot' : 'noFreshSnapshot';
  end(row, shared, 'timedOutWaiting', row.reason ?? { code: why });
}

function ready(row: Row, snapshot: string): void {
  row.freshSnapshot = snapshot;
  row.nextLookAt = null;
  if (row.reason?.code !== 'quiet') row.reason = null;
  row.readyAt ??= snapshot;
  row.step = 'warning';
}

async function warn(row: Row, { settings, runId, agenda }: Shared): Promise<void> {
  const { target, notifySeconds } = settings;
  row.step = 'turn';
  if (notifySeconds === 0) return;
  try {
    const { warned, at } = await warnings.warnUser({
      target,
      computerName: row.computerName,
      instanceIds: row.instanceIds,
      message: `This WorkSpace will be rebuilt in ${inWords(notifySeconds)} or a little later. Save your work and sign out.`,
      key: `holdfast ${runId.slice(0, 8)} ${row.workspaceId} ${row.freshSnapshot ?? ''}`.slice(0, 100),
    });
    if (at !== null) agenda.heard(at);
    row.notified = warned;
  } catch (error) {
    if (!troubleOf(error)) throw error;
    row.notified = 'failed';
    // It may stand on the screen all the same.
    row.noticeEndsAt = iso(agenda.now + notifySeconds * 1000);
  }
  // Nobody was told, so nobody needs the time.
  if (row.notified === 'delivered') row.noticeEndsAt = iso(agenda.now + notifySeconds * 1000);
}

const inWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;

async function awaitTurn(row: Row, shared: Shared): Promise<void> {
  const { agenda, turns } = shared;
  if (row.noticeEndsAt) await agenda.until(Date.parse(row.noticeEndsAt), { rounding: 'lazy' });
  row.noticeEndsAt = null;
  if (!(await passesState(row, shared))) return;
  await turns.acquire(row.workspaceId, row.readyAt ?? '');
  row.step = 'lastLook';
}

/** Waits while the WorkSpace was last seen in a state that allows no rebuild. False: it has come to its end. */
async function passesState(row: Row, shared: Shared): Promise<boolean> {
  if (isRebuildable(row.state)) return true;
  while (!isRebuildable(row.state)) {
    await waitForState(row, shared, { code: 'notRebuildable', detail: row.state });
    if (row.outcome) return false;
    const desktop = await shared.observer.desktop(row.workspaceId);
    if (!desktop || isGone(desktop.state)) {
      end(row, shared, 'skipped', { code: 'gone' });
      return false;
    }
    row.state = desktop.state;
  }
  row.stateWaitEndsAt = null;
  return true;
}

async function waitForState(row: Row, shared: Shared, reason: Reason): Promise<void> {
  const { agenda, settings, deadline } = shared;
  row.stateWaitEndsAt ??= iso(Math.max(deadline, agenda.now + STATE_WAIT));
  if (agenda.now >= Date.parse(row.stateWaitEndsAt)) return end(row, shared, 'timedOutWaiting', reason);
  await agenda.until(agenda.now + settings.pollSeconds * 1000, { rounding: 'tick' });
}

async function lastLook(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, observer, locks } = shared;
  const { workspaceId } = row;
  row.lockedBy = await locks.acquire(workspaceId);
  if (row.lockedBy !== null) {
    giveBack(row, shared);
    return await waitForState(row, shared, { code: 'locked', detail: row.lockedBy });
  }
  const began = agenda.now;
  const [seen, snapshots, connection, bundle, tagMatches] = await Promise.all([
    observer.desktop(workspaceId, began - FRESH),
    observer.snapshotsAtOnce(workspaceId),
    observer.connection(workspaceId),
    observer.bundle(),
    observer.tagMatches(workspaceId),
  ]);
  if (agenda.now - began > LOOK_LASTS) return;
  // AWS's time stood still here while no reply came: what was read along with others may be older than it seemed.
  const old = agenda.now - observer.desktopSeenAt(workspaceId) > STATE_LASTS;
  const desktop = old ? await observer.desktop(workspaceId) : seen;
  row.state = desktop?.state ?? row.state;
  const look = { now: agenda.now, desktop, snapshots, connection, bundle, tagMatches };
  await obey(judge(settings, row, look), row, shared);
}

async function obey(verdict: Verdict, row: Row, shared: Shared): Promise<void> {
  switch (verdict.verdict) {
    case 'end':
      return end(row, shared, verdict.outcome, verdict.reason);
    case 'waitForState':
      giveBack(row, shared);
      return await waitForState(row, shared, verdict.because);
    case 'waitForSnapshot':
      giveBack(row, shared);
      row.newerThan = newest([row.baselineSnapshot, verdict.newerThan].filter((each) => each !== null));
      row.freshSnapshot = null;
      row.notified = null;
      row.reason = verdict.because;
      row.step = 'snapshot';
      return;
    case 'rebuild':
      row.freshSnapshot = verdict.freshSnapshot;
      row.ipBefore = verdict.ipBefore;
      row.stateBefore = verdict.stateBefore;
      row.sawRebuilding = false;
      row.bundleUpdatedAt = verdict.bundleUpdatedAt;
      row.dataLossWindowSeconds = verdict.dataLossWindowSeconds;
      row.step = 'rebuild';
  }
}

async function rebuild(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda } = shared;
  const { target } = settings;
  row.rebuildCalls += 1;
  const reply = await unrepeatableCalls(target)
    .rebuildWorkspace({ target, workspaceId: row.workspaceId })
    .catch((error: unknown) => {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (trouble.code === 'NotStarted') return { reply: 'notMade' as const };
      return { reply: 'unclear' as const, code: 'Timeout' };
    });
  switch (reply.reply) {
    case 'accepted':
      agenda.heard(reply.at);
      row.rebuildRequestedAt = reply.at;
      row.step = 'confirm';
      return;
    case 'refused':
      // An earlier call whose reply was lost may be what AWS refuses this one for: its effect is looked for.
      if (row.rebuildCalls > 1) {
        row.rebuildRequestedAt = agenda.isoNow;
        row.step = 'confirm';
        return;
      }
      return end(row, shared, 'rebuildFailed', { code: 'refused', detail: reply.code });
    case 'notMade':
      row.rebuildCalls -= 1;
      row.step = 'lastLook';
      return;
    case 'throttled':
      row.rebuildCalls -= 1;
      row.step = 'lastLook';
      return await agenda.until(agenda.now + THROTTLED_WAIT);
    case 'unclear':
      row.rebuildRequestedAt = agenda.isoNow;
      row.reason = { code: 'errorFromAws', detail: reply.code };
      row.step = 'settle';
  }
}

/** The reply was lost: an effect says that the call was taken; none through the settle window, that it was not. */
async function settle(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, observer } = shared;
  let windowEnds = Infinity;
  for (;;) {
    // What counts is when the look was asked for: its reply may be late.
    const asked = agenda.now;
    const desktop = await observer.desktop(row.workspaceId);
    if (!desktop || showsEffect(row, desktop)) {
      row.sawRebuilding ||= desktop?.state === 'REBUILDING';
      row.reason = null;
      row.step = 'confirm';
      return;
    }
    if (asked >= windowEnds) break;
    // A lost reply tells no time: the call was made before this look, and how long before is not known.
    if (windowEnds === Infinity) windowEnds = agenda.now + settings.settleSeconds * 1000;
    await agenda.until(Math.min(agenda.now + settings.pollSeconds * 1000, windowEnds), { evenAborted: true });
  }
  if (row.rebuildCalls >= MOST_REBUILD_CALLS) return end(row, shared, 'rebuildFailed', row.reason);
  row.rebuildRequestedAt = null;
  row.step = 'lastLook';
}

async function confirm(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, follower } = shared;
  const limits = { settle: settings.settleSeconds * 1000, timeout: settings.rebuildTimeoutMinutes * 60_000 };
  for (;;) {
    const desktop = await follower.look(row);
    row.state = desktop?.state ?? row.state;
    if (desktop && looksEnded(desktop) && row.sawRebuilding) row.settledSeenAt ??= agenda.isoNow;
    else row.settledSeenAt = null;
    const ended = rebuildEnd(row, { desktop, now: agenda.now }, limits);
    if (!ended) continue;
    if (ended.outcome !== 'rebuilt') return end(row, shared, ended.outcome, ended.reason);
    row.rebuildConfirmedAt = agenda.isoNow;
    return await confirmBundle(row, shared);
  }
}

/** No API tells a WorkSpace's image: it is the bundle's, if nobody touched the bundle between these two reads. */
async function confirmBundle(row: Row, shared: Shared): Promise<void> {
  // AWS's times of replies are whole seconds: one of the same second may have been read before the call.
  const bundle = await shared.observer.bundle(Date.parse(row.rebuildRequestedAt ?? '') + 1000);
  const same = bundle?.imageId === shared.settings.imageId && bundle.updatedAt === row.bundleUpdatedAt;
  if (!same)
    return end(row, shared, 'rebuildUnconfirmed', { code: 'bundleChanged', detail: bundle?.imageId ?? 'gone' });
  const late = (row.dataLossWindowSeconds ?? 0) > 0;
  end(row, shared, 'rebuilt', late ? { code: 'lateSnapshot' } : row.reason?.code === 'quiet' ? row.reason : null);
}

function end(row: Row, shared: Shared, outcome: Outcome, reason: Reason | null): void {
  if (holdsTurn(row)) giveBack(row, shared);
  row.nextLookAt = null;
  row.outcome = outcome;
  row.reason = reason;
  row.step = 'done';
}

/** The turn and the lock go back; the WorkSpace stands in the queue where it stood. */
function giveBack(row: Row, { turns, locks }: Shared): void {
  row.step = 'turn';
  if (row.lockedBy === null) locks.release(row.workspaceId, turns.queued === 0);
  turns.release(row.workspaceId);
}
