/** Who is connected: checked by AWS every few minutes, so an answer is older than the call. */
import type { Call, Operation } from '../../service.ts';
import { page } from './paging.ts';
import { chosenDesktops } from './desktops.ts';
import type { Desktop, Span, State } from './rows.ts';
import { settingsOf } from './settings.ts';
import { isMigrating, randomOf, viewAt, within } from './timeline.ts';

const OFF: readonly State[] = ['STOPPED', 'STOPPING', 'STARTING', 'PENDING'];
const USABLE: readonly State[] = ['AVAILABLE', 'IMPAIRED', 'UNHEALTHY', 'ADMIN_MAINTENANCE'];

/** When the connection that a call sees was checked: every few minutes, each WorkSpace at its own second. */
function checkedAt(desktop: Desktop, call: Call): number {
  const interval = settingsOf(call).connectionCheckMinutes * 60_000;
  const phase = Math.floor(randomOf(desktop, 'connection-check').between(0, interval / 1000)) * 1000;
  const until = Math.min(call.asOf, desktop.connectionCheckStopped ?? call.asOf);
  return Math.max(desktop.createdAt, Math.floor((until - phase) / interval) * interval + phase);
}

/** Nobody signs in under ADMIN_MAINTENANCE; AWS does not say that it ends a session that is open. */
const sessionsOf = (desktop: Desktop): Span[] =>
  desktop.connections.filter(
    ({ from }) => viewAt(desktop, from)?.state !== 'ADMIN_MAINTENANCE' && !isMigrating(desktop, from),
  );

function lastConnected(desktop: Desktop, at: number): number | undefined {
  const ends = sessionsOf(desktop)
    .filter(({ from }) => from <= at)
    .map(({ to }) => Math.min(to, at));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function connectionOf(desktop: Desktop, call: Call): object {
  const at = checkedAt(desktop, call);
  // Whether it runs is known at once; whether its user is there only from the check.
  const state = viewAt(desktop, call.asOf)?.state ?? 'PENDING';
  const connected = USABLE.includes(state) && within(sessionsOf(desktop), at) !== undefined;
  const last = lastConnected(desktop, at);
  return {
    WorkspaceId: desktop.workspaceId,
    ConnectionState: OFF.includes(state) ? 'UNKNOWN' : connected ? 'CONNECTED' : 'DISCONNECTED',
    ConnectionStateCheckTimestamp: new Date(at),
    ...(last !== undefined && { LastKnownUserConnectionTimestamp: new Date(last) }),
  };
}

const describeWorkspacesConnectionStatus: Operation = (
  input: { WorkspaceIds?: string[]; NextToken?: string },
  call,
) => {
  const chosen = chosenDesktops(call, input);
  const found = page(call, 'DescribeWorkspacesConnectionStatus', input, chosen, ({ workspaceId }) => workspaceId);
  return { WorkspacesConnectionStatus: found.items.map((one) => connectionOf(one, call)), NextToken: found.nextToken };
};

export const connectionOperations = { DescribeWorkspacesConnectionStatus: describeWorkspacesConnectionStatus };
