/** RebuildWorkspaces: a new root volume from the bundle's present image, the user volume from the last snapshot. */
import type { Call, Operation } from '../../service.ts';
import { imageOf } from './bundles.ts';
import { changeEach, drawn, endFault, ignoresCalls, keyUnusable, newAddress, wrongState } from './changes.ts';
import type { Refusal } from './changes.ts';
import { bundles } from './rows.ts';
import type { Desktop, State, Transition } from './rows.ts';
import { settingsOf } from './settings.ts';
import { newestSnapshots, restartSnapshots } from './snapshots.ts';
import { disconnect, plan } from './timeline.ts';

const REBUILDABLE: readonly State[] = ['AVAILABLE', 'ERROR', 'UNHEALTHY', 'STOPPED', 'REBOOTING'];

const rebuildWorkspaces: Operation = (input: { RebuildWorkspaceRequests: { WorkspaceId: string }[] }, call) =>
  changeEach(call, 'RebuildWorkspaces', input.RebuildWorkspaceRequests, (desktop, state) => {
    const refusal = refusalOf(call, desktop, state);
    // AWS has no token for this call: one that comes before the first shows as REBUILDING is accepted too.
    const begun = desktop.rebuilds.some(({ from }) => from > call.now);
    const effect = refusal ? 'refused' : begun || ignoresCalls(state) ? 'ignored' : 'begun';
    desktop.rebuildCalls.push({ at: call.now, effect, ...(refusal && { code: refusal.code }) });
    if (effect === 'begun') begin(call, desktop, state);
    return refusal;
  });

function refusalOf(call: Call, desktop: Desktop, state: State): Refusal | undefined {
  const { codes } = settingsOf(call);
  if (ignoresCalls(state)) return undefined;
  if (desktop.related?.type === 'PRIMARY') {
    return { code: codes.standby, message: 'A standby WorkSpace cannot be rebuilt.' };
  }
  if (!REBUILDABLE.includes(state)) return wrongState(call, state, REBUILDABLE);
  if (!newestSnapshots(desktop, call).rebuild) {
    return { code: codes.noSnapshot, message: 'There is no snapshot of the user volume to rebuild from.' };
  }
  return undefined;
}

function begin(call: Call, desktop: Desktop, state: State): void {
  const settings = settingsOf(call);
  const from = call.now + drawn(desktop, 'rebuild-lag', settings.lagSeconds, 1000);
  const minutes = desktop.rebuildPlan.minutes;
  const to = from + (minutes ? minutes * 60_000 : drawn(desktop, 'rebuild', settings.rebuildMinutes, 60_000));
  const bundle = bundles(call).get(desktop.bundleId);
  const imageId = (bundle && imageOf(bundle, call.now)) ?? '';
  const end = endOf(call, desktop, state, { at: to, imageId });
  plan(desktop, call.now, [{ at: from, state: 'REBUILDING' }, ...(end ? [end] : [])]);
  disconnect(desktop, from);
  restartSnapshots(desktop, from, end ? to : null, settings);
  desktop.rebuilds.push({ calledAt: call.now, from, to: end ? to : null, imageId, end: end?.state ?? null });
}

function endOf(
  call: Call,
  desktop: Desktop,
  before: State,
  { at, imageId }: { at: number; imageId: string },
): Transition | undefined {
  const { codes, stoppedAfterRebuild } = settingsOf(call);
  const fault = endFault(call, 'RebuildWorkspaces', desktop);
  const planned = desktop.rebuildPlan;
  const kind = fault?.kind ?? planned.end;
  if (kind === 'stuck') return undefined;
  if (kind === 'fail') {
    const code = fault?.code ?? planned.code ?? codes.rebuildFailed;
    const message = fault?.message ?? planned.message ?? 'The WorkSpace could not be rebuilt.';
    return { at, state: 'ERROR', error: { code, message } };
  }
  if (keyUnusable(call, desktop)) {
    const message = 'The volume encryption key cannot be used.';
    return { at, state: 'ERROR', error: { code: codes.keyUnusable, message } };
  }
  const state = before === 'STOPPED' ? stoppedAfterRebuild : 'AVAILABLE';
  return {
    at,
    state,
    ipAddress: newAddress(desktop, `address/${desktop.rebuilds.length}`, call.now),
    rootImageId: imageId,
    ...userDataOf(desktop, call),
  };
}

/** The user volume is made from its newest snapshot. */
export function userDataOf(desktop: Desktop, call: Call): { userDataOf?: number } {
  const at = newestSnapshots(desktop, call).rebuild?.at;
  return at === undefined ? {} : { userDataOf: at };
}

export const rebuildOperations = { RebuildWorkspaces: rebuildWorkspaces };
