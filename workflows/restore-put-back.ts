/** What the WorkSpace had, and its successor must have: running mode, compute type, tags, maintenance. */
import { KEEP_TAG, USER_TAG, userTag, WORKSPACE_TAG } from '../domain/holdfast-tags.ts';
import { needsBundle } from '../domain/restore-checks.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { isBroken } from '../domain/workspace-states.ts';
import { restoreCalls, workspacesCalls } from './activities.ts';
import { tagsOfRun } from './restore-making.ts';
import { enter, tryOn, type RestoreRun } from './restore-run.ts';
import { tellUser } from './restore-telling.ts';

export async function putBack(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target } = input;
  enter(run, 'puttingBack');
  const { newWorkspaceId } = state;
  // Its user has a desktop again: from here on nothing holds an abort up, and there is nothing left to abort.
  state.outcome = 'restored';
  state.notPutBack = [];
  if (newWorkspaceId !== null && input.strategy !== 'copy') {
    const present = await softly(run, 'its settings', () =>
      restoreCalls(target).describeInFull({ target, workspaceId: newWorkspaceId }),
    );
    if (present?.desktop) await putSettingsBack(run, newWorkspaceId, present.desktop);
    if (present?.desktop && isBroken(present.desktop.state)) {
      state.notPutBack.push(`AVAILABLE: ${newWorkspaceId} is ${present.desktop.state}; reboot it, or rebuild it`);
    }
    await putTagsBack(run, newWorkspaceId);
  }
  if (needsBundle(input.strategy) && newWorkspaceId !== null) await keep(run, newWorkspaceId);
  if (state.notPutBack.length > 0) state.outcome = 'restoredInPart';
  if (!state.userTold) state.userTold = await tellUser(run);
  state.step = 'undo';
}

async function putSettingsBack(run: RestoreRun, workspaceId: string, present: RestoreDesktop): Promise<void> {
  const { target } = run.input;
  const { settings, state: stateBefore } = run.state.before as RestoreDesktop;
  const { runningMode, autoStopMinutes, computeType } = settings;
  const sameMode =
    present.settings.runningMode === runningMode &&
    (runningMode !== 'AUTO_STOP' || present.settings.autoStopMinutes === autoStopMinutes);
  if (!sameMode && runningMode !== null) {
    const what = `running mode ${runningMode}`;
    await softly(run, what, () => restoreCalls(target).setRunningMode({ target, workspaceId, settings }));
  }
  if (computeType !== null && present.settings.computeType !== computeType) {
    const what = `compute type ${computeType}`;
    await softly(run, what, () => restoreCalls(target).setComputeType({ target, workspaceId, computeType }));
  }
  if (stateBefore === 'ADMIN_MAINTENANCE' && present.state !== stateBefore) {
    const change = { target, workspaceId, state: 'ADMIN_MAINTENANCE' as const };
    await softly(run, 'ADMIN_MAINTENANCE', () => workspacesCalls(target).modifyState(change));
  }
}

async function putTagsBack(run: RestoreRun, resourceId: string): Promise<void> {
  const { input, state } = run;
  const { target } = input;
  const present = await softly(run, 'its tags', () => restoreCalls(target).describeTags({ target, resourceId }));
  if (!present) return;
  const missing = Object.entries(state.tags).filter(([key, value]) => present[key] !== value && !isAws(key));
  if (missing.length === 0) return;
  const tags = Object.fromEntries(missing);
  const what = `tags ${missing.map(([key]) => key).join(', ')}`;
  await softly(run, what, () => restoreCalls(target).putTags({ target, resourceId, tags }));
}

const isAws = (key: string): boolean => key.startsWith('aws:');

/** AWS does not delete a bundle that a WorkSpace is on: it is found by its tags, and its image is kept with it. */
async function keep(run: RestoreRun, workspaceId: string): Promise<void> {
  const { input, state } = run;
  const { target, imageId } = input;
  const { directoryId = '', userName = '' } = state.before ?? {};
  const user = userTag({ directoryId, userName: input.strategy === 'copy' ? (input.otherUser ?? '') : userName });
  state.bundleKept = true;
  const bundleId = state.bundle?.bundleId ?? '';
  const tags = { ...tagsOfRun(run), [WORKSPACE_TAG]: workspaceId, [USER_TAG]: user };
  await softly(run, `tags of ${bundleId}`, () => restoreCalls(target).putTags({ target, resourceId: bundleId, tags }));
  if (imageId === null) return;
  const what = `tag of ${imageId}`;
  const present = await softly(run, what, () => restoreCalls(target).describeTags({ target, resourceId: imageId }));
  // One that is there keeps the image already, and whoever set it takes it off.
  if (!present || KEEP_TAG in present) return;
  const kept = { [KEEP_TAG]: `restore of ${workspaceId}` };
  await softly(run, what, () => restoreCalls(target).putTags({ target, resourceId: imageId, tags: kept }));
}

const TRIES = 6;

/** What cannot be put back is told, and takes no desktop from its user. */
export async function softly<T>(run: RestoreRun, what: string, send: () => Promise<T>): Promise<T | null> {
  const done = await tryOn(run, send, ({ passing, message }, tries) => {
    const isGivenUp = !passing || tries === TRIES;
    if (isGivenUp) run.state.notPutBack.push(`${what}: ${message}`);
    return isGivenUp;
  });
  return done === null ? null : done.reply;
}
