/** The reply to a call is lost, and its effect is there: no restore makes it a second time. Or the call never arrived. */
import assert from 'node:assert/strict';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { imagesMade } from '../../sandbox/services/workspaces/ground-truth.ts';
import type { ImageRestoreResult } from '../../workflows/image-restore.messages.ts';
import { desktopsOf, restoreBundles, restoreInput, startRestore } from '../rig/restore.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import { atFirstCall, idOf, snapshotsDue } from '../rig/truth.ts';
import { startRig, type Rig } from '../rig/upgrade.ts';
import { HOUR } from '../rig/world.ts';

const [IMAGE, SNAPSHOT, REBUILD, COPY] = [0, 1, 2, 3];

describe('a restore whose replies are lost', function () {
  this.timeout(120_000);
  let rig: Rig;
  let results: readonly ImageRestoreResult[];

  const outcomesOf = (index: number, operation: string): string[] =>
    rig.sandbox.recorder.calls({ operation, resource: idOf(rig, index) }).map(({ outcome }) => outcome);

  before(async () => {
    rig = await startRig({ fleet: plainFleet(4), speed: 2000 });
    snapshotsDue(rig, () => 660);
    const lost = (operation: string, resource: string): void => {
      rig.sandbox.faults.add({ kind: 'resetAfter', service: 'workspaces', operation, resource, count: 1 });
    };
    lost('CreateWorkspaceBundle', idOf(rig, IMAGE));
    lost('MigrateWorkspace', idOf(rig, IMAGE));
    lost('RestoreWorkspace', idOf(rig, SNAPSHOT));
    lost('CreateWorkspaceImage', idOf(rig, SNAPSHOT));
    lost('RebuildWorkspaces', idOf(rig, REBUILD));
    lost('CreateWorkspaces', 'second.user');
    const runs = await Promise.all([
      startRestore(rig, restoreInput(rig, IMAGE, 'image')),
      startRestore(rig, restoreInput(rig, SNAPSHOT, 'snapshot', { lastImage: true })),
      startRestore(rig, restoreInput(rig, REBUILD, 'rebuild')),
      startRestore(rig, restoreInput(rig, COPY, 'copy')),
    ]);
    results = await Promise.all(runs.map((run) => run.result()));
  });
  after(() => rig.close());

  it('ends as restored all the same', () => {
    assert.deepEqual(
      results.map(({ outcome, row }) => [outcome, row.reason]),
      results.map(() => ['restored', null]),
    );
  });

  it('migrates once, on one bundle', () => {
    assert.deepEqual(outcomesOf(IMAGE, 'MigrateWorkspace'), ['resetAfter']);
    assert.equal(restoreBundles(rig).filter((name) => name.includes(idOf(rig, IMAGE))).length, 1);
  });

  it('restores and rebuilds once, and makes one last image', () => {
    assert.deepEqual(outcomesOf(SNAPSHOT, 'RestoreWorkspace'), ['resetAfter']);
    assert.deepEqual(outcomesOf(REBUILD, 'RebuildWorkspaces'), ['resetAfter']);
    assert.equal(imagesMade(rig.fleet.place).length, 1);
  });

  it('makes one WorkSpace for the other user', () => assert.equal(desktopsOf(rig, 'second.user').length, 1));
});

describe('a restore by snapshot whose reply is lost', function () {
  this.timeout(120_000);
  const [CUT, UNSEEN] = [0, 1];
  let rig: Rig;
  let results: readonly ImageRestoreResult[];

  const outcomesOf = (index: number): string[] =>
    rig.sandbox.recorder
      .calls({ operation: 'RestoreWorkspace', resource: idOf(rig, index) })
      .map((each) => each.outcome);

  before(async () => {
    // A look must follow within ten minutes, 1.5 s.
    rig = await startRig({ fleet: plainFleet(2), speed: 400 });
    snapshotsDue(rig, () => 660);
    changeSettings(rig.fleet.place, { restoreMinutes: [10, 12] });
    const lose = (kind: 'resetBefore' | 'resetAfter', index: number): void => {
      rig.sandbox.faults.add({ kind, operation: 'RestoreWorkspace', resource: idOf(rig, index), count: 1 });
    };
    lose('resetBefore', CUT);
    const cut = await (await startRestore(rig, restoreInput(rig, CUT, 'snapshot'))).result();
    lose('resetAfter', UNSEEN);
    atFirstCall(rig, { operation: 'RestoreWorkspace', resource: idOf(rig, UNSEEN) }, () =>
      rig.sandbox.clock.skip(3 * HOUR),
    );
    const unseen = await startRestore(rig, restoreInput(rig, UNSEEN, 'snapshot'));
    results = [cut, await unseen.result()];
  });
  after(() => rig.close());

  it('calls again, after another last look, where the call had no effect', () => {
    assert.equal(results[0]?.outcome, 'restored');
    assert.deepEqual(outcomesOf(CUT), ['resetBefore', 'ok']);
  });

  it('never calls again where an effect may have come and gone unseen: a person looks', () => {
    assert.equal(results[1]?.outcome, 'unconfirmed');
    assert.deepEqual(outcomesOf(UNSEEN), ['resetAfter']);
  });
});
