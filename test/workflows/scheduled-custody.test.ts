/** From a schedule of custody in the file to the sweep that it starts. */
import assert from 'node:assert/strict';
import { desiredSchedules } from '../../client/schedules/desired.ts';
import { custodyReconcileId } from '../../domain/custody-reconcile.ts';
import type { CustodySweepResult } from '../../domain/custody-sweep.ts';
import { custodyId } from '../../domain/custody.ts';
import type { ScheduledRunInput } from '../../domain/schedules.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import type { Point } from '../../sandbox/services/backup/rows.ts';
import type { custodyReconcile } from '../../workflows/custody-reconcile.ts';
import type { scheduledRun } from '../../workflows/scheduled-run.ts';
import { configOf } from '../config/texts.ts';
import { withCustodyRig } from '../rig/custody.ts';

const CONFIG = `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [eu-central-1] }
policies:
  custody:
    nightly:
      evidence: { account: production, region: eu-central-1, bucket: holdfast-evidence }
      rules: [{ name: all, legs: [{ account: backup, region: eu-central-1 }] }]
schedules:
  sweep: { custody: nightly }
`;

describe('a schedule of custody', () => {
  it('starts the sweep of its policy under the policy’s id, which begins the custodies that are missing', async function () {
    this.timeout(120_000);
    const [wanted = assert.fail()] = desiredSchedules(configOf(CONFIG), 'holdfast.yaml').schedules;
    assert.deepEqual(wanted.spec.intervals, [{ every: 3_600_000, offset: 0 }]);
    assert.equal(wanted.action.staticSummary, 'custody nightly');
    const run = wanted.action.args?.[0] as ScheduledRunInput;
    let points: Point[] = [];
    const world = (sandbox: { readonly world: Parameters<typeof seedBackupWorld>[0] }): void => {
      seedBackupWorld(sandbox.world);
      points = seedPoints(sandbox.world, { count: 1, ageDays: 1 });
    };
    await withCustodyRig({ world }, async ({ client }) => {
      const { outcome, workflowId } = await client.workflow.execute<typeof scheduledRun>('scheduledRun', {
        workflowId: 'scheduled/sweep',
        taskQueue: TASK_QUEUE,
        args: [run],
      });
      assert.deepEqual([outcome, workflowId], ['completed', custodyReconcileId('nightly')]);
      const sweep: CustodySweepResult = await client.workflow.getHandle<typeof custodyReconcile>(workflowId).result();
      assert.equal(sweep.outcome, 'completed');
      const begun = await client.workflow.getHandle(custodyId(points[0]?.arn ?? '')).describe();
      assert.equal(begun.type, 'custody');
    });
  });
});
