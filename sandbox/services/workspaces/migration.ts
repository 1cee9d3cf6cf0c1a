/**
 * MigrateWorkspace: a new WorkSpace of the same user on another bundle takes the place of the old one. Where it fails,
 * nothing says so: the old one is as it was, and the new id leads nowhere.
 */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { imageOf, usableBundle } from './bundles.ts';
import { drawn, endFault, keyUnusable, newAddress } from './changes.ts';
import { wantedDesktop } from './desktops.ts';
import { hardwareAt } from './hardware.ts';
import { userDataOf } from './rebuild.ts';
import { desktops, images } from './rows.ts';
import type { Bundle, Desktop, Hardware, Image, Migration, State, Transition } from './rows.ts';
import { settingsOf } from './settings.ts';
import { newestSnapshots } from './snapshots.ts';
import { setTags, taggedResources, tagsAt } from './tags.ts';
import { disconnect, isTaken, plan, randomOf, viewAt } from './timeline.ts';

const MIGRATABLE: readonly State[] = ['AVAILABLE', 'STOPPED', 'ERROR'];

interface Input {
  readonly SourceWorkspaceId: string;
  readonly BundleId: string;
}

const migrateWorkspace: Operation = ({ SourceWorkspaceId, BundleId }: Input, call) => {
  const source = wantedDesktop(call, SourceWorkspaceId);
  const bundle = usableBundle(call, BundleId);
  checkKind(call, source, bundle);
  checkState(call, source);
  const migration = migrationOf(call, source, bundle);
  desktops(call).set(migration.targetId, targetOf(call, source, bundle, migration));
  setTags(call, migration.targetId, tagsAt(taggedResources(call).get(SourceWorkspaceId), call.now) ?? {}, call.now);
  begin(call, source, migration);
  return { SourceWorkspaceId, TargetWorkspaceId: migration.targetId };
};

const notSupported = (message: string): AwsError => new AwsError('OperationNotSupportedException', message);

/** What no waiting mends. */
function checkKind(call: Call, source: Desktop, bundle: Bundle): void {
  if (source.bundleId === bundle.bundleId) {
    const message = `The WorkSpace ${source.workspaceId} is on the bundle ${bundle.bundleId} already.`;
    throw new AwsError('InvalidParameterValuesException', message);
  }
  const image = images(call).get(imageOf(bundle, call.now) ?? '');
  if (!source.operatingSystem.startsWith('WINDOWS') || image?.operatingSystem === 'LINUX') {
    throw notSupported('Linux WorkSpaces cannot be migrated.');
  }
  checkLicence(call, source, image);
  if (source.related?.type === 'STANDBY') throw notSupported('A WorkSpace that has a standby cannot be migrated.');
  if (source.related) throw notSupported('A standby WorkSpace cannot be migrated.');
}

/** Windows under the customer's own licence goes to its like only, and nothing else goes there. */
function checkLicence(call: Call, source: Desktop, image: Image | undefined): void {
  const present = images(call).get(viewAt(source, call.now)?.rootImageId ?? '');
  if ((present?.byol ?? false) === (image?.byol ?? false)) return;
  throw notSupported(
    'WorkSpaces under your own licence (BYOL) can be migrated to BYOL bundles only, and only they can.',
  );
}

/** AWS documents the states that a migration needs, and not how it refuses the others. */
function checkState(call: Call, source: Desktop): void {
  if (isTaken(source, call.now)) {
    const message = `The WorkSpace ${source.workspaceId} is being changed already.`;
    throw new AwsError('OperationInProgressException', message);
  }
  const state = viewAt(source, call.now)?.state;
  if (!state || !MIGRATABLE.includes(state)) {
    throw notSupported(`The WorkSpace is ${state}; this operation needs ${MIGRATABLE.join(', ')}.`);
  }
  if (!newestSnapshots(source, call).rebuild) {
    const message = 'There is no snapshot of the user volume to migrate with.';
    throw new AwsError('ResourceUnavailableException', message, 400, { ResourceId: source.workspaceId });
  }
}

function migrationOf(call: Call, source: Desktop, { bundleId }: Bundle): Migration {
  const { lagSeconds, migrateMinutes } = settingsOf(call);
  const from = call.now + drawn(source, 'migration-lag', lagSeconds, 1000);
  const { minutes, end } = source.migrationPlan;
  const to = from + (minutes ? minutes * 60_000 : drawn(source, 'migration', migrateMinutes, 60_000));
  const kind = endFault(call, 'MigrateWorkspace', source)?.kind ?? end;
  const targetId = `ws-${randomOf(source, `migration/${source.migrations.length}`).id(9)}`;
  const begun = { calledAt: call.now, from, bundleId, targetId };
  if (kind === 'stuck') return { ...begun, to: null, end: null };
  return { ...begun, to, end: kind === 'fail' || keyUnusable(call, source) ? 'failed' : 'moved' };
}

/** Settings and user carry over; name, address and root volume are new; snapshots begin anew. */
function targetOf(call: Call, source: Desktop, bundle: Bundle, migration: Migration): Desktop {
  const { targetId, to } = migration;
  const random = randomOf(source, `migration/${targetId}`);
  const first = (to ?? 0) + settingsOf(call).snapshotAfterRebuildMinutes * 60_000;
  return {
    ...source,
    workspaceId: targetId,
    bundleId: bundle.bundleId,
    hardware: hardwareOf(call, source, bundle),
    computerName: `WSAMZN-${random.id(8).toUpperCase()}`,
    createdAt: call.now,
    seed: Math.floor(random.next() * 2 ** 32),
    log: [{ at: call.now, state: 'PENDING' }, ...targetEnd(call, source, bundle, migration)],
    maintenance: [],
    connections: source.connections.filter(({ from }) => to !== null && from >= to),
    connectionCheckStopped: null,
    snapshotEpochs: to === null ? [] : [{ from: to, first, to: null }],
    snapshotPauses: [],
    rebuildCalls: [],
    rebuilds: [],
    migrations: [],
    jobs: [],
  };
}

/** The bundle's compute type; no volume becomes smaller. */
function hardwareOf(call: Call, source: Desktop, { computeType, ...bundle }: Bundle): Hardware {
  const before = hardwareAt(call, source, call.now);
  return {
    computeType,
    rootVolumeGib: Math.max(bundle.rootVolumeGib, before.rootVolumeGib),
    userVolumeGib: Math.max(bundle.userVolumeGib, before.userVolumeGib),
  };
}

function targetEnd(call: Call, source: Desktop, bundle: Bundle, { to, end, targetId }: Migration): Transition[] {
  if (to === null) return [];
  if (end === 'failed') return [{ at: to, state: 'TERMINATED' }];
  const ipAddress = newAddress(source, `address/${targetId}`, call.now);
  return [
    {
      at: to,
      state: 'AVAILABLE',
      ipAddress,
      rootImageId: imageOf(bundle, call.now) ?? '',
      ...userDataOf(source, call),
    },
  ];
}

function begin(call: Call, source: Desktop, migration: Migration): void {
  const { from, to, end } = migration;
  const { migratingState, terminateMinutes } = settingsOf(call);
  const before = viewAt(source, call.now);
  const shown: Transition[] = migratingState ? [{ at: from, state: migratingState }] : [];
  const gone = (to ?? 0) + drawn(source, 'terminate', terminateMinutes, 60_000);
  if (to !== null && end === 'moved') shown.push({ at: to, state: 'TERMINATING' }, { at: gone, state: 'TERMINATED' });
  else if (to !== null && migratingState && before) {
    shown.push({ at: to, state: before.state, ...(before.error && { error: before.error }) });
  }
  plan(source, call.now, shown);
  disconnect(source, from);
  source.migrations.push(migration);
  desktops(call).touch();
}

export const migrationOperations = { MigrateWorkspace: migrateWorkspace };
