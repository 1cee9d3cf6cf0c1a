/** Runs that a schedule starts, and the watchdog that looks after schedules. */
import assert from 'node:assert/strict';
import type { WorkflowFailedError } from '@temporalio/client';
import { scheduleIdOf, WATCHDOG, type ScheduledRunResult } from '../../domain/schedules.ts';
import type { WatchdogResult } from '../../domain/schedule-watch.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages } from '../../sandbox/services/sns.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { imageBackupId } from '../../workflows/image-backup.messages.ts';
import {
  approveUpdate,
  imageUpgradeId,
  statusQuery,
  type ImageUpgradeResult,
} from '../../workflows/image-upgrade.messages.ts';
import { backupInput } from '../rig/backup.ts';
import { applyConfig, configOf, deleteSchedules, triggered, upgradeEntry } from '../rig/schedules.ts';
import { startRig, startUpgrade, target, upgradeInput, waitUntil, type Rig } from '../rig/upgrade.ts';

const LOCK = imageUpgradeId(target, WELL_KNOWN.bundleId);
const BY_ME = { by: 'ana', reason: 'a test' };
/** Waits for approval for as long as a test wants it to run. */
const INPUT = upgradeInput({ approval: { planHash: null, required: true, expiresMinutes: 20_160 } });

describe('a scheduled run', function () {
  this.timeout(120_000);
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ fleet: plainFleet(1, { special: { quiet: 1 } }) });
  });
  afterEach(async () => {
    await deleteSchedules(rig.client);
    await rig.close();
  });

  const scheduleOf = (name: string) => rig.client.schedule.getHandle(scheduleIdOf(name));
  const lock = () => rig.client.workflow.getHandle(LOCK);
  /** It goes on until it is approved, and has changed nothing yet. */
  const awaitsApproval = async (): Promise<string> => {
    let hash = '';
    await waitUntil('the upgrade waits for approval', async () => {
      if (
        (
          await lock()
            .describe()
            .catch(() => null)
        )?.status.name !== 'RUNNING'
      )
        return false;
      const { phase, plan } = await lock().query(statusQuery);
      hash = plan?.hash ?? '';
      return phase === 'awaitingApproval';
    });
    return hash;
  };
  const approve = async (): Promise<void> => {
    const hash = await awaitsApproval();
    await lock().executeUpdate(approveUpdate, { args: [{ ...BY_ME, hash }] });
  };

  it('starts the upgrade under its lock, lasts as long as it, and tells its outcome and its times', async () => {
    await applyConfig(rig.client, configOf([upgradeEntry('weekly')], { input: INPUT }));
    const run = await triggered(rig.client, scheduleOf('weekly'));
    await awaitsApproval();
    assert.equal((await run.describe()).status.name, 'RUNNING');
    assert.equal((await scheduleOf('weekly').describe()).info.runningActions.length, 1);
    await approve();
    const result = (await run.result()) as ScheduledRunResult;
    assert.deepEqual([result.outcome, result.workflowId], ['completed', LOCK]);
    const { searchAttributes, startTime } = await run.describe();
    assert.ok(Date.parse(result.startedAt) >= startTime.getTime());
    assert.ok(Math.abs(Date.parse(result.expectedAt ?? '') - startTime.getTime()) < 5_000);
    assert.deepEqual(searchAttributes['HoldfastOutcome'], ['completed']);
    assert.deepEqual((await lock().describe()).searchAttributes['HoldfastResource'], [WELL_KNOWN.bundleId]);
  });

  it('has its upgrade refused when an id of its selection is not one of a WorkSpace', async () => {
    const selection = { ...NO_SELECTION, workspaceIds: ['ws-000000404'] };
    await applyConfig(rig.client, configOf([upgradeEntry('weekly')], { input: upgradeInput({ selection }) }));
    const run = await triggered(rig.client, scheduleOf('weekly'));
    assert.equal(((await run.result()) as ScheduledRunResult).outcome, 'refused');
    const { plan } = (await lock().result()) as unknown as ImageUpgradeResult;
    assert.match(plan.problems[0]?.message ?? '', /WorkSpaces do not exist in .*: ws-000000404; leave them out/);
  });

  it('starts a backup under its lock too', async () => {
    const input = backupInput({ selection: { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Nowhere' }] } });
    const starts = { capability: 'imageBackup', policy: input.policy, target } as const;
    await applyConfig(
      rig.client,
      configOf([upgradeEntry('nightly', { starts })], { imageBackup: { [input.policy]: input } }),
    );
    const result = (await (await triggered(rig.client, scheduleOf('nightly'))).result()) as ScheduledRunResult;
    const id = imageBackupId(target, input.policy);
    assert.deepEqual([result.outcome, result.workflowId], ['nobodySelected', id]);
    const { searchAttributes } = await rig.client.workflow.getHandle(id).describe();
    assert.deepEqual(searchAttributes['HoldfastCapability'], ['image-backup']);
  });

  it('does nothing beside an upgrade that somebody has started, and leaves that alone', async () => {
    const upgrade = await startUpgrade(rig, INPUT);
    await awaitsApproval();
    await applyConfig(rig.client, configOf([upgradeEntry('weekly')], { input: INPUT }));
    const run = await triggered(rig.client, scheduleOf('weekly'));
    const { outcome, workflowId } = (await run.result()) as ScheduledRunResult;
    assert.deepEqual([outcome, workflowId], ['skipped', LOCK]);
    const { status, runId } = await lock().describe();
    assert.deepEqual([status.name, runId], ['RUNNING', upgrade.firstExecutionRunId]);
  });

  it('starts nothing when no worker takes it up in time', async () => {
    const newest = async (): Promise<string | null> =>
      (
        await lock()
          .describe()
          .catch(() => null)
      )?.runId ?? null;
    const before = await newest();
    const input = {
      schedule: 'weekly',
      capability: 'imageUpgrade',
      input: INPUT,
      startWithinSeconds: 1,
      jitterSeconds: 0,
    };
    const run = await rig.client.workflow.start('scheduledRun', {
      workflowId: 'scheduled/weekly-late',
      taskQueue: TASK_QUEUE,
      args: [input],
      // As when no worker is there: its first task comes so much later than its start.
      startDelay: '2.5 seconds',
    });
    const { outcome } = (await run.result()) as ScheduledRunResult;
    assert.equal(outcome, 'tooLate');
    assert.equal(await newest(), before);
  });

  it('starts nothing an hour after a run of the same schedule, as in the night in which the clocks go back', async () => {
    const input = backupInput({ selection: { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Nowhere' }] } });
    const limits = { startWithinSeconds: 300, jitterSeconds: 0, mayRepeat: true };
    const outcomes: string[] = [];
    for (const at of ['2026-10-24T23:00:00Z', '2026-10-25T00:00:00Z']) {
      const run = await rig.client.workflow.start('scheduledRun', {
        workflowId: `scheduled/at-one-${at}`,
        taskQueue: TASK_QUEUE,
        args: [{ schedule: 'at-one', capability: 'imageBackup', input, ...limits }],
        searchAttributes: { TemporalScheduledStartTime: [new Date(at)] },
      });
      outcomes.push(((await run.result()) as ScheduledRunResult).outcome);
    }
    assert.deepEqual(outcomes, ['nobodySelected', 'repeatedHour']);
  });

  it('has its upgrade abort in order when the next run takes its place, which begins after it', async () => {
    await applyConfig(rig.client, configOf([upgradeEntry('weekly', { overlap: 'cancelOther' })], { input: INPUT }));
    const first = await triggered(rig.client, scheduleOf('weekly'));
    await awaitsApproval();
    const { runId } = await lock().describe();
    const second = await triggered(rig.client, scheduleOf('weekly'));
    await approve();
    assert.equal(((await second.result()) as ScheduledRunResult).outcome, 'completed');
    const { status, searchAttributes } = await first.describe();
    assert.deepEqual([status.name, searchAttributes['HoldfastOutcome']], ['CANCELLED', ['aborted']]);
    const aborted = (await rig.client.workflow.getHandle(LOCK, runId).result()) as { readonly outcome: string };
    assert.equal(aborted.outcome, 'aborted');
  });

  it('fails when its upgrade does not come to its end, and the watchdog tells operators so, once', async () => {
    const config = configOf([upgradeEntry('weekly')], {
      input: INPUT,
      watchdog: { everySeconds: 365 * 86_400, operatorTopicArn: WELL_KNOWN.topicArn },
    });
    await applyConfig(rig.client, config);
    const run = await triggered(rig.client, scheduleOf('weekly'));
    await awaitsApproval();
    await lock().terminate('the wrong fleet');
    await assert.rejects(run.result(), (error: WorkflowFailedError) =>
      /did not come to its end/.test(String(error.cause)),
    );

    const watch = async (): Promise<WatchdogResult> =>
      (await (await triggered(rig.client, scheduleOf(WATCHDOG))).result()) as WatchdogResult;
    const messages = () => publishedMessages(rig.fleet.place).filter(({ subject }) => /schedules/.test(subject ?? ''));
    const first = await watch();
    assert.deepEqual(
      first.findings.map(({ schedule, kind }) => [schedule, kind]),
      [['weekly', 'badEnd']],
    );
    assert.equal(first.untold, null);
    assert.match(messages()[0]?.message ?? '', /^weekly: its last run ended as failed: scheduled\/weekly-/);
    const second = await watch();
    assert.equal(second.findings.length, 1);
    assert.equal(messages().length, 1);
  });

  it('that is skipped as the one before still runs is told by the watchdog, also after nobody could be told of it', async () => {
    const topic = `${WELL_KNOWN.topicArn}-none`;
    const often = { calendars: [], intervals: [{ everySeconds: 1, offsetSeconds: 0 }] };
    const config = (operatorTopicArn: string) =>
      configOf([upgradeEntry('often', { spec: often })], {
        input: INPUT,
        watchdog: { everySeconds: 365 * 86_400, operatorTopicArn },
      });
    await applyConfig(rig.client, config(topic));
    await awaitsApproval();
    await waitUntil(
      'a run was skipped',
      async () => (await scheduleOf('often').describe()).info.numActionsSkippedOverlap > 0,
    );
    await scheduleOf('often').pause('enough');
    const skipped = (await scheduleOf('often').describe()).info.numActionsSkippedOverlap;
    const first = await triggered(rig.client, scheduleOf(WATCHDOG));
    assert.match(((await first.result()) as WatchdogResult).untold ?? '', /does not exist/i);
    assert.deepEqual((await first.describe()).searchAttributes['HoldfastHealth'], ['overdue']);
    await applyConfig(rig.client, config(WELL_KNOWN.topicArn));
    await (await triggered(rig.client, scheduleOf(WATCHDOG))).result();
    const [message] = publishedMessages(rig.fleet.place).filter(({ subject }) => /schedules/.test(subject ?? ''));
    assert.match(message?.message ?? '', new RegExp(`^often: ${skipped} runs? (was|were) skipped`));
  });
});
