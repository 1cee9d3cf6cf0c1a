/** DescribeWorkspaces, and which WorkSpaces a call can see. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { hardwareAt, modificationStates } from './hardware.ts';
import { page } from './paging.ts';
import { desktops } from './rows.ts';
import type { Desktop } from './rows.ts';
import { settingsOf } from './settings.ts';
import { advance, viewAt } from './timeline.ts';

/** Of these WorkSpaces, brought up to now, those that exist already and still for this read. */
function seenOf(call: Call, candidates: readonly Desktop[]): Desktop[] {
  const since = call.asOf - settingsOf(call).unseenSeconds * 1000;
  let changed = false;
  const seen = candidates.filter((desktop) => {
    changed = advance(desktop, call.now) || changed;
    return desktop.createdAt <= since && viewAt(desktop, call.asOf) !== undefined;
  });
  if (changed) desktops(call).touch();
  return seen;
}

/** The WorkSpace of that id, unless it does not exist, or does not yet, for this read. */
export function seenDesktop(call: Call, id: string): Desktop | undefined {
  const desktop = desktops(call).get(id);
  return desktop && seenOf(call, [desktop])[0];
}

/** The WorkSpace of that id as it is now, whatever a stale read shows. */
export function wantedDesktop(call: Call, id: string): Desktop {
  const desktop = seenDesktop({ ...call, asOf: call.now }, id);
  if (desktop) return desktop;
  const message = `The WorkSpace ${id} could not be found.`;
  throw new AwsError('ResourceNotFoundException', message, 400, { ResourceId: id });
}

interface Choice {
  readonly WorkspaceIds?: readonly string[];
  readonly DirectoryId?: string;
  readonly UserName?: string;
  readonly BundleId?: string;
  readonly WorkspaceName?: string;
}

/** The WorkSpaces that a request names; unknown ids are left out without a word, as AWS does. */
export function chosenDesktops(call: Call, choice: Choice): Desktop[] {
  const { WorkspaceIds, DirectoryId, UserName, BundleId } = choice;
  const table = desktops(call);
  const named = WorkspaceIds?.length ? [...new Set(WorkspaceIds)].map((id) => table.get(id)) : table.values();
  // User names are not case-sensitive.
  const user = UserName?.toLowerCase();
  const chosen = named
    .filter((desktop) => desktop !== undefined)
    .filter((desktop) => !DirectoryId || desktop.directoryId === DirectoryId)
    .filter((desktop) => !user || desktop.userName.toLowerCase() === user)
    .filter((desktop) => !BundleId || desktop.bundleId === BundleId);
  return seenOf(call, chosen);
}

function checkChoice({ WorkspaceIds, DirectoryId, UserName, BundleId }: Choice): void {
  const filters = [WorkspaceIds?.length, DirectoryId, BundleId].filter(Boolean).length;
  if (filters > 1) {
    const message = 'WorkspaceIds, DirectoryId and BundleId cannot be combined: specify at most one of them.';
    throw new AwsError('InvalidParameterValuesException', message);
  }
  if (UserName && !DirectoryId) {
    throw new AwsError('InvalidParameterValuesException', 'UserName must be specified together with DirectoryId.');
  }
}

interface DescribeWorkspacesInput extends Choice {
  readonly Limit?: number;
  readonly NextToken?: string;
}

const describeWorkspaces: Operation = (input: DescribeWorkspacesInput, call) => {
  checkChoice(input);
  // Nothing here has a WorkspaceName: that is for WorkSpaces without a user.
  const chosen = input.WorkspaceName ? [] : chosenDesktops(call, input);
  const found = page(call, 'DescribeWorkspaces', input, chosen, ({ workspaceId }) => workspaceId, input.Limit);
  return { Workspaces: found.items.map((desktop) => workspaceOf(desktop, call)), NextToken: found.nextToken };
};

export function workspaceOf(desktop: Desktop, call: Call): object {
  const view = viewAt(desktop, call.asOf);
  const made = view?.state !== 'PENDING';
  return {
    WorkspaceId: desktop.workspaceId,
    DirectoryId: desktop.directoryId,
    UserName: desktop.userName,
    State: view?.state,
    BundleId: desktop.bundleId,
    SubnetId: desktop.subnetId,
    ...(made && { IpAddress: view?.ipAddress, ComputerName: desktop.computerName }),
    ...(view?.error && { ErrorCode: view.error.code, ErrorMessage: view.error.message }),
    ...(desktop.volumeEncryptionKey !== null && {
      VolumeEncryptionKey: desktop.volumeEncryptionKey,
      UserVolumeEncryptionEnabled: desktop.encryptedVolume !== 'root',
      RootVolumeEncryptionEnabled: desktop.encryptedVolume !== 'user',
    }),
    WorkspaceProperties: propertiesOf(desktop, call),
    ModificationStates: modificationStates(desktop, call.asOf),
    ...relationOf(desktop, call),
  };
}

function propertiesOf(desktop: Desktop, call: Call): object {
  const { rootVolumeGib, userVolumeGib, computeType } = hardwareAt(call, desktop, call.asOf);
  return {
    RunningMode: desktop.runningMode,
    ...(desktop.runningMode === 'AUTO_STOP' && { RunningModeAutoStopTimeoutInMinutes: desktop.autoStopMinutes }),
    RootVolumeSizeGib: rootVolumeGib,
    UserVolumeSizeGib: userVolumeGib,
    ComputeTypeName: computeType,
    Protocols: ['DCV'],
    OperatingSystemName: desktop.operatingSystem,
  };
}

function relationOf({ related }: Desktop, call: Call): object {
  if (!related) return {};
  const twin = call.world.store
    .table<Desktop>(call.account, related.region, 'workspaces.desktops')
    .get(related.workspaceId);
  const state = twin && viewAt(twin, call.asOf)?.state;
  return {
    RelatedWorkspaces: [
      { WorkspaceId: related.workspaceId, Region: related.region, Type: related.type, State: state ?? 'AVAILABLE' },
    ],
    ...(related.type === 'STANDBY' && {
      StandbyWorkspacesProperties: [{ StandbyWorkspaceId: related.workspaceId, DataReplication: 'NO_REPLICATION' }],
    }),
  };
}

export const desktopOperations = { DescribeWorkspaces: describeWorkspaces };
