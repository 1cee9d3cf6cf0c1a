/**
 * Makes a WorkSpace for a user on the restore bundle. A user has one WorkSpace in a directory, so what a lost call made is
 * found by its user: each look says whether it is there, on its way, or to be asked for.
 */
import { RUN_TAG, CAPABILITY_TAG, WORKSPACE_TAG } from '../domain/holdfast-tags.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { isBroken, isGone, isSettled } from '../domain/workspace-states.ts';
import { workflowInfo } from '@temporalio/workflow';
import type { CreateReply, NewDesktop } from '../activities/restores.ts';
import type { Desktop } from '../domain/rebuild-gate.ts';
import { restoreActs, workspacesCalls } from './activities.ts';
import { troubleOf } from './failures.ts';
import { heard, persistently, type Making, type RestoreRun } from './restore-run.ts';

export type Progress =
  | { readonly is: 'up' }
  /** AWS shows it, and not in order: it may mend itself, and its user may be at work on it. */
  | { readonly is: 'unwell'; readonly message: string }
  | UnderWay
  /** AWS refused it, or it ended in a failure. */
  | { readonly is: 'refused' | 'failed'; readonly code: string; readonly message: string };

/** Of which WorkSpace: `old`, the one that is to go; `new`, the one that AWS makes; `none` is shown. */
export interface UnderWay {
  readonly is: 'under way';
  readonly of: 'old' | 'new' | 'none';
  /** As AWS shows it; null: it does not. */
  readonly state: string | null;
}

const NOT_SHOWN: UnderWay = { is: 'under way', of: 'none', state: null };
/** An id that AWS gave shows by then; the call whose reply was lost too. */
const SHOWS_WITHIN = 15 * 60_000;

/** What Holdfast's own are found and explained by. */
export const tagsOfRun = ({ input }: RestoreRun): Record<string, string> => ({
  [RUN_TAG]: workflowInfo().workflowId,
  [CAPABILITY_TAG]: 'imageRestore',
  [WORKSPACE_TAG]: input.workspaceId,
});

/** In the likeness of the WorkSpace that is restored. */
export function likeOf(run: RestoreRun, userName: string, tags: Readonly<Record<string, string>>): NewDesktop {
  const { before, bundle } = run.state;
  const { directoryId, encryption, settings } = before as RestoreDesktop;
  return { directoryId, userName, bundleId: bundle?.bundleId ?? '', encryption, settings, tags };
}

/**
 * @param likeNow what is asked for, should it have to be; null: it cannot be asked for yet
 */
export async function makeDesktop(
  run: RestoreRun,
  making: Making,
  likeNow: () => Promise<NewDesktop | null>,
): Promise<Progress> {
  const { target, workspaceId: old } = run.input;
  const { directoryId } = run.state.before as RestoreDesktop;
  const { userName } = making;
  const asked = persistently(run, () => workspacesCalls(target).describeOfUser({ target, directoryId, userName }));
  const { at, found } = await asked;
  heard(run, at);
  const others = found.filter((each) => each.workspaceId !== old);
  const mine = others.find((each) => each.bundleId === run.state.bundle?.bundleId && !isGone(each.state));
  if (mine) return progressOf(making, mine);
  const stranger = others.find((each) => !isGone(each.state));
  if (stranger) {
    const message = `${userName} has ${stranger.workspaceId} on ${stranger.bundleId}, which this run did not make`;
    return { is: 'refused', code: 'otherDesktop', message };
  }
  // One that is going still counts for AWS: nothing can be made for its user before it is gone.
  const [going] = found;
  if (going) return { is: 'under way', of: going.workspaceId === old ? 'old' : 'new', state: going.state };
  if (making.requestedAt !== null && Date.parse(at) - Date.parse(making.requestedAt) < SHOWS_WITHIN) return NOT_SHOWN;
  const like = await likeNow();
  return like ? await ask(run, making, like) : NOT_SHOWN;
}

/** Only ERROR says that it never came up. */
function progressOf(making: Making, { workspaceId, state, errorCode }: Desktop): Progress {
  making.workspaceId = workspaceId;
  const message = `${workspaceId} is ${state}`;
  if (isSettled(state)) return { is: 'up' };
  if (state === 'ERROR') return { is: 'failed', code: errorCode ?? state, message };
  return isBroken(state) ? { is: 'unwell', message } : { is: 'under way', of: 'new', state };
}

async function ask(run: RestoreRun, making: Making, like: NewDesktop): Promise<Progress> {
  making.attempts += 1;
  making.workspaceId = null;
  making.requestedAt = run.state.now;
  const reply = await createOnce(run, like);
  switch (reply.reply) {
    case 'accepted':
      heard(run, reply.at);
      making.requestedAt = reply.at;
      making.workspaceId = reply.id === '' ? null : reply.id;
      return NOT_SHOWN;
    case 'unclear':
      // If it was taken, the user has a WorkSpace before long; if it was not, it is asked for again.
      return NOT_SHOWN;
    case 'throttled':
    case 'notMade':
      making.requestedAt = null;
      return NOT_SHOWN;
    case 'refused':
      making.requestedAt = null;
      if (reply.code.startsWith('ResourceExists')) return NOT_SHOWN;
      return { is: 'refused', code: reply.code, message: `${reply.code}: ${reply.message}` };
  }
}

export type Asked = CreateReply | { readonly reply: 'notMade' };

export async function createOnce({ input }: RestoreRun, like: NewDesktop): Promise<Asked> {
  const { target } = input;
  try {
    return await restoreActs(target).createWorkspace({ target, like });
  } catch (error) {
    return unmade(error);
  }
}

/** A call that no worker took was not made; one whose worker is gone may have been. */
export function unmade(
  error: unknown,
): { readonly reply: 'notMade' } | { readonly reply: 'unclear'; readonly code: string } {
  const trouble = troubleOf(error);
  if (!trouble) throw error;
  return trouble.code === 'NotStarted' ? { reply: 'notMade' } : { reply: 'unclear', code: trouble.code };
}
