/**
 * The way of one WorkSpace through an image backup. Each step is a function that ends by naming the next one; after a
 * restart the row's step is where it goes on. What was started is stopped again whatever happens, as that is a step that
 * every ending leads to.
 */
import { judgeMember } from '../domain/backup-eligibility.ts';
import type { BackupRow, BackupStep } from '../domain/backup-row.ts';
import { Interrupted, SentBack } from './agenda.ts';
import type { Desks } from './backup-desks.ts';
import { allOf } from './batches.ts';
import { block, end, isUnderWay } from './backup-ending.ts';
import { createImage, followImage, removeImage } from './backup-image.ts';
import { startForImage, stopAgain } from './backup-power.ts';
import { show } from './backup-run.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;

type Step = (row: BackupRow, desks: Desks) => Promise<void>;

const STEPS: Readonly<Record<Exclude<BackupStep, 'done'>, Step>> = {
  waiting: waitForTurn,
  starting: startForImage,
  creating: createImage,
  imaging: followImage,
  removing: removeImage,
  stopping: stopAgain,
};

export async function backUpDesktop(row: BackupRow, desks: Desks): Promise<void> {
  while (row.step !== 'done') {
    try {
      if (row.blocked) await untilUnblocked(row, desks);
      else await STEPS[row.step](row, desks);
    } catch (error) {
      if (error instanceof SentBack) {
        if (isSkipped(row, desks)) end(row, desks, 'skipped', { code: 'skippedByOperator' });
      } else if (error instanceof Interrupted) {
        // The run goes on in a new history, and this WorkSpace at its step.
        if (desks.agenda.stopped) return;
        end(row, desks, 'aborted', { code: 'abortedByOperator' });
      } else await inTrouble(row, desks, error);
    }
    show(desks.run);
  }
  leave(row, desks);
}

function leave({ workspaceId }: BackupRow, { turns, locks }: Desks): void {
  turns.release(workspaceId);
  if (locks.held.includes(workspaceId)) locks.release(workspaceId, turns.queued === 0);
}

const isSkipped = ({ workspaceId }: BackupRow, { run }: Desks): boolean => run.state.skips.includes(workspaceId);

async function waitForTurn(row: BackupRow, desks: Desks): Promise<void> {
  const { admission, turns, room, agenda } = desks;
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  const never = await admission.pass(row);
  if (never) return end(row, desks, 'skipped', never);
  await turns.acquire(row.workspaceId, '');
  let hasRoom = false;
  try {
    if (!admission.may(row) || isSkipped(row, desks)) return await comeBack(row, desks);
    row.lockedBy = await desks.locks.acquire(row.workspaceId);
    if (row.lockedBy !== null) return await comeBack(row, desks, LOCKED_AGAIN);
    hasRoom = await room.take();
    if (!hasRoom) return end(row, desks, 'ineligible', { code: 'quota' });
    await lookAndGo(row, desks);
  } finally {
    // A WorkSpace that is not imaged now leaves its place to others.
    if (hasRoom && !['starting', 'creating'].includes(row.step)) room.giveBack();
    if (row.step === 'waiting' && agenda.stopped) leave(row, desks);
  }
}

/** How long is waited for another operation, or for a user, before it is looked again. */
const LOCKED_AGAIN = 10 * MINUTE;
const CONNECTED_AGAIN = 10 * MINUTE;

/** The last look at everything that the image depends on. */
async function lookAndGo(row: BackupRow, desks: Desks): Promise<void> {
  const { observer, admission, run } = desks;
  const { connectedUsers, startStopped } = run.input;
  const [member, isConnected] = await allOf(
    observer.member(row.workspaceId),
    connectedUsers === 'proceed' ? Promise.resolve(false) : observer.isConnected(row.workspaceId),
  );
  if (!member) return end(row, desks, 'skipped', { code: 'gone' });
  row.state = member.state;
  const { reason } = judgeMember(member, { startStopped, poolDirectoryIds: new Set() });
  if (reason) return end(row, desks, reason.code === 'gone' ? 'skipped' : 'ineligible', reason);
  if (isConnected) {
    if (connectedUsers === 'skip') return end(row, desks, 'skipped', { code: 'userConnected' });
    return await comeBack(row, desks, CONNECTED_AGAIN);
  }
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  desks.agenda.check();
  if (!admission.may(row)) return await comeBack(row, desks);
  row.step = member.state === 'STOPPED' ? 'starting' : 'creating';
}

/** Another has its turn meanwhile. */
async function comeBack(row: BackupRow, desks: Desks, after = 0): Promise<void> {
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  leave(row, desks);
  if (after === 0) return;
  const { agenda, admission } = desks;
  const due = agenda.now + after;
  if (due < admission.deadline) return await agenda.until(due, { rounding: 'tick', owner: row.workspaceId });
  const code = row.lockedBy === null ? 'userConnected' : 'locked';
  end(row, desks, 'skipped', { code, ...(row.lockedBy !== null && { detail: row.lockedBy }) });
}

/** Trouble that passes is waited out; other trouble waits for a person, at the same step. */
async function inTrouble(row: BackupRow, desks: Desks, error: unknown): Promise<void> {
  const { agenda, observer } = desks;
  const trouble = troubleOf(error);
  if (!trouble) throw error;
  if (trouble.passing) {
    observer.retrying = trouble.message;
    await agenda.until(agenda.now + MINUTE, { evenAborted: isUnderWay(row), owner: row.workspaceId }).catch(ignoreEnd);
    return;
  }
  await block(row, desks, trouble);
}

/** The step itself, which comes next, sees why the wait has ended. */
function ignoreEnd(error: unknown): void {
  if (!(error instanceof Interrupted) && !(error instanceof SentBack)) throw error;
}

/** Who has nothing under way leaves its turn to others. @throws Interrupted, SentBack */
async function untilUnblocked(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, room } = desks;
  if (row.step === 'creating' && row.requestedAt === null && !row.started) {
    row.step = 'waiting';
    room.giveBack();
  }
  if (row.step === 'waiting') leave(row, desks);
  // Who resumes it says so in the row, which the next history knows too.
  while (row.blocked) {
    if (isSkipped(row, desks) && !isUnderWay(row)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
    await agenda.until(Infinity, { evenAborted: isUnderWay(row), owner: row.workspaceId });
  }
}
