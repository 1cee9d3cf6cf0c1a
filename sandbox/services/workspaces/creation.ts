/**
 * CreateWorkspaces: each request is accepted or refused on its own, at HTTP 200. A user has one WorkSpace in a directory,
 * and the new one begins with an empty user volume.
 */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import type { FaultRule } from '../../faults.ts';
import type { Random } from '../../random.ts';
import { findKey } from '../kms.ts';
import { bundleNow, imageOf } from './bundles.ts';
import { keyUnusable, refuseFault } from './changes.ts';
import type { Refusal } from './changes.ts';
import { workspaceOf } from './desktops.ts';
import { volumesExist } from './hardware.ts';
import { isThere, stateAt } from './lifetime.ts';
import { bundles, desktops, directories, images } from './rows.ts';
import type { Bundle, Desktop, Hardware, Transition } from './rows.ts';
import { settingsOf, type WorkSpacesSettings } from './settings.ts';
import { setTags, tagsGiven } from './tags.ts';
import { viewAt } from './timeline.ts';

interface Properties {
  readonly RunningMode?: Desktop['runningMode'];
  readonly RunningModeAutoStopTimeoutInMinutes?: number;
  readonly RootVolumeSizeGib?: number;
  readonly UserVolumeSizeGib?: number;
  readonly ComputeTypeName?: string;
}

interface Request {
  readonly DirectoryId: string;
  readonly UserName: string;
  readonly BundleId: string;
  readonly VolumeEncryptionKey?: string;
  readonly UserVolumeEncryptionEnabled?: boolean;
  readonly RootVolumeEncryptionEnabled?: boolean;
  readonly WorkspaceProperties?: Properties;
  readonly Tags?: { readonly Key: string; readonly Value?: string }[];
}

const OPERATION = 'CreateWorkspaces';

const createWorkspaces: Operation = ({ Workspaces: requests }: { Workspaces: Request[] }, call) => {
  for (const request of requests) checkRequest(request);
  checkRoom(call, requests.length);
  const FailedRequests: object[] = [];
  const PendingRequests: object[] = [];
  for (const request of requests) {
    const refusal = refuseFault(call, OPERATION, request) ?? refusalOf(call, request);
    if (refusal) {
      FailedRequests.push({ WorkspaceRequest: request, ErrorCode: refusal.code, ErrorMessage: refusal.message });
      continue;
    }
    const desktop = create(call, request);
    PendingRequests.push(workspaceOf(desktop, call));
  }
  return { FailedRequests, PendingRequests };
};

/** What is wrong with one of the requests fails the whole call. */
function checkRequest({
  Tags,
  WorkspaceProperties: { RunningModeAutoStopTimeoutInMinutes: minutes } = {},
}: Request): void {
  tagsGiven(Tags);
  checkAutoStop(minutes);
}

export function checkAutoStop(minutes: number | undefined): void {
  if (minutes === undefined || (minutes > 0 && minutes % 60 === 0)) return;
  const message = `RunningModeAutoStopTimeoutInMinutes is a multiple of 60, got ${minutes}.`;
  throw new AwsError('InvalidParameterValuesException', message);
}

function checkRoom(call: Call, wanted: number): void {
  const { workspaceQuota } = settingsOf(call);
  const present = desktops(call)
    .values()
    .filter((desktop) => viewAt(desktop, call.now)).length;
  if (present + wanted <= workspaceQuota) return;
  const message = `The account has ${present} WorkSpaces in this Region, and its quota is ${workspaceQuota}.`;
  throw new AwsError('ResourceLimitExceededException', message);
}

type Check = (call: Call, request: Request) => Refusal | undefined;

const ORDERS: Readonly<Record<WorkSpacesSettings['existsSeen'], readonly Check[]>> = {
  first: [existsRefusal, userRefusal, bundleRefusal, keyRefusal],
  afterUser: [userRefusal, existsRefusal, bundleRefusal, keyRefusal],
  last: [userRefusal, bundleRefusal, keyRefusal, existsRefusal],
};

function refusalOf(call: Call, request: Request): Refusal | undefined {
  const { codes, existsSeen } = settingsOf(call);
  if (directories(call).get(request.DirectoryId)?.state !== 'REGISTERED') {
    const message = 'The specified directory could not be found in the specified region.';
    return { code: codes.noDirectory, message };
  }
  for (const check of ORDERS[existsSeen]) {
    const refusal = check(call, request);
    if (refusal) return refusal;
  }
  return undefined;
}

const isUser = (userName: string, request: Request): boolean =>
  userName.toLowerCase() === request.UserName.toLowerCase();

function userRefusal(call: Call, request: Request): Refusal | undefined {
  const users = directories(call).get(request.DirectoryId)?.users;
  if (!users || users.some((user) => isUser(user, request))) return undefined;
  return { code: settingsOf(call).codes.noUser, message: 'The user was either not found or is misconfigured.' };
}

function existsRefusal(call: Call, request: Request): Refusal | undefined {
  const has = desktops(call)
    .values()
    .some(
      (desktop) =>
        desktop.directoryId === request.DirectoryId && isUser(desktop.userName, request) && viewAt(desktop, call.now),
    );
  if (!has) return undefined;
  return { code: settingsOf(call).codes.exists, message: 'A WorkSpace already exists for the specified user.' };
}

function bundleRefusal(call: Call, request: Request): Refusal | undefined {
  const { codes } = settingsOf(call);
  const bundle = bundleNow(call, request.BundleId);
  if (!bundle || (bundle.owner !== call.account && bundle.owner !== 'AMAZON')) {
    return { code: codes.noBundle, message: 'The specified bundle could not be found.' };
  }
  const image = images(call).get(imageOf(bundle, call.now) ?? '');
  const isUsable = !image || (isThere(image, call.now) && stateAt(image, call.now) === 'AVAILABLE');
  if (stateAt(bundle, call.now) !== 'AVAILABLE' || !isUsable) {
    return { code: codes.bundleUnavailable, message: 'The specified bundle is not available.' };
  }
  const { rootVolumeGib, userVolumeGib, ...rest } = hardwareOf(request, bundle);
  const fits = rootVolumeGib >= bundle.rootVolumeGib && volumesExist({ rootVolumeGib, userVolumeGib, ...rest });
  if (fits) return undefined;
  const message = `A WorkSpace cannot have a root volume of ${rootVolumeGib} and a user volume of ${userVolumeGib} GiB.`;
  return { code: codes.volumes, message };
}

function keyRefusal(call: Call, request: Request): Refusal | undefined {
  try {
    keyOf(call, request);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { code: settingsOf(call).codes.keyUnusable, message: error.message };
  }
}

function keyOf(call: Call, request: Request): string | null {
  if (!request.UserVolumeEncryptionEnabled && !request.RootVolumeEncryptionEnabled) return null;
  return findKey(call, request.VolumeEncryptionKey ?? 'alias/aws/workspaces').arn;
}

function hardwareOf({ WorkspaceProperties: wanted = {} }: Request, bundle: Bundle): Hardware {
  return {
    computeType: wanted.ComputeTypeName ?? bundle.computeType,
    rootVolumeGib: wanted.RootVolumeSizeGib ?? bundle.rootVolumeGib,
    userVolumeGib: wanted.UserVolumeSizeGib ?? bundle.userVolumeGib,
  };
}

function create(call: Call, request: Request): Desktop {
  const random = call.world.random(`workspace/${call.account}/${call.region}/${desktops(call).size}`);
  const bundle = bundles(call).get(request.BundleId) as Bundle;
  const image = images(call).get(imageOf(bundle, call.now) ?? '');
  const { RunningMode = 'ALWAYS_ON', RunningModeAutoStopTimeoutInMinutes = 60 } = request.WorkspaceProperties ?? {};
  const id = random.id(9);
  const desktop: Desktop = {
    workspaceId: `ws-${id}`,
    directoryId: request.DirectoryId,
    bundleId: bundle.bundleId,
    userName: request.UserName,
    computerName: `WSAMZN-${random.id(8).toUpperCase()}`,
    subnetId: directories(call).get(request.DirectoryId)?.subnetIds[0] ?? '',
    operatingSystem: image?.operatingSystem === 'LINUX' ? 'UBUNTU_22_04' : 'WINDOWS_10',
    createdAt: call.now,
    seed: Math.floor(random.next() * 2 ** 32),
    runningMode: RunningMode,
    autoStopMinutes: RunningModeAutoStopTimeoutInMinutes,
    hardware: hardwareOf(request, bundle),
    userVolumeId: `vol-${id}`,
    volumeEncryptionKey: keyOf(call, request),
    ...(!request.RootVolumeEncryptionEnabled && { encryptedVolume: 'user' as const }),
    ...(!request.UserVolumeEncryptionEnabled && { encryptedVolume: 'root' as const }),
    related: null,
    log: [{ at: call.now, state: 'PENDING' }],
    maintenance: [],
    connections: [],
    connectionCheckStopped: null,
    snapshotEpochs: [],
    snapshotJitterSeconds: 0,
    snapshotPauses: [],
    rebuildPlan: {},
    rebuildCalls: [],
    rebuilds: [],
    migrationPlan: {},
    migrations: [],
    jobs: [],
  };
  finish(call, desktop, request, random);
  desktops(call).set(desktop.workspaceId, desktop);
  setTags(call, desktop.workspaceId, tagsGiven(request.Tags), call.now);
  return desktop;
}

/** Plans how its making ends, and its snapshots from then on. */
function finish(call: Call, desktop: Desktop, request: Request, random: Random): void {
  const settings = settingsOf(call);
  const fault = call.world.faults.take(['stuck', 'fail'], {
    service: 'workspaces',
    operation: OPERATION,
    input: request,
  });
  if (fault?.kind === 'stuck') return;
  const minutes = request.RootVolumeEncryptionEnabled ? settings.createEncryptedMinutes : settings.createMinutes;
  const at = call.now + Math.round(random.between(...minutes) * 60_000);
  const error = errorOf(call, desktop, fault);
  const made: Transition = {
    at,
    state: 'AVAILABLE',
    ipAddress: `10.19.${Math.floor(random.between(0, 250))}.${Math.floor(random.between(4, 254))}`,
    rootImageId: imageOf(bundles(call).get(desktop.bundleId) as Bundle, call.now) ?? '',
  };
  desktop.log.push(error ? { at, state: 'ERROR', error } : made);
  const first = at + settings.snapshotAfterRebuildMinutes * 60_000;
  if (!error) desktop.snapshotEpochs.push({ from: at, first, to: null });
}

function errorOf(call: Call, desktop: Desktop, fault: FaultRule | undefined): Refusal | undefined {
  const { codes } = settingsOf(call);
  if (fault) {
    return { code: fault.code ?? codes.createFailed, message: fault.message ?? 'The WorkSpace could not be created.' };
  }
  if (!keyUnusable(call, desktop)) return undefined;
  return { code: codes.keyUnusable, message: 'The volume encryption key cannot be used.' };
}

export const creationOperations = { CreateWorkspaces: createWorkspaces };
