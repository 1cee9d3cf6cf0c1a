/** ModifyWorkspaceProperties: the running mode at once; a volume or the compute type in up to an hour. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { drawn, endFault } from './changes.ts';
import { checkAutoStop } from './creation.ts';
import { wantedDesktop } from './desktops.ts';
import { hardwareAt, modificationsOf, volumesExist } from './hardware.ts';
import { desktops } from './rows.ts';
import type { Desktop, Hardware, State } from './rows.ts';
import { settingsOf } from './settings.ts';
import { disconnect, isTaken, plan, stateForCalls } from './timeline.ts';

const OPERATION = 'ModifyWorkspaceProperties';
const MODIFIABLE: readonly State[] = ['AVAILABLE', 'STOPPED'];

interface Wanted {
  readonly RunningMode?: Desktop['runningMode'];
  readonly RunningModeAutoStopTimeoutInMinutes?: number;
  readonly RootVolumeSizeGib?: number;
  readonly UserVolumeSizeGib?: number;
  readonly ComputeTypeName?: string;
}

interface Change {
  readonly resource: 'ROOT_VOLUME' | 'USER_VOLUME' | 'COMPUTE_TYPE';
  readonly change: Partial<Hardware>;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValuesException', message);

const modifyWorkspaceProperties: Operation = (
  { WorkspaceId, WorkspaceProperties: wanted = {} }: { WorkspaceId: string; WorkspaceProperties?: Wanted },
  call,
) => {
  const desktop = wantedDesktop(call, WorkspaceId);
  const state = stateForModification(call, desktop);
  const changes = changesOf(wanted);
  const running = wanted.RunningMode ?? wanted.RunningModeAutoStopTimeoutInMinutes;
  if (changes.length + (running === undefined ? 0 : 1) !== 1) {
    throw invalid('Specify one property to modify: the running mode, a volume, or the compute type.');
  }
  const [change] = changes;
  if (change) begin(call, desktop, state, change);
  else changeRunningMode(call, desktop, state, wanted);
  desktops(call).touch();
  return {};
};

function stateForModification(call: Call, desktop: Desktop): State {
  const state = stateForCalls(desktop, call.now) ?? 'PENDING';
  if (state === 'UPDATING' || isTaken(desktop, call.now)) {
    throw new AwsError(
      'OperationInProgressException',
      `The WorkSpace ${desktop.workspaceId} is being changed already.`,
    );
  }
  if (MODIFIABLE.includes(state)) return state;
  const message = `The WorkSpace is ${state}; this operation needs ${MODIFIABLE.join(' or ')}.`;
  throw new AwsError('InvalidResourceStateException', message);
}

function changesOf({
  RootVolumeSizeGib: root,
  UserVolumeSizeGib: user,
  ComputeTypeName: computeType,
}: Wanted): Change[] {
  return [
    ...(root === undefined ? [] : [{ resource: 'ROOT_VOLUME', change: { rootVolumeGib: root } } as const]),
    ...(user === undefined ? [] : [{ resource: 'USER_VOLUME', change: { userVolumeGib: user } } as const]),
    ...(computeType === undefined ? [] : [{ resource: 'COMPUTE_TYPE', change: { computeType } } as const]),
  ];
}

function changeRunningMode(call: Call, desktop: Desktop, state: State, wanted: Wanted): void {
  const { RunningMode: mode = desktop.runningMode, RunningModeAutoStopTimeoutInMinutes: minutes } = wanted;
  checkAutoStop(minutes);
  if (minutes !== undefined && mode !== 'AUTO_STOP') throw invalid('Only AUTO_STOP has a timeout.');
  if (mode === 'AUTO_STOP' && desktop.runningMode !== 'AUTO_STOP') desktop.autoStopSince = call.now;
  desktop.runningMode = mode;
  desktop.autoStopMinutes = minutes ?? desktop.autoStopMinutes;
  if (mode !== 'ALWAYS_ON' || state !== 'STOPPED') return;
  const at = call.now + drawn(desktop, 'start', settingsOf(call).startSeconds, 1000);
  plan(desktop, call.now, [
    { at: call.now, state: 'STARTING' },
    { at, state: 'AVAILABLE' },
  ]);
}

function begin(call: Call, desktop: Desktop, state: State, { resource, change }: Change): void {
  const before = hardwareAt(call, desktop, call.now);
  checkChange(before, { ...before, ...change });
  checkRest(call, desktop, resource);
  const { lagSeconds, modifyMinutes } = settingsOf(call);
  const from = call.now + drawn(desktop, 'modify-lag', lagSeconds, 1000);
  const kind = endFault(call, OPERATION, desktop)?.kind;
  const to = kind === 'stuck' ? null : from + drawn(desktop, 'modify', modifyMinutes, 60_000);
  plan(desktop, call.now, [{ at: from, state: 'UPDATING' }, ...(to === null ? [] : [{ at: to, state }])]);
  if (resource === 'COMPUTE_TYPE') disconnect(desktop, from);
  desktop.jobs.push({ kind: 'modification', calledAt: call.now, from, to, resource, change, failed: kind === 'fail' });
}

function checkChange(before: Hardware, after: Hardware): void {
  const isGraphics = ({ computeType }: Hardware) => computeType.startsWith('GRAPHICS');
  if (isGraphics(before) !== isGraphics(after)) {
    const message = `A WorkSpace cannot be changed from ${before.computeType} to ${after.computeType}.`;
    throw new AwsError('UnsupportedWorkspaceConfigurationException', message);
  }
  if (after.rootVolumeGib < before.rootVolumeGib || after.userVolumeGib < before.userVolumeGib) {
    throw invalid('A volume cannot be made smaller.');
  }
  if (JSON.stringify(before) === JSON.stringify(after)) throw invalid('The WorkSpace has this property already.');
  if (volumesExist(after)) return;
  const { rootVolumeGib: root, userVolumeGib: user } = after;
  throw invalid(`A WorkSpace cannot have a root volume of ${root} and a user volume of ${user} GiB.`);
}

/** A new WorkSpace, and one whose volume or compute type was changed, is left alone for some hours. */
function checkRest(call: Call, desktop: Desktop, resource: Change['resource']): void {
  const earlier = modificationsOf(desktop).filter((one) => one.resource === resource && !one.failed);
  const since = earlier.at(-1)?.calledAt ?? desktop.createdAt;
  const { modifyAgainHours } = settingsOf(call);
  if (call.now >= since + modifyAgainHours * 3_600_000) return;
  const message = `The WorkSpace was created or its ${resource} changed less than ${modifyAgainHours} hours ago.`;
  throw new AwsError('InvalidResourceStateException', message);
}

export const propertyOperations = { ModifyWorkspaceProperties: modifyWorkspaceProperties };
