/** What can be special about a WorkSpace of a fleet. */
import { instanceId } from './fleet-draft.ts';
import type { Draft } from './fleet-draft.ts';
import type { Desktop, State } from './services/workspaces/rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Around {
  readonly start: number;
  readonly volumeKeyArns: readonly [string, string];
}

type Change = (draft: Draft, around: Around) => void;

const minutes = ({ random }: Draft, least: number, most: number): number =>
  Math.floor(random.between(least, most)) * MINUTE;

function enter(desktop: Desktop, at: number, state: State): void {
  desktop.log.push({ at, state });
}

/** It is AUTO_STOP and was STOPPED an hour after its user left. */
const stopped: Change = ({ desktop }) => {
  const left = Math.max(...desktop.connections.map(({ to }) => to)) - 2 * HOUR;
  desktop.runningMode = 'AUTO_STOP';
  desktop.connections = [{ from: left - 3 * HOUR, to: left }];
  enter(desktop, left + HOUR, 'STOPPED');
};

/** It is AUTO_STOP with its user connected for some hours more; then it stops by itself. */
const autoStop: Change = (draft, { start }) => {
  draft.desktop.runningMode = 'AUTO_STOP';
  const at = start - minutes(draft, 61, 180);
  draft.desktop.connections = [{ from: at, to: start + minutes(draft, 60, 360) }];
  enter(draft.desktop, at - 2 * HOUR, 'STOPPED');
  enter(draft.desktop, at, 'AVAILABLE');
};

/** An image of it is being made until some minutes after the start. */
const suspended: Change = (draft, { start }) => {
  enter(draft.desktop, start - minutes(draft, 5, 15), 'SUSPENDED');
  enter(draft.desktop, start + minutes(draft, 10, 35), 'AVAILABLE');
};

/** Its compute type is being changed until half an hour after the start. */
const modifying: Change = ({ desktop }, { start }) => {
  const [calledAt, from, to] = [start - 10 * MINUTE, start - 9 * MINUTE, start + 30 * MINUTE];
  const change = { computeType: 'PERFORMANCE' };
  desktop.jobs.push({ kind: 'modification', calledAt, from, to, resource: 'COMPUTE_TYPE', change, failed: false });
  enter(desktop, from, 'UPDATING');
  enter(desktop, to, 'AVAILABLE');
};

const inError: Change = ({ desktop }, { start }) => {
  const error = { code: 'UnhealthyWorkspace', message: 'The WorkSpace does not respond.' };
  desktop.log.push({ at: start - 2 * HOUR, state: 'ERROR', error });
};

const unhealthy: Change = ({ desktop }, { start }) => enter(desktop, start - HOUR, 'UNHEALTHY');

const adminMaintenance: Change = ({ desktop }, { start }) => enter(desktop, start - HOUR, 'ADMIN_MAINTENANCE');

/** AWS's maintenance begins before its snapshot is due and lasts beyond. */
const maintenance: Change = ({ desktop, phase }, { start }) => {
  desktop.maintenance = [{ from: start + phase - 10 * MINUTE, to: start + phase + 90 * MINUTE }];
};

const noAgent: Change = (draft) => {
  draft.instances = [];
};

const agentOffline: Change = (draft, { start }) => {
  draft.instances = draft.instances.map((instance) => ({ ...instance, agent: 'off', lostAt: start - 3 * DAY }));
};

/** An old registration of the same computer name is still there, as after every earlier rebuild. */
const twoRegistrations: Change = (draft) => {
  const old = draft.instances.map((instance) => ({
    ...instance,
    instanceId: instanceId(draft.random),
    registeredAt: instance.registeredAt - 10 * DAY,
    lostAt: instance.registeredAt - HOUR,
    agent: 'off' as const,
  }));
  draft.instances.push(...old);
};

/** Its user is there at the start and for some hours more. */
const connected: Change = (draft, { start }) => {
  draft.desktop.connections = [{ from: start - minutes(draft, 20, 200), to: start + minutes(draft, 60, 840) }];
};

const neverConnected: Change = ({ desktop }) => {
  desktop.connections = [];
};

/** Its user was last there days ago: its newest snapshot holds everything. */
const quiet: Change = ({ desktop }, { start }) => {
  desktop.connections = [{ from: start - 5 * DAY, to: start - 5 * DAY + 4 * HOUR }];
};

const encrypted: Change = ({ desktop }, { volumeKeyArns }) => {
  desktop.volumeEncryptionKey = volumeKeyArns[0];
};

const keyDisabled: Change = ({ desktop }, { volumeKeyArns }) => {
  desktop.volumeEncryptionKey = volumeKeyArns[1];
};

/** It is the standby of a WorkSpace in another Region. */
const standby: Change = ({ desktop }) => {
  desktop.related = { workspaceId: desktop.workspaceId.replace('ws-0', 'ws-1'), region: 'eu-west-1', type: 'PRIMARY' };
};

/** It has a standby in another Region. */
const hasStandby: Change = ({ desktop }) => {
  desktop.related = { workspaceId: desktop.workspaceId.replace('ws-0', 'ws-1'), region: 'eu-west-1', type: 'STANDBY' };
};

const rebuildFails: Change = ({ desktop }) => {
  desktop.rebuildPlan = { ...desktop.rebuildPlan, end: 'fail' };
};

const rebuildStuck: Change = ({ desktop }) => {
  desktop.rebuildPlan = { ...desktop.rebuildPlan, end: 'stuck' };
};

/** A migration of it fails, and nothing says so: it is simply still there an hour later. */
const migrateFails: Change = ({ desktop }) => {
  desktop.migrationPlan = { end: 'fail' };
};

/** It has no snapshot yet: its first one comes when the others' next ones do. */
const noSnapshotYet: Change = ({ desktop, phase }, { start }) => {
  desktop.snapshotEpochs = [{ from: start, first: start + phase, to: null }];
};

/** It has snapshots, and no further one for a month. */
const noFreshSnapshot: Change = ({ desktop }, { start }) => {
  desktop.snapshotPauses = [{ from: start, to: start + 30 * DAY }];
};

const noSnapshotEver: Change = ({ desktop }) => {
  desktop.snapshotEpochs = [];
};

export const KINDS = {
  stopped,
  autoStop,
  suspended,
  modifying,
  inError,
  unhealthy,
  adminMaintenance,
  maintenance,
  noAgent,
  agentOffline,
  twoRegistrations,
  connected,
  neverConnected,
  quiet,
  encrypted,
  keyDisabled,
  standby,
  hasStandby,
  rebuildFails,
  rebuildStuck,
  migrateFails,
  noSnapshotYet,
  noFreshSnapshot,
  noSnapshotEver,
} as const satisfies Record<string, Change>;

export type Kind = keyof typeof KINDS;
