/** What starting, stopping, rebooting and rebuilding share: refusals are items of an answer with HTTP 200. */
import type { FaultRule } from '../../faults.ts';
import type { Call } from '../../service.ts';
import { seenDesktop } from './desktops.ts';
import { desktops } from './rows.ts';
import type { Desktop, State } from './rows.ts';
import { settingsOf } from './settings.ts';
import { isMigrating, randomOf, stateForCalls, viewAt } from './timeline.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Applies a change to each WorkSpace; what is refused comes back in `FailedRequests`. */
export function changeEach(
  call: Call,
  operation: string,
  requests: readonly { WorkspaceId: string }[],
  change: (desktop: Desktop, state: State) => Refusal | undefined,
): { FailedRequests: object[] } {
  // Effects always see the present, also when reads are stale.
  const present = { ...call, asOf: call.now };
  const FailedRequests: object[] = [];
  for (const { WorkspaceId } of requests) {
    const desktop = seenDesktop(present, WorkspaceId);
    // Whatever the source of a migration shows, nothing else can be done with it.
    const migrating = desktop && isMigrating(desktop, call.now);
    const state = migrating ? 'UPDATING' : desktop && stateForCalls(desktop, call.now);
    const fault = refuseFault(call, operation, { WorkspaceId });
    const refusal =
      fault ??
      (desktop && state
        ? change(desktop, state)
        : { code: settingsOf(call).codes.notFound, message: 'The specified WorkSpace could not be found.' });
    if (refusal) FailedRequests.push({ WorkspaceId, ErrorCode: refusal.code, ErrorMessage: refusal.message });
  }
  desktops(call).touch();
  return { FailedRequests };
}

/** What a rule refuses of a request. */
export function refuseFault(call: Call, operation: string, input: object): Refusal | undefined {
  const rule = call.world.faults.take(['refuse'], { service: 'workspaces', operation, input });
  return rule && { code: rule.code ?? 'InternalError', message: rule.message ?? 'The request was refused.' };
}

/** Under maintenance AWS accepts calls and does nothing. */
export const ignoresCalls = (state: State): boolean => state === 'MAINTENANCE' || state === 'ADMIN_MAINTENANCE';

export function wrongState(call: Call, state: State, allowed: readonly State[]): Refusal {
  const message = `The WorkSpace is ${state}; this operation needs ${allowed.join(', ')}.`;
  return { code: settingsOf(call).codes.wrongState, message };
}

/** A duration within the range, drawn for the nth change of this WorkSpace, in milliseconds. */
export function drawn(
  desktop: Desktop,
  purpose: string,
  [least, most]: readonly [number, number],
  unit: number,
): number {
  return Math.round(randomOf(desktop, `${purpose}/${desktop.log.length}`).between(least, most) * unit);
}

/** A new network interface: another address of the same subnet. */
export function newAddress(desktop: Desktop, purpose: string, now: number): string {
  const old = viewAt(desktop, now)?.ipAddress ?? '10.0.0.0';
  const [a, b, c, d] = old.split('.').map(Number) as [number, number, number, number];
  const step = Math.floor(randomOf(desktop, purpose).between(1, 250));
  return [a, b, c, 4 + ((d - 4 + step) % 251)].join('.');
}

/** The rule that makes what begins here never end, or end in failure. */
export function endFault(call: Call, operation: string, desktop: Desktop): FaultRule | undefined {
  const input = { WorkspaceId: desktop.workspaceId };
  return call.world.faults.take(['stuck', 'fail'], { service: 'workspaces', operation, input });
}

interface Key {
  readonly arn: string;
  readonly state: string;
}

/** Whether its volumes are encrypted under a key that is known here and not enabled: it does not come up again. */
export function keyUnusable(call: Call, { volumeEncryptionKey }: Desktop): boolean {
  if (volumeEncryptionKey === null) return false;
  const keys = call.world.store.table<Key>(call.account, call.region, 'kms.keys').values();
  return keys.some(({ arn, state }) => arn === volumeEncryptionKey && state !== 'Enabled');
}
