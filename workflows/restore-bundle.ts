/** The temporary bundle. Its name is noted before it is asked for: whatever becomes of the call, it can be found and removed. */
import type { DesktopSettings, OwnBundle } from '../domain/restore-facts.ts';
import { restoreBundleName } from '../domain/restore-names.ts';
import { restoreCalls } from './activities.ts';
import { readOwnBundles } from './restore-facts.ts';
import { tagsOfRun } from './restore-making.ts';
import { persistently, type RestoreRun } from './restore-run.ts';

/** The present one's name, or the first. */
export function bundleOf({ input, state }: RestoreRun): NonNullable<RestoreRun['state']['bundle']> {
  const name = restoreBundleName(input.workspaceId, state.runId, 1);
  state.bundle ??= { name, bundleId: null, attempt: 1 };
  return state.bundle;
}

export async function findBundle({ input, state }: RestoreRun): Promise<OwnBundle | 'none'> {
  const bundles = await readOwnBundles(input.target);
  return bundles.find((each) => each.name === state.bundle?.name) ?? 'none';
}

/** Null: AWS has, or had within two hours, one of that name. */
export async function createBundle(run: RestoreRun): Promise<OwnBundle | null> {
  const { input, state } = run;
  const { target, workspaceId, imageId } = input;
  const { settings } = state.before as { readonly settings: DesktopSettings };
  const { name } = bundleOf(run);
  const description = `Holdfast restore of ${workspaceId}`;
  const about = { name, description, imageId: imageId ?? '', settings, tags: tagsOfRun(run) };
  return await restoreCalls(target).createBundle({ target, ...about });
}

/** AWS does not take a deleted bundle's name for two hours. */
export function takeNextName({ input, state }: RestoreRun): void {
  const attempt = (state.bundle?.attempt ?? 0) + 1;
  state.bundle = { name: restoreBundleName(input.workspaceId, state.runId, attempt), bundleId: null, attempt };
}

/** Somebody may have deleted it, since nothing uses it yet: then another one is made. False: it is on its way. */
export async function bundleStands(run: RestoreRun): Promise<boolean> {
  const made = bundleOf(run);
  const found = await persistently(run, async () => await findBundle(run));
  if (found !== 'none' && found.state === 'AVAILABLE') {
    made.bundleId = found.bundleId;
    return true;
  }
  if (found !== 'none' && found.state !== 'ERROR') return false;
  if (found !== 'none' || made.bundleId !== null) takeNextName(run);
  const created = await persistently(run, async () => await createBundle(run));
  if (!created) takeNextName(run);
  return false;
}
