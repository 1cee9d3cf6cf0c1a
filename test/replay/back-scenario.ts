/** Recovery points that are brought back, and restores that are tested, whose histories are kept. */
import { copyBackId, type CopyBackInput } from '../../domain/copy-back.ts';
import { CUSTODY_DEFAULTS } from '../../domain/custody.ts';
import { restoreTestId, restoreTestsId, type RestoreTestInput, type TestedType } from '../../domain/restore-test.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { seedPoints } from '../../sandbox/backup-world.ts';
import { abortRestoreTestUpdate, restoreTestStatusQuery } from '../../workflows/custody-restore-test.messages.ts';
import { BACKUP, policyOf, refOf, SOURCE, VAULT, type CustodyRig } from '../rig/custody.ts';
import { waitUntil } from '../rig/upgrade.ts';

const { evidence, backupRole, limits } = policyOf();

const testOf = (resourceType: TestedType): RestoreTestInput => ({
  policy: 'nightly',
  vault: { ...SOURCE, vault: VAULT },
  resourceType,
  pick: 'newest',
  isolated: { availabilityZone: 'eu-central-1b', subnetGroup: 'tests', securityGroups: [], instanceClass: null },
  check: { kind: 'aws' },
  timeoutMinutes: 240,
  backupRole,
  evidence,
  operatorTopicArn: null,
});

export async function broughtBack(rig: CustodyRig): Promise<void> {
  const [copy] = seedPoints(rig.sandbox.world, { count: 1, ...BACKUP });
  if (!copy) throw new TypeError('a copy is expected');
  const input: CopyBackInput = {
    point: refOf(copy, BACKUP),
    to: { ...SOURCE, vault: VAULT },
    lifecycle: null,
    deadlineHours: CUSTODY_DEFAULTS.deadlineHours,
    backupRole,
    limits,
  };
  await run(rig, 'custodyCopyBackPlan', 'custody-copy-back-plan/recorded', input);
  await run(rig, 'custodyCopyBack', copyBackId(copy.arn), input);

  const tests = { policy: 'nightly', target: SOURCE, tests: [testOf('EBS'), testOf('DynamoDB')] };
  await run(rig, 'custodyRestoreTestPlan', 'restore-test-plan/recorded', tests);
  await run(rig, 'custodyRestoreTests', restoreTestsId('nightly'), tests);
  await aborted(rig, testOf('RDS'));
  const { arn: pointArn } = copy;
  await run(rig, 'custodyRecord', 'custody-record/recorded', { evidence, pointArn });
}

const run = async (rig: CustodyRig, type: string, workflowId: string, input: object): Promise<void> =>
  void (await rig.client.workflow.execute(type, { workflowId, taskQueue: TASK_QUEUE, args: [input] }));

async function aborted(rig: CustodyRig, test: RestoreTestInput): Promise<void> {
  const about = { workflowId: restoreTestId(test), taskQueue: TASK_QUEUE, args: [test] };
  const handle = await rig.client.workflow.start('custodyRestoreTest', about);
  await waitUntil('it restores', async () => (await handle.query(restoreTestStatusQuery)).jobId !== null);
  await handle.executeUpdate(abortRestoreTestUpdate, { args: [{ by: 'ada@desk', reason: 'recorded' }] });
  await handle.result();
}
