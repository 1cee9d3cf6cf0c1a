/** Who goes first: within a run the youngest snapshot, and between runs nobody waits for all of another's calls. */
import assert from 'node:assert/strict';
import { NO_SELECTION } from '../../domain/selection.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { setTags } from '../../sandbox/services/workspaces/tags.ts';
import { abortUpdate } from '../../workflows/image-upgrade.messages.ts';
import { rebuildBegan, snapshotsDue } from '../rig/truth.ts';
import { startUpgrade, upgradeInput, waitUntil, withRig, type Rig } from '../rig/upgrade.ts';

describe('turns', function () {
  this.timeout(120_000);

  it('go to the youngest snapshot first, so that few grow old in the queue', async () => {
    const COUNT = 4;
    // How old each one's snapshot is at the start, in minutes: in another order than the WorkSpaces.
    const ages = [200, 40, 320, 120];
    const fleet = plainFleet(COUNT, { special: { quiet: [0, 1, 2, 3] }, rebuildMinutes: [20, 20] });
    await withRig({ fleet }, async (rig) => {
      snapshotsDue(rig, (index) => 720 - (ages[index] ?? 0));
      const upgrade = await startUpgrade(rig, upgradeInput({ maxConcurrent: 1 }));
      await upgrade.result();
      const order = [...ages.keys()].toSorted((a, b) => began(rig, a) - began(rig, b));
      // The first one had its turn as soon as it was ready, when nobody else was.
      const queued = order.slice(1).map((index) => ages[index] ?? NaN);
      assert.deepEqual(
        queued,
        queued.toSorted((a, b) => a - b),
      );
    });
  });
});

const began = (rig: Rig, index: number): number => rebuildBegan(rig, index) ?? assert.fail(`${index} was not rebuilt`);

describe('a small run beside a large one', function () {
  this.timeout(120_000);

  it('has read its baselines while the large one has most of its own to read', async () => {
    const [LARGE, SMALL] = [300, 5];
    const tag = { key: 'Env', value: 'Test' };
    const fleet = plainFleet(LARGE, { outside: { otherBundle: SMALL, untagged: 0 } });
    // At 48 calls a real second the large run takes six seconds to read its baselines.
    await withRig({ fleet, speed: 240, callsPerSecond: 0.2 }, async (rig) => {
      const { place, start, members, onOtherBundle } = rig.fleet;
      for (const { workspaceId } of onOtherBundle) setTags(place, workspaceId, { [tag.key]: tag.value }, start - 1);
      const looks = (of: readonly { readonly workspaceId: string }[]): number => {
        const ids = new Set(of.map(({ workspaceId }) => workspaceId));
        const calls = rig.sandbox.recorder.calls({ operation: 'DescribeWorkspaceSnapshots', outcome: 'ok' });
        return new Set(calls.flatMap(({ resources }) => resources.filter((id) => ids.has(id)))).size;
      };
      const large = await startUpgrade(rig, upgradeInput());
      await waitUntil('the large run reads its baselines', () => looks(members) > 10);
      const selection = { ...NO_SELECTION, allOf: [tag] };
      const small = await startUpgrade(rig, upgradeInput({ bundleId: WELL_KNOWN.otherBundleId, selection }));
      await waitUntil('the small run has read its own', () => looks(onOtherBundle) === SMALL);
      const read = looks(members);
      assert.ok(read < LARGE / 2, `the large run had read ${read} of ${LARGE}`);
      for (const run of [large, small]) await run.executeUpdate(abortUpdate, { args: [{ reason: 'a test' }] });
      await Promise.all([large.result(), small.result()]);
    });
  });
});
