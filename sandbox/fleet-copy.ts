/**
 * A fleet as it was read from AWS, built again in the sandbox: what a rehearsal runs on. Everything stands as it was at
 * the description's `now`, so the sandbox has to be started at that time.
 */
import { address, instanceId } from './fleet-draft.ts';
import type { Random } from './random.ts';
import type { World } from './service.ts';
import { seedKey, type Key } from './services/kms.ts';
import { instances } from './services/ssm/instances.ts';
import { uuidFrom } from './services/uuid.ts';
import { bundles, desktops, directories, images } from './services/workspaces/rows.ts';
import type { Bundle, Desktop, Image, Place, State, Transition } from './services/workspaces/rows.ts';
import { setTags } from './services/workspaces/tags.ts';

export interface DescribedWorkspace {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  readonly bundleId: string;
  readonly state: State;
  /** @default 'ALWAYS_ON' */
  readonly runningMode?: Desktop['runningMode'];
  /** The newest rebuild snapshot; null: none. */
  readonly snapshot: string | null;
  /** Null: not known, taken as never connected. */
  readonly connection: {
    readonly state: 'CONNECTED' | 'DISCONNECTED' | 'UNKNOWN';
    readonly lastConnectedAt: string | null;
  } | null;
  readonly tags: Readonly<Record<string, string>>;
  /** The key of its volumes, as AWS gives it; null: not encrypted. */
  readonly keyId: string | null;
  /** The key cannot be used. @default false */
  readonly keyUnusable?: boolean;
  /** AWS's name of it. @default one that fits its bundle's image */
  readonly operatingSystem?: string;
  /** It is one half of a Multi-Region pair. */
  readonly paired: boolean;
  readonly agentOnline: boolean;
}

/** Times are ISO 8601. */
export interface FleetDescription {
  readonly account: string;
  readonly region: string;
  readonly now: string;
  readonly workspaces: readonly DescribedWorkspace[];
  readonly bundles: readonly {
    readonly bundleId: string;
    readonly name: string;
    readonly imageId: string;
    /** An account id, or `AMAZON`. */
    readonly ownerAccount: string;
  }[];
  readonly images: readonly {
    readonly imageId: string;
    readonly name: string;
    readonly operatingSystem: Image['operatingSystem'];
    /** @default false */
    readonly byol?: boolean;
    readonly state: Image['state'];
    readonly ownerAccount: string;
  }[];
}

/** What a copy takes for granted, for people. */
export const COPY_ASSUMPTIONS: readonly string[] = [
  'Snapshots go on every 12 hours from the newest one; a WorkSpace without any gets its first within 12 hours.',
  'A rebuild takes 20 to 60 minutes, a migration as long; both succeed.',
  'Who is connected stays for 1 to 8 hours; nobody else signs in.',
  'A WorkSpace in a passing state leaves it in AWS’s usual time; one in ERROR, UNHEALTHY or ADMIN_MAINTENANCE stays so.',
  'Encryption keys stay as they are.',
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SNAPSHOT_INTERVAL = 12 * HOUR;
/** Connections are checked so often: one that ended since the last check would still be shown. */
const CONNECTION_CHECK = 5 * MINUTE;

/** What comes after a state that passes, and after how many minutes. */
const PASSING: Readonly<Partial<Record<State, readonly [State, number]>>> = {
  PENDING: ['AVAILABLE', 20],
  STARTING: ['AVAILABLE', 2],
  STOPPING: ['STOPPED', 2],
  REBOOTING: ['AVAILABLE', 5],
  REBUILDING: ['AVAILABLE', 40],
  RESTORING: ['AVAILABLE', 40],
  UPDATING: ['AVAILABLE', 60],
  SUSPENDED: ['AVAILABLE', 45],
  MAINTENANCE: ['AVAILABLE', 120],
  TERMINATING: ['TERMINATED', 5],
};

/** Puts the described fleet into the world. The same seed and description give the same course of events. */
export function seedCopyOf(world: World, description: FleetDescription): Place {
  const { account, region } = description;
  const place: Place = { world, account, region };
  const start = Date.parse(description.now);
  seedImages(place, description, start);
  seedDirectories(place, description, start);
  seedKeys(place, description);
  const windowsBundles = bundlesWithWindows(description);
  for (const [index, described] of description.workspaces.entries()) {
    const random = world.random(`copy/${account}/${region}/${described.workspaceId}`);
    const windows = windowsBundles(described.bundleId);
    const desktop = desktopOf(place, described, { start, index, random, windows });
    desktops(place).set(desktop.workspaceId, desktop);
    setTags(place, desktop.workspaceId, described.tags, desktop.createdAt);
    if (described.agentOnline) seedAgent(place, desktop, windows, random);
  }
  return place;
}

function seedImages(place: Place, { bundles: bundleList, images: imageList }: FleetDescription, start: number): void {
  const createdAt = start - 400 * DAY;
  for (const { ownerAccount: owner, ...image } of imageList) {
    images(place).set(image.imageId, { ...image, owner, description: image.name, createdAt, rootVolumeGib: 80 });
  }
  for (const { ownerAccount: owner, imageId, ...bundle } of bundleList) {
    const row: Bundle = {
      ...bundle,
      owner,
      description: bundle.name,
      state: 'AVAILABLE',
      computeType: 'STANDARD',
      rootVolumeGib: 80,
      userVolumeGib: 50,
      createdAt,
      images: [{ at: createdAt, imageId }],
    };
    bundles(place).set(bundle.bundleId, row);
  }
}

function seedDirectories(place: Place, { workspaces }: FleetDescription, start: number): void {
  for (const directoryId of new Set(workspaces.map((one) => one.directoryId))) {
    directories(place).set(directoryId, {
      directoryId,
      name: `${directoryId}.example.com`,
      alias: directoryId,
      subnetIds: ['subnet-0aaaa1111bbbb2222', 'subnet-0cccc3333dddd4444'],
      createdAt: start - 400 * DAY,
      state: 'REGISTERED',
      usersMayRebuild: false,
    });
  }
}

function seedKeys(place: Place, { workspaces }: FleetDescription): void {
  const unusable = new Set(workspaces.filter((one) => one.keyUnusable).map(({ keyId }) => keyId));
  for (const named of new Set(workspaces.map(({ keyId }) => keyId))) {
    if (named !== null) seedNamedKey(place, named, unusable.has(named) ? 'Disabled' : 'Enabled');
  }
}

/** AWS names a key by id, ARN or alias; the keys behind aliases of its own make themselves. */
export function seedNamedKey({ world, account, region }: Place, named: string, state: Key['state'] = 'Enabled'): void {
  const [, , , , owner, resource] = named.startsWith('arn:') ? named.split(':') : [];
  const key = { account: owner ?? account, region, state };
  const name = (resource ?? named).replace(/^key\//, '');
  if (!name.startsWith('alias/')) seedKey(world, { ...key, keyId: name });
  else if (!name.startsWith('alias/aws/')) {
    seedKey(world, { ...key, keyId: uuidFrom(world.random(`copy/${named}`)), aliases: [name] });
  }
}

function bundlesWithWindows({ bundles: bundleList, images: imageList }: FleetDescription): (id: string) => boolean {
  const linuxImages = new Set(imageList.filter((one) => one.operatingSystem === 'LINUX').map((one) => one.imageId));
  const linux = new Set(bundleList.filter(({ imageId }) => linuxImages.has(imageId)).map(({ bundleId }) => bundleId));
  return (bundleId) => !linux.has(bundleId);
}

interface About {
  readonly start: number;
  readonly index: number;
  readonly random: Random;
  readonly windows: boolean;
}

function desktopOf(place: Place, described: DescribedWorkspace, { start, index, random, windows }: About): Desktop {
  const { workspaceId, directoryId, bundleId, userName, computerName, runningMode = 'ALWAYS_ON' } = described;
  const seed = Math.floor(random.next() * 2 ** 32);
  // Long enough ago for everything that is told of it.
  const told = [described.snapshot, described.connection?.lastConnectedAt].map((iso) =>
    iso ? Date.parse(iso) : start,
  );
  const createdAt = Math.min(...told) - 30 * DAY;
  const rootImageId = bundles(place).get(bundleId)?.images[0]?.imageId ?? '';
  return {
    workspaceId,
    directoryId,
    bundleId,
    userName,
    computerName,
    subnetId: 'subnet-0aaaa1111bbbb2222',
    operatingSystem: described.operatingSystem ?? (windows ? 'WINDOWS_10' : 'UBUNTU_22_04'),
    createdAt,
    seed,
    runningMode,
    autoStopMinutes: 60,
    hardware: null,
    userVolumeId: workspaceId.replace('ws-', 'vol-'),
    volumeEncryptionKey: described.keyId,
    related: described.paired ? twinOf(place, random) : null,
    log: [{ at: createdAt, state: 'AVAILABLE', ipAddress: address(index), rootImageId }, ...since(described, start)],
    maintenance: [],
    connections: connectionsOf(described, start, random),
    connectionCheckStopped: null,
    snapshotEpochs: epochsOf(described.snapshot, start, random),
    snapshotJitterSeconds: 0,
    snapshotPauses: [],
    rebuildPlan: {},
    rebuildCalls: [],
    rebuilds: [],
    migrationPlan: {},
    migrations: [],
    jobs: [],
  };
}

/** Its present state, and what comes of it by itself. An AUTO_STOP WorkSpace has its whole hour before it stops. */
function since({ state }: DescribedWorkspace, start: number): Transition[] {
  const broken = state === 'ERROR' && { error: { code: 'Unknown', message: 'As it was when the fleet was read.' } };
  const [next, minutes] = PASSING[state] ?? [];
  return [{ at: start, state, ...broken }, ...(next && minutes ? [{ at: start + minutes * MINUTE, state: next }] : [])];
}

function connectionsOf({ connection }: DescribedWorkspace, start: number, random: Random): Desktop['connections'] {
  if (connection?.state === 'CONNECTED') {
    return [{ from: start - HOUR, to: start + Math.floor(random.between(1, 8) * HOUR) }];
  }
  if (!connection?.lastConnectedAt) return [];
  const left = Math.min(Date.parse(connection.lastConnectedAt), start - CONNECTION_CHECK);
  return [{ from: left - HOUR, to: left }];
}

/** The newest one is what was read, also where it is older than the rhythm allows. */
function epochsOf(snapshot: string | null, start: number, random: Random): Desktop['snapshotEpochs'] {
  if (snapshot === null) {
    return [{ from: start, first: start + Math.floor(random.between(0, SNAPSHOT_INTERVAL)), to: null }];
  }
  const newest = Date.parse(snapshot);
  const passed = Math.floor((start - newest) / SNAPSHOT_INTERVAL);
  return [
    { from: newest - 1000, first: newest, to: newest },
    { from: start, first: newest + (passed + 1) * SNAPSHOT_INTERVAL, to: null },
  ];
}

/** Which half it is was not read. As the standby, it refuses whatever either half would refuse. */
function twinOf({ region }: Place, random: Random): Desktop['related'] {
  const other = region === 'us-east-1' ? 'us-west-2' : 'us-east-1';
  return { workspaceId: `ws-${random.id(9)}`, region: other, type: 'PRIMARY' };
}

function seedAgent(place: Place, desktop: Desktop, windows: boolean, random: Random): void {
  const id = instanceId(random);
  instances(place).set(id, {
    instanceId: id,
    computerName: `${desktop.computerName}.${desktop.directoryId}.example.com`,
    workspaceId: desktop.workspaceId,
    platform: windows ? 'Windows' : 'Linux',
    registeredAt: desktop.createdAt + HOUR,
    agent: 'running',
  });
}
