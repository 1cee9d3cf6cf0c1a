/**
 * The way of one WorkSpace through an image backup. Each step is a function that ends by naming the next one; after a
 * restart the row's step is where it goes on. What was started is stopped again whatever happens, as that is a step that
 * every ending leads to.
 */
import { judgeMember } from '../domain/backup-eligibility.ts';
import type { BackupBlocked, BackupRow, BackupStep } from '../domain/backup-row.ts';
import { Interrupted, SentBack } from './agenda.ts';
import type { Desks } from './backup-desks.ts';
import { allOf } from './batches.ts';
import { block, end, isUnderWay } from './backup-ending.ts';
import { createImage, followImage, imageTimesOut, removeImage } from './backup-image.ts';
import { startForImage, stopAgain } from './backup-power.ts';
import { comeBack, isSkipped, leave, lookAnew } from './backup-return.ts';
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

/** What was seen before a restart, or before it was blocked, is old. */
const isToLookAnew = ({ step, requestedAt }: BackupRow): boolean => step === 'creating' && requestedAt === null;

export async function backUpDesktop(row: BackupRow, desks: Desks): Promise<void> {
  if (isToLookAnew(row)) lookAnew(row, desks);
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

async function waitForTurn(row: BackupRow, desks: Desks): Promise<void> {
  const { admission, turns, room, agenda } = desks;
  const { workspaceId } = row;
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  const never = await admission.pass(row);
  if (never) return end(row, desks, 'skipped', never);
  await turns.acquire(workspaceId, '');
  try {
    if (!admission.may(row)) return await comeBack(row, desks, null);
    row.lockedBy = await desks.locks.acquire(workspaceId);
    if (row.lockedBy !== null) {
      const reason = { code: 'locked', detail: row.lockedBy } as const;
      return await comeBack(row, desks, { outcome: 'skipped', reason });
    }
    const taken = await room.take(workspaceId);
    if (taken === 'none') return end(row, desks, 'ineligible', { code: 'quota' });
    if (taken === 'later') return await comeBack(row, desks, RESERVED);
    await lookAndGo(row, desks);
  } finally {
    if (row.step === 'waiting' && agenda.stopped) leave(row, desks);
  }
}

const RESERVED = {
  outcome: 'ineligible',
  reason: { code: 'quota', detail: 'other runs have reserved what there is' },
} as const;
const CONNECTED = { outcome: 'skipped', reason: { code: 'userConnected' } } as const;

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
    return await comeBack(row, desks, CONNECTED);
  }
  if (isSkipped(row, desks)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
  desks.agenda.check();
  if (!admission.may(row)) return await comeBack(row, desks, null);
  row.step = member.state === 'STOPPED' ? 'starting' : 'creating';
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

/** Who has nothing under way leaves its turn to others. Nobody is waited for longer than the run may last. @throws Interrupted, SentBack */
async function untilUnblocked(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, admission } = desks;
  if (isToLookAnew(row)) lookAnew(row, desks);
  else if (row.step === 'waiting') leave(row, desks);
  const last = row.requestedAt === null ? admission.deadline : Math.max(admission.deadline, imageTimesOut(row, desks));
  // Who resumes it says so in the row, which the next history knows too.
  while (row.blocked && agenda.now < last) {
    if (isSkipped(row, desks) && !isUnderWay(row)) return end(row, desks, 'skipped', { code: 'skippedByOperator' });
    await agenda.until(last, { evenAborted: isUnderWay(row), owner: row.workspaceId });
  }
  if (row.blocked) giveUp(row, desks, row.blocked);
}

/** What was begun and cannot be followed or put back stays as it is: the reason tells of it. */
function giveUp(row: BackupRow, desks: Desks, { code, message }: BackupBlocked): void {
  const wasStopping = row.step === 'stopping';
  const outcome = row.imageId === null && row.requestedAt === null ? 'imageFailed' : 'imageUnconfirmed';
  end(row, desks, outcome, { code: 'blocked', detail: `${code}: ${message}` });
  if (!wasStopping) return;
  row.leftRunning = true;
  row.step = 'done';
}
