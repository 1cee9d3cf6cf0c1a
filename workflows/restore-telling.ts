/** Tells a user on the screen that the WorkSpace was restored; whom no agent reaches, operators are asked to tell. */
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { quickCalls, restoreCalls, warnings } from './activities.ts';
import { troubleOf } from './failures.ts';
import type { RestoreRun } from './restore-run.ts';

const TEXTS = {
  image: 'its system was set to an image, and your files to their last snapshot',
  recreate: 'it was made anew from an image, and your files on it are gone',
  snapshot: 'it was set back to its last snapshot, with your files',
  rebuild: 'its system was made anew, and your files were set to their last snapshot',
} as const;

/** A fleet of more instances is not searched for one desktop. */
const MOST_PAGES = 40;

export async function tellUser(run: RestoreRun): Promise<boolean> {
  const { input, state } = run;
  const { target, strategy, workspaceId } = input;
  if (strategy === 'copy') return false;
  try {
    const id = state.newWorkspaceId ?? workspaceId;
    const { desktop } = await restoreCalls(target).describeInFull({ target, workspaceId: id });
    const { computerName } = desktop ?? (state.before as RestoreDesktop);
    const instanceIds = await instancesOf(run, computerName);
    const of = state.snapshotTime === null ? '' : ` of ${state.snapshotTime}`;
    const message = `Your WorkSpace was restored: ${TEXTS[strategy]}${of}.`;
    const key = `holdfast-restore/${state.runId}`;
    const { warned } = await warnings.warnUser({ target, computerName, instanceIds, message, key });
    return warned === 'delivered';
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return false;
  }
}

async function instancesOf({ input }: RestoreRun, computerName: string): Promise<string[]> {
  const { target } = input;
  let nextToken: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const reply: Awaited<ReturnType<typeof quickCalls.describeAgents>> = await quickCalls.describeAgents({
      target,
      nextToken,
    });
    const found = reply.agents.filter((agent) => agent.computerName === computerName);
    if (found.length > 0) return found.map((agent) => agent.instanceId);
    if (reply.nextToken === null) return [];
    nextToken = reply.nextToken;
  }
  return [];
}
