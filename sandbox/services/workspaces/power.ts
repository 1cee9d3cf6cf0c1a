/** StartWorkspaces, StopWorkspaces and RebootWorkspaces. */
import type { Call, Operation } from '../../service.ts';
import { changeEach, drawn, endFault, ignoresCalls, keyUnusable, wrongState } from './changes.ts';
import type { Refusal } from './changes.ts';
import type { Desktop, State, Transition } from './rows.ts';
import { settingsOf } from './settings.ts';
import { disconnect, plan, viewAt } from './timeline.ts';

const STARTABLE: readonly State[] = ['STOPPED'];
const STOPPABLE: readonly State[] = ['AVAILABLE', 'IMPAIRED', 'UNHEALTHY', 'ERROR'];
const REBOOTABLE: readonly State[] = ['AVAILABLE', 'UNHEALTHY'];
const REBOOT_STUCK_MS = 20 * 60_000;

function alwaysOn(call: Call, desktop: Desktop): Refusal | undefined {
  if (desktop.runningMode !== 'ALWAYS_ON') return undefined;
  const message = 'The WorkSpace runs in ALWAYS_ON mode; this operation needs AUTO_STOP or MANUAL.';
  return { code: settingsOf(call).codes.wrongRunningMode, message };
}

/** From now through one state into another, unless a rule says that it never gets there or fails. */
function pass(call: Call, operation: string, desktop: Desktop, through: State, end: Transition): void {
  const fault = endFault(call, operation, desktop);
  const failed: Transition = {
    at: end.at,
    state: 'ERROR',
    error: { code: fault?.code ?? 'InternalError', message: fault?.message ?? `${operation} failed.` },
  };
  const ends = fault?.kind === 'stuck' ? [] : [fault ? failed : end];
  plan(desktop, call.now, [{ at: call.now, state: through }, ...ends]);
}

const startWorkspaces: Operation = (input: { StartWorkspaceRequests: { WorkspaceId: string }[] }, call) =>
  changeEach(call, 'StartWorkspaces', input.StartWorkspaceRequests, (desktop, state) => {
    if (ignoresCalls(state)) return undefined;
    const refusal = alwaysOn(call, desktop);
    if (refusal) return refusal;
    if (!STARTABLE.includes(state)) return wrongState(call, state, STARTABLE);
    const at = call.now + drawn(desktop, 'start', settingsOf(call).startSeconds, 1000);
    pass(call, 'StartWorkspaces', desktop, 'STARTING', { at, state: 'AVAILABLE' });
    return undefined;
  });

const stopWorkspaces: Operation = (input: { StopWorkspaceRequests: { WorkspaceId: string }[] }, call) =>
  changeEach(call, 'StopWorkspaces', input.StopWorkspaceRequests, (desktop, state) => {
    if (ignoresCalls(state)) return undefined;
    const refusal = alwaysOn(call, desktop);
    if (refusal) return refusal;
    if (!STOPPABLE.includes(state)) return wrongState(call, state, STOPPABLE);
    const at = call.now + drawn(desktop, 'stop', settingsOf(call).stopSeconds, 1000);
    disconnect(desktop, call.now);
    pass(call, 'StopWorkspaces', desktop, 'STOPPING', { at, state: 'STOPPED' });
    return undefined;
  });

const rebootWorkspaces: Operation = (input: { RebootWorkspaceRequests: { WorkspaceId: string }[] }, call) =>
  changeEach(call, 'RebootWorkspaces', input.RebootWorkspaceRequests, (desktop, state) => {
    if (ignoresCalls(state)) return undefined;
    const since = viewAt(desktop, call.now)?.since ?? call.now;
    const stuck = state === 'REBOOTING' && call.now - since > REBOOT_STUCK_MS;
    if (!stuck && !REBOOTABLE.includes(state)) return wrongState(call, state, REBOOTABLE);
    const at = call.now + drawn(desktop, 'reboot', settingsOf(call).rebootMinutes, 60_000);
    disconnect(desktop, call.now);
    const keyError = { code: settingsOf(call).codes.keyUnusable, message: 'The volume encryption key cannot be used.' };
    const end: Transition = keyUnusable(call, desktop)
      ? { at, state: 'ERROR', error: keyError }
      : { at, state: 'AVAILABLE' };
    pass(call, 'RebootWorkspaces', desktop, 'REBOOTING', end);
    return undefined;
  });

export const powerOperations = {
  StartWorkspaces: startWorkspaces,
  StopWorkspaces: stopWorkspaces,
  RebootWorkspaces: rebootWorkspaces,
};
