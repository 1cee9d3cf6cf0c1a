/** RestoreWorkspace: both volumes go back to the newest snapshot of both; nobody can choose another one. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { drawn, endFault, ignoresCalls, keyUnusable } from './changes.ts';
import { wantedDesktop } from './desktops.ts';
import { desktops } from './rows.ts';
import type { Desktop, State, Transition } from './rows.ts';
import { settingsOf } from './settings.ts';
import { newestSnapshots, restartSnapshots } from './snapshots.ts';
import { disconnect, isTaken, plan, stateForCalls, viewAt } from './timeline.ts';

const RESTORABLE: readonly State[] = ['AVAILABLE', 'ERROR', 'UNHEALTHY', 'STOPPED'];

const restoreWorkspace: Operation = ({ WorkspaceId }: { WorkspaceId: string }, call) => {
  const desktop = wantedDesktop(call, WorkspaceId);
  const state = stateForCalls(desktop, call.now) ?? 'PENDING';
  if (ignoresCalls(state)) return {};
  if (desktop.related?.type === 'PRIMARY') throw notSupported('A standby WorkSpace cannot be restored.');
  if (!RESTORABLE.includes(state) || isTaken(desktop, call.now)) {
    throw notSupported(`The WorkSpace is ${state}; this operation needs ${RESTORABLE.join(', ')}.`);
  }
  const snapshotAt = newestSnapshots(desktop, call).restore?.at;
  if (snapshotAt === undefined) throw notSupported('There are no snapshots of both volumes to restore from.');
  begin(call, desktop, state, snapshotAt);
  return {};
};

/** AWS documents no code for a state or a snapshot that does not allow it. */
const notSupported = (message: string): AwsError => new AwsError('OperationNotSupportedException', message);

function begin(call: Call, desktop: Desktop, before: State, snapshotAt: number): void {
  const settings = settingsOf(call);
  const from = call.now + drawn(desktop, 'restore-lag', settings.lagSeconds, 1000);
  const at = from + drawn(desktop, 'restore', settings.restoreMinutes, 60_000);
  const end = endOf(call, desktop, before, { at, snapshotAt });
  plan(desktop, call.now, [{ at: from, state: 'RESTORING' }, ...(end ? [end] : [])]);
  disconnect(desktop, from);
  restartSnapshots(desktop, from, end ? at : null, settings);
  const failed = end?.state === 'ERROR';
  desktop.jobs.push({ kind: 'restore', calledAt: call.now, from, to: end ? at : null, snapshotAt, failed });
  desktops(call).touch();
}

function endOf(
  call: Call,
  desktop: Desktop,
  before: State,
  { at, snapshotAt }: { at: number; snapshotAt: number },
): Transition | undefined {
  const { codes, stoppedAfterRebuild } = settingsOf(call);
  const fault = endFault(call, 'RestoreWorkspace', desktop);
  if (fault?.kind === 'stuck') return undefined;
  if (fault) {
    const message = fault.message ?? 'The WorkSpace could not be restored.';
    return { at, state: 'ERROR', error: { code: fault.code ?? codes.restoreFailed, message } };
  }
  if (keyUnusable(call, desktop)) {
    const message = 'The volume encryption key cannot be used.';
    return { at, state: 'ERROR', error: { code: codes.keyUnusable, message } };
  }
  const rootImageId = viewAt(desktop, snapshotAt)?.rootImageId;
  return {
    at,
    state: before === 'STOPPED' ? stoppedAfterRebuild : 'AVAILABLE',
    userDataOf: snapshotAt,
    ...(rootImageId !== undefined && { rootImageId }),
  };
}

export const restoreOperations = { RestoreWorkspace: restoreWorkspace };
