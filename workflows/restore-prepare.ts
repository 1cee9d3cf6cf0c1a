/** Everything before the point of no return: checks, the temporary bundle, a canary, approval, a last image, the last look. */
import { condition } from '@temporalio/workflow';
import { isAllowed, needsBundle, refusalsOf, restoreChecks, snapshotsFor } from '../domain/restore-checks.ts';
import type { RestoreDesktop, RestoreFacts } from '../domain/restore-facts.ts';
import { newest } from '../domain/snapshots.ts';
import { restoreCalls } from './activities.ts';
import { refused } from './restore-act.ts';
import { bundleOf, createBundle, findBundle, takeNextName } from './restore-bundle.ts';
import { readFacts } from './restore-facts.ts';
import { lock } from './restore-lock.ts';
import { createOnce, likeOf, makeDesktop, tagsOfRun } from './restore-making.ts';
import {
  enter,
  heard,
  isStopping,
  note,
  pause,
  persistently,
  Restarted,
  show,
  tellOperators,
  tryOn,
  type RestoreRun,
} from './restore-run.ts';

const A_MINUTE = 60_000;

/** Facts, and the verdicts on them; null: the run was given up. What does not pass by itself is told in the outcome. */
async function judged(run: RestoreRun, again: boolean): Promise<RestoreFacts | null> {
  const { input, state } = run;
  const made = again && needsBundle(input.strategy) ? { bundle: state.bundle, canary: state.canary } : null;
  const facts = await orRefuse(run, async () => {
    state.lookedAt = Date.now();
    return await readFacts(input, { made, write: !again });
  });
  if (!facts) return null;
  heard(run, facts.at);
  // What a last image needs is not asked once it is made.
  const lastImage = input.lastImage && !(again && state.lastImage?.done);
  const asked = { ...input, lastImage, snapshotTime: input.snapshotTime ?? (again ? state.snapshotTime : null) };
  state.checks = restoreChecks(asked, facts);
  const refusals = refusalsOf(state.checks);
  if (refusals.length === 0) return facts;
  refused(run, refusals.map(({ check, detail }) => `${check}: ${detail}`).join('; '));
  return null;
}

/** Makes a call until it gets through; null: it cannot, and the run was given up with nothing destroyed. */
export async function orRefuse<T>(run: RestoreRun, send: () => Promise<T>): Promise<T | null> {
  const done = await tryOn(run, send, ({ passing, message }) => {
    if (!passing) refused(run, message);
    return !passing;
  });
  return done === null ? null : done.reply;
}

export async function check(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  enter(run, 'checking');
  const facts = await judged(run, false);
  if (!facts) return;
  state.before = facts.desktop;
  state.tags = facts.tags;
  state.snapshotTime = newest(snapshotsFor(input.strategy, facts) ?? []);
  state.step = needsBundle(input.strategy) ? 'bundle' : 'approval';
}

export async function bundle(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  enter(run, 'preparing');
  const made = bundleOf(run);
  const found = await orRefuse(run, () => findBundle(run));
  if (found === null) return;
  if (found === 'none') {
    const reply = await orRefuse(run, async () => ({ bundle: await createBundle(run) }));
    // What a lost call made is found by its name.
    if (reply && reply.bundle === null) await nextName(run);
    return;
  }
  made.bundleId = found.bundleId;
  if (found.state === 'ERROR') return refused(run, `the restore bundle ${found.bundleId} ended in ERROR`);
  if (found.state === 'AVAILABLE') state.step = input.canary ? 'canary' : 'approval';
  else await pause(run, A_MINUTE);
}

const MOST_NAMES = 5;

async function nextName(run: RestoreRun): Promise<void> {
  const found = await orRefuse(run, () => findBundle(run));
  if (found !== 'none') return;
  takeNextName(run);
  if (bundleOf(run).attempt > MOST_NAMES) refused(run, 'AWS takes none of the names for the restore bundle');
}

/** A WorkSpace of the image for another user must come up before anything is destroyed. */
export async function canary(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  state.canary ??= { userName: input.otherUser ?? '', workspaceId: null, requestedAt: null, attempts: 0 };
  const like = likeOf(run, state.canary.userName, tagsOfRun(run));
  const progress = await makeDesktop(run, state.canary, async () => await Promise.resolve(like));
  switch (progress.is) {
    case 'up':
      state.canaryUp = true;
      state.step = 'approval';
      return;
    case 'under way':
      return await pause(run, 2 * A_MINUTE);
    case 'unwell':
    case 'refused':
    case 'failed':
      refused(run, `the canary did not come up, so nothing was destroyed: ${progress.message}`);
  }
}

export async function approval(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { required, expiresMinutes } = input.approval;
  state.step = input.lastImage ? 'lastImage' : 'lastLook';
  if (!required || state.approvedBy) return;
  state.step = 'approval';
  if (state.approvalExpiresAt === null) {
    state.approvalExpiresAt = new Date(Date.parse(state.now) + expiresMinutes * A_MINUTE).toISOString();
    enter(run, 'awaitingApproval');
    await tellOperators(
      run,
      `Restore of ${input.workspaceId} waits for approval`,
      `It would be restored by ${input.strategy}. Approve it until ${state.approvalExpiresAt} with: holdfast restore approve`,
    );
  }
  const left = Date.parse(state.approvalExpiresAt) - Date.parse(state.now);
  await condition(() => state.approvedBy !== null || isStopping(run), Math.max(1, left));
  if (isStopping(run)) throw new Restarted();
  state.approvalExpiresAt = null;
  if (!state.approvedBy) {
    const message = `nobody approved it within ${expiresMinutes} minutes: start it again, and approve it in time`;
    return refused(run, message);
  }
  show(run);
}

/** The checks once more, on what AWS just showed; the snapshot's time is the last thing read. */
export async function lastLook(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  enter(run, 'lastLook');
  if (input.strategy !== 'copy' && !(await lock(run))) return;
  if (input.strategy === 'recreate' && !(await userIsFound(run))) return;
  const facts = await judged(run, true);
  if (!facts) return;
  if (facts.desktop?.userName !== state.before?.userName) {
    return refused(run, `${input.workspaceId} is another user's than when the checks were passed`);
  }
  state.before = facts.desktop;
  state.tags = facts.tags;
  state.snapshotTime = newest(snapshotsFor(input.strategy, facts) ?? []);
  state.step = 'act';
}

/**
 * No API tells whether a user is still in the directory. So AWS is asked for exactly the WorkSpace that is to be made, while
 * the old one is there: the refusal that the user has one already says that all else is in order.
 */
async function userIsFound(run: RestoreRun): Promise<boolean> {
  const { state, input } = run;
  const { userName, directoryId } = state.before as RestoreDesktop;
  const still = await persistently(run, () =>
    restoreCalls(input.target).describeInFull({ target: input.target, workspaceId: input.workspaceId }),
  );
  heard(run, still.at);
  // The checks say why a WorkSpace that is not there is not restored; asked now, AWS might make one.
  if (!still.desktop || !isAllowed('recreate', still.desktop.state)) return true;
  state.making = { userName, workspaceId: null, requestedAt: state.now, attempts: 0 };
  const reply = await createOnce(run, likeOf(run, userName, { ...state.tags, ...tagsOfRun(run) }));
  switch (reply.reply) {
    case 'refused':
      state.making = null;
      if (reply.code.startsWith('ResourceExists')) return true;
      // The place of the old one is free once it is gone.
      if (/ResourceLimitExceeded/.test(reply.code)) {
        note(run, 'ask for the user', { by: null, reason: null }, `the quota of WorkSpaces is full: ${reply.message}`);
        return true;
      }
      refused(
        run,
        `AWS would not make a WorkSpace for ${userName} in ${directoryId} (${reply.code}: ${reply.message})`,
      );
      return false;
    case 'accepted':
      state.making.workspaceId = reply.id;
      refused(run, `AWS allows ${userName} a second WorkSpace: ${reply.id} was made, and is removed again`);
      return false;
    case 'unclear':
    case 'throttled':
    case 'notMade':
      // Asked again: were it made, the next answer would be another one, and it is on the restore bundle.
      await pause(run, A_MINUTE);
      return false;
  }
}
