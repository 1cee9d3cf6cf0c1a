/** `image`: MigrateWorkspace onto a bundle of the image. AWS makes a new WorkSpace, and puts the old one back if it fails. */
import { migrationEnd } from '../domain/migration-end.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { unrepeatableCalls, workspacesCalls } from './activities.ts';
import { afterCall, CALL_WITHIN, commit } from './restore-act.ts';
import { unmade } from './restore-making.ts';
import { block, giveUp, heard, LONGEST_PAUSE, pause, persistently, unblock, type RestoreRun } from './restore-run.ts';

/** It takes up to an hour: looked at no more often than this. */
const LOOK_EVERY = 5 * 60_000;

export async function migrate(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const bundleId = state.bundle?.bundleId ?? '';
  commit(run);
  const reply = await unrepeatableCalls(target, CALL_WITHIN)
    .migrateWorkspace({ target, workspaceId, bundleId })
    .catch(unmade);
  if (reply.reply === 'accepted') state.newWorkspaceId = reply.newWorkspaceId;
  await afterCall(run, reply);
}

export async function followMigration(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const { directoryId, userName } = state.before as RestoreDesktop;
  const look = () => workspacesCalls(target).describeOfUser({ target, directoryId, userName });
  const { at, found } = await persistently(run, look);
  heard(run, at);
  const { newWorkspaceId } = state;
  const migrated = { workspaceId, newWorkspaceId, rebuildRequestedAt: state.actedAt };
  const ended = migrationEnd(migrated, { found, bundleId: state.bundle?.bundleId ?? '', now: Date.parse(at) });
  state.newWorkspaceId = ended.newWorkspaceId;
  if (ended.outcome === null) return await pause(run, LOOK_EVERY);
  if (ended.outcome === 'migrated') {
    unblock(run, 'step');
    state.step = 'putBack';
    return;
  }
  if (ended.reason?.code === 'migrationFailed') {
    state.newWorkspaceId = null;
    return giveUp(run, 'failed', 'AWS put the WorkSpace back: the migration did not succeed within an hour');
  }
  await block(run, {
    cause: `the migration has not ended: the new WorkSpace is ${ended.reason?.detail ?? 'not shown'}`,
    remedy: 'look at both WorkSpaces, and ask AWS; the run goes on once the user has one of them in order',
  });
  await pause(run, LONGEST_PAUSE);
}
