/** The way of one WorkSpace through an upgrade, step by step. Each step may be the first one after a restart. */
import { judge, type Verdict } from '../domain/rebuild-gate.ts';
import type { Reason } from '../domain/image-upgrade.ts';
import type { Row, Step } from '../domain/upgrade-row.ts';
import { isQuiet, mayBeConnected, newest, nextLook } from '../domain/snapshots.ts';
import { isGone, isRebuildable } from '../domain/workspace-states.ts';
import { Interrupted, SentBack } from './agenda.ts';
import { allOf } from './batches.ts';
import { block, end, giveBack, iso, isUnderWay, sentBack, sinceLook, type Shared } from './desktop.ts';
import { enterMaintenance, leaveInTheEnd, leaveMaintenance } from './desktop-maintenance.ts';
import { confirmMigration, migrate } from './desktop-migration.ts';
import { confirm, rebuild, settle } from './desktop-rebuild.ts';
import { awaitWarningTime, warn } from './desktop-warnings.ts';
import { troubleOf, type Trouble } from './failures.ts';

/** A state read this shortly before is a last look. */
const FRESH = 60_000;
/** A last look whose reads lie further apart, because one of them did not get through, is made again. */
const LOOK_LASTS = 15 * 60_000;
/** A state that turns out to be older than this when all has been read is read again. */
const STATE_LASTS = 5 * 60_000;
/** A WorkSpace that is ready but in a passing state is waited for at least so long. */
const STATE_WAIT = 60 * 60_000;
/** How often a connected user is looked for. */
const USER_LOOK = 5 * 60_000;

/** Runs until the WorkSpace has its outcome, or returns without one when the run goes on in a new history. */
export async function upgradeDesktop(row: Row, shared: Shared): Promise<void> {
  while (row.step !== 'done') {
    try {
      await takeStep(row, shared);
    } catch (error) {
      if (error instanceof Interrupted) {
        interrupted(row, shared);
        if (row.step !== 'leave' || shared.agenda.stopped) return;
        continue;
      }
      if (error instanceof SentBack) {
        sentBack(row);
        continue;
      }
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      inTrouble(row, shared, trouble);
    }
  }
}

async function takeStep(row: Row, shared: Shared): Promise<void> {
  const { agenda, skips } = shared;
  if (row.step === 'done') return;
  agenda.check({ evenAborted: isUnderWay(row) || row.step === 'leave' });
  const skip = skips.get(row.workspaceId);
  if (skip && row.step !== 'leave' && !isUnderWay(row)) return end(row, shared, 'skipped', skip);
  if (skip && row.blocked && isUnderWay(row)) {
    return end(row, shared, 'rebuildUnconfirmed', { code: 'notFollowed', detail: row.blocked.code });
  }
  if (row.blocked) {
    await agenda.until(Infinity, { owner: row.workspaceId, evenAborted: isUnderWay(row) });
    return;
  }
  await STEP[row.step](row, shared);
}

/** Nothing new is to be begun: the run was aborted, or goes on in a new history. */
function interrupted(row: Row, shared: Shared): void {
  // Not called yet, and by the time it could be, its last look is an old one.
  if (row.step === 'rebuild' || row.step === 'migrate') row.step = 'lastLook';
  const ends = shared.agenda.aborted && !isUnderWay(row) && row.outcome === null;
  if (ends) end(row, shared, 'aborted', { code: 'abortedByOperator' });
}

/** What a person can mend waits for one; the rest is how it ends. */
function inTrouble(row: Row, shared: Shared, { type, code, message }: Trouble): void {
  if (type === 'AccessDenied' || type === 'QuotaExceeded') return block(row, shared, { type, code, message });
  if (isUnderWay(row)) return end(row, shared, 'rebuildUnconfirmed', { code: 'notFollowed', detail: code });
  // Of a WorkSpace that is gone, DescribeWorkspaceSnapshots says so; the other calls leave it out of their answers.
  if (type === 'NotFound') return end(row, shared, 'skipped', { code: 'gone' });
  end(row, shared, 'rebuildFailed', { code: 'errorFromAws', detail: code });
}

const STEP: Record<Exclude<Step, 'done'>, (row: Row, shared: Shared) => Promise<void>> = {
  baseline: readBaseline,
  snapshot: awaitSnapshot,
  warning: warnWhenAdmitted,
  turn: awaitTurn,
  lastLook,
  rebuild,
  migrate,
  settle,
  confirm,
  confirmMigration,
  leave,
};

async function readBaseline(row: Row, shared: Shared): Promise<void> {
  const { settings, observer, began } = shared;
  const margin = settings.quietMarginHours * 3_600_000;
  const [snapshots, connection] = await allOf(
    observer.snapshots(row.workspaceId, { hurry: false }),
    margin > 0 ? observer.firstConnection(row.workspaceId) : Promise.resolve(null),
  );
  // Thousands of baselines take hours to read: a snapshot that came meanwhile is the one that is waited for.
  row.baselineSnapshot = newest(snapshots.filter((each) => Date.parse(each) <= began));
  const fresh = newest(snapshots);
  if (fresh && Date.parse(fresh) > began) return ready(row, fresh);
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
  const later = [row.deferredUntil, row.snapshotWaitEndsAt].map((each) => (each === null ? 0 : Date.parse(each)));
  const waitEnds = Math.max(deadline, ...later);
  for (;;) {
    const look = Math.min(nextLook(after, agenda.now, settings.pollSeconds * 1000), waitEnds);
    row.nextLookAt = iso(look);
    await agenda.until(look, { rounding: 'lazy', owner: row.workspaceId });
    const found = newest(await observer.snapshots(row.workspaceId));
    if (found && (!after || Date.parse(found) > Date.parse(after))) return ready(row, found);
    if (agenda.now >= waitEnds) return await endWithoutSnapshot(row, shared);
  }
}

async function endWithoutSnapshot(row: Row, shared: Shared): Promise<void> {
  const desktop = await shared.observer.desktop(row.workspaceId);
  if (!desktop || isGone(desktop.state)) return end(row, shared, 'skipped', { code: 'gone' });
  row.state = desktop.state;
  const why = row.state === 'STOPPED' ? 'stoppedNoSnapshot' : 'noFreshSnapshot';
  end(row, shared, 'timedOutWaiting', row.reason ?? { code: why });
}

const waitFrom = ({ agenda, settings }: Shared): string => iso(agenda.now + settings.waitTimeoutMinutes * 60_000);

function ready(row: Row, snapshot: string): void {
  row.freshSnapshot = snapshot;
  row.nextLookAt = null;
  if (row.reason?.code !== 'quiet') row.reason = null;
  row.readyAt ??= snapshot;
  row.step = 'warning';
}

/** Nobody is warned of a rebuild that may not begin: not before its wave, its window, or while the run is halted. */
async function warnWhenAdmitted(row: Row, shared: Shared): Promise<void> {
  // Sent back out of the queue: its user can work until it may begin again.
  await leaveMaintenance(row, shared);
  shared.locks.letGo(row.workspaceId);
  await shared.admission.pass(row);
  await warn(row, shared);
}

async function awaitTurn(row: Row, shared: Shared): Promise<void> {
  const { admission, turns } = shared;
  // Back from a last look, or after a restart.
  await admission.known(row);
  if (!admission.may(row)) return turnedAway(row, shared);
  await awaitWarningTime(row, shared);
  if (!(await passesState(row, shared))) return;
  if (shared.settings.maintenance) return await awaitTurnInMaintenance(row, shared);
  await admission.known(row);
  if (!admission.may(row)) return turnedAway(row, shared);
  await turns.acquire(row.workspaceId, youngestFirst(row));
  row.step = 'lastLook';
}

/** Nobody is locked out before the turn is near. */
async function awaitTurnInMaintenance(row: Row, shared: Shared): Promise<void> {
  const { admission, near, turns, skips } = shared;
  const { workspaceId } = row;
  await near.acquire(workspaceId, youngestFirst(row));
  try {
    await enterMaintenance(row, shared);
    // That takes a while, in which it may have been closed out, or taken out by a person.
    await admission.known(row);
    if (skips.has(workspaceId)) return;
    if (!admission.may(row)) return turnedAway(row, shared);
    await turns.acquire(workspaceId, youngestFirst(row));
    row.step = 'lastLook';
  } finally {
    near.release(workspaceId);
  }
}

function turnedAway(row: Row, { admission }: Shared): void {
  admission.turnAway(row);
  sentBack(row);
}

/** The youngest snapshot goes first, so that few grow old in the queue. */
const youngestFirst = ({ freshSnapshot, readyAt }: Row): string =>
  String(LATEST - Date.parse(freshSnapshot ?? readyAt ?? '1970-01-01')).padStart(16, '0');
const LATEST = 8.64e15;

/** Waits while the WorkSpace was last seen in a state that allows no rebuild. False: it has come to its end. */
async function passesState(row: Row, shared: Shared): Promise<boolean> {
  if (row.inMaintenance || isRebuildable(row.state)) return true;
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
  await agenda.until(agenda.now + settings.pollSeconds * 1000, { rounding: 'tick', owner: row.workspaceId });
}

async function lastLook(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, observer, locks, admission } = shared;
  const { workspaceId } = row;
  if (!admission.may(row)) return giveBack(row, shared);
  const { changes } = admission;
  row.lockedBy = await locks.acquire(workspaceId);
  if (row.lockedBy !== null) {
    giveBack(row, shared);
    // The other operation may need it in its own state, and its user is not locked out for as long as that takes.
    await leaveMaintenance(row, shared);
    return await waitForState(row, shared, { code: 'locked', detail: row.lockedBy });
  }
  await leaveMaintenance(row, shared);
  const began = agenda.now;
  shared.looksBegan.set(workspaceId, { ours: Date.now(), aws: agenda.now });
  const isOld = (): boolean => sinceLook(row, shared) > LOOK_LASTS || admission.changes !== changes;
  const [seen, snapshots, user, bundle] = await allOf(
    observer.desktop(workspaceId, began - FRESH),
    observer.lastSnapshots(workspaceId),
    observer.user(workspaceId),
    observer.bundle(),
  );
  // What was read while the run was halted, or went on again, may be of another bundle.
  if (isOld()) return;
  // AWS's time stood still here while no reply came: what was read along with others may be older than it seemed.
  const old = agenda.now - observer.desktopSeenAt(workspaceId) > STATE_LASTS;
  const desktop = old ? await observer.desktop(workspaceId) : seen;
  if (isOld()) return;
  row.state = desktop?.state ?? row.state;
  const look = { now: agenda.now, desktop, snapshots, bundle, ...user };
  await obey(judge(settings, row, look), row, shared);
}

async function obey(verdict: Verdict, row: Row, shared: Shared): Promise<void> {
  switch (verdict.verdict) {
    case 'end':
      return end(row, shared, verdict.outcome, verdict.reason);
    case 'waitForState':
      giveBack(row, shared);
      return await waitForState(row, shared, verdict.because);
    case 'waitForUser':
      giveBack(row, shared);
      return await waitForUser(row, shared);
    case 'waitForSnapshot':
      giveBack(row, shared);
      row.newerThan = newest([row.baselineSnapshot, verdict.newerThan].filter((each) => each !== null));
      row.freshSnapshot = null;
      // Its wave or window came late: it has a time of its own for the next snapshot.
      if (shared.agenda.now >= shared.deadline) row.snapshotWaitEndsAt ??= waitFrom(shared);
      row.notified = null;
      row.warningsSent = 0;
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
      row.bundleConfirmed = false;
      row.stateWaitEndsAt = null;
      row.step = row.action;
  }
}

/** Looked for every few minutes, along with others; how long it may last is the gate's to say. */
async function waitForUser(row: Row, { agenda, observer, settings }: Shared): Promise<void> {
  row.userWaitEndsAt ??= iso(agenda.now + settings.connectedUsers.waitMinutes * 60_000);
  const ends = Date.parse(row.userWaitEndsAt);
  for (let connected = true; connected && agenda.now < ends;) {
    await agenda.until(Math.min(agenda.now + USER_LOOK, ends), { rounding: 'tick', owner: row.workspaceId });
    connected = mayBeConnected(await observer.connection(row.workspaceId), row.state);
  }
}

/** It has its outcome; nobody may stay locked out. */
async function leave(row: Row, shared: Shared): Promise<void> {
  await leaveInTheEnd(row, shared);
  shared.locks.letGo(row.workspaceId);
  row.step = 'done';
  shared.onNews();
}
