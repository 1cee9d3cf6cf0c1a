/** One operation at a time on a WorkSpace: a restore holds the lock of the one that it changes. */
import { quickCalls } from './activities.ts';
import { pause, persistently, retry, unblock, type RestoreRun } from './restore-run.ts';

const ASK_AGAIN = 60_000;

/** False: another run holds it, which was waited for a while; the step is begun again. */
export async function lock(run: RestoreRun): Promise<boolean> {
  const { input, state } = run;
  if (state.locked) return true;
  const { target, workspaceId } = input;
  const { refused } = await persistently(run, () =>
    quickCalls.exchangeLocks({ target, release: [], acquire: [workspaceId] }),
  );
  const [other] = refused;
  if (!other) {
    state.locked = true;
    unblock(run, 'step');
    return true;
  }
  await retry(run, `${other.holder} holds ${workspaceId}: it is waited for`);
  await pause(run, ASK_AGAIN);
  return false;
}

export async function unlock(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  if (!state.locked) return;
  const { target, workspaceId } = input;
  await persistently(run, () => quickCalls.exchangeLocks({ target, release: [workspaceId], acquire: [] }));
  state.locked = false;
}
