/** TerminateWorkspaces: the WorkSpace and its user volume go for good. */
import type { Call, Operation } from '../../service.ts';
import { changeEach, drawn, endFault } from './changes.ts';
import type { Refusal } from './changes.ts';
import { desktops } from './rows.ts';
import type { Desktop, State, Transition } from './rows.ts';
import { settingsOf } from './settings.ts';
import { disconnect, isMigrating, plan } from './timeline.ts';

const OPERATION = 'TerminateWorkspaces';

const terminateWorkspaces: Operation = (input: { TerminateWorkspaceRequests: { WorkspaceId: string }[] }, call) =>
  changeEach(call, OPERATION, input.TerminateWorkspaceRequests, (desktop, state) => {
    const refusal = refusalOf(call, desktop, state);
    if (!refusal && state !== 'TERMINATING') begin(call, desktop);
    return refusal;
  });

function refusalOf(call: Call, desktop: Desktop, state: State): Refusal | undefined {
  const { wrongState: code } = settingsOf(call).codes;
  if (state === 'SUSPENDED') return { code, message: 'A WorkSpace that is SUSPENDED cannot be terminated.' };
  if (isMigrating(desktop, call.now) || isTarget(call, desktop)) {
    return { code, message: 'A WorkSpace that is being migrated cannot be terminated.' };
  }
  return undefined;
}

const isTarget = (call: Call, { workspaceId }: Desktop): boolean =>
  desktops(call)
    .values()
    .some((source) => source.migrations.at(-1)?.targetId === workspaceId && isMigrating(source, call.now));

function begin(call: Call, desktop: Desktop): void {
  const { lagSeconds, terminateMinutes, codes } = settingsOf(call);
  const from = call.now + drawn(desktop, 'terminate-lag', lagSeconds, 1000);
  const fault = endFault(call, OPERATION, desktop);
  const to = fault?.kind === 'stuck' ? null : from + drawn(desktop, 'terminate', terminateMinutes, 60_000);
  const log: Transition[] = [{ at: from, state: 'TERMINATING' }];
  if (to !== null && fault) {
    const error = { code: fault.code ?? codes.terminateFailed, message: fault.message ?? 'Termination failed.' };
    log.push({ at: to, state: 'ERROR', error });
  } else if (to !== null) log.push({ at: to, state: 'TERMINATED' });
  plan(desktop, call.now, log);
  disconnect(desktop, from);
  desktop.jobs.push({ kind: 'termination', calledAt: call.now, from, to });
}

export const terminationOperations = { TerminateWorkspaces: terminateWorkspaces };
