/**
 * `npm run histories:record`: runs small upgrades, backups, restores and custodies and keeps their histories for the replay test, as
 * `histories/<workflow>__<scenario>__<version>.json`. A history of a version that may still be running is never changed
 * or removed: a change to workflow commands records a new version beside it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASK_QUEUE } from '../../domain/target.ts';
import type { FleetSpec } from '../../sandbox/fleet.ts';
import { backupFleet, plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { ONE_WAVE } from '../../domain/waves.ts';
import { DAYS } from '../../domain/windows.ts';
import {
  abortUpdate,
  changeUpdate,
  deferUpdate,
  imageUpgradeFleetId,
  imageUpgradePlanId,
  pauseUpdate,
  resumeUpdate,
  skipUpdate,
  statusQuery,
} from '../../workflows/image-upgrade.messages.ts';
import { scheduledRunId, scheduleIdOf } from '../../domain/schedules.ts';
import { sweepId } from '../../workflows/sweep.messages.ts';
import { imageRestorePlanId } from '../../workflows/image-restore.messages.ts';
import { mochaHooks } from '../rig/at-end.ts';
import { backupInput, planBackup, startBackup } from '../rig/backup.ts';
import { fleetRestoreInput, restoreInput, startFleetRestore, startRestore } from '../rig/restore.ts';
import { broughtBack } from './back-scenario.ts';
import { custodies, startCustodies, startVault } from './custody-scenario.ts';
import { writeHistory } from './histories.ts';
import { startVaults, swept } from './sweep-scenario.ts';
import { rowsOf, startRig, startUpgrade, target, upgradeInput, waitUntil, warned, type Rig } from '../rig/upgrade.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

/** Snapshots within the first hour: an upgrade of seconds. */
const fleet = plainFleet(3, { snapshots: { spreadHours: 1, jitterSeconds: 0 } });
/** Where a scenario needs another one. */
const FLEETS: Readonly<Record<string, FleetSpec>> = { backedUp: backupFleet(6) };

/** What happens in each scenario; every workflow that it started is kept. */
const SCENARIOS: Readonly<Record<string, (rig: Rig) => Promise<void>>> = {
  async warned(rig) {
    const input = upgradeInput(warned(300));
    await rig.client.workflow.execute('imageUpgradePlan', {
      workflowId: imageUpgradePlanId(target, input.bundleId),
      taskQueue: TASK_QUEUE,
      args: [input],
    });
    await rig.client.workflow.execute('imageUpgradeFleet', {
      workflowId: imageUpgradeFleetId(target, input.bundleId),
      taskQueue: TASK_QUEUE,
      args: [input],
    });
    await (await startUpgrade(rig, input)).result();
  },
  async aborted(rig) {
    const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 1 }));
    await waitUntil('one is under rebuild', async () => {
      const { cohorts } = await upgrade.query(statusQuery);
      return cohorts.length > 0 && rig.sandbox.recorder.count({ operation: 'RebuildWorkspaces' }) > 0;
    });
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'recorded' }] });
    await upgrade.result();
  },
  async steered(rig) {
    const canary = { size: '1', choose: 'spread', tag: null, workspaceIds: [] } as const;
    const hours = { days: [...DAYS], from: '00:00', to: '24:00', timeZone: 'Europe/Berlin' };
    const upgrade = await startUpgrade(
      rig,
      upgradeInput({
        ...warned(600, 120),
        waves: { ...ONE_WAVE, canary, soakMinutes: 30, maxFailures: '0' },
        windows: [{ directoryId: null, tag: null, open: [hours] }],
        maintenance: true,
        operatorTopicArn: WELL_KNOWN.topicArn,
      }),
    );
    rig.sandbox.faults.add({ kind: 'fail', operation: 'RebuildWorkspaces', count: 1 });
    const all = { by: 'ada@desk', reason: 'recorded', workspaceId: null };
    await waitUntil('it holds', async () => (await upgrade.query(statusQuery)).halt?.kind === 'held');
    await upgrade.executeUpdate(resumeUpdate, { args: [all] });
    await upgrade.executeUpdate(pauseUpdate, { args: [all] });
    await upgrade.executeUpdate(changeUpdate, { args: [{ ...all, maxConcurrent: 1, maxFailures: null }] });
    const rows = await rowsOf(rig, upgrade);
    const [first = '', second = ''] = rows.filter((row) => row.outcome === null).map((row) => row.workspaceId);
    await upgrade.executeUpdate(deferUpdate, { args: [{ ...all, workspaceId: first, minutes: 10 }] });
    await upgrade.executeUpdate(skipUpdate, { args: [{ ...all, workspaceId: second }] });
    await upgrade.executeUpdate(resumeUpdate, { args: [all] });
    await waitUntil('one is rebuilt', async () => (await upgrade.query(statusQuery)).counts.rebuilding > 0);
    await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'recorded', rollback: true, rebuild: true }] });
    await upgrade.result();
  },
  async lostReply(rig) {
    rig.sandbox.faults.add({ kind: 'resetAfter', operation: 'RebuildWorkspaces', count: 1 });
    rig.sandbox.faults.add({ kind: 'resetBefore', operation: 'RebuildWorkspaces', count: 1 });
    await (await startUpgrade(rig)).result();
  },
  async backedUp(rig) {
    const input = backupInput({ startStopped: true });
    await planBackup(rig, input);
    await (await startBackup(rig, input, { continueAfterEvents: 100 })).result();
  },
  async restored(rig) {
    const input = restoreInput(rig, 0, 'image');
    await rig.client.workflow.execute('imageRestorePlan', {
      workflowId: imageRestorePlanId(target, input.workspaceId),
      taskQueue: TASK_QUEUE,
      args: [input],
    });
    const strategies = ['image', 'recreate', 'snapshot'] as const;
    const restores = strategies.map((strategy, index) => startRestore(rig, restoreInput(rig, index, strategy)));
    await Promise.all(restores.map(async (restore) => await (await restore).result()));
  },
  async manyRestored(rig) {
    await (await startFleetRestore(rig, fleetRestoreInput({ confirmCount: 3 }))).result();
    const args = [{ target, ids: null }];
    await rig.client.workflow.execute('sweep', { workflowId: sweepId(target), taskQueue: TASK_QUEUE, args });
  },
  async scheduled(rig) {
    const schedule = 'weekly';
    const limits = { startWithinSeconds: 600, jitterSeconds: 0, mayRepeat: false };
    await rig.client.workflow.execute('scheduledRun', {
      workflowId: scheduledRunId(schedule),
      taskQueue: TASK_QUEUE,
      args: [{ schedule, capability: 'imageUpgrade', input: upgradeInput(), ...limits }],
    });
    const schedules = [{ id: scheduleIdOf(schedule), lastAt: null }];
    await rig.client.workflow.execute('scheduleWatchdog', {
      workflowId: 'schedule-watchdog',
      taskQueue: TASK_QUEUE,
      args: [{ schedules, file: null, operatorTopicArn: WELL_KNOWN.topicArn }],
    });
  },
  async wentOn(rig) {
    await (await startUpgrade(rig, upgradeInput(), { continueAfterEvents: 60, cohortSize: 2 })).result();
  },
};

/** In a world of several accounts. */
const OF_CUSTODY: Readonly<Record<string, () => Promise<void>>> = {
  async inCustody() {
    const rig = await startCustodies();
    const begun = Date.now();
    await custodies(rig);
    await keep('inCustody', rig, begun);
  },
  async broughtBack() {
    const rig = await startVault();
    const begun = Date.now();
    await broughtBack(rig);
    await keep('broughtBack', rig, begun);
  },
  async swept() {
    const rig = await startVaults();
    const begun = Date.now();
    await swept(rig);
    await keep('swept', rig, begun);
  },
};

async function ofWorkSpaces(scenario: string): Promise<void> {
  const rig = await startRig({ fleet: FLEETS[scenario] ?? fleet });
  const begun = Date.now();
  await SCENARIOS[scenario]?.(rig);
  await keep(scenario, rig, begun);
}

async function keep(scenario: string, rig: Pick<Rig, 'client' | 'close'>, begun: number): Promise<void> {
  const kept = new Map<string, number>();
  for await (const { workflowId, runId, type, startTime } of rig.client.workflow.list()) {
    if (startTime.getTime() < begun) continue;
    const history = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const nth = kept.get(type) ?? 0;
    kept.set(type, nth + 1);
    const name = `${type}__${scenario}${nth > 0 ? `-${nth + 1}` : ''}__${version}.json`;
    writeHistory(name, workflowId, history);
  }
  console.log(scenario, Object.fromEntries(kept));
  await rig.close();
}

const named = process.argv.slice(2);
for (const scenario of named.length > 0 ? named : [...Object.keys(SCENARIOS), ...Object.keys(OF_CUSTODY)]) {
  await (OF_CUSTODY[scenario]?.() ?? ofWorkSpaces(scenario));
}
await mochaHooks.afterAll();
process.exit(0);
