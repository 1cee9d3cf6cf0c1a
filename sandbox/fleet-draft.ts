/** One WorkSpace of a fleet before its kinds change it: always on, healthy, used within the last hours, with an agent. */
import type { FleetSpec } from './fleet.ts';
import type { Random } from './random.ts';
import type { Instance } from './services/ssm/instances.ts';
import type { Desktop, Place } from './services/workspaces/rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRST_NAMES = 'ada ben cleo dan eva finn gina hugo ines jan kim leo mia noa ole pia rui sue tom uma'.split(' ');
const LAST_NAMES = 'adler bauer costa dubois engel ferri garcia haas ito jansen klein lopez moreau novak okoye'.split(
  ' ',
);

export interface Draft {
  desktop: { -readonly [Field in keyof Desktop]: Desktop[Field] };
  instances: Instance[];
  /** When its first snapshot from the start on is due, after the start. */
  readonly phase: number;
  readonly random: Random;
}

export interface About {
  readonly place: Place;
  readonly spec: FleetSpec;
  readonly start: number;
  readonly name: string;
  readonly onBundle: boolean;
  readonly index: number;
  readonly offset: number;
  readonly phase: number;
}

export function baseDraft({ place, spec, start, name, onBundle, index, offset, phase }: About): Draft {
  const workspaceId = `ws-${name}${String(index + 1).padStart(4, '0')}`;
  const random = place.world.random(`fleet/${place.account}/${place.region}/${workspaceId}`);
  const directory = spec.directories[index % spec.directories.length];
  const createdAt = start - Math.floor(random.between(30, 300)) * DAY;
  const lastSeen = start - Math.floor(random.between(20, 480)) * MINUTE;
  const bundle = onBundle ? spec.bundle : spec.otherBundle;
  const windows = spec.operatingSystem === 'WINDOWS';
  const desktop: Draft['desktop'] = {
    workspaceId,
    directoryId: directory?.directoryId ?? '',
    bundleId: bundle.bundleId,
    userName: userName(offset + index),
    computerName: windows ? `WSAMZN-${random.id(8).toUpperCase()}` : `U-${random.id(13).toUpperCase()}`,
    subnetId: 'subnet-0aaaa1111bbbb2222',
    operatingSystem: windows ? 'WINDOWS_10' : 'UBUNTU_22_04',
    createdAt,
    seed: Math.floor(random.next() * 2 ** 32),
    runningMode: 'ALWAYS_ON',
    autoStopMinutes: 60,
    hardware: null,
    userVolumeId: `vol-${name}${String(index + 1).padStart(4, '0')}`,
    volumeEncryptionKey: null,
    related: null,
    log: [{ at: createdAt, state: 'AVAILABLE', ipAddress: address(offset + index), rootImageId: bundle.imageId }],
    maintenance: [],
    connections: [{ from: lastSeen - Math.floor(random.between(30, 300)) * MINUTE, to: lastSeen }],
    connectionCheckStopped: null,
    snapshotEpochs: [{ from: createdAt, first: firstSnapshot(start + phase, createdAt), to: null }],
    snapshotJitterSeconds: spec.snapshots.jitterSeconds,
    snapshotPauses: [],
    rebuildPlan: { minutes: Math.round(random.between(...spec.rebuildMinutes) * 10) / 10 },
    rebuildCalls: [],
    rebuilds: [],
    migrationPlan: {},
    migrations: [],
    jobs: [],
  };
  const computerName = `${desktop.computerName}.${directory?.name ?? ''}`;
  const instance: Instance = {
    instanceId: instanceId(random),
    computerName,
    workspaceId,
    platform: windows ? 'Windows' : 'Linux',
    registeredAt: createdAt + HOUR,
    agent: 'running',
  };
  return { desktop, instances: [instance], phase, random };
}

/** The earliest instant after its creation that is a whole number of 12 hours before `next`. */
function firstSnapshot(next: number, createdAt: number): number {
  return next - Math.floor((next - createdAt) / (12 * HOUR)) * 12 * HOUR;
}

export function instanceId(random: Random): string {
  return `mi-${Array.from({ length: 17 }, () => Math.floor(random.next() * 16).toString(16)).join('')}`;
}

function userName(n: number): string {
  const first = FIRST_NAMES[n % FIRST_NAMES.length];
  const last = LAST_NAMES[Math.floor(n / FIRST_NAMES.length) % LAST_NAMES.length];
  const round = Math.floor(n / (FIRST_NAMES.length * LAST_NAMES.length));
  return `${first}.${last}${round === 0 ? '' : round + 1}`;
}

/** A private address for the nth WorkSpace. */
export const address = (n: number): string =>
  `10.${20 + Math.floor(n / 62_500)}.${Math.floor(n / 250) % 250}.${4 + (n % 250)}`;
