import assert from 'node:assert/strict';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import type { Problem } from '../../domain/upgrade-plan.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { buckets, uploads } from '../../sandbox/services/s3/rows.ts';
import { bundles, images } from '../../sandbox/services/workspaces/rows.ts';
import { planOf } from '../rig/plan.ts';
import { imageUpgradeId } from '../../workflows/image-upgrade.messages.ts';
import { bundleIs, imageIs, poolOnBundle } from '../rig/troubles.ts';
import { filesOf } from '../rig/truth.ts';
import { startRig, startUpgrade, target, upgradeInput, type Rig, withRig } from '../rig/upgrade.ts';
import { afterwards, CASES, DENIED, keyArn, report, type Case } from './preflight-cases.ts';

const { bundleId, newImageId } = WELL_KNOWN;
const EFFECTS = ['UpdateWorkspaceBundle', 'RebuildWorkspaces', 'SendCommand', 'Publish', 'PutObject', 'DeleteStack'];

describe('preflight', () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig({ fleet: plainFleet(2), speed: 1000 });
  });
  after(() => rig.close());
  beforeEach(() => rig.sandbox.recorder.clear());

  const assertUnchanged = async (): Promise<void> => {
    for (const operation of EFFECTS) assert.equal(rig.sandbox.recorder.count({ operation }), 0, operation);
    assert.deepEqual(await filesOf(rig), {});
    for (const bucket of buckets(rig.sandbox.world).values()) assert.equal(uploads(rig.sandbox.world, bucket).size, 0);
  };

  const planProblems = async (changes: Partial<ImageUpgradeInput>): Promise<readonly Problem[]> => {
    const { summary } = await planOf(rig, upgradeInput(changes));
    return summary.problems;
  };

  const runProblems = async (changes: Partial<ImageUpgradeInput>): Promise<readonly Problem[]> => {
    const upgrade = await startUpgrade(rig, upgradeInput(changes));
    const { outcome, plan } = await upgrade.result();
    assert.equal(outcome, 'refused');
    return plan.problems;
  };

  /** What a plan and a run, at the same time, say: changing nothing. */
  const bothSay = async (input: Partial<ImageUpgradeInput>): Promise<(readonly Problem[])[]> => {
    const said = await Promise.all([planProblems(input), runProblems(input)]);
    await assertUnchanged();
    return said;
  };

  const assertOnly = (problems: readonly Problem[], { code, says }: Pick<Case, 'code' | 'says'>): void => {
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
      problems.map((problem) => problem.message).join('\n'),
    );
    assert.match(problems[0]?.message ?? '', says);
  };

  it('tries no write in a plan', async () => {
    assert.deepEqual(await planProblems({}), []);
    assert.equal(rig.sandbox.recorder.count({ operation: 'CreateMultipartUpload' }), 0);
    await assertUnchanged();
  });

  for (const { title, trouble = () => () => undefined, input = {}, ...expected } of CASES) {
    it(`refuses ${title}, in a plan and in a run, and changes nothing`, async () => {
      const mend = trouble(rig);
      try {
        for (const problems of await bothSay(input)) assertOnly(problems, expected);
      } finally {
        mend();
      }
    });
  }

  for (const [service, operation, input = {}] of DENIED) {
    it(`refuses a run whose role lacks the permission for ${service}:${operation}`, async () => {
      const says = new RegExp(`${service === 'tagging' ? 'tag' : service}:${operation}.*AccessDenied|not authorized`);
      const denied = { code: 'AccessDeniedException', message: 'AccessDenied: not authorized', status: 400 };
      const mend = rig.sandbox.faults.add({ kind: 'error', service, operation, ...denied });
      try {
        for (const problems of await bothSay(input)) assertOnly(problems, { code: 'permission', says });
      } finally {
        mend();
      }
    });
  }

  for (const operation of ['HeadBucket', 'CreateMultipartUpload', 'AbortMultipartUpload']) {
    it(`refuses a run whose role lacks the permission for s3:${operation}`, async () => {
      const mend = rig.sandbox.faults.add({
        kind: 'error',
        service: 's3',
        operation,
        code: 'AccessDenied',
        status: 403,
      });
      try {
        const { outcome, plan } = await (await startUpgrade(rig)).result();
        assert.equal(outcome, 'refused');
        assertOnly(plan.problems, { code: 'reportBucket', says: /lacks s3:ListBucket, s3:PutObject/ });
      } finally {
        mend();
        for (const bucket of buckets(rig.sandbox.world).values()) {
          const begun = uploads(rig.sandbox.world, bucket);
          for (const { id } of begun.values()) begun.delete(id);
        }
      }
    });
  }

  it('refuses a plan whose role lacks the permission for workspaces:DescribeWorkspaceSnapshots', async () => {
    const operation = 'DescribeWorkspaceSnapshots';
    const mend = rig.sandbox.faults.add({ kind: 'error', operation, code: 'AccessDeniedException', status: 400 });
    try {
      assertOnly(await planProblems({}), { code: 'permission', says: /workspaces:DescribeWorkspaceSnapshots/ });
    } finally {
      mend();
    }
  });

  it('tells all problems at once', async () => {
    const mends = [bundleIs('ERROR'), imageIs({ state: 'PENDING' }), poolOnBundle].map((trouble) => trouble(rig));
    const input = {
      ...report({ bucket: 'no-such-bucket', kmsKeyArn: keyArn('11110000-1111-4111-8111-111111111111') }),
      ...afterwards({ deleteStackName: 'no-such-stack', deleteScheduleId: 'no-such-schedule' }),
    };
    const codes = ['bundle', 'image', 'pools', 'reportBucket', 'reportKey', 'schedule', 'stack'];
    try {
      for (const problems of await bothSay(input)) assert.deepEqual(problems.map(({ code }) => code).toSorted(), codes);
    } finally {
      for (const mend of mends) mend();
    }
  });

  it('tells a problem once, also when the check had to be made again', async () => {
    const mend = bundleIs('PENDING')(rig);
    rig.sandbox.faults.add({ kind: 'throttle', operation: 'DescribeWorkspaceImages', count: 6 });
    try {
      assertOnly(await planProblems({}), { code: 'bundle', says: /is PENDING/ });
    } finally {
      mend();
      rig.sandbox.faults.clear();
    }
  });

  it('goes on once throttling and faults have passed', async () => {
    rig.sandbox.faults.add({ kind: 'throttle', service: 'workspaces', count: 30 });
    rig.sandbox.faults.add({ kind: 'error', service: 'tagging', count: 6 });
    assert.deepEqual(await planProblems({}), []);
    rig.sandbox.faults.clear();
  });

  it('lets Pools on the bundle be when that is allowed, and names them', async () => {
    const mend = poolOnBundle(rig);
    const { summary } = await planOf(rig, upgradeInput({ poolsToo: true }));
    mend();
    assert.deepEqual(summary.problems, []);
    assert.deepEqual(summary.poolIds, ['wspool-0pool0001']);
  });

  it('is refused while cohorts of a larger run that was ended by force live on', async () => {
    const ids = [2, 12].map((number) => `${imageUpgradeId(target, bundleId)}/cohort-${number}`);
    // No worker serves that queue, so they stay as they are.
    const leftOver = { taskQueue: 'nobody', args: [] };
    const cohorts = await Promise.all(
      ids.map((workflowId) => rig.client.workflow.start('imageUpgradeCohort', { ...leftOver, workflowId })),
    );
    const problems = await runProblems({});
    await Promise.all(cohorts.map((cohort) => cohort.terminate('the test is over')));
    assertOnly(problems, { code: 'cohorts', says: /ended by force .*cohort-2, .*cohort-12; wait until/ });
  });

  it('is refused by AWS itself when the image is too large for the bundle, before any rebuild', async () => {
    const table = images(rig.fleet.place);
    const image = table.get(newImageId) ?? assert.fail('no image');
    table.set(newImageId, { ...image, rootVolumeGib: 160 });
    assert.deepEqual(await planProblems({}), [], 'AWS does not show sizes');
    const { outcome, plan } = await (await startUpgrade(rig)).result();
    table.set(newImageId, image);
    assert.equal(outcome, 'refused');
    assertOnly(plan.problems, { code: 'bundle', says: /UpdateWorkspaceBundle.*root volume.*is smaller/ });
    assert.equal(rig.sandbox.recorder.count({ operation: 'RebuildWorkspaces' }), 0);
    assert.equal(bundles(rig.fleet.place).get(bundleId)?.images.length, 1, 'the bundle was not updated');
  });

  it('is refused before the bundle is set when the image to go back to cannot be kept from retention', async () => {
    const denied = { code: 'AccessDeniedException', message: 'not authorized', status: 400 };
    rig.sandbox.faults.add({ kind: 'error', operation: 'CreateTags', ...denied });
    const { outcome, plan } = await (await startUpgrade(rig)).result();
    rig.sandbox.faults.clear();
    assert.equal(outcome, 'refused');
    assertOnly(plan.problems, { code: 'permission', says: /workspaces:CreateTags/ });
    assert.equal(bundles(rig.fleet.place).get(bundleId)?.images.length, 1, 'the bundle was not updated');
  });
});

describe('a run on a bundle that carries the image already', () => {
  it('does not update the bundle, and rebuilds all the same', async () => {
    const fleet = plainFleet(1, { special: { quiet: [0] }, rebuildMinutes: [20, 20] });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      const bundle = bundles(rig.fleet.place).get(bundleId) ?? assert.fail('no bundle');
      bundle.images.push({ at: rig.fleet.start - 60_000, imageId: newImageId });
      const { outcome, counts, previousImageId } = await (await startUpgrade(rig)).result();
      assert.deepEqual([outcome, counts.rebuilt, previousImageId], ['completed', 1, newImageId]);
      assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateWorkspaceBundle' }), 0);
    });
  });
});
