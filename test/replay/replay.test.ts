import assert from 'node:assert/strict';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { testTemporal } from '../rig/temporal.ts';
import { bundleFor } from '../rig/upgrade.ts';
import { readHistory, recordedHistories, type RecordedHistory } from './histories.ts';

const recorded = recordedHistories();

async function replay({ workflowId, history }: RecordedHistory): Promise<void> {
  const workflowBundle = await bundleFor(2000);
  await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

describe('recorded histories', function () {
  this.timeout(120_000);
  // It sets up Temporal's own logging.
  before(async () => void (await testTemporal()));

  it('are there for the workflows of upgrades, backups, restores and custodies, and for runs that were steered, aborted, lost a reply and went on in a new history', () => {
    const names = recorded.map((name) => name.split('__'));
    const workflows = new Set(names.map(([workflow]) => workflow));
    const upgrades = ['imageUpgrade', 'imageUpgradeCohort', 'imageUpgradeFleet', 'imageUpgradePlan', 'workspaceLocks'];
    const others = ['imageBackup', 'imageBackupPlan', 'imageRestore', 'imageRestoreFleet', 'imageRestorePlan', 'limit'];
    const scheduled = ['scheduledRun', 'scheduleWatchdog', 'sweep'];
    const custodies = ['custody', 'custodyIndex', 'custodyReconcile', 'copyQueue'];
    const back = ['custodyCopyBack', 'custodyCopyBackPlan', 'custodyRecord'];
    const tests = ['custodyRestoreTest', 'custodyRestoreTestPlan', 'custodyRestoreTests'];
    assert.deepEqual(workflows, new Set([...upgrades, ...others, ...scheduled, ...custodies, ...back, ...tests]));
    const scenarios = new Set(names.map(([, scenario = '']) => scenario.replace(/-\d+$/, '')));
    assert.deepEqual(
      scenarios,
      new Set([
        'aborted',
        'backedUp',
        'broughtBack',
        'inCustody',
        'lostReply',
        'restored',
        'steered',
        'swept',
        'warned',
        'wentOn',
        'manyRestored',
        'scheduled',
      ]),
    );
  });

  for (const name of recorded) {
    it(`replays ${name}`, async () => await replay(readHistory(name)));
  }

  it('are told from what the workflow does: one in which another activity ran is refused', async () => {
    const name = recorded.find((each) => each.startsWith('imageUpgradeCohort__warned')) ?? '';
    const mutated = readHistory(name);
    const scheduled = mutated.history.events.map((event) => event.activityTaskScheduledEventAttributes?.activityType);
    const type = scheduled.find((each) => each?.name === 'describeConnections');
    assert.ok(type);
    type.name = 'describeSomethingElse';
    await assert.rejects(replay(mutated), DeterminismViolationError);
  });
});
