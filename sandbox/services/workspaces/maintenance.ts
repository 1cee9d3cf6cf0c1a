/** ModifyWorkspaceState: ADMIN_MAINTENANCE and back. */
import { AwsError } from '../../service.ts';
import type { Operation } from '../../service.ts';
import { seenDesktop } from './desktops.ts';
import { desktops } from './rows.ts';
import type { State } from './rows.ts';
import { isMigrating, stateForCalls } from './timeline.ts';

interface Input {
  readonly WorkspaceId: string;
  readonly WorkspaceState: 'AVAILABLE' | 'ADMIN_MAINTENANCE';
}

const CHANGEABLE: readonly State[] = ['AVAILABLE', 'ADMIN_MAINTENANCE'];

const modifyWorkspaceState: Operation = ({ WorkspaceId, WorkspaceState }: Input, call) => {
  const desktop = seenDesktop(call, WorkspaceId);
  const state = desktop && stateForCalls(desktop, call.now);
  if (!desktop || !state) {
    const message = `The WorkSpace ${WorkspaceId} could not be found.`;
    throw new AwsError('ResourceNotFoundException', message, 400, { ResourceId: WorkspaceId });
  }
  if (!CHANGEABLE.includes(state) || isMigrating(desktop, call.now)) {
    const message = `The WorkSpace is ${state}; this operation needs ${CHANGEABLE.join(' or ')}.`;
    throw new AwsError('InvalidResourceStateException', message);
  }
  if (state === WorkspaceState) return {};
  // What was accepted before and has not begun to show still comes.
  const next = desktop.log.findIndex(({ at }) => at > call.now);
  desktop.log.splice(next < 0 ? desktop.log.length : next, 0, { at: call.now, state: WorkspaceState });
  desktops(call).touch();
  return {};
};

export const maintenanceOperations = { ModifyWorkspaceState: modifyWorkspaceState };
